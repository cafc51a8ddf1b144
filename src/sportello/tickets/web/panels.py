"""What stands beside the entries of a ticket's page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.kernel.ui.templatetags.ui import instant
from sportello.tickets import queries, rules
from sportello.tickets.models import Ticket
from sportello.tickets.states import WAITING, OldBase, State
from sportello.tickets.visibility import Audience, audience_of
from sportello.tickets.web.entries import drawn
from sportello.tickets.web.forms import OtherTicketForm, WorkForm, WritingForm
from sportello.tickets.web.tables import due_pill, priority_pill, state_pill, worker_of


def page_context(actor: Actor, ticket: Ticket, *, writing: WritingForm | None = None) -> dict[str, Any]:
    """Return all that the page of a ticket draws for an actor."""
    audience = audience_of(actor)
    works = audience is Audience.OPERATOR and not actor.read_only
    writes = audience in {Audience.OPERATOR, Audience.PARTNER} and not actor.read_only
    return {
        "title": ticket.subject,
        "breadcrumbs": [(_("Tickets"), reverse("tickets:index")), (ticket.code, "")],
        "ticket": ticket,
        "audience": audience.value,
        "state_pill": state_pill(ticket),
        "entries": drawn_entries(actor, ticket),
        "origin": origin(ticket) if audience is not Audience.CUSTOMER else None,
        "facts": facts(actor, ticket),
        "states": _states(actor, ticket) if writes else [],
        "writes": writes,
        "works": works,
        "too_late": rules.is_too_late(ended_at=ticket.ended_at, now=timezone.now()),
        "writing": writing or writing_form(actor, ticket),
        "linked": queries.linked(actor, ticket),
        "feedback": queries.feedback_of(actor, ticket) if audience is not Audience.CUSTOMER else [],
        "recipients": _recipients(actor, ticket) if writes else [],
        "answers": [(one.title, filled(one.text, actor, ticket)) for one in queries.answers_saved()] if works else [],
        **(_of_work(ticket) if works else {}),
    }


def drawn_entries(actor: Actor, ticket: Ticket, *, after: int = 0) -> Any:
    """Return the entries that an actor sees, drawn."""
    audience = audience_of(actor)
    may_show = audience in {Audience.OPERATOR, Audience.PARTNER} and not actor.read_only
    rows = queries.entries(actor, ticket, after=after)
    return drawn(rows, ticket, audience, lambda pk: reverse("tickets:file", args=[ticket.pk, pk]), may_show=may_show)


def origin(ticket: Ticket) -> tuple[str, str] | None:
    """Return from which old base a ticket was taken over, and its mark there; None of one that was opened here."""
    word, _sep, rest = (ticket.opening_key or "").partition(":")
    source, _sep, mark = rest.partition(":")
    return (str(OldBase(source).label), mark) if word == "import" and source in OldBase.values else None


def writing_form(actor: Actor, ticket: Ticket, *args: Any) -> WritingForm:
    """Return the form of a new entry."""
    operator = audience_of(actor) is Audience.OPERATOR
    return WritingForm(*args, operator=operator, may_show=True, initial={"seen": ticket.sequence})


def work_form(ticket: Ticket, *args: Any) -> WorkForm:
    """Return the form of the operator's work."""
    initial = {
        "priority": ticket.priority,
        "assignee": str(ticket.assignee_id or ""),
        "group": str(ticket.group_id or ""),
        "tags": ", ".join(ticket.tags),
    }
    return WorkForm(*args, people=queries.people_to_assign(), groups=queries.groups(), initial=initial, prefix="work")


def facts(actor: Actor, ticket: Ticket) -> list[tuple[str, object]]:
    """Return what is known of a ticket, as its reader may know it."""
    audience = audience_of(actor)
    found: list[tuple[str, object]] = [(_("Type"), str(ticket.type)), (_("Opened"), instant(ticket.opened_at))]
    if audience is Audience.CUSTOMER:
        return found
    phone = formats.phone(ticket.contact_phone) if ticket.contact_phone else ""
    found = [
        (_("Customer"), ticket.organisation.legal_name),
        *found,
        (_("Province"), ticket.province),
        (_("Call back"), " · ".join(filter(None, [ticket.contact_name, phone]))),
        (_("Priority"), priority_pill(ticket)),
        (_("Assigned to"), worker_of(ticket)),
    ]
    if ticket.ended_at:
        found.append((_("Ended"), instant(ticket.ended_at)))
    elif ticket.state in WAITING:
        found.append((_("Due"), _("Stands still while waiting")))
    else:
        found.append((_("Due"), due_pill(ticket)))
    return found


def filled(text: str, actor: Actor, ticket: Ticket) -> str:
    """Return a saved answer with the ticket's own words in the place of its variables; other braces stay as they are."""
    values = {
        "{code}": ticket.code,
        "{customer}": ticket.organisation.legal_name,
        "{contact}": ticket.contact_name,
        "{author}": actor.name,
    }
    for variable, value in values.items():
        text = text.replace(variable, value)
    return text


def _states(actor: Actor, ticket: Ticket) -> list[State]:
    return rules.states_offered(actor, ticket.state, ended_at=ticket.ended_at, now=timezone.now())


def _of_work(ticket: Ticket) -> dict[str, Any]:
    wholesale = queries.is_wholesale(ticket.organisation)
    return {
        "work": work_form(ticket),
        "other": OtherTicketForm(auto_id="link_%s"),
        "merging": OtherTicketForm(auto_id="merge_%s"),
        "wholesale": wholesale,
    }


def _recipients(actor: Actor, ticket: Ticket) -> list[Any]:
    """Return whom mails went to: the operator sees all, a partner its own."""
    rows = queries.recipients(ticket)
    if audience_of(actor) is Audience.OPERATOR:
        return rows
    return [row for row in rows if row.home_id == actor.organisation_id]
