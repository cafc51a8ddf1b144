"""What the named people did lately, each through the operation that the page calls: invitations, assignments, thresholds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sportello.accounts.models import Membership, Person
from sportello.accounts.operations import create_person, invite_person
from sportello.accounts.rules_people import PersonData
from sportello.config.demo_base import fiction
from sportello.inventory.models import Line
from sportello.inventory.operations.assignment import assign_lines
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, Via, member_actor
from sportello.kernel.money import to_units
from sportello.parties.models import CostCentre
from sportello.thresholds.operations import set_threshold, suspend_threshold
from sportello.thresholds.types import Terms

GIGABYTE, MINUTE = 10**9, 60
REASON = "acting as the named people of the demo"
INVITED, REASSIGNED, SUSPENDED = 3, 4, 4
# Far above the serial numbers of lines: mobiles of people who have no line yet.
COLLEAGUES = 9_100_000


@dataclass(frozen=True)
class Watch:
    """A threshold that somebody sets on one of the lines in their reach."""

    who: str
    terms: Terms


def _euro(amount: str, traffic_type: str = "all", zone: str = "any") -> Terms:
    return Terms(traffic_type=traffic_type, measure="amount", limit=to_units(Decimal(amount)), zone=zone)


def _volume(gigabytes: int) -> Terms:
    return Terms(traffic_type="data", measure="volume", limit=gigabytes * GIGABYTE)


# The first of each are passed by a few days of traffic, the others hardly ever.
WATCHES = (
    *(Watch("tito.traffic", _euro(limit)) for limit in ("1.00", "2.00", "3.00", "20.00", "250.00")),
    *(Watch("ada.administrator", _volume(limit)) for limit in (1, 2, 20)),
    Watch("ada.administrator", Terms(traffic_type="voice", measure="minutes", limit=30 * MINUTE)),
    Watch("ada.administrator", Terms(traffic_type="sms", measure="messages", limit=50)),
    Watch("ada.administrator", _euro("50.00", "data", "extra_eu")),
    *(Watch("cy.administrator", _euro(limit)) for limit in ("1.00", "5.00", "100.00")),
    Watch("zoe.both", _volume(1)),
)


def actor_of(username: str) -> Actor:
    """Return the person of this username acting as their first profile, from the command line."""
    memberships = Membership.objects.across_tenants(reason=REASON).filter(person__username=username, ended_at=None)
    membership = memberships.select_related("person").order_by("pk")[0]
    return member_actor(
        person_id=membership.person_id,
        organisation_id=membership.organisation_id,
        profile=Profile(membership.profile),
        membership_id=membership.pk,
        name=membership.person.name,
        via=Via.COMMAND,
    )


def set_thresholds(now: datetime) -> int:
    """Set the thresholds of the demo, each on another line, and suspend one; return how many were set."""
    free = {who: _lines_to_watch(actor_of(who)) for who in dict.fromkeys(watch.who for watch in WATCHES)}
    rows = [
        set_threshold(actor=actor_of(watch.who), line=line, terms=watch.terms, now=now)
        for watch in WATCHES
        if (line := next(free[watch.who], None))
    ]
    suspend_threshold(actor=actor_of(WATCHES[SUSPENDED].who), threshold=rows[SUSPENDED])
    return len(rows) + _own_threshold(now)


def _lines_to_watch(actor: Actor) -> Iterator[Line]:
    # Those who pay by the minute first: they pass a threshold in euro soon.
    working = Line.objects.for_(actor).filter(kind=LineKind.MOBILE, status=LineStatus.ACTIVE, active_to=None)
    by_plan = working.select_related("organisation", "plan").order_by("-plan__code", "number")
    return iter([*by_plan.filter(thresholds=None)])


def _own_threshold(now: datetime) -> int:
    bo = actor_of("bo.employee")
    line = Line.objects.for_(bo).select_related("organisation").get()
    set_threshold(actor=bo, line=line, terms=_euro("1.00"), now=now)
    return 1


def manage_people_and_lines(now: datetime) -> None:
    """Let administrators write and invite colleagues and move lines between cost centres."""
    _new_colleague(actor_of("ada.administrator"), "Elio", "Serra", now)
    _new_colleague(actor_of("cy.administrator"), "Nora", "Riva", now)
    for username in ("ada.administrator", "cy.administrator", "pia.partner"):
        _invite_some(actor_of(username), now)
    _move_lines(actor_of("ada.administrator"), now)


def _new_colleague(actor: Actor, given_name: str, family_name: str, now: datetime) -> None:
    home = Membership.objects.for_(actor).select_related("organisation").get(pk=actor.membership_id).organisation
    domain = home.email.split("@")[1]
    data = PersonData(
        given_name=given_name,
        family_name=family_name,
        email=f"{given_name}.{family_name}@{domain}".lower(),
        mobile=fiction.mobile("IT", COLLEAGUES + home.pk),
    )
    person = create_person(actor=actor, organisation=home, data=data, profiles=[Profile.EMPLOYEE])
    invite_person(actor=actor, person=person, now=now)


def _invite_some(actor: Actor, now: datetime) -> None:
    waiting = Person.objects.for_(actor).filter(password="", organisation_id=actor.organisation_id).exclude(mobile="")
    for person in waiting.select_related("organisation").order_by("pk")[:INVITED]:
        invite_person(actor=actor, person=person, now=now)


def _move_lines(actor: Actor, now: datetime) -> None:
    centre = CostCentre.objects.for_(actor).order_by("code")[0]
    lines = Line.objects.for_(actor).filter(status=LineStatus.ACTIVE, active_to=None, person__password="")
    others = lines.exclude(cost_centre=centre).order_by("number").values_list("pk", flat=True)
    assign_lines(actor=actor, line_ids=list(others[:REASSIGNED]), changes={"cost_centre": centre}, now=now)
