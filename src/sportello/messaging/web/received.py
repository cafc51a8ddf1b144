"""The operator's pages of mails that came in: what was taken, what lies in quarantine, which addresses are paused."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound, Refusal
from sportello.kernel.sentences import told
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Choice, Days, Search
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state
from sportello.kernel.ui.types import Tone
from sportello.kernel.web import PageRequest, page
from sportello.messaging import operations, queries, rules
from sportello.messaging.models import ReceivedMail
from sportello.messaging.states import MailKind, MailState

TONES: dict[str, Tone] = {
    MailState.STORED: "info",
    MailState.HANDED_OVER: "good",
    MailState.QUARANTINED: "warn",
    MailState.IGNORED: "off",
}
_LONGEST = 20_000


def drawn_state(mail: ReceivedMail) -> object:
    """Return the state as a pill."""
    return state(mail.state, mail.get_state_display(), TONES[mail.state])


class ReceivedList(Listing[ReceivedMail]):
    """Every mail that came in, the newest first."""

    name = "messaging.received"
    columns = (
        Column[ReceivedMail]("received_at", gettext_lazy("Received"), sort="received_at", kind=Kind.INSTANT),
        Column[ReceivedMail](
            "sender",
            gettext_lazy("From"),
            cell=lambda row: formats.mail(row.sender) if row.sender else "",
            link=lambda row: reverse("messaging:received_mail", args=[row.pk]),
        ),
        Column[ReceivedMail]("subject", gettext_lazy("Subject")),
        Column[ReceivedMail]("kind", gettext_lazy("Kind"), value=lambda row: row.get_kind_display()),
        Column[ReceivedMail]("trust", gettext_lazy("Sender"), value=lambda row: row.get_trust_display()),
        Column[ReceivedMail](
            "state", gettext_lazy("State"), value=lambda row: row.get_state_display(), cell=drawn_state
        ),
        Column[ReceivedMail]("reason", gettext_lazy("Reason"), value=lambda row: told(row.reason)),
    )
    filters = (
        Search(("sender__istartswith", "message_id__startswith"), label=gettext_lazy("Sender")),
        Choice("state", gettext_lazy("State"), MailState.choices),
        Choice("kind", gettext_lazy("Kind"), MailKind.choices),
        Days("received", gettext_lazy("Received"), field="received_at"),
    )
    default_sort = "-received_at"


@page(section=Section.OPERATIONS, methods=("GET", "POST"))
def received(request: PageRequest) -> HttpResponseBase:
    """List the mails that came in, with what became of each."""
    context = {
        "title": _("Mails received"),
        "paused": queries.paused_addresses(),
        "empty_title": _("No mail came in yet"),
        "empty_text": _("Answers to mails of the portal, failures and automatic replies appear here."),
        "empty_icon": "inbox",
    }
    return ReceivedList(request, queries.received_mails(request.actor)).respond("messaging/received.html", context)


@page(section=Section.OPERATIONS)
def received_mail(request: PageRequest, pk: int) -> HttpResponse:
    """Show one mail that came in: what it says, as text alone, and why it was taken or not."""
    row = _mail(request, pk)
    content = queries.content_of(row)
    context = {
        "title": row.subject or _("Mail without a subject"),
        "mail": row,
        "state": drawn_state(row),
        "text": content.text[:_LONGEST] if content else "",
        "files": content.files if content else (),
        "notices": content.notices if content else (),
        "refusal": _why_not(row),
    }
    return render(request, "messaging/received_mail.html", context)


@page(section=Section.OPERATIONS)
def original(request: PageRequest, pk: int) -> HttpResponse:
    """Give the original of a mail as a file: it is opened by a mail program, never by the browser."""
    row = _mail(request, pk)
    octets = queries.original_of(row)
    if octets is None:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="mail-{row.pk}.eml"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(octets, content_type="application/octet-stream", headers=headers)


@page(section=Section.OPERATIONS, methods=("POST",))
def release(request: PageRequest, pk: int) -> HttpResponse:
    """Let a mail from quarantine through to its ticket, marked as not confirmed."""
    row = _mail(request, pk)
    became = operations.release_mail(actor=request.actor, mail=row, now=timezone.now())
    if became == MailState.HANDED_OVER:
        messages.success(request, _("The mail was let through."))
    else:
        messages.warning(request, _("The mail stays in quarantine: see the reason."))
    return redirect("messaging:received_mail", pk=row.pk)


@page(section=Section.OPERATIONS, methods=("POST",))
def drop(request: PageRequest, pk: int) -> HttpResponse:
    """Leave a mail from quarantine aside."""
    operations.drop_mail(actor=request.actor, mail=_mail(request, pk), now=timezone.now())
    messages.success(request, _("The mail was left aside. The original is kept."))
    return redirect("messaging:received")


@page(section=Section.OPERATIONS, methods=("POST",))
def resume(request: PageRequest) -> HttpResponse:
    """Let mails go to a paused address again."""
    operations.resume_address(actor=request.actor, address=request.POST.get("address", "")[:254])
    messages.success(request, _("Mails go to this address again."))
    return redirect("messaging:received")


def _mail(request: PageRequest, pk: int) -> ReceivedMail:
    row = queries.received_mails(request.actor).filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def _why_not(row: ReceivedMail) -> Refusal | None:
    try:
        rules.check_can_release(state=row.state, thread=row.thread)
    except Refusal as refusal:
        return refusal
    return None
