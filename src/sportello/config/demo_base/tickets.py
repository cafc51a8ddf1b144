"""Tickets of the demo: what partner, operator and customers of the cast wrote lately, each through the operation that the page calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sportello.config.demo_base.daily_work import actor_of
from sportello.kernel.actor import Actor, system_actor
from sportello.parties.models import Organisation
from sportello.tickets import queries
from sportello.tickets.models import Ticket, TicketFeedback, TicketForm, TicketType
from sportello.tickets.operations import (
    add_interaction,
    add_note,
    ask_feedback,
    assign,
    change_state,
    give_feedback,
    importing,
    open_ticket,
    set_answer,
    set_feedback_wish,
    set_group,
    set_tags,
    show_ticket,
)
from sportello.tickets.states import ENDED, OldBase, Priority, State
from sportello.tickets.types import Callback, NewFile

ROUTER_LOG = (
    b"2026-01-12 08:03:11 dsl0 link down\n2026-01-12 08:03:44 dsl0 training\n2026-01-12 08:05:02 dsl0 no carrier\n"
)


@dataclass(frozen=True)
class Told:
    """A ticket of the demo: its type, what it says, its answers, who opens it, how many days ago, and what became of it."""

    type: str
    subject: str
    text: str
    answers: dict[str, str]
    by: str
    days: int
    states: tuple[State, ...] = ()
    priority: Priority = Priority.NORMAL


_PHONE = {"imei": "490154203237518", "model": "Nova 5", "fault": "screen"}
_FAX = {"fax_number": "+390552645556", "direction": "in"}
_CPS = {"line_number": "+390552645555", "service": "cps"}
_SLOW = {"problem": "slow", "line_state": "degraded", "router": "Zyxel VMG8825", "router_off": "yes"}
PIA, OLGA = "pia.partner", "olga.operator"
SAID = (5, 4, 5, 2, 5, 4, 3, 5)
WORDS_SAID = {
    5: "Risposta in giornata, grazie.",
    4: "",
    3: "Risolto, ma abbiamo dovuto chiamare due volte.",
    2: "Troppi giorni senza notizie.",
}
"""What those who are asked at the end of the demo's tickets answer, one after the other; the last are silent."""
TOLD = (
    Told(
        "XDSL",
        "Linea ADSL non allineata in sede",
        "Da questa mattina la linea non si allinea.\nAbbiamo spento il router per 5 minuti, senza esito.",
        {
            "problem": "no_sync",
            "line_state": "down",
            "router": "Zyxel VMG8825",
            "carrier": "absent",
            "router_off": "yes",
        },
        PIA,
        2,
        (State.WAITING_SUPPLIER,),
    ),
    Told(
        "VOIP",
        "Audio a senso unico",
        "Chi chiama non ci sente.",
        {"calling": "+390552645555"},
        PIA,
        4,
        (State.WAITING_CUSTOMER,),
    ),
    Told(
        "GENERIC",
        "Copia della fattura di agosto",
        "Il cliente chiede una copia della fattura.",
        {},
        PIA,
        6,
        (State.CLOSED,),
    ),
    Told(
        "DEVICE",
        "Schermo rotto",
        "Il telefono è caduto.",
        _PHONE,
        OLGA,
        1,
    ),
    Told(
        "FAX",
        "Fax non ricevuti",
        "Da ieri non arriva nulla.",
        _FAX,
        PIA,
        9,
        (State.RESOLVED,),
    ),
    Told("XDSL", "Connessione lenta la sera", "Dalle 18 la banda si dimezza.", _SLOW, PIA, 12, (State.CLOSED,)),
    Told("VOIP", "Interno 24 non squilla", "Le chiamate vanno in segreteria.", {}, PIA, 10, (State.CLOSED,)),
    Told("CPS-CS", "Prefisso internazionale rifiutato", "Le chiamate 0041 cadono.", _CPS, PIA, 8, (State.RESOLVED,)),
    Told("GENERIC", "Cambio della persona di riferimento", "Vi giro i nuovi recapiti.", {}, PIA, 7, (State.CLOSED,)),
    Told("GENERIC", "Centralino muto", "Nessun interno squilla.", {}, OLGA, 0, priority=Priority.URGENT),
)


def make_tickets(now: datetime) -> Iterator[str]:
    """Open the tickets and let people write in them; say how many there are."""
    olga, customer = actor_of(OLGA), _customer()
    workers = queries.people_to_assign()
    group = set_group(actor=olga, group=None, name="Accesso", people=workers[:2])
    set_answer(
        actor=olga,
        answer=None,
        title="Presa in carico",
        text="Buongiorno {contact}, il ticket {code} è in lavorazione.",
    )
    for told in TOLD:
        ticket = _opened(told, customer, now)
        _written(told, ticket, olga, now)
        if told.type == "XDSL":
            assign(actor=olga, ticket=ticket, person=workers[0], group=group, now=_at(told, now, 3))
            set_tags(actor=olga, ticket=ticket, tags=["dslam"], now=_at(told, now, 3))
    _asked_at_the_end(olga, now)
    old = _taken_over(olga, customer, now)
    yield f"{len(TOLD)} tickets, {old} of an old base"


