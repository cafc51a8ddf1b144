"""The five rules of the end customer as one table, asked of every way out (product/06; source `002_…`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sportello.kernel.jobs import worker
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.tickets import queries
from sportello.tickets.models import Interaction, Ticket, TicketFile, Wholesaler
from sportello.tickets.operations import add_interaction, add_note, show_entry, show_ticket
from sportello.tickets.operations.entries import write
from sportello.tickets.states import Channel, EntryKind, Party
from sportello.tickets.tests.factories import NOW, a_ticket
from sportello.tickets.types import NewFile, Wording, Writer
from sportello.tickets.visibility import Audience, Standing, sees_entry

pytestmark = pytest.mark.django_db

TICKETS = {"shown": True, "hidden": False, "hiddenagain": False, "wholesale": False}
"""Each ticket, and whether the end customer sees it: never by itself (2), by the operator's deed, at once not any more, no wholesaler's (0)."""
ENTRIES = {
    "flagged": True,
    "plain": False,
    "shownlater": True,
    "hiddenlater": False,
    "mail": False,
    "link": False,
    "old": False,
    "quoted": False,
    "note": False,
}
"""Each entry of a ticket, and whether it may be shown: of the web form and marked, by its writer or later (3)."""
PARTNER_SEES = {name for name in ENTRIES if name != "note"}


@dataclass
class Words:
    """What each ticket and entry holds: a word that stands nowhere else."""

    tickets: dict[str, Ticket]

    @property
    def all(self) -> set[str]:
        return {f"{ticket}x{entry}" for ticket in TICKETS for entry in ENTRIES} | {
            f"subject{ticket}" for ticket in TICKETS
        }

    def seen_by_customer(self) -> set[str]:
        seen = {ticket for ticket, sees in TICKETS.items() if sees}
        entries = {f"{ticket}x{entry}" for ticket in seen for entry, sees in ENTRIES.items() if sees}
        return entries | {f"subject{ticket}" for ticket in seen}

    def seen_by_partner(self) -> set[str]:
        """A wholesaler is a partner like others; its own tickets are another's."""
        of_pia = [ticket for ticket in TICKETS if ticket != "wholesale"]
        return {f"{ticket}x{entry}" for ticket in of_pia for entry in PARTNER_SEES} | {
            f"subject{ticket}" for ticket in of_pia
        }

    def within(self, text: str) -> set[str]:
        return {word for word in self.all if re.search(rf"{word}(?![a-z])", text)}


@pytest.fixture
def words(world, pia, olga) -> Words:
    """Write the tickets of A and of a wholesaler's customer with all kinds of entries, each with a file."""
    tickets = {
        name: a_ticket(pia, world.a, subject=f"subject{name}", text="opening")
        for name in TICKETS
        if name != "wholesale"
    }
    tickets["wholesale"] = a_ticket(olga, world.b, subject="subjectwholesale", text="opening")
    for name, ticket in tickets.items():
        if name != "hidden":
            show_ticket(actor=olga, ticket=ticket, visible=True, now=NOW)
        _write_all(name, ticket, world, olga)
    show_ticket(actor=olga, ticket=tickets["hiddenagain"], visible=False, now=NOW)
    with arrange():
        world.b.partner = world.partner
        world.b.save()
    return Words(tickets)


