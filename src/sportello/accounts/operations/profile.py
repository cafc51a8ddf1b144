"""What people change about themselves: names, language, time zone, and the addresses that codes and links go to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sportello.accounts import queries, rules, sessions
from sportello.accounts.events import CodeWrong, ContactChanged, ProfileChanged, about
from sportello.accounts.models import Person, Session
from sportello.accounts.operations import guards
from sportello.accounts.operations.codes import locked_person, send_code, try_code, void_codes
from sportello.accounts.operations.messages import tell_of_change
from sportello.accounts.rules.people import PersonData, checked
from sportello.accounts.states import CodeOutcome, CodePurpose
from sportello.accounts.types import CodeAnswer, Confirmed
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The plain part of an account. `time_zone` is an IANA name."""

    given_name: str
    family_name: str
    language: str
    time_zone: str


@operation(section=Section.OWN_ACCOUNT)
def change_profile(*, actor: Actor, profile: Profile) -> None:
    """Change the actor's own name, language and time zone. Raises `InvalidInput` at the field that is wrong."""
    person = queries.own_person(actor)
    read = checked(
        PersonData(given_name=profile.given_name, family_name=profile.family_name, language=profile.language)
    )
    profile = replace(profile, given_name=read.given_name, family_name=read.family_name)
    before = {name: getattr(person, name) for name in vars(profile)}
    Person.objects.across_tenants(reason="the person's own row", opens_wall=False).filter(pk=person.pk).update(
        **vars(profile)
    )
    publish(ProfileChanged(**about(person), changes=changed(before, vars(profile))))


@operation(section=Section.OWN_ACCOUNT)
def ask_new_contact(
    *,
    actor: Actor,
    purpose: CodePurpose,
    destination: str,
    confirmed: Confirmed | None,
    browser_token: str,
    now: datetime,
) -> bool:
    """Send a code to a new mobile number or e-mail address, which counts once the code was typed (ABUSE A14).

    `purpose` is MOBILE or EMAIL. Return False when the message cannot go out. Raises `PasswordNotConfirmed`, `CodeTooSoon`.
    """
    person = queries.own_person(actor)
    rules.check_confirmed(confirmed, person_id=person.pk, encoded=person.password, now=now)
    return send_code(
        actor=actor, person_id=person.pk, purpose=purpose, browser_token=browser_token, destination=destination, now=now
    )


@operation(section=Section.OWN_ACCOUNT)
def confirm_new_contact(
    *, actor: Actor, session: Session, purpose: CodePurpose, typed: str, browser_token: str, now: datetime
) -> CodeAnswer:
    """Take the code that went to a new number or address; the right one makes it the person's.

    The former mail and mobile are told, the other sessions end, codes and links to the former address are void.
    """
    bucket = f"{purpose}:{actor.person_id}"
    count = guards.hold(bucket, now=now)
    if count.locked(now):
        return CodeAnswer(outcome=CodeOutcome.LOCKED, locked_until=count.locked_until)
    person = locked_person(actor.person_id or 0)
    outcome, row = try_code(person=person, purpose=purpose, browser_token=browser_token, typed=typed, now=now)
    if row is None:
        publish(CodeWrong(**about(person), purpose=purpose, outcome=outcome))
        return CodeAnswer(outcome=outcome, locked_until=guards.failed(bucket, rules.code_limit(), now=now))
    guards.clear(bucket)
    _store(actor=actor, person=person, session=session, purpose=purpose, destination=row.destination, now=now)
    return CodeAnswer(outcome=outcome)


def _store(
    *, actor: Actor, person: Person, session: Session, purpose: CodePurpose, destination: str, now: datetime
) -> None:
    values: dict[str, object] = {"email": destination}
    if purpose is CodePurpose.MOBILE:
        values = {"mobile": destination, "mobile_verified_at": now, "codes_frozen_until": None}
    before = {name: getattr(person, name) for name in values}
    Person.objects.across_tenants(reason="the person's own row", opens_wall=False).filter(pk=person.pk).update(**values)
    void_codes(person.pk, now=now)
    ended = sessions.end_sessions(person.pk, now=now, but=session.pk)
    publish(ContactChanged(**about(person), sessions_ended=ended, changes=changed(before, values)))
    what = _("mobile number") if purpose is CodePurpose.MOBILE else _("e-mail address")
    tell_of_change(actor=actor, person=person, what=what, key=f"contact:{person.pk}:{now.timestamp()}")
