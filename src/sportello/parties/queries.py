"""What is read about parties."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Count, Q, QuerySet

from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import CostCentre, Organisation
from sportello.parties.parts import PART_KINDS, Part, PartKind
from sportello.parties.states import OrganisationKind, OrganisationState

"""Codes asked for in one query: databases bound the number of parameters."""
FEW: Final = 12
"""Parts shown of each kind on the page of an organisation before the reader asks for all."""


def ids_reached_by_partner(partner_id: int | None) -> QuerySet[Organisation, int]:
    """Return the ids of a partner and its customers, for rows of the kernel that have no foreign key."""
    reached = Organisation.objects.across_tenants(reason="which organisations a partner reaches", opens_wall=False)
    return reached.filter(Q(pk=partner_id) | Q(partner_id=partner_id)).values_list("pk", flat=True)


def organisations(actor: Actor) -> ScopedQuerySet[Organisation]:
    """Return the organisations inside the actor's reach, by name."""
    return Organisation.objects.for_(actor).select_related("partner").order_by("legal_name", "pk")


def customers(actor: Actor) -> ScopedQuerySet[Organisation]:
    """Return the customers inside the actor's reach, by name."""
    return organisations(actor).filter(kind=OrganisationKind.CUSTOMER)


def example_customer(actor: Actor) -> Organisation:
    """Return whose codes the example of a file shows: the reader's own organisation, or the first of the customers of one that has some."""
    own = organisations(actor).get_or_refuse(pk=actor.organisation_id)
    if own.kind == OrganisationKind.CUSTOMER:
        return own
    return customers(actor).filter(state=OrganisationState.ACTIVE).order_by("code").first() or own


def partners(actor: Actor) -> ScopedQuerySet[Organisation]:
    """Return the partners inside the actor's reach, each with the number of its customers (`customer_count`)."""
    rows = Organisation.objects.for_(actor).filter(kind=OrganisationKind.PARTNER)
    return rows.annotate(customer_count=Count("customers"))  # type: ignore[return-value]


def partner_choices(actor: Actor, *, but: int | None = None) -> list[tuple[str, str]]:
    """Return the active partners in reach as choices of a form, `but` left out."""
    rows = partners(actor).filter(state=OrganisationState.ACTIVE).exclude(pk=but or 0).order_by("legal_name")
    return [(str(row.pk), f"{row.legal_name} ({row.code})") for row in rows]


def parts_of(actor: Actor, organisation: Organisation, *, everything: str = "") -> dict[str, tuple[list[Part], int]]:
    """Return an organisation's sites, cost centres, contacts and brands with their number, by the word of their kind.

    Of each kind the first FEW come, all of the kind whose word `everything` is.
    """
    found: dict[str, tuple[list[Part], int]] = {}
    for kind in PART_KINDS.values():
        rows = kind.model.objects.for_(actor).filter(organisation=organisation).order_by(kind.fields[0])
        found[kind.word] = (list(rows if everything == kind.word else rows[:FEW]), rows.count())
    return found


def part(actor: Actor, kind: PartKind, *, organisation_id: int, pk: int) -> Part:
    """Return one part of an organisation in reach. Raises `NotFound`."""
    rows = kind.model.objects.for_(actor).select_related("organisation")
    found: Part = rows.get_or_refuse(organisation_id=organisation_id, pk=pk)
    return found


def by_code(actor: Actor, codes: Iterable[str]) -> dict[str, Organisation]:
    """Return the organisations in reach with these codes; others are not there."""
    rows = Organisation.objects.for_(actor).filter(code__among={code for code in codes if code})
    return {row.code: row for row in rows.select_related("partner")}


def cost_centres_by_code(actor: Actor, organisation_ids: Iterable[int]) -> dict[tuple[int, str], CostCentre]:
    """Return the cost centres of organisations in reach, by (organisation, code)."""
    rows = CostCentre.objects.for_(actor).filter(organisation_id__among=set(organisation_ids))
    return {(row.organisation_id, row.code): row for row in rows}
