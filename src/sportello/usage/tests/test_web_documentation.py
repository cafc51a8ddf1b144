"""Traffic documentation: who may ask for what, told to whom, delivered encrypted to one person, on record (ABUSE C04, G14, G15)."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
import pyzipper
from django.urls import reverse
from django.utils import timezone

from sportello.accounts.models import Membership, Person
from sportello.inventory.models import LinePeriod
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.messaging.models import Message, SimulatedText
from sportello.usage import operations, rules, tasks
from sportello.usage.models import DocumentationRequest
from sportello.usage.operations import documentation as documenting
from sportello.usage.tests.factories import new_line, row, usage_file

SYSTEM = system_actor(reason="a test of usage")
BOS, ADAS = "+393200000001", "+393200000002"


def day(back: int) -> date:
    return (timezone.now() - timedelta(days=back)).date()


def at(back: int) -> str:
    return f"{day(back)}T10:00:00Z"


@pytest.fixture
def lines(world):
    """Bo's line with a call and a personal one three and two days ago, and one of forty days ago; Ada's, handed on by Bo."""
    bo = world.memberships["bo"].person
    found = {
        "bo": new_line(world.a, BOS, person=bo, dual=True),
        "a": new_line(world.a, ADAS, person=world.memberships["ada"].person),
    }
    operations.load_file(
        actor=SYSTEM,
        path=usage_file(
            row(record_id="1", msisdn=BOS, amount="11.11", other_party="+393470000111", started_at=at(3)),
            row(record_id="2", msisdn=BOS, amount="22.22", other_party="+393470000222", started_at=at(2), personal="1"),
            row(record_id="3", msisdn=BOS, amount="1", other_party="+393470000333", started_at=at(40)),
            row(record_id="4", msisdn=ADAS, amount="44.44", other_party="+393470000444", started_at=at(3)),
        ),
        now=timezone.now(),
    )
    return found


def ask(browser, line, **given):
    words = {
        "since": str(day(50)), "until": str(day(0)), "purpose": "contested", "reason": "Charges of a bill are contested", **given,
    }  # fmt: skip
    return browser.post(reverse("usage:ask_documentation", args=[line.pk]), words)


def request_made() -> DocumentationRequest:
    return DocumentationRequest.objects.for_(SYSTEM).select_related("line__organisation", "person").latest("pk")


def password_sent() -> str:
    """Return the password on the demo's phone; the portal itself keeps it no more."""
    message = Message.objects.for_(SYSTEM).filter(template="traffic_documentation_password").latest("pk")
    assert message.secret is None
    return str(SimulatedText.objects.latest("pk").text.strip().rsplit(" ", 1)[-1])


def taken(browser, password: str) -> list[dict[str, str]]:
    answer = browser.get(reverse("usage:documentation_file", args=[request_made().pk]))
    content = io.BytesIO(b"".join(answer.streaming_content))
    with pyzipper.AESZipFile(content) as archive:
        (name,) = archive.namelist()
        archive.setpassword(password.encode())
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def test_administrator_gets_the_companys_records_encrypted(lines, signed_in) -> None:
    ada = signed_in("ada")
    assert ask(ada, lines["bo"]).url == reverse("usage:documentation")
    assert "Waiting" in ada.get("/traffic/documentation/").content.decode()
    worker.run_due()
    rows = taken(ada, password_sent())
    assert [(one["Record"], one["Other party"]) for one in rows] == [("1", "+393470000111"), ("3", "+393470000333")]
    with pytest.raises(RuntimeError, match="password"):
        taken(ada, "wrong")
    kinds = Event.append_only.filter(
        kind__startswith="usage.documentation", organisation_id=lines["bo"].organisation_id
    )
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == [
        "usage.documentation_asked", "usage.documentation_ended", "usage.documentation_taken", "usage.documentation_taken",
    ]  # fmt: skip
    shown = ada.get("/traffic/documentation/", headers={"HX-Request": "true"}).content.decode()
    assert "Charges of a bill are contested" in shown
    operations.prepare_documentation(actor=SYSTEM, request=request_made(), now=timezone.now())  # the same job again
    assert kinds.count() == 4


def test_g15_check_of_costs_keeps_called_numbers_masked(lines, signed_in) -> None:
    ada = signed_in("ada")
    ask(ada, lines["bo"], purpose="check")
    worker.run_due()
    assert {one["Other party"] for one in taken(ada, password_sent())} == {"'+393470000***"}


