"""The one access matrix: which profile may use which section, and how far.

Source: the table «Descrizione funzionalità» of the convention portal (`000_…`) for the customer's profiles; the rows of the
operator and partner profiles follow product/00. A section that a profile's row does not name is closed to it.
Pages, operations, exports, search and API all ask `access_of`; nothing else in the code decides by profile.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Profile(TextChoices):
    """What a person may be in one organisation (code names of product/00)."""

    OPERATOR_ADMIN = "operator_admin", _("Operator administrator")
    OPERATOR_AGENT = "operator_agent", _("Customer care agent")
    COMPLIANCE_OFFICER = "compliance_officer", _("Compliance officer")
    CLIENT_MANAGER = "client_manager", _("Client manager")
    PARTNER_ADMIN = "partner_admin", _("Partner administrator")
    PARTNER_AGENT = "partner_agent", _("Partner agent")
    ADMINISTRATOR = "administrator", _("Administrator (ROA)")
    EBILL_REFERENT = "ebill_referent", _("E-bill referent")
    DUAL_BILLING_REFERENT = "dual_billing_referent", _("Dual billing referent")
    TRAFFIC_MANAGER = "traffic_manager", _("Traffic manager")
    FLEET_CONTACT = "fleet_contact", _("Fleet contact")
    EMPLOYEE = "employee", _("Employee")


class Section(TextChoices):
    """A part of the portal. The first eight are the rows of the source's table, in its order."""

    ADMINISTRATION = "administration", _("Administration")
    TRAFFIC_BILLING = "traffic_billing", _("Traffic and billing")
    ORDER_TRACKING = "order_tracking", _("Order tracking")
    CHANGES = "changes", _("Changes")
    ASSISTANCE = "assistance", _("Technical assistance")
    ADVANCED_VPN = "advanced_vpn", _("Advanced services and VPN")
    DUAL_BILLING = "dual_billing", _("Dual billing")
    THRESHOLDS = "thresholds", _("Thresholds")
    TICKETS = "tickets", _("Tickets")
    COMMUNICATOR = "communicator", _("IP Centrex and SMS")
    COMPLIANCE = "compliance", _("Alias compliance")
    SWITCHING = "switching", _("Operator switching")
    FLEET = "fleet", _("Managed devices")
    OPERATIONS = "operations", _("Running the portal")
    OVERVIEW = "overview", _("Overview")
    OWN_ACCOUNT = "own_account", _("My account")


class Access(enum.Enum):
    """How far a profile gets in a section."""

    NONE = "none"
    OWN = "own"  # the lines and data of the person alone
    FULL = "full"  # everything inside the profile's reach


class Reach(enum.Enum):
    """Whose rows a profile can touch at all; a section never widens it."""

    NOTHING = "nothing"
    OWN = "own"  # the person's own rows in the organisation
    CUSTOMER = "customer"  # one organisation
    PARTNER = "partner"  # the partner and its customers
    ALL = "all"  # the whole installation


_FULL, _OWN = Access.FULL, Access.OWN
_EVERYBODY: Final = {Section.OVERVIEW: _FULL, Section.OWN_ACCOUNT: _OWN}
_CUSTOMER_SECTIONS: Final = {
    Section.ADMINISTRATION: _FULL,
    Section.TRAFFIC_BILLING: _FULL,
    Section.ORDER_TRACKING: _FULL,
    Section.CHANGES: _FULL,
    Section.ASSISTANCE: _FULL,
    Section.ADVANCED_VPN: _FULL,
    Section.DUAL_BILLING: _FULL,
    Section.THRESHOLDS: _FULL,
}

