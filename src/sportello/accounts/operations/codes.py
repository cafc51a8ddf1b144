"""One-time codes: issue, try, freeze. Use is one conditional UPDATE; a new code ends the former one (ABUSE A01 to A05)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from sportello.accounts import queries, rules
from sportello.accounts.events import CodeReplayed, CodesFrozen, CodesUnfrozen, MobileUnbound, OneTimeCodeSent, about
from sportello.accounts.models import OneTimeCode, Person
from sportello.accounts.operations.messages import tell, tell_of_change
from sportello.accounts.queries.directory import profiles_anywhere
from sportello.accounts.rules import people as rules_people
from sportello.accounts.states import CodeOutcome, CodePurpose
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, keyed_hashes
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish

LOCK_REASON = "the person whose sign-in this is"
OF_SIGN_IN: Final = frozenset({CodePurpose.SIGN_IN, CodePurpose.INVITATION, CodePurpose.MOBILE})
"""Purposes whose text speaks of signing in; the others confirm something to somebody who is in already."""


@operation(
    section=None, why="somebody who proved the password, a link, or who is signed in, asks for a code to an own number"
)
def send_code(
    *,
    actor: Actor,
    person_id: int,
    purpose: CodePurpose,
    browser_token: str,
    device_id: int | None = None,
    destination: str = "",
    now: datetime,
) -> bool:
    """Send a new code to a person; the former one of this purpose is void from now on. `now` is the database's clock.

    `destination` is the number or address to be proved; without it the code goes to the verified mobile. Return False when the
    message cannot go out (a day's budget is spent: ABUSE A13). Raises `NoNumberForCodes`, `CodesAreFrozen`, `CodeTooSoon`.
    """
    person = locked_person(person_id)
    if not destination:
        verified = person.mobile_verified_at is not None
        rules.check_codes_may_go(
            mobile=person.mobile, verified=verified, frozen_until=person.codes_frozen_until, now=now
        )
    since = now - rules.CODE_SENDS_WINDOW
    rules.check_send_rate(queries.code_sends(person.pk, purpose, device_id=device_id, since=since), now)
    OneTimeCode.objects.filter(person=person, purpose=purpose, used_at=None, superseded_at=None).update(
        superseded_at=now
    )
    code, browser = rules.new_code(), queries.browser_hash(browser_token)
    row = OneTimeCode.objects.create(
        person=person,
        purpose=purpose,
        browser_hash=browser,
        code_hash=keyed_hash("code", *_bound(person.pk, purpose, browser), code),
        destination=destination or person.mobile,
        device_id=device_id,
        sent_at=now,
        expires_at=now + settings.SPORTELLO["CODE_LIFETIME"],
    )
    queued = _hand_over(actor=actor, person=person, row=row, code=code)
    publish(OneTimeCodeSent(**about(person), purpose=purpose, to=rules.hint(row.destination), queued=queued))
    return queued


def _hand_over(*, actor: Actor, person: Person, row: OneTimeCode, code: str) -> bool:
    by_mail = row.purpose == CodePurpose.EMAIL
    by_sms = "sign_in_code" if row.purpose in OF_SIGN_IN else "fresh_code"
    minutes = int(settings.SPORTELLO["CODE_LIFETIME"].total_seconds() // 60)
    return tell(
        actor=actor,
        person=person,
        template="email_code" if by_mail else by_sms,
        key=f"code:{row.pk}",
        context={"minutes": str(minutes)},
        secret={"code": code},
        email=row.destination if by_mail else "",
        mobile="" if by_mail else row.destination,
        urgent=True,
    )


def try_code(
    *, person: Person, purpose: CodePurpose, browser_token: str, typed: str, now: datetime
) -> tuple[CodeOutcome, OneTimeCode | None]:
    """Try six digits, inside an operation that holds the person's guard. Return how it ended, and the code used if it was right.

    A replay of a used code is on record and counts as no failure. Wrong digits count against the live code; the fifth ends it.
    """
    browser = queries.browser_hash(browser_token)
    row = queries.latest_code(person.pk, purpose, browser)
    if row is not None and _use(row, typed, now=now):
        return CodeOutcome.ACCEPTED, row
    if _was_used(person.pk, purpose, typed):
        publish(CodeReplayed(**about(person), purpose=purpose))
        return CodeOutcome.REPLAYED, None
    return (CodeOutcome.MISSING if row is None else _count_wrong(row, now=now)), None


def _use(row: OneTimeCode, typed: str, *, now: datetime) -> bool:
    """Use a code up, in one UPDATE that asks for everything at once: of twenty at the same instant one succeeds (ABUSE A01)."""
    hashes = keyed_hashes("code", *_bound(row.person_id, row.purpose, row.browser_hash), typed)
    live = OneTimeCode.objects.filter(
        pk=row.pk,
        code_hash__in=hashes,
        used_at=None,
        superseded_at=None,
        expires_at__gt=now,
        wrong_tries__lt=settings.SPORTELLO["CODE_TRIES"],
    )
    return live.update(used_at=now) == 1


def _count_wrong(row: OneTimeCode, *, now: datetime) -> CodeOutcome:
    row.refresh_from_db()
    if row.superseded_at is not None:
        return CodeOutcome.REPLACED
    if row.used_at is not None:
        return CodeOutcome.WRONG
    if now >= row.expires_at:
        return CodeOutcome.EXPIRED
    if row.wrong_tries >= settings.SPORTELLO["CODE_TRIES"]:
        return CodeOutcome.DEAD
    OneTimeCode.objects.filter(pk=row.pk).update(wrong_tries=F("wrong_tries") + 1)
    return CodeOutcome.DEAD if row.wrong_tries + 1 >= settings.SPORTELLO["CODE_TRIES"] else CodeOutcome.WRONG


def _was_used(person_id: int, purpose: CodePurpose, typed: str) -> bool:
    used = OneTimeCode.objects.filter(person_id=person_id, purpose=purpose).exclude(used_at=None)
    recent = used.order_by("-used_at").values_list("browser_hash", "code_hash")[:5]
    return any(
        stored in keyed_hashes("code", *_bound(person_id, purpose, browser), typed) for browser, stored in recent
    )


def _bound(person_id: int, purpose: str, browser: str) -> tuple[str, str, str]:
    return str(person_id), str(purpose), browser


@operation(
    section=None, why="a change of a SIM card, wherever it is ordered, stops the codes that go to it (ABUSE A15)"
)
def freeze_codes(*, actor: Actor, person: Person, until: datetime, reason: str) -> None:
    """Send no sign-in codes to a person's mobile until an instant: its SIM is being replaced, ported or reassigned.

    Codes on their way are void. The person is told by mail, since the number is what is in doubt.
    """
    Person.objects.across_tenants(reason=LOCK_REASON, opens_wall=False).filter(pk=person.pk).update(
        codes_frozen_until=until
    )
    void_codes(person.pk, now=queries.database_now())
    publish(CodesFrozen(**about(person), until=until, why=reason[:200]))
    what, key = _("SIM card of the mobile number"), f"frozen:{person.pk}:{until.timestamp()}"
    tell_of_change(actor=actor, person=person, what=what, key=key, by_sms=False)


@operation(section=Section.ADMINISTRATION)
def unfreeze_codes(*, actor: Actor, person: Person) -> None:
    """Confirm that a frozen number still is the person's; somebody else than the person has to (ABUSE A15).

    Raises `NotPermitted`, `WrongState` (nothing is frozen).
    """
    frozen = locked_person(person.pk).codes_frozen_until is not None
    rules_people.check_can_let_codes_through(actor, person, profiles_anywhere(person), frozen=frozen)
    Person.objects.across_tenants(reason=LOCK_REASON, opens_wall=False).filter(pk=person.pk).update(
        codes_frozen_until=None
    )
    publish(CodesUnfrozen(**about(person)))


@operation(section=None, why="a line that changes hands takes its number away from whoever had it (ABUSE A16)")
def unbind_mobile(*, actor: Actor, person: Person, reason: str, now: datetime) -> None:  # noqa: ARG001 - the operation permits and records by it
    """Take a number away from a person's sign-in, since its line went to somebody else; codes on their way are void."""
    before = person.mobile_verified_at
    Person.objects.across_tenants(reason=LOCK_REASON, opens_wall=False).filter(pk=person.pk).update(
        mobile_verified_at=None
    )
    void_codes(person.pk, now=now)
    publish(MobileUnbound(**about(person), why=reason[:200], changes=changed({"verified": before}, {"verified": None})))


def void_codes(person_id: int, *, now: datetime) -> None:
    """End every live code of a person (the number, the address or the password it stands on has changed)."""
    OneTimeCode.objects.filter(person_id=person_id, used_at=None, superseded_at=None).update(superseded_at=now)


def locked_person(person_id: int) -> Person:
    """Return a person's row, locked to the end of the transaction: codes of one person are issued one after the other.

    Locks are taken in one order everywhere: guard, person, codes, chain. `no_key`: rows that refer to the person may still be
    written (a session, a message), which would else wait here while holding what we need.
    """
    return (
        Person.objects.across_tenants(reason=LOCK_REASON, opens_wall=False)
        .select_for_update(no_key=True)
        .get(pk=person_id)
    )
