"""What is read about parties."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Q, QuerySet

from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import CostCentre, Organisation
from sportello.parties.states import OrganisationKind

CHUNK: Final = 500
"""Codes asked for in one query: databases bound the number of parameters."""


def ids_reached_by_partner(partner_id: int | None) -> QuerySet[Organisation, int]:
    """Return the ids of a partner and its customers, for rows of the kernel that have no foreign key."""
    reached = Organisation.objects.across_tenants(
        reason="which organisations a partner reaches", opens_wall=False
    )
    return reached.filter(Q(pk=partner_id) | Q(partner_id=partner_id)).values_list("pk", flat=True)


def organisations(actor: Actor) -> ScopedQuerySet[Organisation]:
    """Return the organisations inside the actor's reach, by name."""
    return Organisation.objects.for_(actor).select_related("partner").order_by("legal_name", "pk")


def customers(actor: Actor) -> ScopedQuerySet[Organisation]:
    """Return the customers inside the actor's reach, by name."""
    return organisations(actor).filter(kind=OrganisationKind.CUSTOMER)


def by_code(actor: Actor, codes: Iterable[str]) -> dict[str, Organisation]:
    """Return the organisations in reach with these codes; others are not there."""
    wanted = sorted({code for code in codes if code})
    found: dict[str, Organisation] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = Organisation.objects.for_(actor).filter(code__in=wanted[start : start + CHUNK]).select_related("partner")
        found.update({row.code: row for row in rows})
    return found


def cost_centres_by_code(actor: Actor, organisation_ids: Iterable[int]) -> dict[tuple[int, str], CostCentre]:
    """Return the cost centres of organisations in reach, by (organisation, code)."""
    homes = sorted(set(organisation_ids))
    found: dict[tuple[int, str], CostCentre] = {}
    for start in range(0, len(homes), CHUNK):
        rows = CostCentre.objects.for_(actor).filter(organisation_id__in=homes[start : start + CHUNK])
        found.update({(row.organisation_id, row.code): row for row in rows})
    return found
