"""Orders of the demo: what customers of the cast asked for lately, each through the operation that the page calls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sportello.config.demo_base.cast import CAST
from sportello.config.demo_base.daily_work import actor_of
from sportello.inventory.models import Agreement, Line, Plan
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.actor import Actor
from sportello.orders import operations, queries
from sportello.orders.models import Order, OrderType
from sportello.orders.types import AskedRow, HandedIn, Request
from sportello.parties.models import Organisation

REPORT = b"%PDF-1.4\n% Denuncia di smarrimento, esempio della demo\n%%EOF\n"
MOST_LINES = 40


@dataclass(frozen=True)
class Asked:
    """An order of the demo: its type, its answers, for how many lines, how many days ago, and what became of it."""

    type: str
    answers: dict[str, str]
    lines: int
    days: int
    then: str = ""
    note: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


ADA, OLGA, OTTO = "ada.administrator", "olga.operator", "otto.agent"
ASKED = (
    Asked("PLAN-CHANGE", {}, 3, 60, "completed"),
    Asked("SUSPENSION", {"why": "request"}, 2, 45, "completed"),
    Asked("OPTION-ON", {"option": "ROAM-WORLD"}, 4, 30, "completed"),
    Asked(
        "TERMINATION", {"note": "La sede chiude a fine mese."}, 1, 24, "rejected", "Manca la firma del responsabile."
    ),
    Asked(
        "SIM-REPLACEMENT", {"why": "loss"}, 1, 9, "question", "A quale indirizzo spediamo la SIM?", {"report": REPORT}
    ),
    Asked("DEVICE", {"device": "Nova 5, 128 GB", "how": "rental"}, 5, 20, "third", "Il fornitore consegna in ritardo."),
    Asked("PLAN-CHANGE", {}, 6, 6, "partly"),
    Asked("VPN-CHANGE", {"wish": "Spostare gli interni dell'ufficio tecnico nel gruppo Sede."}, 1, 3, "taken"),
    Asked("OPTION-ON", {"option": "INTL"}, 2, 1),
    Asked("SUSPENSION", {"why": "request"}, 1, 0),
)


def make_orders(now: datetime) -> Iterator[str]:
    """Ask for what the demo shows, and let the operator's people work on it; say how many there are."""
    ada = actor_of(ADA)
    customer = Organisation.objects.for_(ada).get_or_refuse(pk=ada.organisation_id)
    lines = iter(_lines(ada))
    for asked in ASKED:
        order = _placed(ada, customer, asked, [next(lines) for _one in range(asked.lines)], now)
        _worked_on(asked, order, now)
    _new_line(ada, customer, now)
    _begun(ada, customer, next(lines), now)
    yield f"{len(ASKED) + 1} orders"


def _lines(actor: Actor) -> Sequence[Line]:
    """Return mobile lines that work, have not changed lately and are nobody's of the cast."""
    rows = Line.objects.for_(actor).filter(
        kind=LineKind.MOBILE, status=LineStatus.ACTIVE, active_to=None, dual_billing=False
    )
    return list(rows.exclude(person__username__in=[login.username for login in CAST]).order_by("-pk")[:MOST_LINES])


def _placed(actor: Actor, customer: Organisation, asked: Asked, lines: Sequence[Line], now: datetime) -> Order:
    form = queries.newest_form(OrderType.objects.get(code=asked.type))
    rows = [AskedRow(line_id=line.pk, answers=_own(asked, line)) for line in lines]
    request = Request(rows=rows, answers=asked.answers)
    at = now - timedelta(days=asked.days, hours=3)
    draft = operations.draft_order(
        actor=actor, customer=customer, form=form, request=request, key=f"demo-{asked.type}-{asked.days}",
        files={key: HandedIn(name="denuncia.pdf", content=content) for key, content in asked.files.items()}, now=at,
    )  # fmt: skip
    return operations.submit_order(actor=actor, draft=draft, seen=draft.fingerprint, warned=True, now=at)


def _own(asked: Asked, line: Line) -> dict[str, str]:
    """Return what one line is asked for alone: a plan that it has not."""
    if asked.type != "PLAN-CHANGE":
        return {}
    others = Plan.objects.filter(kind=line.kind).exclude(pk=line.plan_id or 0)
    return {"plan": others.order_by("code").values_list("code", flat=True)[0]}


def _worked_on(asked: Asked, order: Order, now: datetime) -> None:
    if not asked.then:
        return
    agent = actor_of(OTTO if asked.days % 2 else OLGA)
    at = min(now, now - timedelta(days=asked.days, hours=1))
    operations.take_order(actor=agent, order=order, now=at)
    if asked.then == "taken":
        return
    operations.start_work(actor=agent, order=order, now=at)
    if asked.then == "rejected":
        operations.reject_items(actor=agent, order=order, reason=asked.note, now=at)
    elif asked.then == "question":
        operations.ask_customer(actor=agent, order=order, question=asked.note, now=at)
    elif asked.then == "third":
        operations.wait_for_third(actor=agent, order=order, note=asked.note, now=at)
    elif (
        asked.then == "completed"
    ):  # the inventory changes when the demo is made: what it counted before stays as it was
        operations.complete_items(actor=agent, order=order, now=now)
    elif asked.then == "partly":
        operations.complete_items(actor=agent, order=order, items=[1, 2], now=now)


def _new_line(actor: Actor, customer: Organisation, now: datetime) -> None:
    agreement = Agreement.objects.for_(actor).filter(organisation=customer).order_by("code").first()
    plan = Plan.objects.filter(kind=LineKind.MOBILE).order_by("code").first()
    if agreement is None or plan is None:
        return
    form = queries.newest_form(OrderType.objects.get(code="NEW-LINE"))
    request = Request(
        rows=[AskedRow()] * 2, answers={"plan": plan.code, "agreement": agreement.code, "note": "Due nuovi assunti."}
    )
    operations.place_order(
        actor=actor, customer=customer, form=form, request=request, key="demo-new-lines", now=now - timedelta(hours=20)
    )


def _begun(actor: Actor, customer: Organisation, line: Line, now: datetime) -> None:
    """Begin an order that is not sent yet."""
    form = queries.newest_form(OrderType.objects.get(code="SIM-REPLACEMENT"))
    request = Request(rows=[AskedRow(line_id=line.pk)], answers={"why": "fault"})
    operations.draft_order(actor=actor, customer=customer, form=form, request=request, key="demo-draft", now=now)
