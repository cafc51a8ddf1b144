"""Who may change people and hand out profiles: pure, facts in, refusal out.

Product/01: an administrator hands out only profiles of their own organisation, never the operator's or a partner's; nobody
raises themselves; the last administrator cannot be removed. How a partner or the operator's care appoint a customer's
first administrator is not said there: here they may, though they do not hold that profile's sections themselves (it is on
the customer's record).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Membership, Person
from sportello.kernel import phones
from sportello.kernel.access import CUSTOMER_PROFILES, OPERATOR_PROFILES, PARTNER_PROFILES, Profile, Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind, OrganisationState

NAME_LENGTH: Final = 80
CODE_LENGTH: Final = 40
LANGUAGES: Final = ("it", "es", "en")
LAST_ONES: Final = frozenset({Profile.ADMINISTRATOR, Profile.OPERATOR_ADMIN})
"""Profiles of which an organisation always keeps one active holder."""

NO_PROFILE: Final = _("Give the person a profile first: without one they cannot sign in to anything.")


class LastAdministrator(WrongState):
    """The organisation would be left without anybody who can administer it (ABUSE B04)."""

    default = _("This is the last administrator: give the profile to somebody else first.")


class NotOwnself(WrongState):
    """Nobody changes their own standing."""

    default = _("You cannot do this to yourself: ask another administrator.")


class AtHomeElsewhere(NotPermitted):
    """The person belongs to another organisation, which keeps their data."""

    default = _("This person belongs to another organisation: only their own organisation changes their data.")


class ProfileNotYours(NotPermitted):
    """The profile is not the actor's to hand out (ABUSE D04)."""

    default = _("You cannot hand out this profile.")


@dataclass(frozen=True, kw_only=True)
class PersonData:
    """What is kept of a person besides profiles; `cost_centre` is its code."""

    given_name: str
    family_name: str
    email: str = ""
    mobile: str = ""
    code: str = ""
    language: str = "it"


def checked(data: PersonData, *, known_mobile: str = "") -> PersonData:
    """Return the data with each part in its one written form. Raises `InvalidInput` at the field that is wrong.

    `known_mobile` is the number that is stored already: written the same way, it is not examined again.
    """
    if data.language not in LANGUAGES:
        raise InvalidInput(_("This language is not spoken here."), field="language")
    if len(data.code) > CODE_LENGTH:
        raise InvalidInput(_("At most %(count)d characters.") % {"count": CODE_LENGTH}, field="code")
    return replace(
        data,
        given_name=_name(data.given_name, "given_name"),
        family_name=_name(data.family_name, "family_name"),
        email=_email(data.email),
        mobile=data.mobile if data.mobile == known_mobile else read_mobile(data.mobile),
        code=data.code.strip(),
    )


