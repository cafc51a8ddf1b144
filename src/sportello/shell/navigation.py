"""The navigation: what the matrix opens to the actor, and what every page's frame needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from sportello import __version__
from sportello.accounts import queries as accounts
from sportello.kernel.access import Profile, Reach, Section
from sportello.kernel.actor import Actor
from sportello.shell.types import HeldProfile, NavGroup, NavItem

ONE: Final = frozenset({Reach.CUSTOMER, Reach.OWN})
SEVERAL: Final = frozenset({Reach.PARTNER, Reach.ALL})
EVERY: Final = frozenset({Reach.ALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page of the navigation, for actors of these reaches; `demo`: only where the channels are simulated."""

    name: str
    label: str | Promise
    icon: str
    reach: frozenset[Reach] = frozenset(Reach)
    demo: bool = False

    @property
    def url(self) -> str:
        """Return the address."""
        return address(self.name)


PLACES: Final[tuple[tuple[Section, str | Promise, tuple[Place, ...]], ...]] = (
    (Section.OVERVIEW, "", (Place(name="shell:home", label=_("Overview"), icon="layout-dashboard"),)),
    (
        Section.ADMINISTRATION,
        Section.ADMINISTRATION.label,
        (
            Place(name="inventory:lines", label=_("Lines"), icon="device-mobile"),
            Place(name="accounts:people", label=_("People"), icon="users"),
            Place(name="parties:own_organisation", label=_("Organisation"), icon="building", reach=ONE),
            Place(name="parties:organisations", label=_("Customers"), icon="building", reach=SEVERAL),
            Place(name="parties:partners", label=_("Partners"), icon="affiliate", reach=EVERY),
            Place(name="accounts:audit", label=_("Record of what happened"), icon="history"),
        ),
    ),
    (
        Section.TRAFFIC_BILLING,
        Section.TRAFFIC_BILLING.label,
        (
            Place(name="usage:index", label=_("Traffic"), icon="chart-bar"),
            Place(name="billing:index", label=_("Bills"), icon="file-invoice"),
        ),
    ),
    (
        Section.ORDER_TRACKING,
        Section.ORDER_TRACKING.label,
        (Place(name="orders:index", label=_("Orders"), icon="clipboard-list"),),
    ),
    (
        Section.CHANGES,
        Section.CHANGES.label,
        (
            Place(name="orders:new", label=_("New order"), icon="plus"),
            Place(name="orders:desk", label=_("Orders to work on"), icon="inbox", reach=EVERY),
        ),
    ),
    (
        Section.DUAL_BILLING,
        Section.DUAL_BILLING.label,
        (
            Place(name="dual_billing:index", label=_("Employees billed directly"), icon="users"),
            Place(name="dual_billing:bills", label=_("Bills of employees"), icon="receipt", reach=EVERY),
        ),
    ),
    (
        Section.THRESHOLDS,
        Section.THRESHOLDS.label,
        (Place(name="thresholds:index", label=_("Thresholds"), icon="bell"),),
    ),
    (
        Section.ASSISTANCE,
        Section.ASSISTANCE.label,
        (Place(name="tickets:requests", label=_("My requests"), icon="message", reach=ONE),),
    ),
    (
        Section.TICKETS,
        Section.TICKETS.label,
        (
            Place(name="tickets:index", label=_("Tickets"), icon="message"),
            Place(name="tickets:options", label=_("Ticket options"), icon="bell-cog"),
        ),
    ),
    (
        Section.OPERATIONS,
        Section.OPERATIONS.label,
        (
            Place(name="usage:loads", label=_("Usage files"), icon="file-import"),
            Place(name="billing:files", label=_("Bill files"), icon="file-invoice"),
            Place(name="messaging:outbox", label=_("Messages"), icon="send"),
            Place(name="messaging:received", label=_("Mails received"), icon="inbox"),
            Place(name="network:orders", label=_("Orders to the network"), icon="affiliate"),
            Place(name="config:jobs", label=_("Background jobs"), icon="settings-automation"),
            Place(name="config:check", label=_("State of the portal"), icon="heartbeat"),
            Place(name="messaging:simulator", label=_("Phones and mailbox"), icon="device-mobile-message", demo=True),
            Place(name="network:simulator", label=_("The demo's network"), icon="access-point", demo=True),
            Place(name="shell:components", label=_("Components"), icon="components"),
        ),
    ),
)

