"""The access matrix as people read it. The facts are `kernel.access`; here they only get rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

from sportello.kernel.access import (
    CUSTOMER_PROFILES,
    OPERATOR_PROFILES,
    PARTNER_PROFILES,
    Access,
    Profile,
    Section,
    access_of,
)
from sportello.kernel.actor import Actor
from sportello.shell.navigation import PLACES


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How far one profile gets in one section."""

    profile: Profile
    access: Access
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One section with a cell per shown profile."""

    section: Section
    cells: tuple[Cell, ...]


def profiles_for(actor: Actor) -> list[Profile]:
    """Return the profiles that the reader meets: those of customers to a customer, a partner's own beside, all to the operator."""
    if actor.profile in OPERATOR_PROFILES:
        return list(Profile)
    met = CUSTOMER_PROFILES | PARTNER_PROFILES if actor.profile in PARTNER_PROFILES else CUSTOMER_PROFILES
    return [profile for profile in Profile if profile in met]


def sections_with_pages() -> set[Section]:
    """Return the sections behind which there are pages: what is not built yet is not offered to anybody."""
    return {section for section, _title, places in PLACES if any(place.url for place in places)} | {Section.OWN_ACCOUNT}


def rows_for(actor: Actor) -> list[Row]:
    """Return the sections with pages that at least one of the shown profiles may use, each with its cells."""
    shown = profiles_for(actor)
    rows = [
        Row(
            section=section,
            cells=tuple(
                Cell(profile=profile, access=access_of(profile, section), mine=profile is actor.profile)
                for profile in shown
            ),
        )
        for section in Section
        if section in sections_with_pages()
    ]
    return [row for row in rows if any(cell.access is not Access.NONE for cell in row.cells)]
