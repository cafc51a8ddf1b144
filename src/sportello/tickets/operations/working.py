"""The operator's work on a ticket: state, priority, assignment, tags, links, merging."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from sportello.accounts.models import Person
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.tickets import queries, rules
from sportello.tickets.events import TicketAssigned, TicketMerged, TicketPrioritised, TicketsLinked, TicketTagged
from sportello.tickets.models import Ticket, TicketGroup, TicketLink
from sportello.tickets.operations.writing import append, locked, move, writer_home, writer_of
from sportello.tickets.queries.around import minutes_of
from sportello.tickets.states import EntryKind, Priority, State


@operation(section=Section.TICKETS)
def change_state(*, actor: Actor, ticket: Ticket, to: State, now: datetime) -> None:
    """Move a ticket to another state: the operator everywhere the table leads, a partner to its end and back.

    Raises `NotPermitted`, `NoSuchTransition`, `ReopeningTooLate`.
    """
    row = locked(actor, ticket)
    rules.check_can_change_state(actor, to=to, ended_at=row.ended_at, now=now)
    move(row, to, writer_of(actor), now=now)


@operation(section=Section.TICKETS)
def set_priority(*, actor: Actor, ticket: Ticket, priority: Priority, now: datetime) -> None:
    """Set the priority; what is due and not done yet is reckoned anew from the opening. Raises `NotPermitted`."""
    rules.check_can_work(actor)
    row = locked(actor, ticket)
    if row.priority == priority:
        return
    before, row.priority = row.priority, priority
    clock = rules.clock_of(queries.calendar(), since=row.opened_at, minutes=minutes_of(row.type, priority))
    row.answer_due_at, row.resolution_due_at = clock.answer_due_at, clock.resolution_due_at
    row.save(update_fields=["priority", "answer_due_at", "resolution_due_at"])
    writer = writer_of(actor)
    append(row, writer, EntryKind.PRIORITY, now=now, data={"from": before, "to": priority.value})
    publish(
        TicketPrioritised(
            organisation_id=writer_home(row, writer),
            subject_type="ticket",
            subject_id=row.pk,
            code=row.code,
            priority=priority.value,
        )
    )


@operation(section=Section.TICKETS)
def assign(
    *, actor: Actor, ticket: Ticket, person: Person | None = None, group: TicketGroup | None = None, now: datetime
) -> None:
    """Give a ticket to a person of the operator, a group, or both; neither takes it back. Raises `NotPermitted`, `InvalidInput`."""
    rules.check_can_work(actor)
    if person is not None and person.pk not in {one.pk for one in queries.people_to_assign()}:
        raise InvalidInput(_("Choose one of the operator's people."), field="assignee")
    row = locked(actor, ticket)
    if (row.assignee_id, row.group_id) == (person.pk if person else None, group.pk if group else None):
        return
    row.assignee, row.group = person, group
    row.save(update_fields=["assignee", "group"])
    to = " · ".join(filter(None, [person.name if person else "", group.name if group else ""]))
    writer = writer_of(actor)
    append(row, writer, EntryKind.ASSIGNMENT, now=now, data={"to": to})
    publish(
        TicketAssigned(
            organisation_id=writer_home(row, writer), subject_type="ticket", subject_id=row.pk, code=row.code, to=to
        )
    )


@operation(section=Section.TICKETS)
def set_tags(*, actor: Actor, ticket: Ticket, tags: Iterable[str], now: datetime) -> None:
    """Set the tags of a ticket, which only the operator sees. Raises `NotPermitted`, `InvalidInput`."""
    rules.check_can_work(actor)
    wanted = rules.check_tags(tags)
    row = locked(actor, ticket)
    if row.tags == wanted:
        return
    before, row.tags = row.tags, wanted
    row.save(update_fields=["tags"])
    writer = writer_of(actor)
    append(row, writer, EntryKind.TAGS, now=now, data={"from": before, "to": wanted})
    publish(
        TicketTagged(
            organisation_id=writer_home(row, writer),
            subject_type="ticket",
            subject_id=row.pk,
            code=row.code,
            tags=", ".join(wanted),
        )
    )


@operation(section=Section.TICKETS)
def link_tickets(*, actor: Actor, ticket: Ticket, other: Ticket, linked: bool = True, now: datetime) -> None:
    """Link two tickets that have to do with each other, or set them apart. Raises `NotPermitted`, `InvalidInput`."""
    rules.check_can_work(actor)
    rules.check_can_link(ticket_id=ticket.pk, other_id=other.pk)
    first, second = (locked(actor, one) for one in sorted((ticket, other), key=lambda one: one.pk))
    rows = TicketLink.objects.for_(actor).filter(ticket=first, other=second)
    if rows.exists() == linked:
        return
    if linked:
        TicketLink.objects.create(organisation_id=first.organisation_id, ticket=first, other=second, made_at=now)
    else:
        rows.delete()
    writer = writer_of(actor)
    for one, the_other in ((first, second), (second, first)):
        append(one, writer, EntryKind.LINK, now=now, data=_naming(one, the_other) | {"linked": linked})
    publish(
        TicketsLinked(
            organisation_id=writer_home(first, writer),
            subject_type="ticket",
            subject_id=ticket.pk,
            code=ticket.code,
            other=other.code,
            linked=linked,
        )
    )


@operation(section=Section.TICKETS)
def merge_ticket(*, actor: Actor, ticket: Ticket, into: Ticket, now: datetime) -> None:
    """Let a ticket go on in another one of the same customer: it is closed and refers to it; nothing moves.

    Raises `NotPermitted`, `InvalidInput`.
    """
    rules.check_can_work(actor)
    rows = {one.pk: locked(actor, one) for one in sorted((ticket, into), key=lambda one: one.pk)}
    row, target = rows[ticket.pk], rows[into.pk]
    rules.check_can_merge(
        ticket_id=row.pk,
        into_id=target.pk,
        same_customer=row.organisation_id == target.organisation_id,
        merged=row.merged_into_id is not None,
        into_merged=target.merged_into_id is not None,
        into_open=target.is_open,
    )
    row.merged_into = target
    row.save(update_fields=["merged_into"])
    writer = writer_of(actor)
    append(row, writer, EntryKind.MERGE, now=now, data={"into": target.code})
    append(target, writer, EntryKind.MERGE, now=now, data={"of": row.code})
    if row.state != State.CLOSED:
        move(row, State.CLOSED, writer, now=now)
    publish(
        TicketMerged(
            organisation_id=writer_home(row, writer),
            subject_type="ticket",
            subject_id=row.pk,
            code=row.code,
            into=target.code,
        )
    )


def _naming(ticket: Ticket, other: Ticket) -> dict[str, str]:
    """Name the other ticket by its code to those who see both: of another customer's only the operator learns (ABUSE C14)."""
    return {"other": other.code} if ticket.organisation_id == other.organisation_id else {}
