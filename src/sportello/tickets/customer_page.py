"""What tickets add to the page of a customer: how many are open, and the button for a new one (source: «dall'anagrafica cliente»)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.parties.actions import Action
from sportello.parties.figures import Figure
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind, OrganisationState
from sportello.tickets import queries
from sportello.tickets.visibility import Audience, audience_of


def ticket_figure(actor: Actor, organisation: Organisation) -> Figure:
    """Return how many open tickets of an organisation the reader sees; the list of these is a click away."""
    several = audience_of(actor) in {Audience.OPERATOR, Audience.PARTNER}
    listed = (
        f"{reverse('tickets:index')}?{urlencode({'customer': organisation.code})}"
        if several
        else reverse("tickets:index")
    )
    is_customer = organisation.kind == OrganisationKind.CUSTOMER
    value = queries.open_count(actor, organisation) if actor.may(Section.TICKETS) else 0
    return Figure(label=_("Open tickets"), value=value, icon="message", url=listed if is_customer else "")


def new_ticket(actor: Actor, organisation: Organisation) -> Action | None:
    """Return the button for a new ticket, to those who open tickets."""
    opens = audience_of(actor) in {Audience.OPERATOR, Audience.PARTNER} and not actor.read_only
    is_served = organisation.kind == OrganisationKind.CUSTOMER and organisation.state != OrganisationState.CLOSED
    if not (opens and is_served):
        return None
    return Action(label=_("New ticket"), icon="message", url=reverse("tickets:new", args=[organisation.pk]))
