"""An employee's first page: the lines they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from sportello.inventory import queries as inventory
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.shell.navigation import address
from sportello.shell.types import Panel, Parts

SHOWN: Final = 10


def parts(actor: Actor, **_clock: datetime) -> Parts:
    """Return the own lines of whoever sees nothing but their own."""
    if actor.access(Section.TRAFFIC_BILLING) is not Access.OWN:
        return Parts()
    rows = inventory.lines_listed(actor).order_by("number", "pk")[:SHOWN]
    panel = Panel(
        title=_("My lines"),
        template="shell/panel_lines.html",
        facts={"lines": list(rows), "nothing": _("No line is assigned to you. Your administrator can do that.")},
        url=address("usage:index"),
        more=_("My traffic"),
    )
    return Parts(panels=[panel])
