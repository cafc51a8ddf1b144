"""Fresh codes of people who are signed in: of a purpose of their own, which nothing else takes and which takes nothing else's place."""

from __future__ import annotations

import pytest

from sportello.accounts import operations, queries
from sportello.accounts.models import OneTimeCode, Session
from sportello.accounts.operations.codes import send_code, try_code
from sportello.accounts.rules import CodeTooSoon
from sportello.accounts.states import CodeOutcome, CodePurpose
from sportello.kernel.actor import system_actor

SYSTEM = system_actor(reason="a test sends codes")
FRESH = CodePurpose.CALLED_NUMBERS
NEW = {CodePurpose.MOBILE: "+393510000099", CodePurpose.EMAIL: "new@example.test"}


def test_a17_code_of_one_purpose_is_worth_nothing_for_another(world, outbox, person, monkeypatch):
    ada, now = person("ada"), queries.database_now()
    digits = {purpose: f"{place:06d}" for place, purpose in enumerate(CodePurpose, start=1)}
    coming = iter(digits.values())
    monkeypatch.setattr("sportello.accounts.rules.new_code", lambda: next(coming))
    for purpose in CodePurpose:
        send_code(
            actor=SYSTEM,
            person_id=ada.pk,
            purpose=purpose,
            browser_token="b",
            destination=NEW.get(purpose, ""),
            now=now,
        )

    def tried(code: str, purpose: CodePurpose) -> CodeOutcome:
        OneTimeCode.objects.update(wrong_tries=0)  # as many purposes as there may be: none dies of the tries
        return try_code(person=ada, purpose=purpose, browser_token="b", typed=code, now=now)[0]

    assert {tried(digits[of], to) for of in CodePurpose for to in CodePurpose if of is not to} == {CodeOutcome.WRONG}
    assert {tried(code, purpose) for purpose, code in digits.items()} == {CodeOutcome.ACCEPTED}


def test_fresh_code_takes_neither_the_pause_nor_the_place_of_one_for_signing_in(world, outbox, browser):
    one, two = browser(), browser()
    one.first()
    one.second(outbox.codes()[-1])
    session, ada, now = Session.objects.get(), world.actor("ada"), queries.database_now()
    assert operations.send_fresh_code(actor=ada, session=session, purpose=FRESH, now=now) is True
    with pytest.raises(CodeTooSoon):
        operations.send_fresh_code(actor=ada, session=session, purpose=FRESH, now=now)
    assert [sent.template for sent in outbox.sent if sent.secret] == ["sign_in_code", "fresh_code"]
    fresh = outbox.codes()[-1]
    assert two.first().status_code == 302
    answer = operations.take_fresh_code(actor=ada, session=session, purpose=FRESH, typed=fresh, now=now)
    assert answer.outcome is CodeOutcome.ACCEPTED


def test_a02_fresh_code_counts_once_and_only_in_its_session(world, outbox, browser):
    for _each in range(2):
        tab = browser()
        tab.first()
        tab.second(outbox.codes()[-1])
        OneTimeCode.objects.all().delete()
    mine, other = Session.objects.order_by("pk")
    ada, now = world.actor("ada"), queries.database_now()
    operations.send_fresh_code(actor=ada, session=mine, purpose=FRESH, now=now)
    code = outbox.codes()[-1]

    def take(session: Session) -> CodeOutcome:
        return operations.take_fresh_code(actor=ada, session=session, purpose=FRESH, typed=code, now=now).outcome

    assert [take(other), take(mine), take(mine)] == [CodeOutcome.MISSING, CodeOutcome.ACCEPTED, CodeOutcome.REPLAYED]