MATRIX: Final[Mapping[Profile, Mapping[Section, Access]]] = {
    Profile.OPERATOR_ADMIN: dict.fromkeys(Section, _FULL),
    Profile.OPERATOR_AGENT: {
        Section.ADMINISTRATION: _FULL,
        Section.ORDER_TRACKING: _FULL,
        Section.CHANGES: _FULL,
        Section.ASSISTANCE: _FULL,
        Section.TICKETS: _FULL,
        **_EVERYBODY,
    },
    Profile.COMPLIANCE_OFFICER: {Section.COMPLIANCE: _FULL, **_EVERYBODY},
    Profile.CLIENT_MANAGER: {Section.FLEET: _FULL, **_EVERYBODY},
    Profile.PARTNER_ADMIN: {
        Section.ADMINISTRATION: _FULL,
        Section.ORDER_TRACKING: _FULL,
        Section.CHANGES: _FULL,
        Section.ASSISTANCE: _FULL,
        Section.TICKETS: _FULL,
        **_EVERYBODY,
    },
    Profile.PARTNER_AGENT: {
        Section.ORDER_TRACKING: _FULL,
        Section.ASSISTANCE: _FULL,
        Section.TICKETS: _FULL,
        **_EVERYBODY,
    },
    Profile.ADMINISTRATOR: {
        **_CUSTOMER_SECTIONS,
        Section.TICKETS: _FULL,
        Section.COMMUNICATOR: _FULL,
        Section.SWITCHING: _FULL,
        Section.FLEET: _FULL,
        **_EVERYBODY,
    },
    Profile.EBILL_REFERENT: {Section.TRAFFIC_BILLING: _FULL, Section.ASSISTANCE: _FULL, **_EVERYBODY},
    Profile.DUAL_BILLING_REFERENT: {Section.DUAL_BILLING: _FULL, Section.ASSISTANCE: _FULL, **_EVERYBODY},
    Profile.TRAFFIC_MANAGER: {Section.THRESHOLDS: _FULL, Section.ASSISTANCE: _FULL, **_EVERYBODY},
    Profile.FLEET_CONTACT: {Section.FLEET: _FULL, Section.ASSISTANCE: _FULL, **_EVERYBODY},
    Profile.EMPLOYEE: {
        Section.TRAFFIC_BILLING: _OWN,
        Section.ASSISTANCE: _OWN,
        Section.THRESHOLDS: _OWN,
        **_EVERYBODY,
    },
}
"""The employee's cell in THRESHOLDS is «informational only, and only where dual billing is active on the line»:
the second half depends on the line and is checked by `thresholds/rules.py`."""

REACH: Final[Mapping[Profile, Reach]] = {
    Profile.OPERATOR_ADMIN: Reach.ALL,
    Profile.OPERATOR_AGENT: Reach.ALL,
    Profile.COMPLIANCE_OFFICER: Reach.ALL,
    Profile.CLIENT_MANAGER: Reach.CUSTOMER,
    Profile.PARTNER_ADMIN: Reach.PARTNER,
    Profile.PARTNER_AGENT: Reach.PARTNER,
    Profile.ADMINISTRATOR: Reach.CUSTOMER,
    Profile.EBILL_REFERENT: Reach.CUSTOMER,
    Profile.DUAL_BILLING_REFERENT: Reach.CUSTOMER,
    Profile.TRAFFIC_MANAGER: Reach.CUSTOMER,
    Profile.FLEET_CONTACT: Reach.CUSTOMER,
    Profile.EMPLOYEE: Reach.OWN,
}

OPERATOR_PROFILES: Final = frozenset(
    {Profile.OPERATOR_ADMIN, Profile.OPERATOR_AGENT, Profile.COMPLIANCE_OFFICER, Profile.CLIENT_MANAGER}
)
PARTNER_PROFILES: Final = frozenset({Profile.PARTNER_ADMIN, Profile.PARTNER_AGENT})
CUSTOMER_PROFILES: Final = frozenset(Profile) - OPERATOR_PROFILES - PARTNER_PROFILES


def access_of(profile: Profile, section: Section) -> Access:
    """Return how far `profile` gets in `section`; what the matrix does not name is closed."""
    return MATRIX[profile].get(section, Access.NONE)


def narrower(one: Access, other: Access) -> Access:
    """Return the lesser of two accesses."""
    order = (Access.NONE, Access.OWN, Access.FULL)
    return min(one, other, key=order.index)
