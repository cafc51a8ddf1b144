"""Asking for dual billing of a line, and changing what was entered."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from sportello.dual_billing import queries, rules
from sportello.dual_billing.events import ConsentTaken, DualBillingAsked, DualBillingDataChanged
from sportello.dual_billing.models import ConsentDocument, Enrolment
from sportello.dual_billing.operations.telling import tell_of_change, tell_of_offer
from sportello.dual_billing.states import EnrolmentState
from sportello.dual_billing.types import Document, EnrolmentData
from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_day
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish

SECRETS: Final = ("tax_code", "iban", "card_reference")
"""What the record of changes shows masked."""
FIELDS: Final = tuple(field.name for field in fields(EnrolmentData))


@operation(section=Section.DUAL_BILLING)
def ask_enrolment(
    *, actor: Actor, line: Line, data: EnrolmentData, consent: Document | None = None, now: datetime
) -> Enrolment:
    """Ask that the private traffic of a line's user be billed to them; they are told by mail, and nothing counts until they sign.

    Raises `NoSuchLine`, `NoHolder`, `NotHere`, `EnrolledAlready`, `InvalidInput` at the field that is wrong.
    """
    line = Line.objects.for_(actor).select_related("person", "organisation").get_or_refuse(pk=line.pk)
    rules.check_can_ask(line, taken=queries.open_of_line(actor, line) is not None, now=now)
    read = rules.checked(data, country=line.organisation.country)
    rules.check_start(read.start_date, today=local_day(now, ZoneInfo(line.organisation.time_zone)))
    row = Enrolment(organisation_id=line.organisation_id, line=line, person=line.person, asked_at=now)
    put(row, read)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as taken:  # somebody asked at the same moment
        raise rules.EnrolledAlready from taken
    if consent is not None:
        _hand_in(actor, row, consent, now)
    publish(DualBillingAsked(**about(row), name=row.person.name, enrolment_id=row.pk, changes=changed({}, shown(row))))
    tell_of_offer(actor, row)
    return row


@operation(section=Section.DUAL_BILLING)
def change_enrolment(
    *, actor: Actor, enrolment: Enrolment, data: EnrolmentData, consent: Document | None = None, now: datetime
) -> Enrolment:
    """Change what was entered of an employee; a tax code or account left empty stays, and once signed, options and start do too.

    The employee is told by mail what was changed; until they sign, it voids what they read and the code that they have. Raises `NotOpen`,
    `InvalidInput` at the field that is wrong.
    """
    row = queries.enrolments(actor).select_for_update(of=("self",)).get_or_refuse(pk=enrolment.pk)
    rules.check_can_change(row)
    data = _as_signed(row, data)
    read = rules.checked(data, country=row.organisation.country, known=row)
    if read.start_date != row.start_date:
        rules.check_start(read.start_date, today=local_day(now, ZoneInfo(row.organisation.time_zone)))
    before, email = shown(row), row.email
    changes = [name for name in FIELDS if getattr(row, name) != getattr(read, name)]
    put(row, read)
    row.save(update_fields=FIELDS)
    if consent is not None:
        _hand_in(actor, row, consent, now)
    publish(DualBillingDataChanged(**about(row), changes=changed(before, shown(row))))
    if changes:
        tell_of_change(actor, row, changes, email=email, now=now)
    return row


@operation(section=Section.DUAL_BILLING, viewer_too=True)
def take_consent(*, actor: Actor, enrolment: Enrolment) -> ConsentDocument:
    """Give out the consent document, on record. Raises `NotFound`."""
    row = ConsentDocument.objects.for_(actor).get_or_refuse(enrolment=enrolment)
    publish(ConsentTaken(**about(enrolment)))
    return row


def put(row: Enrolment, read: EnrolmentData) -> None:
    """Put checked data on a row."""
    for name in FIELDS:
        setattr(row, name, getattr(read, name))


def stored(row: Enrolment) -> EnrolmentData:
    """Return what a row holds, as data."""
    return EnrolmentData(**{name: getattr(row, name) for name in FIELDS})


def about(row: Enrolment) -> dict[str, Any]:
    """Return what every event says of an enrolment."""
    about_line = {"organisation_id": row.organisation_id, "subject_type": "line", "subject_id": row.line_id}
    return {**about_line, "number": row.line.number}


def shown(row: Enrolment) -> dict[str, Any]:
    """Return the data as the record shows them: secrets masked."""
    values = {name: getattr(row, name) for name in FIELDS}
    return {name: rules.masked(value) if name in SECRETS and value else value for name, value in values.items()}


def _as_signed(row: Enrolment, data: EnrolmentData) -> EnrolmentData:
    if row.state == EnrolmentState.ASKED:
        return data
    return replace(data, start_date=row.start_date, messages=row.messages, roaming=row.roaming, data_apn=row.data_apn)


def _hand_in(actor: Actor, row: Enrolment, document: Document, now: datetime) -> None:
    rules.check_document(document)
    values = {
        "organisation_id": row.organisation_id,
        "name": document.name[-120:],
        "content": document.content,
        "handed_in_at": now,
    }
    ConsentDocument.objects.for_(actor).update_or_create(enrolment=row, defaults=values)
