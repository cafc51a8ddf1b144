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
    """Count the active people whom the list behind it shows: all in reach of one customer, those at home in one of several."""
    people, asked = Person.objects.for_(actor).filter(deactivated_at=None), {"active": "1"}
    if actor.reach in {Reach.ALL, Reach.PARTNER}:
        people, asked = people.filter(organisation=organisation), asked | {"organisation": organisation.code}
    address = f"{reverse('accounts:people')}?{urlencode(asked)}"
    return Figure(label=_("People"), value=people.count(), icon="users", url=address)