def test_g14_employee_gets_the_own_records_with_personal_ones(lines, signed_in) -> None:
    bo = signed_in("bo")
    ask(bo, lines["bo"], purpose="own", since=str(day(5)))
    worker.run_due()
    rows = taken(bo, password_sent())
    assert [(one["Record"], one["Paid by"], one["Other party"]) for one in rows] == [
        ("2", "employee", "+393470000222"), ("1", "company", "+393470000111"),
    ]  # fmt: skip
    assert Message.objects.for_(SYSTEM).filter(template="traffic_documentation_notice").count() == 0


def test_days_are_those_of_the_customers_calendar(lines, world, signed_in) -> None:
    with arrange():
        type(world.a).objects.for_(SYSTEM).filter(pk=world.a.pk).update(time_zone="Atlantic/Canary")
    operations.load_file(
        actor=SYSTEM,
        path=usage_file(
            row(record_id="late", msisdn=BOS, started_at=f"{day(3)}T23:30:00Z"),
            row(record_id="next", msisdn=BOS, started_at=f"{day(1)}T00:00:00Z"),
        ),
        now=timezone.now(),
    )
    ada = signed_in("ada")
    ask(ada, lines["bo"], since=str(day(3)), until=str(day(2)))
    worker.run_due()
    assert [one["Record"] for one in taken(ada, password_sent())] == ["late", "1"]


def test_users_of_the_line_in_these_days_are_told(lines, signed_in, world) -> None:
    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.EMPLOYEE)
        LinePeriod.objects.for_(SYSTEM).filter(line=lines["bo"]).update(active_to=timezone.now() - timedelta(days=60))
        for person, begins in ((world.memberships["eva"].person, 60), (None, 10)):
            LinePeriod.objects.create(
                line=lines["bo"], organisation=world.a, number=BOS, status="active", person=person,
                active_from=timezone.now() - timedelta(days=begins),
                active_to=timezone.now() - timedelta(days=10) if person else None,
            )  # fmt: skip
    ask(signed_in("ada"), lines["bo"])
    told = Message.objects.for_(SYSTEM).filter(template="traffic_documentation_notice")
    assert [(one.person_id, one.context["who"]) for one in told] == [(world.memberships["eva"].person_id, "Ada Prova")]
    with arrange():
        Person.objects.for_(SYSTEM).filter(pk=world.memberships["eva"].person_id).update(email="")
    worker.run_due()
    ask(signed_in("ada"), lines["bo"])
    assert told.count() == 1


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("ada", {"reason": "because"}, "Say in some words"),
        ("ada", {"since": str(day(1)), "until": str(day(2))}, "before the first"),
        ("ada", {"until": str(day(-2))}, "lies ahead"),
        ("ada", {"since": str(day(200))}, "six months back"),
        ("ada", {"purpose": "own"}, "Select a valid choice"),
        ("bo", {"purpose": "contested"}, "Select a valid choice"),
        ("ada", {"since": "yesterday"}, "Enter a valid date"),
    ],
)
def test_wrong_requests_are_refused_at_the_field(lines, signed_in, name, wrong, said) -> None:
    answer = ask(signed_in(name), lines["bo"], **wrong)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert DocumentationRequest.objects.for_(SYSTEM).count() == 0


def test_form_offers_the_purposes_of_the_profile(lines, signed_in) -> None:
    shown = {
        name: signed_in(name).get(reverse("usage:ask_documentation", args=[lines["bo"].pk])).content.decode()
        for name in ("ada", "bo")
    }
    assert ["My own traffic" in shown[name] for name in ("ada", "bo")] == [False, True]


def test_purpose_is_checked_below_the_form_too(ada, lines) -> None:
    from sportello.kernel.refusals import InvalidInput

    today = day(0)
    with pytest.raises(InvalidInput):
        rules.check_can_ask_documentation(
            ada, purpose="own", reason="long enough a reason", days=(today, today), today=today
        )
    assert rules.earliest_day(date(2026, 8, 31)) == date(2026, 2, 28)
    assert rules.earliest_day(date(2026, 11, 22)) == date(2026, 5, 22)


def test_one_request_of_a_person_at_a_time(lines, signed_in) -> None:
    ada = signed_in("ada")
    assert [ask(ada, lines["bo"]).status_code for _again in range(2)] == [302, 422]
    worker.run_due()
    assert ask(ada, lines["bo"]).status_code == 302


def test_password_needs_a_proved_mobile(lines, signed_in, world) -> None:
    with arrange():
        Person.objects.for_(SYSTEM).filter(pk=world.memberships["ada"].person_id).update(mobile_verified_at=None)
    answer = ask(signed_in("ada"), lines["bo"])
    assert (answer.status_code, "prove your mobile number" in answer.content.decode()) == (422, True)


