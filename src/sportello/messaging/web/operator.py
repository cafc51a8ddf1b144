"""The operator's pages: every message on record, and the wording of each."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound, Refusal
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.messaging import catalogue, operations, queries, rendering, rules
from sportello.messaging.channels.sms.segmentation import Segments, TextTooLong, segment
from sportello.messaging.models import Message
from sportello.messaging.states import Channel
from sportello.messaging.web.forms import WordingForm
from sportello.messaging.web.tables import MessageList, drawn_state, title_of

LANGUAGE_NAMES = {"it": "Italiano", "es": "Español", "en": "English"}
FAILED_WITHIN = timedelta(days=1)


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def outbox(request: PageRequest) -> HttpResponseBase:
    """List every message with its state, tries and the provider's answer."""
    context = {
        "title": _("Messages"),
        "sender": queries.sender(),
        "waiting_texts": queries.waiting_texts(),
        "failed_today": queries.failed_since(timezone.now() - FAILED_WITHIN),
        "empty_title": _("No message was written yet"),
        "empty_text": _("Codes, invitations and warnings appear here as soon as one is written."),
        "empty_icon": "send",
    }
    return MessageList(request, queries.messages(request.actor)).respond("messaging/outbox.html", context)


@page(section=Section.OPERATIONS)
def message(request: PageRequest, pk: int) -> HttpResponse:
    """Show one message: to whom, what it says (secrets hidden), and what became of each part."""
    row = queries.messages(request.actor).get_or_refuse(pk=pk)
    context = {
        "title": title_of(row.template),
        "message": row,
        "state": drawn_state(row),
        "parts": queries.parts(row),
        "said": _said(row),
        "refusal": _why_not_again(row),
    }
    return render(request, "messaging/message.html", context)


@page(section=Section.OPERATIONS, methods=("POST",))
def send_again(request: PageRequest, pk: int) -> HttpResponse:
    """Send a message that has ended once more."""
    row = queries.messages(request.actor).get_or_refuse(pk=pk)
    again = operations.send_again(actor=request.actor, message=row, now=timezone.now())
    messages.success(request, _("The message is on its way again."))
    return redirect("messaging:message", pk=again.pk)


@page(section=Section.OPERATIONS)
def templates(request: PageRequest) -> HttpResponse:
    """List the messages of the catalogue with their texts in each language and channel."""
    own = queries.overridden()
    rows = [
        (template, [(channel, [_text(template, language, channel, own) for language in catalogue.LANGUAGES])])
        for template in catalogue.TEMPLATES.values()
        for channel in template.channels
    ]
    return render(request, "messaging/templates.html", {"title": _("Wording of messages"), "rows": rows})


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def template(request: PageRequest, name: str, language: str, channel: str) -> HttpResponse:
    """Edit the wording of one message, with a preview."""
    described = _described(name, language, channel)
    wording = queries.wording(name, language, channel)
    initial = {"subject": wording.subject, "text": wording.text}
    form = WordingForm(request.POST or None, channel=channel, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.set_wording(
                actor=request.actor,
                template=name,
                language=language,
                channel=Channel(channel),
                wording=form.wording(),
                now=timezone.now(),
            )
            messages.success(request, _("The new wording is used from now on."))
            return redirect("messaging:template", name, language, channel)
    context = {
        "title": described.title,
        "template": described,
        "language": language,
        "language_name": LANGUAGE_NAMES[language],
        "channel": Channel(channel),
        "form": form,
        "is_own": (name, language, channel) in queries.overridden(),
        **_previewed(described, wording, language, channel),
    }
    return render(request, "messaging/template.html", context, status=422 if form.errors else 200)


@page(section=Section.OPERATIONS, methods=("POST",))
def preview(request: PageRequest, name: str, language: str, channel: str) -> HttpResponse:
    """Draw the preview of what is being typed."""
    described = _described(name, language, channel)
    form = WordingForm(request.POST, channel=channel)
    context: dict[str, object] = {"channel": Channel(channel)}
    if form.is_valid():
        try:
            rendering.check_wording(described, form.wording(), channel=channel)
            context |= _previewed(described, form.wording(), language, channel)
        except Refusal as refusal:
            context["problem"] = str(refusal)
    return render(request, "messaging/template.html#preview", context)


@page(section=Section.OPERATIONS, methods=("POST",))
def reset(request: PageRequest, name: str, language: str, channel: str) -> HttpResponse:
    """Go back to the wording that comes with the portal."""
    _described(name, language, channel)
    operations.reset_wording(actor=request.actor, template=name, language=language, channel=Channel(channel))
    messages.success(request, _("The portal's own wording is used again."))
    return redirect("messaging:template", name, language, channel)


def _described(name: str, language: str, channel: str) -> catalogue.Template:
    found = catalogue.TEMPLATES.get(name)
    if found is None or language not in catalogue.LANGUAGES or channel not in found.channels:
        raise NotFound
    return found


def _previewed(
    template: catalogue.Template, wording: rendering.Wording, language: str, channel: str
) -> dict[str, object]:
    shown = queries.preview(template, wording, language=language, channel=channel)
    return {"shown": shown, "segments": _segments(shown.text) if channel == Channel.SMS else None}


def _segments(text: str) -> Segments | None:
    try:
        return segment(text, reference=1)
    except TextTooLong:
        return None


def _said(row: Message) -> rendering.Rendered:
    if row.text or row.template not in catalogue.TEMPLATES:
        return rendering.Rendered(row.subject, row.text)
    hidden = dict.fromkeys(catalogue.find(row.template).secrets, "/")
    return queries.rendered(row, row.context | hidden, show_secrets=False)


def _why_not_again(row: Message) -> Refusal | None:
    try:
        rules.check_can_send_again(
            state=row.state, template=catalogue.find(row.template), repeated=queries.was_sent_again(row)
        )
    except Refusal as refusal:
        return refusal
    return None


def _text(
    template: catalogue.Template, language: str, channel: str, own: set[tuple[str, str, str]]
) -> tuple[str, str, bool]:
    return language, LANGUAGE_NAMES[language], (template.name, language, channel) in own
