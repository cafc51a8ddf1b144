"""What the page of one order shows."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.access import Section
from sportello.kernel.refusals import Refusal
from sportello.kernel.ui import formats
from sportello.kernel.ui.types import Steps, TimelineEntry, Tone
from sportello.kernel.web import PageRequest
from sportello.orders import queries, rules
from sportello.orders.models import Order, OrderItem, OrderStep
from sportello.orders.rules.answers import YES
from sportello.orders.states import ENDED, OPEN, Effect, FieldKind, State, StepKind
from sportello.orders.types import Question, in_words
from sportello.orders.web.tables import is_late, state_pill
from sportello.orders.web.work_forms import HandForm, NoteForm, ResultForm

SHOWN_ITEMS: Final = 100
MOST_RESULTS: Final = 30
"""Items whose results are typed on the page; more go by file."""
ICONS: Final[dict[str, tuple[str, Tone]]] = {
    StepKind.ASKED: ("send", "accent"),
    StepKind.APPROVED: ("check", "good"),
    StepKind.ACCEPTED: ("inbox", "accent"),
    StepKind.TAKEN: ("user-check", "neutral"),
    StepKind.HANDED_OVER: ("arrows-exchange", "neutral"),
    StepKind.STARTED: ("settings-automation", "info"),
    StepKind.QUESTION: ("message", "warn"),
    StepKind.ANSWER: ("message", "info"),
    StepKind.THIRD_PARTY: ("clock", "warn"),
    StepKind.RESUMED: ("settings-automation", "info"),
    StepKind.COMPLETED: ("circle-check", "good"),
    StepKind.REJECTED: ("circle-x", "bad"),
    StepKind.CANCELLED: ("x", "off"),
    StepKind.NOTE: ("pencil", "neutral"),
}
PATH: Final = (State.SUBMITTED, State.ACCEPTED, State.IN_PROGRESS, State.COMPLETED)


def order_context(request: PageRequest, order: Order, **bound: Any) -> dict[str, Any]:
    """Return what the page of an order shows; `bound` are forms that were sent and refused, by their names."""
    actor = request.actor
    items = list(queries.items_of(actor, order)[:SHOWN_ITEMS])
    return {
        "title": order.code,
        "lead": f"{order.type} · {order.organisation.legal_name}",
        "breadcrumbs": [(_("Orders"), reverse("orders:index")), (order.code, "")],
        "order": order,
        "late": is_late(order),
        "steps": steps_shown(order),
        "facts": facts(order),
        "answers": answers(order, items),
        "items": [(item, state_pill(item)) for item in items],
        "pill": state_pill(order),
        "files": queries.files_of(actor, order),
        "history": [entry(step) for step in queries.steps_of(actor, order)],
        "ticks": ticks(request, order),
        **_of_customer(request, order, bound),
        **_of_work(request, order, bound),
    }


def _of_customer(request: PageRequest, order: Order, bound: dict[str, Any]) -> dict[str, Any]:
    actor = request.actor
    if not actor.may(Section.CHANGES) or order.state in ENDED:
        return {}
    found: dict[str, Any] = {}
    if order.state == State.WAITING_CUSTOMER:
        found["answer_form"] = bound.get("answer") or NoteForm(label=_("Your answer"), auto_id="answer-%s")
        found["question"] = next((one for one in queries.steps_of(actor, order) if one.kind == StepKind.QUESTION), None)
    if order.state == State.APPROVAL:
        same = queries.in_same_hands(actor, order)
        found["approves"] = not _refused(lambda: rules.check_can_approve(actor, order, same_hands=same))
        found["refuse_form"] = bound.get("refuse") or NoteForm(label=_("Reason"), auto_id="refuse-%s")
    states = [one.state for one in queries.open_items(actor, order)]
    found["cancel_refusal"] = _refused(lambda: rules.check_can_cancel(actor, states))
    found["cancel_form"] = bound.get("cancel") or NoteForm(label=_("Reason"), required=False, auto_id="cancel-%s")
    return found


def _of_work(request: PageRequest, order: Order, bound: dict[str, Any]) -> dict[str, Any]:
    actor = request.actor
    if not rules.works(actor) or order.state not in OPEN or order.state == State.APPROVAL:
        return {}
    hands = _refused(lambda: rules.check_in_hand(actor, order))
    return {
        "works": True,
        "not_in_hand": hands,
        "take_refusal": _refused(lambda: rules.check_can_take(order)),
        "can_start": order.state != State.IN_PROGRESS,
        "ask_form": bound.get("ask") or NoteForm(label=_("Question to the customer"), auto_id="ask-%s"),
        "third_form": bound.get("third") or NoteForm(label=_("For what it waits"), auto_id="third-%s"),
        "reject_form": bound.get("reject")
        or NoteForm(label=_("Reason, which the customer reads"), auto_id="reject-%s"),
        "note_form": bound.get("note") or NoteForm(label=_("Internal note"), auto_id="note-%s"),
        "hand_form": bound.get("hand") or HandForm(people=queries.people_to_work(), auto_id="hand-%s"),
        "results": bound.get("results") or ([] if hands else result_forms(request, order)),
        "many_results": order.item_count > MOST_RESULTS,
    }


def result_forms(request: PageRequest, order: Order, data: Any = None) -> list[ResultForm]:
    """Return a form for each open item whose work brings something; none where there are too many for a page."""
    if not rules.SPECS[Effect(order.form.effect)].brought or order.item_count > MOST_RESULTS:
        return []
    return [ResultForm(data, item=item) for item in queries.open_items(request.actor, order)]


def ticks(request: PageRequest, order: Order) -> list[OrderItem]:
    """Return the open items to choose among; none where there is but one, or too many for a page."""
    found = queries.open_items(request.actor, order) if order.item_count <= MOST_RESULTS else []
    return found if len(found) > 1 else []


def _refused(check: Any) -> str:
    try:
        check()
    except Refusal as refusal:
        return str(refusal)
    return ""


def steps_shown(order: Order) -> Steps | None:
    """Return how far an order is; None where it was rejected or cancelled."""
    if order.state in {State.REJECTED, State.CANCELLED}:
        return None
    path = [State.APPROVAL, *PATH] if order.approver_id or order.state == State.APPROVAL else list(PATH)
    here = State(order.state)
    if here in {State.WAITING_CUSTOMER, State.WAITING_THIRD}:
        path.insert(path.index(State.IN_PROGRESS) + 1, here)
    current = path.index(here) + 1
    return Steps(labels=[str(one.label) for one in path], current=current + (here is State.COMPLETED))


def facts(order: Order) -> list[tuple[str, Any]]:
    """Return what is known about an order."""
    shown = [
        (_("Type"), str(order.type)),
        (_("Customer"), order.organisation.legal_name),
        (_("Asked by"), order.opened_by.name if order.opened_by else ""),
        (_("Asked"), formats.instant(order.submitted_at) if order.submitted_at else ""),
        (_("Approved by"), order.approver.name if order.approver else ""),
        (_("Expected"), formats.day(order.expected_date) if order.expected_date else ""),
        (_("Done"), f"{order.done_count}/{order.item_count}"),
        (_("Ended"), formats.instant(order.ended_at) if order.ended_at else ""),
    ]
    return [(label, value) for label, value in shown if value]


def answers(order: Order, items: list[OrderItem]) -> list[tuple[str, str]]:
    """Return the answers that all items have in common, as people read them; secrets masked."""
    found = []
    for one in order.form.questions:
        said = {shown_answer(one, item.answers.get(one.key, {})) for item in items}
        if len(said) == 1 and one.kind is not FieldKind.FILE and (shown := said.pop()):
            found.append((in_words(one.label), shown))
    return found


def shown_answer(question: Question, stored: dict[str, str]) -> str:
    """Return an answer in the reader's language where it is a choice or a day; else as it was shown when it was given."""
    value = stored.get("value", "")
    if question.kind is FieldKind.CHOICE and value in dict(question.choices):
        return in_words(dict(question.choices)[value])
    if question.kind is FieldKind.DAY and value:
        return formats.day(date.fromisoformat(value))
    if question.kind is FieldKind.YES_NO and value:
        return _("Yes") if value == YES else _("No")
    return stored.get("shown", "")


def entry(step: OrderStep) -> TimelineEntry:
    """Return a step as the history shows it."""
    icon, tone = ICONS[step.kind]
    moved = step.data.get("items", [])
    said = [step.note]
    if step.data.get("to"):
        said.append(_("To: %(name)s") % {"name": step.data["to"]})
    if moved:
        said.append(ngettext("%(count)d item", "%(count)d items", len(moved)) % {"count": len(moved)})
    return TimelineEntry(
        at=step.at,
        title=str(step.get_kind_display()),
        who=step.author_name,
        detail=" · ".join(filter(None, said)),
        icon=icon,
        tone=tone,
    )
