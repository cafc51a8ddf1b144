"""What the answers of a form name: plans and options of the catalogue, and what is the customer's own."""

from __future__ import annotations

from functools import cached_property

from sportello.inventory import queries as inventory
from sportello.inventory.models import Agreement, Option, Plan
from sportello.kernel.actor import Actor
from sportello.orders.states import FieldKind
from sportello.parties.models import CostCentre, Organisation, Site

MOST_CHOICES = 2_000
Named = dict[str, str]
"""What can be chosen, as {value: how it is shown}."""


class Lookups:
    """What can be answered for one customer; each list is read once."""

    def __init__(self, actor: Actor, organisation: Organisation) -> None:
        """Take who asks, and for whom."""
        self.actor, self.organisation = actor, organisation

    def find(self, kind: FieldKind, text: str) -> tuple[str, str] | None:
        """Return (value, how it is shown) of what a text names, by its code; None for what is not there or another's (ABUSE C06)."""
        if kind is FieldKind.PERSON:
            return self._person(text)
        shown = self.choices(kind).get(text)
        return (text, shown) if shown is not None else None

    def choices(self, kind: FieldKind) -> Named:
        """Return what can be chosen of a kind."""
        named = {
            FieldKind.PLAN: "_plans",
            FieldKind.OPTION: "_options",
            FieldKind.COST_CENTRE: "_cost_centres",
            FieldKind.SITE: "_sites",
            FieldKind.AGREEMENT: "_agreements",
        }
        found: Named = getattr(self, named[kind])
        return found

    def _person(self, text: str) -> tuple[str, str] | None:
        found = inventory.people_named(self.actor, self.organisation.pk, text)
        return (found[0].username, found[0].name) if len(found) == 1 else None

    @cached_property
    def plan_kinds(self) -> dict[str, str]:
        """Return the kind of lines of each plan, by code."""
        return dict(Plan.objects.values_list("code", "kind"))

    @cached_property
    def _plans(self) -> Named:
        return dict(Plan.objects.order_by("name", "pk").values_list("code", "name")[:MOST_CHOICES])

    @cached_property
    def _options(self) -> Named:
        return dict(Option.objects.order_by("name", "pk").values_list("code", "name")[:MOST_CHOICES])

    @cached_property
    def _cost_centres(self) -> Named:
        rows = CostCentre.objects.for_(self.actor).filter(organisation=self.organisation).order_by("code", "pk")
        return {row.code: str(row) for row in rows}

    @cached_property
    def _sites(self) -> Named:
        rows = Site.objects.for_(self.actor).filter(organisation=self.organisation).order_by("name", "pk")
        return {row.name: row.name for row in rows}

    @cached_property
    def _agreements(self) -> Named:
        rows = Agreement.objects.for_(self.actor).filter(organisation=self.organisation).order_by("code", "pk")
        return {row.code: str(row) for row in rows}
