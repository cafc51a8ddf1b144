"""Lines, people and customers on the first page, with what happened lately inside the actor's reach."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from sportello.accounts.queries.people import people
from sportello.inventory import queries as inventory
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.parties import queries as parties
from sportello.shell.navigation import address
from sportello.shell.queries.happened import latest
from sportello.shell.types import Figure, Panel, Parts


def parts(actor: Actor, **_clock: datetime) -> Parts:
    """Return how many lines, people and customers there are, and the latest events."""
    return Parts(figures=_figures(actor), panels=[_latest(actor)])


def _figures(actor: Actor) -> list[Figure]:
    persons = people(actor).filter(deactivated_at=None).count()
    figures = [
        Figure(label=_("Active lines"), value=formats.number(inventory.active_lines(actor)), icon="device-mobile",
               url=address("inventory:lines")),
        Figure(label=_("People"), value=formats.number(persons), icon="users", url=address("accounts:people")),
    ]  # fmt: skip
    if actor.reach in {Reach.ALL, Reach.PARTNER}:
        customers = formats.number(parties.customers(actor).count())
        figures.append(
            Figure(label=_("Customers"), value=customers, icon="building", url=address("parties:organisations"))
        )
    return figures


def _latest(actor: Actor) -> Panel:
    return Panel(
        title=_("What happened lately"),
        template="shell/panel_timeline.html",
        facts={"entries": latest(actor), "nothing": _("Nothing yet.")},
        url=address("accounts:audit"),
        more=_("The whole record"),
    )
