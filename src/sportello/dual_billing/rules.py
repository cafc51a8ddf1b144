"""What may be entered, signed, ended and seen of dual billing: facts in, refusal or plain values out."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from stdnum import luhn

from sportello.dual_billing.states import OPEN, EnrolmentState, PaymentMethod
from sportello.dual_billing.types import Document, EnrolmentData
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import day_bounds
from sportello.kernel.crypto import keyed_hash, matches_keyed_hash
from sportello.kernel.identifiers import InvalidIdentifier, iban, tax_code
from sportello.kernel.money import round_cents
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState

if TYPE_CHECKING:
    from sportello.dual_billing.models import Enrolment
    from sportello.inventory.models import Line

TERMS_VERSION: Final = "2026-11"
LONGEST_DOCUMENT: Final = 3 * 1024 * 1024
FURTHEST_START: Final = timedelta(days=366)
PERSONS_CODE: Final = 16
"""Characters of a natural person's tax code; the eleven digits of an organisation's are nobody's own (DPR 605/1973)."""
_SIGNED: Final = "dual-billing-terms"
VAT_RATE: Final = Decimal("0.22")
PAYMENT_DAYS: Final = 30
SHORTEST_REASON: Final = 5
REQUIRED_TEXTS: Final = {"address": 120, "postcode": 10, "city": 80}
_CARD_NUMBER: Final = re.compile(r"[0-9]{13,19}", re.ASCII)
_CARD_REFERENCE: Final = re.compile(r"[A-Za-z0-9_.:-]{4,80}", re.ASCII)


class NoHolder(WrongState):
    """Nobody would be billed."""

    default = _("Nobody holds this line: assign it to the employee first.")


class NotHere(WrongState):
    """The line's user is not of the customer any more."""

    default = _("The person who holds this line is deactivated: nobody could accept.")


class NoSuchLine(WrongState):
    """Only mobile lines that work can have dual billing."""

    default = _("Dual billing is for mobile lines that have not ended.")


class EnrolledAlready(WrongState):
    """One at a time."""

    default = _("Dual billing of this line is asked for or active already.")


class NotOpen(WrongState):
    """What has ended stays as it was."""

    default = _("This dual billing has ended: ask for it anew.")


class NotAsked(WrongState):
    """It was signed, or has ended."""

    default = _("There is nothing to accept: it was accepted already, or has ended.")


class LineNotYours(WrongState):
    """The line went to somebody else after it was asked."""

    default = _("You do not hold this line any more.")


class TermsChanged(WrongState):
    """What would be signed is not what the employee read."""

    default = _("Your data or the terms changed since you opened this page. Read them again and ask for a new code.")


class Overlaps(WrongState):
    """Two people would pay one record."""

    default = _("In that time another dual billing of this line counts.")


def checked(data: EnrolmentData, *, country: str = "IT", known: Enrolment | None = None) -> EnrolmentData:
    """Return the data in their written form; what is left empty of `known` stays. Raises `InvalidInput` at the field that is wrong."""
    texts: dict[str, Any] = {
        name: " ".join(str(getattr(data, name)).split()) for name in (*REQUIRED_TEXTS, "province", "email")
    }
    for name, longest in REQUIRED_TEXTS.items():
        if not texts[name] or len(texts[name]) > longest:
            raise InvalidInput(_("is needed, with at most %(longest)d characters") % {"longest": longest}, field=name)
    if len(texts["province"]) > 40:  # noqa: PLR2004 - the column's
        raise InvalidInput(_("is too long"), field="province")
    _check_email(texts["email"])
    code = _tax_code(data.tax_code or (known.tax_code if known else ""), country)
    method, account, card = _payment(data, known)
    return replace(data, tax_code=code, payment_method=method, iban=account, card_reference=card, **texts)


