"""The operator's set-up: types and their forms, groups, service levels, saved answers; and the proof of a ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Person
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.tickets import queries, rules
from sportello.tickets.events import ChainProved, DeskEdited, TypeEdited
from sportello.tickets.models import GroupMember, SavedAnswer, ServiceLevel, Ticket, TicketForm, TicketGroup, TicketType
from sportello.tickets.queries.proof import Broken
from sportello.tickets.states import Priority
from sportello.tickets.types import FormField, Labels
from sportello.tickets.visibility import Audience, audience_of

MOST_MINUTES = 60 * 24 * 90


@operation(section=Section.TICKETS)
def make_type(*, actor: Actor, code: str, prefix: str, names: Labels, now: datetime) -> TicketType:
    """Make a type of tickets with an empty form; code and prefix stay as they are. Raises `NotPermitted`, `InvalidInput`."""
    check_sets_up(actor)
    rules.check_type(code=code, prefix=prefix, names=names)
    try:
        with transaction.atomic():
            row = TicketType.objects.create(code=code, prefix=prefix, names=dict(names))
    except IntegrityError as taken:
        raise InvalidInput(_("Another type has this code or this prefix."), field="code") from taken
    TicketForm.objects.create(type=row, version=1, fields=[], made_at=now, made_by_id=actor.person_id)
    _type_told(row, 1)
    return row


@operation(section=Section.TICKETS)
def edit_type(
    *,
    actor: Actor,
    kind: TicketType,
    names: Labels,
    active: bool,
    position: int,
    questions: Sequence[FormField],
    now: datetime,
) -> TicketForm:
    """Edit a type; other questions make a new version of its form, and tickets keep the version that they were opened with.

    Raises `NotPermitted`, `InvalidInput`.
    """
    check_sets_up(actor)
    rules.check_type(code=kind.code, prefix=kind.prefix, names=names)
    rules.check_questions(questions)
    row = TicketType.objects.select_for_update().get(pk=kind.pk)
    row.names, row.active, row.position = dict(names), active, position
    row.save(update_fields=["names", "active", "position"])
    form, fields = queries.newest_form(row), [one.stored() for one in questions]
    if form.fields != fields:
        form = TicketForm.objects.create(
            type=row, version=form.version + 1, fields=fields, made_at=now, made_by_id=actor.person_id
        )
    _type_told(row, form.version)
    return form


@operation(section=Section.TICKETS)
def set_group(*, actor: Actor, group: TicketGroup | None, name: str, people: Sequence[Person]) -> TicketGroup | None:
    """Write a group of the operator's people (None: a new one); without a name it is dissolved, unless tickets are with it."""
    check_sets_up(actor)
    name = " ".join(name.split())
    if group is not None and not name:
        if Ticket.objects.for_(actor).filter(group=group).exists():
            raise InvalidInput(_("Tickets are assigned to this group: give them to another one first."), field="name")
        group.delete()
        _desk_told("groups")
        return None
    if not name or TicketGroup.objects.filter(name=name).exclude(pk=group.pk if group else 0).exists():
        raise InvalidInput(_("Give the group a name of its own."), field="name")
    known = {one.pk for one in queries.people_to_assign()}
    row = group or TicketGroup()
    row.name = name
    row.save()
    GroupMember.objects.filter(group=row).delete()
    GroupMember.objects.bulk_create(GroupMember(group=row, person=one) for one in people if one.pk in known)
    _desk_told("groups")
    return row


@operation(section=Section.TICKETS)
def set_levels(*, actor: Actor, kind: TicketType | None, minutes: Mapping[Priority, tuple[int, int] | None]) -> None:
    """Set the service levels of a type (None: of all without their own): (answer, resolution) in minutes of working time by priority.

    They hold for tickets opened from now on. Raises `NotPermitted`, `InvalidInput`.
    """
    check_sets_up(actor)
    for priority, pair in minutes.items():
        rows = ServiceLevel.objects.filter(type=kind, priority=priority)
        if pair is None:
            rows.delete()
            continue
        answer, resolution = pair
        if not 0 < answer <= resolution <= MOST_MINUTES:
            raise InvalidInput(_("The answer comes before the resolution, both after more than no time."))
        ServiceLevel.objects.update_or_create(
            type=kind, priority=priority, defaults={"answer_minutes": answer, "resolution_minutes": resolution}
        )
    _desk_told("levels")


@operation(section=Section.TICKETS)
def set_answer(*, actor: Actor, answer: SavedAnswer | None, title: str, text: str) -> SavedAnswer | None:
    """Write a saved answer (None: a new one); without a text it is removed. Raises `NotPermitted`, `InvalidInput`."""
    check_sets_up(actor)
    title = " ".join(title.split())[:80]
    if answer is not None and not text.strip():
        answer.delete()
        _desk_told("answers")
        return None
    if (
        not title
        or not text.strip()
        or SavedAnswer.objects.filter(title=title).exclude(pk=answer.pk if answer else 0).exists()
    ):
        raise InvalidInput(_("A saved answer needs a title of its own and a text."), field="title")
    row = answer or SavedAnswer()
    row.title, row.text = title, text.strip()
    row.save()
    _desk_told("answers")
    return row


@operation(section=Section.TICKETS, viewer_too=True)
def prove_ticket(*, actor: Actor, ticket: Ticket) -> Broken | None:
    """Prove the chain of a ticket, its files, and what follows from its entries; return where it is broken. Raises `NotPermitted`."""
    if audience_of(actor) not in {Audience.OPERATOR, Audience.PARTNER}:
        raise NotPermitted
    broken = queries.proof_of(ticket)
    publish(
        ChainProved(
            organisation_id=actor.organisation_id,
            subject_type="ticket",
            subject_id=ticket.pk,
            code=ticket.code,
            whole=broken is None,
        )
    )
    return broken


def check_sets_up(actor: Actor) -> None:
    """Refuse everybody but those of the operator who run the portal: agents work with what these set up."""
    rules.check_can_work(actor)
    if not actor.may(Section.OPERATIONS):
        raise NotPermitted


def _type_told(kind: TicketType, version: int) -> None:
    publish(
        TypeEdited(
            organisation_id=None, subject_type="ticket_type", subject_id=kind.pk, type=kind.code, version=version
        )
    )


def _desk_told(what: str) -> None:
    publish(DeskEdited(organisation_id=None, subject_type="tickets", what=what))