def _name(text: str, field: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise InvalidInput(_("This field is needed."), field=field)
    if len(name) > NAME_LENGTH:
        raise InvalidInput(_("At most %(count)d characters.") % {"count": NAME_LENGTH}, field=field)
    if any(unicodedata.category(sign).startswith("C") for sign in name):
        raise InvalidInput(_("The name holds signs that cannot be shown."), field=field)
    return name


def _email(text: str) -> str:
    email = text.strip()
    try:
        if email:
            validate_email(email)
    except ValidationError as wrong:
        raise InvalidInput(_("This is not an e-mail address."), field="email") from wrong
    return email


def read_mobile(text: str) -> str:
    """Return a mobile number in E.164, or nothing: land lines and service numbers get no codes (ABUSE A23)."""
    if not text.strip():
        return ""
    try:
        number = phones.normalise(text)
    except phones.InvalidPhoneNumber as wrong:
        raise InvalidInput(wrong.sentence, field="mobile") from wrong
    if not phones.is_mobile(number):
        raise InvalidInput(_("This is not a mobile number."), field="mobile")
    return number


def username_base(given_name: str, family_name: str) -> str:
    """Return `given.family` in small ASCII letters, the form that usernames are made from."""
    parts = [_ascii(given_name), _ascii(family_name)]
    return ".".join(part for part in parts if part)[:140] or "user"


def free_username(base: str, taken: Collection[str]) -> str:
    """Return `base`, or `base2`, `base3` …: the first that is not taken."""
    if base not in taken:
        return base
    number = 2
    while f"{base}{number}" in taken:
        number += 1
    return f"{base}{number}"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", plain.lower())


def at_home_in_reach(actor: Actor, organisation: Organisation) -> bool:
    """Tell whether the organisation, a person's home, is one that the actor keeps."""
    if actor.reach is Reach.ALL:
        return True
    own = organisation.pk == actor.organisation_id
    return own or (actor.reach is Reach.PARTNER and organisation.partner_id == actor.organisation_id)


def check_can_change(actor: Actor, person: Person, held: Collection[str]) -> None:
    """Refuse to change a person of another organisation, or one who stands above: staff who run the portal (D04).

    `held` are the profiles that the person holds anywhere.
    """
    if not at_home_in_reach(actor, person.organisation):
        raise AtHomeElsewhere
    if OPERATOR_PROFILES.intersection(held) and not actor.may(Section.OPERATIONS):
        raise NotPermitted(_("Only who runs the portal changes the operator's staff."))
    if PARTNER_PROFILES.intersection(held) and actor.reach not in {Reach.ALL, Reach.PARTNER}:
        raise AtHomeElsewhere


def check_can_let_codes_through(actor: Actor, person: Person, held: Collection[str], *, frozen: bool) -> None:
    """Refuse to confirm a frozen number to the person, to who may not change the person, and when nothing is frozen (A15)."""
    if is_self(actor, person):
        raise NotPermitted(_("Somebody else has to confirm your number: another administrator, or the operator."))
    check_can_change(actor, person, held)
    if not frozen:
        raise WrongState(_("Codes to this number are not paused."))


def is_self(actor: Actor, person: Person) -> bool:
    """Tell whether the actor is that very person."""
    return actor.person_id is not None and actor.person_id == person.pk


def check_contacts_of_another(actor: Actor, person: Person, data: PersonData) -> None:
    """Refuse one's own sign-in addresses here: they are changed on one's own account, with the password (ABUSE A14)."""
    if not is_self(actor, person):
        return
    for field in ("email", "mobile"):
        if getattr(person, field) != getattr(data, field):
            raise InvalidInput(_("Change your own address in your account, with your password."), field=field)


def check_can_invite(person: Person, held: Collection[str]) -> None:
    """Refuse to invite who is deactivated, has no mailbox, or holds no profile (`held`) and would be let in to nothing.

    Raises `WrongState`, `InvalidInput` at `email`.
    """
    if not person.is_active:
        raise WrongState(_("This person is deactivated and cannot be invited."))
    if not person.email:
        raise InvalidInput(_("This person has no e-mail address to send the invitation to."), field="email")
    if not held:
        raise WrongState(NO_PROFILE)


def check_can_deactivate(actor: Actor, person: Person) -> None:
    """Refuse to deactivate oneself, or who is deactivated."""
    if is_self(actor, person):
        raise NotOwnself
    if not person.is_active:
        raise WrongState(_("This person is deactivated already."))


def grantable(actor: Actor, organisation: Organisation) -> frozenset[Profile]:
    """Return the profiles that the actor may hand out, and end, in an organisation of their reach."""
    if not actor.may(Section.ADMINISTRATION) or not at_home_in_reach(actor, organisation):
        return frozenset()
    runs = actor.may(Section.OPERATIONS)
    if organisation.kind == OrganisationKind.OPERATOR:
        return OPERATOR_PROFILES - {Profile.CLIENT_MANAGER} if runs else frozenset()
    if organisation.kind == OrganisationKind.PARTNER:
        return PARTNER_PROFILES
    return CUSTOMER_PROFILES | {Profile.CLIENT_MANAGER} if runs else CUSTOMER_PROFILES


def offered(actor: Actor, person: Person) -> frozenset[Profile]:
    """Return the profiles that the actor may give this person somewhere: the operator's people are offered none of a customer's."""
    home = person.organisation
    at_home = grantable(actor, home)
    if home.kind == OrganisationKind.OPERATOR:
        return at_home | {Profile.CLIENT_MANAGER} if may_appoint_staff(actor) else at_home
    elsewhere = CUSTOMER_PROFILES if actor.reach in {Reach.ALL, Reach.PARTNER} else frozenset()
    return (at_home | elsewhere) - {Profile.CLIENT_MANAGER}


def check_can_grant(actor: Actor, person: Person, organisation: Organisation, profile: Profile) -> None:
    """Refuse a profile that is not the actor's to hand out there, to oneself, or to who is not active."""
    if profile not in grantable(actor, organisation):
        raise ProfileNotYours
    if is_self(actor, person):
        raise NotPermitted(_("Nobody changes their own profiles: ask another administrator."))
    if not person.is_active:
        raise WrongState(_("This person is deactivated: reactivate them first."))
    if organisation.state == OrganisationState.CLOSED:
        raise WrongState(_("The organisation is closed."))
    staff = person.organisation.kind == OrganisationKind.OPERATOR
    if (profile == Profile.CLIENT_MANAGER) != staff and organisation.kind == OrganisationKind.CUSTOMER:
        raise InvalidInput(
            _("In a customer's organisation the operator's people are client managers, and nobody else is."),
            field="profile",
        )
    if organisation.kind != OrganisationKind.CUSTOMER and person.organisation_id != organisation.pk:
        raise InvalidInput(_("Only its own people hold profiles there."), field="profile")


def check_can_end(actor: Actor, membership: Membership, *, last_one: bool) -> None:
    """Refuse to end a profile that is not the actor's to hand out, or the last administrator's (also one's own: B04)."""
    if last_one:
        raise LastAdministrator
    if Profile(membership.profile) not in grantable(actor, membership.organisation):
        raise ProfileNotYours
    if membership.ended_at is not None:
        raise WrongState(_("This profile was ended already."))


def may_appoint_staff(actor: Actor) -> bool:
    """Tell whether the actor appoints the operator's own people, client managers of customers among them."""
    return actor.reach is Reach.ALL and actor.may(Section.OPERATIONS)
