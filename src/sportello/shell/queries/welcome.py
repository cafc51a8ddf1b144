"""The first page of profiles whose sections have nothing to count: the customers they work for, and how their own access stands."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from sportello.accounts.queries import own_person
from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.parties import queries as parties
from sportello.shell.navigation import address
from sportello.shell.types import Panel, Parts

SHOWN: Final = 8


def parts(actor: Actor, **_clock: datetime) -> Parts:
    """Return the customers inside the actor's reach, or the one organisation, and the own access."""
    several = actor.reach in {Reach.ALL, Reach.PARTNER}
    whose = _customers(actor) if several else Parts(panels=[_organisation(actor)])
    own = [_own_access(actor)] if actor.may(Section.OWN_ACCOUNT) else []
    return Parts(panels=[*whose.panels, *own])


def _customers(actor: Actor) -> Parts:
    rows = parties.customers(actor)
    count = rows.count()
    title = _("Your customers") if actor.reach is Reach.PARTNER else _("Customers")
    shown = [(row.legal_name, " · ".join(filter(None, [row.code, row.province]))) for row in rows[:SHOWN]]
    more = count - len(shown)
    panel = Panel(
        title=f"{title} ({formats.number(count)})",
        template="shell/panel_facts.html",
        facts={"facts": shown, "nothing": _("No customer yet."), "rest": more},
        lead=_("For these you answer to what they ask."),
    )
    return Parts(panels=[panel])


def _organisation(actor: Actor) -> Panel:
    row = parties.organisations(actor).get_or_refuse(pk=actor.organisation_id)
    facts = [(_("Legal name"), row.legal_name), (_("Code"), row.code), (_("VAT number"), row.vat_number)]
    return Panel(
        title=_("Your organisation"),
        template="shell/panel_facts.html",
        facts={"facts": facts, "nothing": "", "rest": 0},
    )


def _own_access(actor: Actor) -> Panel:
    person = own_person(actor)
    facts = [
        (_("Username"), person.username),
        (_("E-mail"), formats.mail(person.email)),
        (_("Mobile"), formats.phone(person.mobile)),
    ]
    return Panel(
        title=_("Your access"),
        template="shell/panel_facts.html",
        facts={"facts": facts, "nothing": "", "rest": 0},
        url=address("accounts:account"),
        more=_("My account"),
    )
