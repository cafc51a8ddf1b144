"""Search-anything: a few hits of each kind, each kind inside the actor's reach and only in sections open to the actor.

A kind whose section is closed is not asked at all, so that nothing of it can be guessed from words or time (ABUSE C02).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sportello.accounts.queries import people, people_sought
from sportello.billing import queries as billing
from sportello.inventory import queries as inventory
from sportello.kernel.access import Access, Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.finding import SHORTEST_NUMBER, sought
from sportello.kernel.ui import formats
from sportello.orders import queries as orders
from sportello.parties import queries as parties
from sportello.shell.navigation import address, open_places
from sportello.shell.types import Hit, HitGroup
from sportello.tickets import queries as tickets

SHORTEST: Final = 2
LONGEST: Final = 100
SHOWN: Final = 6
ORDER: Final = "ORD"
"""How the code of every order begins."""


def search(actor: Actor, text: str) -> list[HitGroup]:
    """Return what was found, kind by kind, at most six of each; too short a text finds nothing."""
    text = " ".join(text[:LONGEST].replace("\x00", "").split())
    if len(text) < SHORTEST:
        return []
    kinds: tuple[Callable[[Actor, str], HitGroup], ...] = (_pages, _lines, _people, _customers, _bills, _orders, _tickets)
    return [group for group in (kind(actor, text) for kind in kinds) if group.hits]


def _pages(actor: Actor, text: str) -> HitGroup:
    found = [place for place in open_places(actor) if f" {text.lower()}" in f" {place.label}".lower()]
    hits = [Hit(label=str(place.label), url=place.url) for place in found[:SHOWN]]
    return HitGroup(title=_("Go to"), icon="arrow-right", hits=hits)


def _lines(actor: Actor, text: str) -> HitGroup:
    """Find lines by their number, a part of it, or their SIM; by their holder too once a number is typed."""
    title, icon = _("Lines"), "device-mobile"
    if not _long_enough(text) or not _sees_lines(actor):
        return HitGroup(title=title, icon=icon, hits=())
    rows = inventory.lines_sought(actor, inventory.lines(actor), text).order_by("number", "pk")[: SHOWN + 1]
    hits = [
        Hit(
            label=formats.phone(row.number),
            url=_line_address(actor, row.pk),
            note=" · ".join(filter(None, [row.get_kind_display(), row.person.name if row.person else ""])),
        )
        for row in rows
    ]
    listed = _listed("inventory:lines", text) if actor.access(Section.ADMINISTRATION) is Access.FULL else ""
    return _group(title, icon, hits, url=listed)


def _people(actor: Actor, text: str) -> HitGroup:
    """Find people by their names, in either order, username, mail or code; nobody is called by a number."""
    title, icon = _("People"), "user"
    asked = sought(text)
    if actor.access(Section.ADMINISTRATION) is not Access.FULL or asked.numbers:
        return HitGroup(title=title, icon=icon, hits=())
    rows = (
        people(actor)
        .prefetch_related(None)
        .select_related("organisation")
        .filter(people_sought(asked))
        .order_by("family_name", "given_name", "pk")[: SHOWN + 1]
    )
    hits = [
        Hit(label=row.name, url=reverse("accounts:person", args=[row.pk]), note=row.organisation.legal_name)
        for row in rows
    ]
    return _group(title, icon, hits, url=_listed("accounts:people", text))


def _customers(actor: Actor, text: str) -> HitGroup:
    """Find customers by name, code or VAT number; only for those who have several."""
    title, icon = _("Customers"), "building"
    if actor.access(Section.ADMINISTRATION) is not Access.FULL or actor.reach not in {Reach.ALL, Reach.PARTNER}:
        return HitGroup(title=title, icon=icon, hits=())
    wanted = Q(legal_name__icontains=text) | Q(code__iexact=text) | Q(vat_number__startswith=text)
    rows = parties.customers(actor).filter(wanted)[: SHOWN + 1]
    hits = [
        Hit(label=row.legal_name, url=reverse("parties:organisation", args=[row.pk]), note=row.code) for row in rows
    ]
    return _group(title, icon, hits, url=_listed("parties:organisations", text))


def _long_enough(text: str) -> bool:
    """Tell whether a number is typed that is worth looking up: two digits are in half of all numbers."""
    numbers = sought(text).numbers
    return bool(numbers) and all(len(number) >= SHORTEST_NUMBER for number in numbers)


def _tickets(actor: Actor, text: str) -> HitGroup:
    """Find tickets by the beginning of their code, or their seven digits, among those that the reader sees."""
    title, icon = _("Tickets"), "message"
    if not actor.may(Section.TICKETS):
        return HitGroup(title=title, icon=icon, hits=())
    rows = tickets.tickets_coded(actor, text)[: SHOWN + 1]
    hits = [
        Hit(label=row.code, url=reverse("tickets:ticket", args=[row.pk]), note=f"{row.subject} · {row.organisation.legal_name}")
        for row in rows
    ]
    return _group(title, icon, hits, url=_listed("tickets:index", text))


def _bills(actor: Actor, text: str) -> HitGroup:
    """Find bills by their number or CIG; for who sees bills."""
    title, icon = _("Bills"), "file-invoice"
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        return HitGroup(title=title, icon=icon, hits=())
    found = billing.bills(actor).filter(Q(number__icontains=text) | Q(cig__iexact=text))
    rows = found.order_by("-issue_date", "-pk")[: SHOWN + 1]
    hits = [
        Hit(
            label=row.number,
            url=reverse("billing:bill", args=[row.pk]),
            note=f"{row.kind} · {row.organisation.legal_name}",
        )
        for row in rows
    ]
    return _group(title, icon, hits, url=_listed("billing:index", text))


def _orders(actor: Actor, text: str) -> HitGroup:
    """Find orders by the beginning of their code; what was ordered for a line stands on the line's page."""
    title, icon = _("Orders"), "clipboard-list"
    if not actor.may(Section.ORDER_TRACKING) or not text.upper().startswith(ORDER):
        return HitGroup(title=title, icon=icon, hits=())
    found = orders.orders(actor).filter(orders.found_by(actor, text)).order_by("-submitted_at", "-pk")[: SHOWN + 1]
    hits = [
        Hit(
            label=str(row.code),
            url=reverse("orders:order", args=[row.pk]),
            note=f"{row.type} · {row.organisation.legal_name}",
        )
        for row in found
    ]
    return _group(title, icon, hits, url=_listed("orders:index", text))


def _sees_lines(actor: Actor) -> bool:
    return actor.may(Section.ADMINISTRATION) or actor.may(Section.TRAFFIC_BILLING)


def _line_address(actor: Actor, pk: int) -> str:
    """Return the page of a line that is open to the actor: its own, or that of its traffic."""
    return reverse("inventory:line" if actor.may(Section.ADMINISTRATION) else "usage:line", args=[pk])


def _group(title: str, icon: str, hits: list[Hit], *, url: str) -> HitGroup:
    return HitGroup(title=title, icon=icon, hits=hits[:SHOWN], more=len(hits) > SHOWN, url=url)


def _listed(name: str, text: str) -> str:
    return f"{address(name)}?{urlencode({'q': text})}"