def _check_email(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError as wrong:
        raise InvalidInput(_("This is no e-mail address."), field="email") from wrong


def _tax_code(text: str, country: str) -> str:
    code = tax_code(text, country)
    if country == "IT" and len(code) != PERSONS_CODE:
        raise InvalidIdentifier("tax_code", _("The tax code of a person has 16 characters."))
    return code


def _payment(data: EnrolmentData, known: Enrolment | None) -> tuple[PaymentMethod, str, str]:
    try:
        method = PaymentMethod(data.payment_method)
    except ValueError as unknown:
        raise InvalidInput(_("Choose how the employee pays."), field="payment_method") from unknown
    if method is PaymentMethod.BANK_TRANSFER:
        return method, iban(data.iban or (known.iban if known else "")), ""
    card = data.card_reference.strip() or (known.card_reference if known else "")
    if _CARD_NUMBER.fullmatch(re.sub(r"[ -]", "", card)) and luhn.is_valid(re.sub(r"[ -]", "", card)):
        raise InvalidInput(
            _("This is the number of a card, which is never kept here: enter the payment service's reference."),
            field="card_reference",
        )
    if not _CARD_REFERENCE.fullmatch(card):
        raise InvalidInput(_("Enter the reference that the payment service gave the card."), field="card_reference")
    return method, "", card


def check_start(start: date, *, today: date) -> None:
    """Refuse a first day that lies in the past, or absurdly far ahead. Raises `InvalidInput`."""
    if start < today:
        raise InvalidInput(
            _("The first day lies in the past: traffic is never billed to an employee backwards."), field="start_date"
        )
    if start > today + FURTHEST_START:
        raise InvalidInput(_("The first day lies more than a year ahead."), field="start_date")


def check_document(document: Document) -> None:
    """Refuse a consent that is no PDF of a sensible size, by its content (ABUSE F02, F03). Raises `InvalidInput`."""
    if len(document.content) > LONGEST_DOCUMENT:
        raise InvalidInput(_("The document is larger than 3 MB."), field="consent")
    if not document.content.startswith(b"%PDF-"):
        raise InvalidInput(_("The consent document must be a PDF."), field="consent")


def check_can_ask(line: Line, *, taken: bool, now: datetime) -> None:
    """Refuse dual billing of a line that has no user, is none, or has it. Raises `NoSuchLine`, `NoHolder`, `NotHere`, `EnrolledAlready`."""
    ended = line.status == LineStatus.TERMINATED or (line.active_to is not None and line.active_to <= now)
    if line.kind != LineKind.MOBILE or ended:
        raise NoSuchLine
    if line.person is None or line.person.organisation_id != line.organisation_id:
        raise NoHolder
    if not line.person.is_active:
        raise NotHere
    if taken:
        raise EnrolledAlready


def check_can_change(enrolment: Enrolment) -> None:
    """Refuse to change what has ended. Raises `NotOpen`."""
    if enrolment.state not in OPEN:
        raise NotOpen


def check_own(actor: Actor, enrolment: Enrolment) -> None:
    """Let nobody but the person sign or decline. Raises `NotFound`."""
    if actor.person_id is None or enrolment.person_id != actor.person_id:
        raise NotFound


def check_can_accept(enrolment: Enrolment) -> None:
    """Refuse a signature under what is signed or over, or of who lost the line. Raises `NotAsked`, `LineNotYours`."""
    if enrolment.state != EnrolmentState.ASKED:
        raise NotAsked
    if enrolment.line.person_id != enrolment.person_id:
        raise LineNotYours


def digest_of_terms(enrolment: Enrolment) -> str:
    """Return a keyed hash of all that is signed: the version of the terms, the line, and each of the data, secrets too."""
    return keyed_hash(_SIGNED, *_signed(enrolment))


def check_shown(enrolment: Enrolment, digest: str) -> None:
    """Refuse a signature under anything but what the page showed, of which it sent the digest back. Raises `TermsChanged`."""
    if not matches_keyed_hash(digest, _SIGNED, *_signed(enrolment)):
        raise TermsChanged


def _signed(enrolment: Enrolment) -> list[str]:
    data = [str(getattr(enrolment, field.name)) for field in fields(EnrolmentData)]
    return [TERMS_VERSION, str(enrolment.pk), enrolment.line.number, *data]


def check_runs_portal(actor: Actor) -> None:
    """Let only the operator through: corrected times and payments are its to say. Raises `NotPermitted`."""
    if actor.reach is not Reach.ALL:
        raise NotPermitted


def check_correction(
    since: datetime, until: datetime | None, *, signed_at: datetime, reason: str, now: datetime
) -> None:
    """Refuse a time that begins before the signature, ends ahead or before it begins, or says no reason. Raises `InvalidInput`."""
    if since < signed_at:
        raise InvalidInput(_("It cannot count from before the employee signed."), field="active_from")
    if until is not None and until > now:
        raise InvalidInput(_("The end lies ahead."), field="active_to")
    if until is not None and until < since:
        raise InvalidInput(_("The end is before the start."), field="active_to")
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput(_("Say why: the reason stays on record."), field="reason")


def counts_from(start: date, zone: ZoneInfo, signed_at: datetime) -> datetime:
    """Return from which instant a signed dual billing counts: the first day's midnight, never before the signature."""
    return max(day_bounds(start, zone)[0], signed_at)


def masked(secret: str, *, shown: int = 4) -> str:
    """Return a secret with all but its last characters hidden."""
    return f"•••• {secret[-shown:]}" if len(secret) > 2 * shown else "••••"


def amounts_due(national_and_eu: Decimal, outside: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Return net, VAT and total to the cent: VAT on everything but roaming outside the EU (DOMAIN §5)."""
    taxed, free = round_cents(national_and_eu), round_cents(outside)
    vat = round_cents(taxed * VAT_RATE)
    return taxed + free, vat, taxed + free + vat
