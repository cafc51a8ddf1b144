"""The demo's phones and mailbox: where a newcomer reads the one-time code."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from sportello.kernel.refusals import NotFound
from sportello.kernel.sentences import told
from sportello.kernel.web import public
from sportello.messaging import queries
from sportello.messaging.delivery import simulated
from sportello.messaging.models import SimulatedMail, SimulatedText
from sportello.messaging.web.forms import AnswerForm

_CODE = re.compile(r"#(\d{4,10})\s*$")
_LINK = re.compile(r"https?://\S+")
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


@public(
    why="the demo has no secrets: its one-time codes are read here before anybody is signed in; 404 outside the demo"
)
def simulator(request: HttpRequest) -> HttpResponse:
    """Show the phones with their texts and the mailbox; looks again every two seconds."""
    _only_in_demo()
    mark = queries.simulator_mark()
    if request.headers.get("HX-Request") and request.GET.get("mark") == mark:
        return HttpResponse(status=204)
    phones, mails = queries.simulated_phones(), queries.simulated_mails()
    chosen = request.GET.get("phone", "") or (phones[0].number if phones else "")
    context = {
        "title": _("Phones and mailbox"),
        "mark": mark,
        "phones": phones,
        "chosen": chosen,
        "owner": next((phone.owner for phone in phones if phone.number == chosen), ""),
        "texts": [(text, _code(text)) for text in queries.simulated_texts(chosen)],
        "mails": mails,
        **_open_mail(mails, request.GET.get("mail", "")),
    }
    partial = bool(request.headers.get("HX-Request"))
    return render(request, "messaging/simulator.html#moving" if partial else "messaging/simulator.html", context)


@public(why="the HTML of a mail of the demo's mailbox, in a sandbox of its own; 404 outside the demo")
@xframe_options_sameorigin
def mail_html(_request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the HTML of a mail, which can run nothing and load nothing."""
    _only_in_demo()
    mail = SimulatedMail.objects.filter(pk=pk).first()
    if mail is None:
        raise NotFound
    response = HttpResponse(mail.html)
    response.headers["Content-Security-Policy"] = _MAIL_POLICY  # the middleware leaves a policy that is there already
    return response


@public(
    why="the demo's mailbox: its mails are read by everybody, and answered by everybody; 404 outside the demo",
    methods=("GET", "POST"),
)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a mail of the demo's mailbox as its reader would, and say what became of it."""
    _only_in_demo()
    mail = SimulatedMail.objects.filter(pk=pk).first()
    if mail is None or simulated.reply_address_of(mail) == "":
        raise NotFound
    form = AnswerForm(request.POST or None)
    context: dict[str, object] = {"title": _("Answer"), "mail": mail, "form": form}
    if request.method == "POST" and form.is_valid():
        taken = simulated.answer(mail, form.cleaned_data["text"], now=timezone.now())
        context |= {"state": told(taken.reason) or taken.get_state_display(), "form": AnswerForm()}
    return render(request, "messaging/simulator_answer.html", context)


def _only_in_demo() -> None:
    if not settings.SPORTELLO["DEMO"]:
        raise NotFound


def _code(text: SimulatedText) -> str:
    found = _CODE.search(text.text)
    return found[1] if found else ""


def _open_mail(mails: list[SimulatedMail], wanted: str) -> dict[str, object]:
    opened = next((mail for mail in mails if str(mail.pk) == wanted), mails[0] if mails else None)
    if opened is None:
        return {"opened": None, "links": []}
    links = [link for link in dict.fromkeys(_LINK.findall(opened.text)) if link != settings.SPORTELLO["PUBLIC_URL"]]
    return {"opened": opened, "links": links, "answerable": bool(simulated.reply_address_of(opened))}
