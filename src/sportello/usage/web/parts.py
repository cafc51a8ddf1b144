"""The parts of Traffic, and who they are for."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.ui.types import Tab
from sportello.usage.queries import sees_own_only


def check_company(actor: Actor) -> None:
    """Let only those in who see the whole customer's traffic. Raises `NotPermitted` for an employee."""
    if sees_own_only(actor):
        raise NotPermitted


def part_tabs(actor: Actor, active: str) -> list[Tab]:
    """Return the tabs of Traffic that are open to the reader, with the active one marked."""
    own = sees_own_only(actor)
    parts = {"usage:index": _("My traffic") if own else _("Overview")}
    if not own:
        parts |= {"usage:analysis": _("Analysis"), "usage:unusual": _("Unusual"), "usage:reports": _("Reports")}
    parts |= {"usage:exports": _("Exports"), "usage:documentation": _("Documentation")}
    return [Tab(label=label, url=reverse(name), active=name == active) for name, label in parts.items()]
