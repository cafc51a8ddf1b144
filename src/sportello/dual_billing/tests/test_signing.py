"""What is signed is what was shown: a change while asked voids the page and the code, and is told (ABUSE A17, F09, H06)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from sportello.dual_billing import operations, rules
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.tests.factories import IBAN, data, enrolled
from sportello.dual_billing.tests.test_operations import (  # noqa: F401 - the fixtures are used by name
    CODE,
    SYSTEM,
    accept,
    ask,
    line,
    now_of,
    session,
    td,
)
from sportello.dual_billing.tests.test_web import at
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.usage.tests.factories import new_line

OTHER_IBAN = "DE89370400440532013000"
CHANGES = {
    "messages": True, "roaming": True, "data_apn": True, "iban": OTHER_IBAN, "address": "Via Nuova 2", "city": "Milano", "postcode": "20121",
    "province": "MI", "email": "other@home.example", "tax_code": "RSSMRA85T10A562S", "start_date": timezone.localdate() + timedelta(days=2),
}  # fmt: skip


def told() -> list[Message]:
    return list(Message.objects.for_(SYSTEM).filter(template="dual_billing_changed").order_by("pk"))


def test_f09_each_datum_that_changes_voids_what_the_employee_read(line, td, bo, session):  # noqa: F811
    today = timezone.localdate()
    row = now_of(ask(td, line, timezone.now(), start_date=today))
    shown, kept = rules.digest_of_terms(row), {name: getattr(row, name) for name in CHANGES}
    for name, value in CHANGES.items():
        setattr(row, name, value)
        with pytest.raises(rules.TermsChanged):
            rules.check_shown(row, shown)
        setattr(row, name, kept[name])
    rules.check_shown(row, shown)
    for nothing in ("", "0" * 64, shown[:-1]):
        with pytest.raises(rules.TermsChanged):
            rules.check_shown(row, nothing)


def test_f09_terms_changed_under_the_open_page_are_not_signed_but_shown(line, td, bo, signed_in, monkeypatch):  # noqa: F811
    monkeypatch.setattr("sportello.accounts.rules.new_code", lambda: CODE)
    today = timezone.localdate()
    row = ask(td, line, timezone.now(), start_date=today)
    flora = signed_in("bo")
    assert flora.post(at("ask_code", row.pk)).url == at("sign", row.pk)
    page = flora.get(at("sign", row.pk))
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', page.content.decode())[1]
    operations.change_enrolment(
        actor=td, enrolment=row, data=data(start_date=today, roaming=True, iban=OTHER_IBAN), now=timezone.now()
    )
    typed = {"code": CODE, "agreed": "on"}
    answer = flora.post(at("sign", row.pk), typed | {"shown": shown})
    assert (answer.status_code, now_of(row).state) == (409, "asked")
    body = answer.content.decode()
    assert (OTHER_IBAN in body, IBAN in body, "ask for a new code" in body, CODE in body) == (True, False, True, False)
    refusals = Event.append_only.filter(kind="access.refused").values_list("payload__refusal", flat=True)
    assert list(refusals) == ["TermsChanged"]
    # the new page with the former code: it was sent for other terms
    again = flora.post(at("sign", row.pk), typed | {"shown": answer.context["shown"]})
    assert (again.status_code, now_of(row).state) == (422, "asked")
    assert flora.post(at("sign", row.pk), typed).status_code == 409
    assert now_of(row).roaming is True


def test_f09_after_the_change_a_new_code_signs_the_new_terms(line, td, bo, session):  # noqa: F811
    now, today = timezone.now(), timezone.localdate()
    row = ask(td, line, now, start_date=today)
    operations.send_signing_code(actor=bo, enrolment=row, session=session, now=now)
    later = now + timedelta(minutes=2)
    operations.change_enrolment(actor=td, enrolment=row, data=data(start_date=today, roaming=True), now=later)
    assert accept(bo, row, session, later).accepted is False
    operations.send_signing_code(actor=bo, enrolment=row, session=session, now=later)
    assert accept(bo, row, session, later).accepted is True
    assert (now_of(row).state, now_of(row).roaming) == ("active", True)


def test_a17_code_for_one_line_signs_no_other(line, td, bo, session, world):  # noqa: F811
    now, today = timezone.now(), timezone.localdate()
    row = ask(td, line, now, start_date=today)
    other = ask(td, new_line(world.a, "+393200000002", person=line.person), now, start_date=today)
    operations.send_signing_code(actor=bo, enrolment=row, session=session, now=now)
    assert (accept(bo, other, session, now).accepted, now_of(other).state) == (False, "asked")
    assert (accept(bo, row, session, now).accepted, now_of(row).state) == (True, "active")


def test_h06_employee_is_told_of_changes_before_and_after_signing_without_values(line, td, world):  # noqa: F811
    now, today = timezone.now(), timezone.localdate()
    person = world.memberships["bo"].person
    row = ask(td, line, now, start_date=today)
    operations.change_enrolment(actor=td, enrolment=row, data=data(start_date=today), now=now)
    assert told() == []  # nothing was changed
    operations.change_enrolment(actor=td, enrolment=row, data=data(start_date=today, roaming=True), now=now)
    signed = enrolled(new_line(world.a, "+393200000002", person=person))
    moved = data(
        iban=OTHER_IBAN, tax_code="RSSMRA85T10A562S", email="evil@attacker.example", start_date=signed.start_date
    )
    operations.change_enrolment(actor=td, enrolment=signed, data=moved, now=now)
    assert [(one.person_id, one.address, one.context["what"]) for one in told()] == [
        (person.pk, person.email, "roaming"),
        (person.pk, person.email, "Tax code, E-mail, IBAN"),
    ]
    assert OTHER_IBAN not in str([one.context for one in told()])


def test_h06_change_of_the_address_is_told_to_the_address_from_before(line, td, world):  # noqa: F811
    person = world.memberships["bo"].person
    with arrange():
        type(person).objects.across_tenants(reason="a test: no address of their own").filter(pk=person.pk).update(
            email=""
        )
    row = ask(td, line, timezone.now(), start_date=timezone.localdate())
    changed = data(start_date=timezone.localdate(), email="evil@attacker.example")
    operations.change_enrolment(actor=td, enrolment=row, data=changed, now=timezone.now())
    assert [one.address for one in told()] == ["bo@home.example"]
    assert Enrolment.objects.for_(SYSTEM).get().email == "evil@attacker.example"