def test_password_that_cannot_go_out_leaves_no_file(lines, signed_in, settings, monkeypatch) -> None:
    from sportello.usage import prepared

    ask(signed_in("ada"), lines["bo"])
    monkeypatch.setitem(settings.SPORTELLO, "SMS_ALLOWED_PREFIXES", ["+44"])
    worker.run_due()
    request = request_made()
    assert (request.state, request.note, list(prepared.folder().iterdir())) == (
        "failed", "The password could not be sent by SMS. Ask again later.", [],
    )  # fmt: skip


@pytest.mark.parametrize("page", ["usage:ask_documentation"])
@pytest.mark.parametrize(("name", "whose"), [("bo", "a"), ("cy", "bo")])
def test_c01_somebody_elses_line_is_not_found(lines, signed_in, page, name, whose) -> None:
    browser, address = signed_in(name), reverse(page, args=[lines[whose].pk])
    assert [browser.get(address).status_code, browser.post(address).status_code] == [404, 404]


def test_c04_file_is_the_asking_persons_alone_and_expires(lines, signed_in, world) -> None:
    with arrange():
        world.memberships["eva"] = new_member(world.a, "Eva", Profile.ADMINISTRATOR)
    ask(signed_in("ada"), lines["bo"])
    worker.run_due()
    address = reverse("usage:documentation_file", args=[request_made().pk])
    assert [signed_in(name).get(address).status_code for name in ("eva", "bo", "cy", "olga")] == [404] * 4
    assert "Charges of a bill" in signed_in("eva").get("/traffic/documentation/").content.decode()
    assert "Charges of a bill" not in signed_in("bo").get("/traffic/documentation/").content.decode()
    with arrange():
        DocumentationRequest.objects.for_(SYSTEM).update(expires_at=timezone.now())
    assert signed_in("ada").get(address).status_code == 404
    assert tasks.expire_prepared.func() == 1
    assert request_made().state == "expired"


def test_wrong_days_and_a_short_reason_are_told_in_one_round(lines, signed_in) -> None:
    ada = signed_in("ada")
    answer = ask(ada, lines["bo"], since=str(day(1)), until=str(day(3)), reason="because")
    assert (answer.status_code, {name: list(said) for name, said in answer.context["form"].errors.items()}) == (422, {
        "reason": ["Say in some words what the records are needed for: at least 10 characters."],
        "until": ["The last day is before the first."],
    })  # fmt: skip
    page = ada.get(reverse("usage:ask_documentation", args=[lines["bo"].pk])).content.decode()
    assert f"At least {rules.SHORTEST_REASON} characters." in page
    assert not DocumentationRequest.objects.for_(SYSTEM).exists()


def test_request_whose_job_failed_for_good_ends_with_a_reason(lines, signed_in, settings, tmp_path) -> None:
    kept = settings.SPORTELLO
    (tmp_path / "full").write_text("")
    # No folder can be made below a file: as on a disk that is full or away.
    settings.SPORTELLO = kept | {"DATA_FOLDER": tmp_path / "full"}
    ask(signed_in("ada"), lines["bo"])
    worker.run_due(now=timezone.now() + timedelta(hours=1))
    settings.SPORTELLO = kept
    assert (tasks.expire_prepared.func(), request_made().state) == (1, "failed")
    assert "The file could not be made" in signed_in("ada").get("/traffic/documentation/").content.decode()


def test_c03_request_of_one_who_lost_the_profile_fails(lines, signed_in, world) -> None:
    ask(signed_in("ada"), lines["bo"])
    with arrange():
        Membership.objects.for_(SYSTEM).filter(pk=world.memberships["ada"].pk).update(ended_at=timezone.now())
    worker.run_due()
    assert (request_made().state, request_made().note) == ("failed", "Your profile does not open Traffic any more.")


def test_reason_of_a_request_that_failed_is_in_the_language_of_who_asked(lines, signed_in, world) -> None:
    ask(signed_in("ada"), lines["bo"])
    with arrange():
        held = world.memberships["ada"]
        Person.objects.for_(SYSTEM).filter(pk=held.person_id).update(language="it")
        Membership.objects.for_(SYSTEM).filter(pk=held.pk).update(ended_at=timezone.now())
    worker.run_due()
    assert request_made().note == "Il suo profilo non apre più Traffico."


def test_progress_is_told_and_a_worker_that_died_is_taken_over(lines, signed_in, monkeypatch) -> None:
    monkeypatch.setattr(documenting, "TOLD_EVERY", 1)
    ada = signed_in("ada")
    ask(ada, lines["bo"])
    with arrange():
        DocumentationRequest.objects.for_(SYSTEM).update(state="preparing")
    worker.run_due()
    assert (request_made().state, request_made().rows_done) == ("ready", 2)


def test_empty_list_says_how_to_ask(world, signed_in) -> None:
    assert "No documentation was asked for yet" in signed_in("ada").get("/traffic/documentation/").content.decode()
