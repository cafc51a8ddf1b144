"""What the named people did lately, each through the operation that the page calls."""

from datetime import datetime

from sportello.accounts.models import Membership, Person
from sportello.accounts.operations import create_person, invite_person
from sportello.accounts.rules.people import PersonData
from sportello.config.demo_base import fiction
from sportello.inventory.models import Line
from sportello.inventory.operations.assignment import assign_lines
from sportello.inventory.states import LineStatus
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, Via, member_actor
from sportello.parties.models import CostCentre, Organisation

REASON = "acting as the named people of the demo"
INVITED, REASSIGNED = 3, 4
# Far above the serial numbers of lines: mobiles of people who have no line yet.
COLLEAGUES = 9_100_000


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


def manage_people_and_lines(now: datetime) -> None:
    """Let administrators write and invite colleagues and move lines between cost centres."""
    _new_colleague(actor_of("ada.administrator"), "Elio", "Serra", now)
    _new_colleague(actor_of("cy.administrator"), "Nora", "Riva", now)
    for username in ("ada.administrator", "cy.administrator"):
        _invite_some(actor_of(username), now)
    _move_lines(actor_of("ada.administrator"), now)


def _new_colleague(actor: Actor, given_name: str, family_name: str, now: datetime) -> None:
    home = _home(actor)
    domain = home.email.split("@")[1]
    data = PersonData(
        given_name=given_name,
        family_name=family_name,
        email=f"{given_name}.{family_name}@{domain}".lower(),
        mobile=fiction.mobile("IT", COLLEAGUES + home.pk),
    )
    person = create_person(actor=actor, organisation=home, data=data, profiles=[Profile.EMPLOYEE])
    invite_person(actor=actor, person=person, now=now)


def _home(actor: Actor) -> Organisation:
    return Organisation.objects.for_(actor).get_or_refuse(pk=actor.organisation_id)


def _invite_some(actor: Actor, now: datetime) -> None:
    waiting = Person.objects.for_(actor).filter(password="", organisation=_home(actor)).exclude(mobile="")
    for person in waiting.select_related("organisation").order_by("pk")[:INVITED]:
        invite_person(actor=actor, person=person, now=now)


def _move_lines(actor: Actor, now: datetime) -> None:
    centre = CostCentre.objects.for_(actor).order_by("code")[0]
    lines = Line.objects.for_(actor).filter(status=LineStatus.ACTIVE, active_to=None, person__password="")
    others = lines.exclude(cost_centre=centre).order_by("number").values_list("pk", flat=True)
    assign_lines(actor=actor, line_ids=list(others[:REASSIGNED]), changes={"cost_centre": centre}, now=now)
