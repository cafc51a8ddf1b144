"""Creating organisations, changing what is registered of them, moving and closing them."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.states import advance
from sportello.parties import rules
from sportello.parties.events import (
    CustomerMoved,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationCreated,
    OrganisationMadeReadOnly,
    OrganisationReopened,
)
from sportello.parties.models import Organisation
from sportello.parties.rules import CodeTaken, Registry
from sportello.parties.states import TRANSITIONS, OrganisationKind, OrganisationState


@operation(section=Section.ADMINISTRATION)
def create_customer(
    *, actor: Actor, registry: Registry, partner: Organisation | None, code: str = ""
) -> Organisation:
    """Create a customer, of the operator (`partner` None) or of a partner; a partner creates its own customers only.

    `code` is the operator's own; one that a partner creates gets a generated code, so that nobody probes the codes of
    others (ABUSE C14). Raises `InvalidInput` at the field that is wrong, `CodeTaken`.
    """
    rules.check_can_create_customer(actor)
    if actor.reach is Reach.PARTNER:
        partner, code = Organisation.objects.for_(actor).get_or_refuse(pk=actor.organisation_id), ""
    if partner is not None and (partner.kind, partner.state) != (OrganisationKind.PARTNER, OrganisationState.ACTIVE):
        raise InvalidInput(_("Choose an active partner."), field="partner")
    given = rules.read_code(code) if code else _free_code("C")
    return _created(kind=OrganisationKind.CUSTOMER, code=given, registry=registry, partner=partner)


@operation(section=Section.ADMINISTRATION)
def create_partner(*, actor: Actor, registry: Registry, code: str = "") -> Organisation:
    """Create a partner. Raises `InvalidInput` at the field that is wrong, `CodeTaken`."""
    rules.check_can_create_partner(actor)
    given = rules.read_code(code) if code else _free_code("P")
    return _created(kind=OrganisationKind.PARTNER, code=given, registry=registry, partner=None)


@operation(section=Section.ADMINISTRATION)
def change_registry(*, actor: Actor, organisation: Organisation, registry: Registry) -> Organisation:
    """Change what is registered of an organisation. Raises `InvoiceDataIsAnOrder`, `InvalidInput` at the field."""
    rules.check_can_edit_invoice_data(actor, organisation)
    after = asdict(rules.checked(registry))
    changes = changed(asdict(Registry.of(organisation)), after)
    for name, value in after.items():
        setattr(organisation, name, value)
    organisation.save(update_fields=list(after))
    publish(OrganisationChanged(**_subject(organisation), name=organisation.legal_name, changes=changes))
    return organisation


@operation(section=Section.ADMINISTRATION)
def change_contact_email(*, actor: Actor, organisation: Organisation, email: str) -> Organisation:
    """Change the address for messages, which no invoice depends on: also the customer's own administrator may."""
    rules.check_reaches(actor, organisation)
    before, organisation.email = organisation.email, rules.read_email(email)
    organisation.save(update_fields=["email"])
    changes = changed({"email": before}, {"email": organisation.email})
    publish(OrganisationChanged(**_subject(organisation), name=organisation.legal_name, changes=changes))
    return organisation


@operation(section=Section.ADMINISTRATION)
def move_customer(*, actor: Actor, customer: Organisation, partner: Organisation | None) -> Organisation:
    """Move a customer to another partner, or to the operator (None); the former loses it at once (ABUSE C11)."""
    rules.check_can_move(actor, customer, partner)
    before = customer.partner
    customer.partner = partner
    customer.save(update_fields=["partner"])
    publish(
        CustomerMoved(
            **_subject(customer),
            name=customer.legal_name,
            from_partner_id=before.pk if before else None,
            to_partner_id=partner.pk if partner else None,
            changes=changed({"partner": str(before or "")}, {"partner": str(partner or "")}),
        )
    )
    return customer


@operation(section=Section.ADMINISTRATION)
def set_state(
    *, actor: Actor, organisation: Organisation, state: OrganisationState, reason: str
) -> Organisation:
    """Close an organisation, make it read only, or open it again. Raises `NoSuchTransition`, `InvalidInput`.

    Its people's sessions end with the next request once it is closed (ABUSE B03).
    """
    rules.check_can_change_state(actor, organisation)
    why = reason.strip()
    if not why:
        raise InvalidInput(_("Enter the reason: it stays on record."), field="reason")
    before = organisation.state
    advance(organisation, state, transitions=TRANSITIONS)
    publish(
        _STATE_EVENTS[state](
            **_subject(organisation),
            name=organisation.legal_name,
            reason=why[:200],
            changes=changed({"state": before}, {"state": state}),
        )
    )
    return organisation


_StateEvent = OrganisationClosed | OrganisationMadeReadOnly | OrganisationReopened
_STATE_EVENTS: dict[OrganisationState, type[_StateEvent]] = {
    OrganisationState.CLOSED: OrganisationClosed,
    OrganisationState.READ_ONLY: OrganisationMadeReadOnly,
    OrganisationState.ACTIVE: OrganisationReopened,
}


def _created(
    *, kind: OrganisationKind, code: str, registry: Registry, partner: Organisation | None
) -> Organisation:
    values: dict[str, Any] = asdict(rules.checked(registry))
    try:
        with transaction.atomic():
            row = Organisation(kind=kind, code=code, partner=partner)
            for name, value in values.items():
                setattr(row, name, value)
            row.save(force_insert=True)
    except IntegrityError as taken:
        raise CodeTaken(field="code") from taken
    after = {"code": code, "partner": str(partner or "")} | {name: value for name, value in values.items() if value}
    publish(OrganisationCreated(**_subject(row), code=code, name=row.legal_name, changes=changed({}, after)))
    return row


def _free_code(letter: str) -> str:
    """Return a random code: eight of 32 signs, so that nobody counts the operator's customers (ABUSE C15)."""
    signs = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return letter + "-" + "".join(secrets.choice(signs) for _place in range(8))


def _subject(organisation: Organisation) -> dict[str, Any]:
    return {"organisation_id": organisation.pk, "subject_type": "organisation", "subject_id": organisation.pk}


