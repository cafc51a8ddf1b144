"""Who may change an organisation, and what its codes must look like: pure, facts in, refusal out.

What invoices depend on (legal name, VAT number, tax code, IPA/SdI code) is not changed by the customer itself: for it
the change is an order that the operator approves (product/02, "Registry data").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from sportello.kernel import identifiers
from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind, OrganisationState

COUNTRIES = ("IT", "ES")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}", re.ASCII)
PROVINCE = re.compile(r"[A-Z]{1,4}", re.ASCII)
POSTCODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{2,9}", re.ASCII)


class CodeTaken(InvalidInput):
    """The code belongs to somebody already; it says not to whom (ABUSE C14)."""

    default = _("This code is already used.")


class InvoiceDataIsAnOrder(NotPermitted):
    """A customer changes what invoices depend on by an order."""

    default = _(
        "Legal name, VAT number, tax code and IPA/SdI code are changed by an order that your operator approves."
    )


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What is registered of an organisation. Codes are checked and in their one written form once `checked`."""

    legal_name: str
    vat_number: str = ""
    tax_code: str = ""
    public_administration: bool = False
    ipa_code: str = ""
    province: str = ""
    country: str = "IT"
    time_zone: str = "Europe/Rome"
    email: str = ""

    @classmethod
    def of(cls, organisation: Organisation) -> Registry:
        """Return what is registered now."""
        return cls(**{name: getattr(organisation, name) for name in cls.__dataclass_fields__})


def checked(registry: Registry) -> Registry:
    """Return the data with each code in its one written form. Raises `InvalidInput` at the field that is wrong."""
    name = " ".join(registry.legal_name.split())
    if not name:
        raise InvalidInput(_("Enter the legal name."), field="legal_name")
    if len(name) > 200:  # noqa: PLR2004 - the column
        raise InvalidInput(_("The legal name has more than 200 characters."), field="legal_name")
    if registry.country not in COUNTRIES:
        raise InvalidInput(_("The country is IT or ES."), field="country")
    country = registry.country
    return replace(
        registry,
        legal_name=name,
        vat_number=identifiers.vat_number(registry.vat_number, country) if registry.vat_number.strip() else "",
        tax_code=identifiers.tax_code(registry.tax_code, country) if registry.tax_code.strip() else "",
        ipa_code=_recipient_code(registry),
        province=read_province(registry.province),
        time_zone=_time_zone(registry.time_zone),
        email=read_email(registry.email),
    )


def _recipient_code(registry: Registry) -> str:
    """Return the code that e-invoices go to: IPA (six) for a public office, SdI (seven) for others (FatturaPA 1.2)."""
    text = registry.ipa_code.strip()
    if not text:
        return ""
    if registry.public_administration:
        return identifiers.ipa_code(text)
    try:
        return identifiers.sdi_code(text)
    except identifiers.InvalidIdentifier as wrong:
        raise InvalidInput(wrong.sentence, field="ipa_code") from wrong


def read_province(text: str) -> str:
    """Return a province's letters (`RM`, `M`), or nothing. Raises `InvalidInput`."""
    province = text.strip().upper()
    if province and not PROVINCE.fullmatch(province):
        raise InvalidInput(_("A province is written with one to four letters, such as RM."), field="province")
    return province


def read_email(text: str) -> str:
    """Return an e-mail address, or nothing. Raises `InvalidInput`."""
    email = text.strip()
    try:
        if email:
            validate_email(email)
    except ValidationError as wrong:
        raise InvalidInput(_("This is not an e-mail address."), field="email") from wrong
    return email


def read_code(text: str) -> str:
    """Return a code of an organisation. Raises `InvalidInput`."""
    code = text.strip()
    if not CODE.fullmatch(code):
        raise InvalidInput(_("A code has up to 40 letters, digits and . _ / -, and no blanks."), field="code")
    return code


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise InvalidInput(_("This time zone is not known."), field="time_zone")
    return name


def check_reaches(actor: Actor, organisation: Organisation) -> None:
    """Refuse an organisation outside the actor's reach, as not found."""
    own = organisation.pk == actor.organisation_id and actor.reach in {Reach.CUSTOMER, Reach.PARTNER}
    customer = actor.reach is Reach.PARTNER and organisation.partner_id == actor.organisation_id
    if not (actor.reach is Reach.ALL or own or customer):
        raise NotFound


def may_manage_all(actor: Actor) -> bool:
    """Tell whether the actor keeps the registry of every organisation (operator staff)."""
    return actor.reach is Reach.ALL and actor.may(Section.ADMINISTRATION)


def may_edit_invoice_data(actor: Actor, organisation: Organisation) -> bool:
    """Tell whether the actor changes what invoices depend on: the operator for all, a partner for its own customers."""
    if may_manage_all(actor):
        return True
    return (
        actor.reach is Reach.PARTNER
        and actor.may(Section.ADMINISTRATION)
        and organisation.kind == OrganisationKind.CUSTOMER
        and organisation.partner_id == actor.organisation_id
    )


def check_can_edit_invoice_data(actor: Actor, organisation: Organisation) -> None:
    """Refuse to whom `may_edit_invoice_data` says no."""
    if not may_edit_invoice_data(actor, organisation):
        raise InvoiceDataIsAnOrder


def check_can_create_customer(actor: Actor) -> None:
    """Refuse a new customer to all but the operator and partners."""
    if actor.reach not in {Reach.ALL, Reach.PARTNER}:
        raise NotPermitted


def check_can_create_partner(actor: Actor) -> None:
    """Refuse a new partner to all but the operator."""
    if not may_manage_all(actor):
        raise NotPermitted


def may_run(actor: Actor) -> bool:
    """Tell whether the actor may move, close and reopen organisations: who runs the portal."""
    return actor.reach is Reach.ALL and actor.may(Section.OPERATIONS)


def check_can_move(actor: Actor, organisation: Organisation, partner: Organisation | None) -> None:
    """Refuse to move anything but a customer, to anything but an open partner or the operator itself."""
    if not may_run(actor):
        raise NotPermitted
    if organisation.kind != OrganisationKind.CUSTOMER:
        raise WrongState(_("Only customers hang on a partner."))
    if partner is not None and (
        partner.kind != OrganisationKind.PARTNER or partner.state != OrganisationState.ACTIVE
    ):
        raise InvalidInput(_("Choose an active partner."), field="partner")
    if organisation.partner_id == (partner.pk if partner else None):
        raise WrongState(_("The customer is there already."))


def check_can_change_state(actor: Actor, organisation: Organisation) -> None:
    """Refuse to close the operator, and everything to those who do not run the portal."""
    if not may_run(actor):
        raise NotPermitted
    if organisation.kind == OrganisationKind.OPERATOR:
        raise WrongState(_("The operator itself cannot be closed or made read only."))
