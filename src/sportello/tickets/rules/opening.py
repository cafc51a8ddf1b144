"""Who may open a ticket, and what its opening has to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel import identifiers, phones
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.parties.states import OrganisationKind, OrganisationState
from sportello.tickets.states import FieldKind
from sportello.tickets.types import Contract, FormField, in_words
from sportello.tickets.visibility import Audience, audience_of

LONGEST_LINE: Final = 500
LONGEST_TEXT: Final = 20_000
DIGITS: Final = 7


class OnlyPartnersOpen(NotPermitted):
    """The end customer opens no ticket (rule 1 of the source)."""

    default = gettext_lazy("Tickets are opened by the operator or by your partner: call them.")


def check_can_open(actor: Actor, *, customer_kind: str, customer_state: str) -> None:
    """Refuse whoever is not the operator or a partner, and what is no customer that is served.

    Raises `OnlyPartnersOpen`, `InvalidInput`.
    """
    if audience_of(actor) not in {Audience.OPERATOR, Audience.PARTNER}:
        raise OnlyPartnersOpen
    if customer_kind != OrganisationKind.CUSTOMER:
        raise InvalidInput(_("A ticket is opened for a customer."))
    if customer_state == OrganisationState.CLOSED:
        raise InvalidInput(_("This customer is closed: no ticket is opened for it."))


def check_can_ask(actor: Actor, *, home: bool, wholesale: bool) -> None:
    """Refuse whoever is nobody of a customer, other customers' names, and a wholesaler's customers (ABUSE E07). Raises `NotPermitted`."""
    if audience_of(actor) is not Audience.CUSTOMER or not home:
        raise NotPermitted
    if wholesale:
        raise NotPermitted(_("For assistance, call your own operator."))


def code_of(prefix: str, number: int) -> str:
    """Return a ticket's code: `TCKXDSL0000001` (the source's form: prefix of the type, seven digits)."""
    return f"TCK{prefix}{number:0{DIGITS}d}"


def check_opening(*, subject: str, text: str) -> None:
    """Refuse a ticket that says nothing. Raises `InvalidInput`."""
    if not subject.strip():
        raise InvalidInput(_("Say in a few words what it is about."), field="subject")
    if not text.strip():
        raise InvalidInput(_("Describe the problem."), field="text")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(_("The text is too long: put the rest into a file."), field="text")


def checked_answers(
    questions: Sequence[FormField], given: Mapping[str, Any], contracts: Mapping[str, Contract], *, country: str = "IT"
) -> dict[str, dict[str, str]]:
    """Return the answers as they are kept, by the key of their question: `value` and what is `shown` of it; empty ones are left out.

    What no question asks for is not read. `contracts` are those of the chosen customer, by their value (ABUSE C06).
    Raises `InvalidInput` with the field `answer_<key>`.
    """
    kept = {}
    for question in questions:
        text = " ".join(str(given.get(question.key) or "").replace("\x00", "").split(" ")).strip()
        if text:
            kept[question.key] = _checked(question, text, contracts, country)
        elif question.required:
            raise InvalidInput(_("This is asked for."), field=f"answer_{question.key}")
    return kept


def _checked(question: FormField, text: str, contracts: Mapping[str, Contract], country: str) -> dict[str, str]:
    field = f"answer_{question.key}"
    if question.kind is FieldKind.CHOICE:
        labels = dict(question.choices).get(text)
        if labels is None:
            raise InvalidInput(_("Choose one of the answers."), field=field)
        return {"value": text, "shown": in_words(labels)}
    if question.kind is FieldKind.CONTRACT:
        if text not in contracts:
            raise InvalidInput(_("Choose one of the customer's contracts."), field=field)
        return {"value": text, "shown": contracts[text].shown}
    try:
        return {"value": text, "shown": _written(question, text, country)}
    except InvalidInput as wrong:
        raise InvalidInput(wrong.sentence, field=field) from wrong


def _written(question: FormField, text: str, country: str) -> str:
    if question.kind is FieldKind.PHONE:
        return phones.normalise(text, country)
    if question.kind is FieldKind.IMEI:
        return identifiers.imei(text)
    longest = LONGEST_TEXT if question.kind is FieldKind.LONG_TEXT else LONGEST_LINE
    if len(text) > longest:
        raise InvalidInput(_("Write %(most)s characters at most.") % {"most": longest})
    return text
