"""What is read about parties."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind


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
