"""The pages that capabilities have of one line: the line's own, its traffic, its thresholds. Each is registered by its app in `ready`."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui.types import Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePage:
    """A page of a line: the address takes the line's id, and is open to those to whom its section is; `place` orders the tabs."""

    name: str
    label: str | Promise
    section: Section
    place: int


_PAGES: list[LinePage] = []


def register_line_page(page: LinePage) -> None:
    """Offer a page on all pages of a line."""
    if page not in _PAGES:
        _PAGES.append(page)
        _PAGES.sort(key=lambda one: one.place)


def line_tabs(actor: Actor, line: Line, here: str) -> list[Tab]:
    """Return the pages of a line that are open to the actor, `here` among them; none when there is but one."""
    tabs = [
        Tab(label=str(page.label), url=reverse(page.name, args=[line.pk]), active=page.name == here)
        for page in _PAGES
        if actor.may(page.section)
    ]
    return tabs if len(tabs) > 1 else []