OLD = (
    ("xDSL", "Linea lenta dopo il temporale", "La banda è dimezzata da ieri.", "Sostituita la scheda in centrale."),
    ("VoIP", "Eco nelle chiamate", "Chi chiama sente la propria voce.", "Regolato il guadagno sull'apparato."),
    ("Altro", "Richiesta del nuovo listino", "Ci serve il listino aggiornato.", "Inviato per posta."),
    ("Fax", "Fax in uscita rifiutati", "Da stamattina escono con errore.", "Riconfigurato il profilo T.38."),
)
OLD_MONTHS, OLD_A_MONTH = 10, 3


def _taken_over(olga: Actor, customer: Organisation, now: datetime) -> int:
    """Take over the base of the program that the operator worked with before; return how many tickets it holds."""
    system = system_actor(reason="an old base of tickets is taken over")
    numbers = range(OLD_MONTHS * OLD_A_MONTH)
    lines = ["ticket;number;customer;subject;at;text;type;state;party;author;ended_at"]
    for number in numbers:
        kind, subject, said, answer = OLD[number % len(OLD)]
        at = now - timedelta(days=30 + number * 10, hours=number % 7)
        answered = at + timedelta(hours=2 + number % 5)
        facts = f"{4100 - number};2025-{4100 - number};{customer.code};{subject}"
        end = f"{answered:%Y-%m-%d %H:%M}"
        lines += [
            f"{facts};{at:%Y-%m-%d %H:%M};{said};{kind};closed;partner;Pia Pellegrini;{end}",
            f"{facts};{end};{answer};{kind};closed;operator;Otto Palmieri;{end}",
        ]
    row = importing.hand_in(
        actor=olga, name="old-desk.csv", parts=["\n".join(lines).encode()], source=OldBase.CSV, fallback=None, now=now
    )
    importing.read_in(actor=system, row=row, now=now)
    importing.confirm(actor=olga, row=row, leaves_out=False)
    importing.write_out(actor=system, row=row, now=now)
    return len(numbers)


def _asked_at_the_end(olga: Actor, now: datetime) -> None:
    """Switch the question at the end on, ask about the tickets that ended, and let most people answer."""
    system, asked_at = (
        system_actor(reason="those concerned are asked about the end of a ticket"),
        now - timedelta(days=1),
    )
    set_feedback_wish(actor=olga, asks=True, days=7)
    for ticket in Ticket.objects.for_(system).filter(state__in=sorted(ENDED)).order_by("pk"):
        ask_feedback(actor=system, ticket=ticket, place=ticket.sequence, now=asked_at)
    for row, score in zip(TicketFeedback.objects.for_(system).order_by("pk"), SAID, strict=False):
        at = asked_at + timedelta(hours=row.pk)
        give_feedback(actor=system, feedback=row, score=score, words=WORDS_SAID[score], now=min(at, now))


def _customer() -> Organisation:
    ada = actor_of("ada.administrator")
    return Organisation.objects.for_(ada).select_related("partner").get_or_refuse(pk=ada.organisation_id)


def _opened(told: Told, customer: Organisation, now: datetime) -> Ticket:
    actor = actor_of(told.by)
    form = queries.newest_form(TicketType.objects.get(code=told.type))
    return open_ticket(
        actor=actor,
        customer=customer,
        form=form,
        subject=told.subject,
        text=told.text,
        answers=told.answers | _contract(actor, customer, form),
        contact=Callback(name="Rita Conti", phone="+390552645555"),
        files=[NewFile(name="router-log.txt", content=ROUTER_LOG)] if told.type == "XDSL" else (),
        priority=told.priority,
        shown=True,
        now=_at(told, now, 0),
    )


def _contract(actor: Actor, customer: Organisation, form: TicketForm) -> dict[str, str]:
    question = next((one for one in form.questions if one.lines), None)
    found = queries.contracts_of(actor, customer, question) if question else {}
    return {question.key: next(iter(found))} if question and found else {}


def _written(told: Told, ticket: Ticket, olga: Actor, now: datetime) -> None:
    if not told.states:
        return
    show_ticket(actor=olga, ticket=ticket, visible=True, now=_at(told, now, 1))
    taken = "Presa in carico: stiamo verificando."
    add_interaction(actor=olga, ticket=ticket, text=taken, shown=True, now=_at(told, now, 1))
    add_note(actor=olga, ticket=ticket, text="Stesso armadio di altri due guasti di oggi.", now=_at(told, now, 1))
    add_interaction(actor=actor_of(PIA), ticket=ticket, text="Grazie, il cliente è avvisato.", now=_at(told, now, 2))
    for state in told.states:
        change_state(actor=olga, ticket=ticket, to=state, now=_at(told, now, 2))


def _at(told: Told, now: datetime, hours: int) -> datetime:
    """Return an instant some hours after the opening, never in the future."""
    return min(now, now - timedelta(days=told.days, hours=4) + timedelta(hours=hours))