def _write_all(name: str, ticket: Ticket, world: Any, olga: Any) -> None:
    def text(entry: str) -> dict[str, Any]:
        word = f"{name}x{entry}"
        return {
            "text": f"Words {word} here",
            "files": [NewFile(name=f"{word}.txt", content=f"file {word} end".encode())],
            "now": NOW,
        }

    add_interaction(actor=olga, ticket=ticket, shown=True, **text("flagged"))
    add_interaction(actor=olga, ticket=ticket, **text("plain"))
    later = add_interaction(actor=olga, ticket=ticket, **text("shownlater"))
    show_entry(actor=olga, ticket=ticket, sequence=later.sequence, visible=True, now=NOW)
    hidden = add_interaction(actor=olga, ticket=ticket, shown=True, **text("hiddenlater"))
    show_entry(actor=olga, ticket=ticket, sequence=hidden.sequence, visible=False, now=NOW)
    ways = {"mail": Channel.MAIL, "link": Channel.LINK, "old": Channel.TAKEN_OVER, "quoted": Channel.MAIL}
    for entry, channel in ways.items():
        given = text(entry)
        writer = Writer(party=Party.OPERATOR, channel=channel, person_id=olga.person_id, name="Olga")
        with arrange():
            write(
                olga,
                ticket,
                writer,
                EntryKind.MESSAGE,
                Wording(text="", cut=given["text"]) if entry == "quoted" else Wording(text=given["text"]),
                files=given["files"],
                shown=True,
                now=NOW,
            )
    add_note(actor=olga, ticket=ticket, **text("note"))


def make_wholesale(world) -> None:
    """Say that B's partner is a wholesaler, apart from A's."""
    from sportello.parties.models import Organisation

    with arrange():
        other = Organisation.objects.create(kind="partner", code="WH", legal_name="Wholesale S.p.A.")
        Wholesaler.objects.create(partner=other)
        world.b.partner = other
        world.b.save()


def pages(browser: Client, words: Words) -> str:
    return "".join(
        browser.get(reverse("tickets:ticket", args=[one.pk])).content.decode() for one in words.tickets.values()
    )


def live(browser: Client, words: Words) -> str:
    ways = [browser.get(reverse("tickets:entries", args=[one.pk]), {"after": "0"}) for one in words.tickets.values()]
    return "".join(answer.content.decode() for answer in ways if answer.status_code == 200)


def listed(browser: Client, words: Words, **more: str) -> str:
    answer = browser.get(reverse("tickets:index"), {"state": "all"} | more)
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def files(browser: Client, words: Words) -> str:
    found = []
    for file in TicketFile.objects.across_tenants(reason="a test asks for all of them"):
        answer = browser.get(reverse("tickets:file", args=[file.ticket_id, file.pk]))
        found += [b"".join(answer.streaming_content).decode() + file.name] if answer.status_code == 200 else []
    return "".join(found)


def searched(actor: Any, words: Words) -> str:
    seen = queries.tickets(actor)
    return " ".join(word for word in words.all if queries.search(actor, seen, word).exists())


def found(browser: Client, words: Words) -> str:
    """Ask the search of the whole portal for each ticket by its code."""
    asked = [browser.get(reverse("shell:search"), {"q": one.code}) for one in words.tickets.values()]
    return "".join(answer.content.decode() for answer in asked)


def around(browser: Client) -> str:
    """Read the first page, the record, the statistics and the options: no entry stands there."""
    names = ("shell:home", "accounts:audit", "tickets:statistics", "tickets:options")
    return "".join(browser.get(reverse(name)).content.decode() for name in names)


def rows(actor: Any) -> str:
    texts = [
        *Interaction.objects.for_(actor).values_list("text", flat=True),
        *Interaction.objects.for_(actor).values_list("cut", flat=True),
        *Ticket.objects.for_(actor).values_list("subject", flat=True),
    ]
    return " ".join(texts)


SUBJECTS_ONLY = {"list", "export", "portal search"}


