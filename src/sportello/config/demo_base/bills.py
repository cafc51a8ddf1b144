"""Bills of the base: prices, terms, bill runs of closed months, and what became of the bills, at the instants it would have happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from xml.sax.saxutils import escape

from sportello.billing import operations, queries
from sportello.billing.models import Bill, BillFile, Payment, PriceRow
from sportello.billing.states import BillState, ChargeKind, FileState, PaymentState, Source
from sportello.config.demo_base.building import Recipe
from sportello.config.demo_base.daily_work import actor_of
from sportello.config.demo_base.scale import REFERENCE
from sportello.inventory.models import Agreement, Plan
from sportello.inventory.states import LineKind
from sportello.kernel.actor import Actor, Via, system_actor
from sportello.kernel.calendar import previous_month
from sportello.parties.models import Organisation

REASON = "making the bills of the demo base"
SMALL_MONTHS, REFERENCE_MONTHS = 4, 24
FEES = {
    LineKind.MOBILE: "4.90", LineKind.DATA: "3.50", LineKind.FIXED: "9.80", LineKind.XDSL: "24.00", LineKind.VOIP: "2.40",
    LineKind.EXTENSION: "1.20",
}  # fmt: skip
SDI = "http://www.fatturapa.gov.it/sdi/messaggi/v1.0"


@dataclass(frozen=True)
class Clock:
    """The instants of a bill's life, counted from its day."""

    issued: date

    def after(self, days: int, hour: int = 8) -> datetime:
        """Return an hour of the day so many days later (UTC)."""
        return datetime.combine(self.issued + timedelta(days=days), time(hour), tzinfo=UTC)


def make_bills(recipe: Recipe) -> Iterator[str]:
    """Make prices, terms and the bills of the closed months; tell SdI's answers and the payments of each up to now."""
    actor = system_actor(reason=REASON, via=Via.COMMAND)
    chance = recipe.chance("bills")
    operations.set_prices(actor=actor, rows=_prices(recipe.now.date()))
    _terms(actor, chance)
    last: list[Bill] = []
    for month, customers, by_line in _plan(recipe, actor):
        issued = Clock(_next(month))
        bills = operations.run_bills(
            actor=actor, month=month, customers=customers, by_line=by_line, now=issued.after(0)
        )
        for bill in bills:
            _live(actor, bill, issued, chance, recipe.now)
        last = bills[-1:] or last
        yield f"{len(bills)} bills of {month:%Y-%m}"
    for bill in last:
        _pay_half(actor, bill, recipe.now)
    while operations.see_what_is_due(actor=actor, now=recipe.now):
        pass
    yield _in_doubt(actor, recipe.now)
    _dispute(recipe.now)


def _plan(recipe: Recipe, actor: Actor) -> Iterator[tuple[date, list[int] | None, bool]]:
    """Give the months, oldest first, with whom to bill and whether line by line: two years of the whole reference base would take hours."""
    closed = previous_month(recipe.now.date().replace(day=1))
    months = [closed]
    while len(months) < (REFERENCE_MONTHS if recipe.scale is REFERENCE else SMALL_MONTHS):
        months.insert(0, previous_month(months[0]))
    if recipe.scale is not REFERENCE:
        yield from ((month, None, True) for month in months)
        return
    named = ["C00001", "C00002", "C00003"]
    ids = list(Organisation.objects.for_(actor).filter(code__in=named).values_list("pk", flat=True))
    yield from ((month, ids, False) for month in months[:-1])
    yield closed, None, True


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _prices(today: date) -> list[PriceRow]:
    since = today.replace(year=today.year - 4, month=1, day=1)
    rows = [
        PriceRow(
            code=f"CANONE-{kind.value.upper()}",
            description="Canone linea",
            line_kind=kind,
            amount=Decimal(fee),
            active_from=since,
        )
        for kind, fee in FEES.items()
    ]
    plans = Plan.objects.order_by("code")
    rows += [
        PriceRow(
            code=f"PIANO-{plan.code}"[:40],
            description=f"Canone {plan.name}"[:120],
            plan=plan,
            amount=Decimal(place % 5) + Decimal("2.50"),
            active_from=since,
        )
        for place, plan in enumerate(plans)
    ]
    rows.append(
        PriceRow(
            code="NOLEGGIO-TERMINALE",
            description="Terminale noleggio",
            charge=ChargeKind.DEVICE,
            line_kind=LineKind.DATA,
            amount=Decimal("1.75"),
            active_from=since,
        )
    )
    return rows


def _terms(actor: Actor, chance: Random) -> None:
    """Give public bodies the CIG and CUP of their purchase."""
    rows = Agreement.objects.for_(actor).filter(organisation__public_administration=True, organisation__country="IT")
    for agreement in rows.order_by("pk"):
        cig = f"ZZ{chance.randrange(16**8):08X}"
        cup = f"Z00Z{chance.randrange(10**11):011d}" if chance.random() < 0.5 else ""
        operations.set_terms(actor=actor, agreement=agreement, cig=cig, cup=cup)


def _live(actor: Actor, bill: Bill, clock: Clock, chance: Random, until: datetime) -> None:
    """Let a bill be sent, delivered, answered and paid, as far as that lies before now."""
    fate = chance.random()
    if clock.after(0, 10) < until:
        operations.mark_sent(actor=actor, bill=bill, now=clock.after(0, 10))
    if clock.after(1) < until:
        _tell(actor, bill, "RicevutaConsegna" if fate < 0.95 else "NotificaMancataConsegna", "", clock.after(1))
    if bill.format == "FPA12":
        _answer(actor, bill, clock, fate, until)
    bill.refresh_from_db()
    _pay(actor, bill, clock, chance, until)


