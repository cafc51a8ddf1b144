"""The number of people on an organisation's page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.parties.figures import Figure
from sportello.parties.models import Organisation


def people_figure(actor: Actor, organisation: Organisation) -> Figure:
    """Count the active people at home in an organisation."""
    number = Person.objects.for_(actor).filter(organisation=organisation, deactivated_at=None).count()
    several = actor.reach in {Reach.ALL, Reach.PARTNER}
    query = f"?{urlencode({'organisation': organisation.code})}" if several else ""
    return Figure(label=_("People"), value=number, icon="users", url=reverse("accounts:people") + query)
