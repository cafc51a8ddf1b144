"""Search-anything: a few hits of each kind, each kind inside the actor's reach and only in sections open to the actor.

A kind whose section is closed is not asked at all, so that nothing of it can be guessed from words or time (ABUSE C02).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sportello.accounts.queries import people
from sportello.inventory import queries as inventory
from sportello.kernel.access import Access, Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.parties import queries as parties
from sportello.shell.navigation import address, open_places
from sportello.shell.types import Hit, HitGroup

SHORTEST: Final = 2
LONGEST: Final = 100
SHOWN: Final = 6
SHORTEST_NUMBER: Final = 3
NUMBER: Final = re.compile(r"\+?[0-9 ()./-]+", re.ASCII)


def search(actor: Actor, text: str) -> list[HitGroup]:
    """Return what was found, kind by kind, at most six of each; too short a text finds nothing."""
    text = " ".join(text[:LONGEST].replace("\x00", "").split())
    if len(text) < SHORTEST:
        return []
    kinds: tuple[Callable[[Actor, str], HitGroup], ...] = (_pages, _lines, _people, _customers)
    return [group for group in (kind(actor, text) for kind in kinds) if group.hits]


def number_typed(text: str) -> str:
    """Return the start of a line number as typed, without its separators; "" when the text is none. `00` reads as `+`."""
    digits = re.sub(r"\D", "", text)
    if not NUMBER.fullmatch(text) or len(digits) < SHORTEST_NUMBER:
        return ""
    if text.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{digits}" if text.startswith("+") else digits


def _pages(actor: Actor, text: str) -> HitGroup:
    found = [place for place in open_places(actor) if f" {text.lower()}" in f" {place.label}".lower()]
    hits = [Hit(label=str(place.label), url=place.url) for place in found[:SHOWN]]
    return HitGroup(title=_("Go to"), icon="arrow-right", hits=hits)


def _lines(actor: Actor, text: str) -> HitGroup:
    """Find lines by the start of their number or SIM."""
    typed = number_typed(text)
    title, icon = _("Lines"), "device-mobile"
    if not typed or not _sees_lines(actor):
        return HitGroup(title=title, icon=icon, hits=())
    rows = inventory.found_by(actor, inventory.lines(actor), typed).order_by("number", "pk")[: SHOWN + 1]
    hits = [
        Hit(
            label=formats.phone(row.number),
            url=_line_address(actor, row.pk),
            note=" · ".join(filter(None, [row.get_kind_display(), row.person.name if row.person else ""])),
        )
        for row in rows
    ]
    listed = _listed("inventory:lines", typed) if actor.access(Section.ADMINISTRATION) is Access.FULL else ""
    return _group(title, icon, hits, url=listed)


def _people(actor: Actor, text: str) -> HitGroup:
    """Find people by the starts of their names, in any order; nobody is called by a number."""
    title, icon = _("People"), "user"
    if actor.access(Section.ADMINISTRATION) is not Access.FULL or number_typed(text):
        return HitGroup(title=title, icon=icon, hits=())
    words = [Q(family_name__istartswith=word) | Q(given_name__istartswith=word) for word in text.split()[:4]]
    wanted = words[0]
    for word in words[1:]:
        wanted &= word
    rows = (
        people(actor)
        .prefetch_related(None)
        .select_related("organisation")
        .filter(wanted)
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


def _sees_lines(actor: Actor) -> bool:
    return actor.may(Section.ADMINISTRATION) or actor.may(Section.TRAFFIC_BILLING)


def _line_address(actor: Actor, pk: int) -> str:
    """Return the page of a line that is open to the actor: its own, or that of its traffic."""
    return reverse("inventory:line" if actor.may(Section.ADMINISTRATION) else "usage:line", args=[pk])


def _group(title: str, icon: str, hits: list[Hit], *, url: str) -> HitGroup:
    return HitGroup(title=title, icon=icon, hits=hits[:SHOWN], more=len(hits) > SHOWN, url=url)


def _listed(name: str, text: str) -> str:
    return f"{address(name)}?{urlencode({'q': text})}"