def _answer(actor: Actor, bill: Bill, clock: Clock, fate: float, until: datetime) -> None:
    if fate < 0.8 and clock.after(6) < until:
        _tell(actor, bill, "NotificaEsito", _outcome(bill, "EC01", ""), clock.after(6))
    elif fate < 0.83 and clock.after(8) < until:
        _tell(actor, bill, "NotificaEsito", _outcome(bill, "EC02", "CIG non pertinente"), clock.after(8))
    elif clock.after(16) < until:
        _tell(actor, bill, "NotificaDecorrenzaTermini", "", clock.after(16))


def _pay(actor: Actor, bill: Bill, clock: Clock, chance: Random, until: datetime) -> None:
    fate, at = chance.random(), clock.after(chance.randrange(18, 45))
    if at > until or bill.payment_state == PaymentState.NOTHING_DUE or fate > 0.93:
        return
    amount = bill.payable if fate < 0.88 else (bill.payable / 2).quantize(Decimal("0.01"))
    reference = f"CRO-{bill.number.replace('/', '')}"
    operations.record_payment(
        actor=actor,
        bill=bill,
        reference=reference,
        amount=amount.quantize(Decimal("0.01")),
        paid_date=at.date(),
        note="Bonifico",
        now=at,
    )


def _pay_half(actor: Actor, bill: Bill, now: datetime) -> None:
    """Leave the newest bill with a part paid and the rest to come, whatever chance made of it."""
    bill.refresh_from_db()
    for payment in Payment.objects.for_(actor).filter(bill=bill).select_related("bill"):
        reference = f"{payment.reference}-R"
        operations.reverse_payment(
            actor=actor, payment=payment, reference=reference, paid_date=now.date(), note="Storno", now=now
        )
    half = (bill.payable / 2).quantize(Decimal("0.01"))
    if bill.payment_state != PaymentState.NOTHING_DUE:
        operations.record_payment(
            actor=actor, bill=bill, reference="CRO-ACCONTO", amount=half, paid_date=now.date(), note="Acconto", now=now
        )


def _outcome(bill: Bill, code: str, why: str) -> str:
    about = f"<NumeroFattura>{escape(bill.number)}</NumeroFattura><AnnoFattura>{bill.year}</AnnoFattura>"
    whole = f"<RiferimentoFattura>{about}</RiferimentoFattura>"
    return f"<EsitoCommittente>{whole}<Esito>{code}</Esito><Descrizione>{escape(why)}</Descrizione></EsitoCommittente>"


def _tell(actor: Actor, bill: Bill, root: str, inner: str, at: datetime) -> None:
    name = bill.file.name
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><n:{root} xmlns:n="{SDI}" versione="1.0"><IdentificativoSdI>{70_000_000 + bill.pk}'
        f"</IdentificativoSdI><NomeFile>{escape(name)}</NomeFile><DataOraRicezione>{at.isoformat()}</DataOraRicezione>{inner}</n:{root}>"
    )
    operations.load_file(
        actor=actor,
        name=f"{name.removesuffix('.xml')}_{root}.xml",
        content=content.encode(),
        source=Source.FOLDER,
        now=at,
    )


def _in_doubt(actor: Actor, now: datetime) -> str:
    """Load a bill whose sums are wrong and one of an office that nobody knows."""
    sample = BillFile.objects.for_(actor).filter(source=Source.RUN, state=FileState.LOADED).order_by("-pk").first()
    bill = Bill.objects.for_(actor).filter(file=sample).first()
    if sample is None or bill is None:
        return "no bill to spoil"
    right, total = bytes(sample.content), f"{bill.total:.2f}".encode()
    number = bill.number.encode()
    wrong = right.replace(b"<Documento>" + total, b"<Documento>1.00").replace(b"Documento>" + total, b"Documento>1.00")
    other = right.replace(number, number[:-4] + b"9999").replace(
        bill.office_code.encode(), b"Z" * len(bill.office_code)
    )
    done = [
        operations.load_file(actor=actor, name=name, content=content, source=Source.FOLDER, now=now)
        for name, content in (("wrong-total.xml", wrong), ("unknown-office.xml", other))
    ]
    if any(one["rule"] == "schema" for outcome in done for one in outcome.file.problems):
        return "two bills refused: the official FatturaPA schemas are not on this machine"
    return f"bills {' and '.join(outcome.word for outcome in done)} (as they should be)"


def _dispute(now: datetime) -> None:
    """Let the administrator of A dispute the dearest traffic of the last bill."""
    ada = actor_of("ada.administrator")
    bill = (
        queries.bills(ada)
        .exclude(state__in=[BillState.REFUSED, BillState.DISCARDED])
        .order_by("-issue_date", "pk")
        .first()
    )
    if bill is None:
        return
    line = (
        queries.lines_of(ada, bill).select_related("bill").filter(charge=ChargeKind.TRAFFIC).order_by("-amount").first()
    )
    if line is not None:
        reason = "Traffico molto più alto del solito: chiediamo il dettaglio delle chiamate."
        operations.dispute_line(actor=ada, line=line, reason=reason, now=now)