PERSON_PLACES: Final = (
    Place(name="accounts:account", label=_("My account"), icon="user"),
    Place(name="dual_billing:own", label=_("My private traffic"), icon="receipt"),
    Place(name="accounts:sessions", label=_("Where I am signed in"), icon="device-laptop"),
    Place(name="messaging:preferences", label=_("What I am told"), icon="bell-cog"),
)


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame needs; to a stranger only what signed-out pages need.

    It is worked out when a template asks for it: the moving part of a page, drawn anew without its frame, never does.
    """
    actor: Actor | None = getattr(request, "actor", None)
    shell: dict[str, Any] = {
        "operator_name": settings.SPORTELLO["OPERATOR_NAME"],
        "version": __version__,
        "home": address("shell:home"),
        "set_language": address("shell:set_language"),
    }
    if actor is None:
        return {"actor": None, "navigation": (), "shell": shell}
    return {
        "actor": actor,
        "navigation": SimpleLazyObject(lambda: navigation(actor, request.path)),
        "shell": SimpleLazyObject(lambda: shell | _of_the_person(request, actor)),
    }


def navigation(actor: Actor, path: str) -> list[NavGroup]:
    """Return the groups of links that are open to the actor; the link whose address is the longest start of `path` is active."""
    places = open_places(actor)
    active = max((place.url for place in places if _below(path, place.url)), key=len, default="")
    return [
        NavGroup(title=str(title), items=[_item(place, path, active) for place in found])
        for title, found in _open_groups(actor)
    ]


def open_places(actor: Actor) -> list[Place]:
    """Return the pages of the navigation that are open to the actor."""
    return [place for _title, found in _open_groups(actor) for place in found]


def _open_groups(actor: Actor) -> list[tuple[str | Promise, list[Place]]]:
    groups = [
        (title, [place for place in places if _shown(actor, place)])
        for section, title, places in PLACES
        if actor.may(section)
    ]
    return [(title, found) for title, found in groups if found]


def _shown(actor: Actor, place: Place) -> bool:
    demo = bool(settings.SPORTELLO["DEMO"])
    return bool(place.url) and actor.reach in place.reach and (demo or not place.demo)


def _item(place: Place, path: str, active: str) -> NavItem:
    return NavItem(
        label=str(place.label), url=place.url, icon=place.icon, active=place.url == active, current=place.url == path
    )


def _below(path: str, url: str) -> bool:
    return path == url or (url != address("shell:home") and path.startswith(url))


def _of_the_person(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    held = [
        HeldProfile(
            id=row.pk,
            profile=str(Profile(row.profile).label),
            organisation=row.organisation.legal_name,
            current=row.pk == actor.membership_id,
        )
        for row in accounts.memberships_held(actor.viewer_id or actor.person_id or 0)
    ]
    return {
        "memberships": held,
        "profile_label": actor.profile.label if actor.profile else "",
        "organisation_name": _organisation_name(request),
        "person_items": [_item(place, request.path, "") for place in _own_places(actor)],
        "search": address("shell:search"),
        "notices": address("thresholds:notices") if actor.may(Section.THRESHOLDS) else "",
        "notices_new": address("thresholds:notices_new"),
        "help": address("shell:help"),
        "access": address("shell:access"),
        "act_as": address("accounts:act_as"),
        "sign_out": address("accounts:sign_out"),
        "stop_viewing": address("accounts:stop_viewing"),
    }


def _own_places(actor: Actor) -> tuple[Place, ...]:
    """Return the pages of the own account; whoever views as another sees none of them."""
    return PERSON_PLACES if actor.may(Section.OWN_ACCOUNT) else ()


def _organisation_name(request: HttpRequest) -> str:
    """Return the organisation acted in; the session at the door has read it already."""
    signed_in = getattr(request, "signed_in", None)
    membership = signed_in and (signed_in.viewing or signed_in.membership)
    return membership.organisation.legal_name if membership else ""


def address(name: str) -> str:
    """Return the address of a page, or nothing where its capability is left out; a test holds every name to an address."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