def test_e03_e04_e05_e07_e26_the_five_rules_hold_on_every_way_out(world, words, signed_in):
    make_wholesale(world)
    for name in ("ada", "pia", "cy"):
        actor, browser = world.actor(name), signed_in(name)
        expected = {"ada": words.seen_by_customer(), "pia": words.seen_by_partner(), "cy": set()}[name]
        ways = {
            "rows": rows(actor),
            "search": searched(actor, words),
            "list": listed(browser, words),
            "export": listed(browser, words, export="csv"),
            "page": pages(browser, words),
            "live": live(browser, words),
            "files": files(browser, words),
            "portal search": found(browser, words),
        }
        for way, text in ways.items():
            wanted = {word for word in expected if word.startswith("subject") or way not in SUBJECTS_ONLY}
            if way in {"files", "live"}:
                wanted = {word for word in wanted if not word.startswith("subject")}
            assert (name, way, words.within(text)) == (name, way, wanted)
        assert (name, words.within(around(browser)) - {word for word in expected if word.startswith("subject")}) == (
            name,
            set(),
        )
        subjects = {word for word in expected if word.startswith("subject")}
        total = re.search(r"(\d+) rows?", listed(browser, words))
        assert (queries.open_count(actor), int(total[1]) if total else 0) == (len(subjects), len(subjects))


def test_e04_e05_e09_mails_to_the_customer_say_only_what_the_rules_allow(world, words, ada):
    """The mails are written after everything happened: what was hidden meanwhile is not told any more."""
    make_wholesale(world)
    while worker.run_due():
        pass
    mails = Message.objects.across_tenants(reason="a test reads all mails")
    to_ada = mails.filter(address="ada@example.test")
    assert words.within(" ".join(str(mail.context) for mail in to_ada)) == words.seen_by_customer()
    assert not mails.filter(address="cy@example.test").exists()
    to_pia = " ".join(str(mail.context) for mail in mails.filter(address="pia@example.test"))
    told = {word for word in words.seen_by_partner() if not word.startswith("subjectwholesale")}
    assert words.within(to_pia) == told
    assert ada.person_id in set(to_ada.values_list("person_id", flat=True))


def test_e11_the_link_of_a_customers_mail_shows_what_the_page_would(world, words):
    make_wholesale(world)
    while worker.run_due():
        pass
    links = set(re.findall(r"/tickets/link/[\w-]+/", _secrets("ada@example.test")))
    browser, text = Client(), ""
    for link in links:
        text += browser.get(link, follow=True).content.decode()
    assert links
    assert words.within(text) == words.seen_by_customer()


def _secrets(address: str) -> str:
    mails = Message.objects.across_tenants(reason="a test reads all mails").filter(address=address)
    from sportello.messaging.models import SimulatedMail

    return " ".join(
        [*(mail.secret or "" for mail in mails), *(one.text for one in SimulatedMail.objects.filter(to=address))]
    )


def test_the_record_of_what_happened_tells_a_customer_of_no_ticket(world, words, signed_in):
    page = signed_in("ada").get(reverse("accounts:audit")).content.decode()
    assert [ticket.code for ticket in words.tickets.values() if ticket.code in page] == []


def test_facts_at_hand_are_judged_as_rows_are(world, words, ada, pia, olga):
    """`sees_entry` and `entries_seen` are one rule in two forms."""
    make_wholesale(world)
    audiences = {Audience.CUSTOMER: ada, Audience.PARTNER: pia, Audience.OPERATOR: olga}
    of_a = [ticket for name, ticket in words.tickets.items() if name != "wholesale"]
    for entry in (
        Interaction.objects.across_tenants(reason="a test asks for all")
        .filter(ticket__in=of_a)
        .select_related("ticket")
    ):
        standing = Standing(
            ticket_visible=entry.ticket.visible_to_customer,
            wholesale=False,
            kind=entry.kind,
            channel=entry.channel,
            shown=entry.shown,
        )
        for audience, actor in audiences.items():
            seen = Interaction.objects.for_(actor).filter(pk=entry.pk).exists()
            assert (audience, entry.text, sees_entry(audience, standing)) == (audience, entry.text, seen)
    assert not sees_entry(
        Audience.CUSTOMER,
        Standing(ticket_visible=True, wholesale=True, kind="message", channel="web", shown=True),
    )
    assert not sees_entry(
        Audience.NOBODY, Standing(ticket_visible=True, wholesale=False, kind="message", channel="web", shown=True)
    )
