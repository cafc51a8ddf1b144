"""The kinds of things that belong to an organisation: sites, cost centres, contacts, brands."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.parties.models import Brand, Contact, CostCentre, Site

Part = Site | CostCentre | Contact | Brand


@dataclass(frozen=True)
class PartKind:
    """A kind of part: its model, its word in addresses and events, its label, its fields (the first names it)."""

    model: type[Part]
    word: str
    label: str | Promise
    fields: tuple[str, ...]
    required: tuple[str, ...]


SITE = PartKind(Site, "site", _("Site"), ("name", "address", "postcode", "city", "province"), ("name",))
COST_CENTRE = PartKind(CostCentre, "cost_centre", _("Cost centre"), ("code", "name"), ("code",))
CONTACT = PartKind(Contact, "contact", _("Contact"), ("name", "role", "email", "phone"), ("name",))
BRAND = PartKind(Brand, "brand", _("Brand"), ("name",), ("name",))
PART_KINDS = {kind.word: kind for kind in (SITE, COST_CENTRE, CONTACT, BRAND)}


def kind_of(row: Part) -> PartKind:
    """Return what kind of part a row is."""
    return next(kind for kind in PART_KINDS.values() if kind.model is type(row))
