"""The first account of an installation: made on the command line, opened by a link, never with a default password."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sportello.accounts import rules
from sportello.accounts.events import about
from sportello.accounts.events.people import PersonCreated, ProfileGranted
from sportello.accounts.models import Membership, Person
from sportello.accounts.operations.invitations import make_invitation_link
from sportello.accounts.rules.people import PersonData, checked
from sportello.kernel.access import Profile, Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.parties.events import OrganisationCreated
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind

COMMAND_LINE = "the operator's own account, from the command line"
OPERATOR_CODE = "OPERATOR"


@operation(section=Section.OPERATIONS)
def invite_operator(
    *, actor: Actor, username: str, email: str, given_name: str, family_name: str, now: datetime
) -> str:
    """Make an administrator of the operator (and the operator, if there is none) and return the link of the first access.

    Called again for the same username before the link was used, it makes a new link. Raises `InvalidInput` at the field.
    """
    name = rules.read_username(username)
    read = checked(
        PersonData(given_name=given_name, family_name=family_name, email=email, language=settings.LANGUAGE_CODE)
    )
    operator = _operator()
    person = Person.objects.across_tenants(reason=COMMAND_LINE, opens_wall=False).filter(username=name).first()
    if person is None:
        person = _person(operator, name, read)
    elif person.organisation_id != operator.pk or person.password:
        raise InvalidInput(_("This username is taken."), field="username")
    return make_invitation_link(actor=actor, person=person, now=now)


def _operator() -> Organisation:
    rows = Organisation.objects.across_tenants(reason=COMMAND_LINE, opens_wall=False)
    known = rows.filter(kind=OrganisationKind.OPERATOR).first()
    if known is not None:
        return known
    name = settings.SPORTELLO["OPERATOR_NAME"]
    made = Organisation.objects.create(kind=OrganisationKind.OPERATOR, code=OPERATOR_CODE, legal_name=name)
    publish(
        OrganisationCreated(
            organisation_id=made.pk, subject_type="organisation", subject_id=made.pk, code=made.code, name=name
        )
    )
    return made


def _person(operator: Organisation, username: str, data: PersonData) -> Person:
    person = Person.objects.create(
        organisation=operator,
        username=username,
        given_name=data.given_name,
        family_name=data.family_name,
        email=data.email,
        language=data.language,
    )
    held = Membership.objects.create(person=person, organisation=operator, profile=Profile.OPERATOR_ADMIN)
    publish(PersonCreated(**about(person), name=person.name, username=username))
    publish(ProfileGranted(**about(person), name=person.name, profile=held.profile, membership_id=held.pk))
    return person
