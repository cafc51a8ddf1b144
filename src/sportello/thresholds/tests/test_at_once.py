"""What a threshold bars the moment it is set or changed: counted before it is saved, and asked about in the form."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.testing import arrange
from sportello.thresholds import operations, queries
from sportello.thresholds.models import Bar, BulkChange, CutOff, Threshold
from sportello.thresholds.states import BulkState, BulkWhat
from sportello.thresholds.tests.factories import (
    NOVEMBER,
    NOW,
    OCTOBER,
    a_line,
    a_threshold,
    count,
    euro,
    tallied,
    terms,
)
from sportello.usage import operations as usage
from sportello.usage.tests.factories import row, usage_file

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test looks")
FORM = {"watch": "data:eur", "zone": "any", "limit": "5.00", "steps": "50, 100", "kind": "enforcing"}


def url(name, *arguments):
    return reverse(f"thresholds:{name}", args=arguments)


def bars():
    return Bar.objects.for_(SYSTEM).count()


def this_month():
    return timezone.localdate().replace(day=1)


def barred(actor, lines, wanted, now=NOW):
    return queries.barred_by_terms(actor, [line.pk for line in lines], wanted, now)


def test_lines_at_the_limit_are_counted_as_the_evaluation_will_bar_them(world, ada):
    line, below, other = a_line(world.a), a_line(world.a), a_line(world.b)
    for one in (line, other):
        count(one, "6", zone="eu")
        count(one, "4", traffic="mms", zone="national", records=3)
    count(below, "4.99999")
    count(below, "9", month=OCTOBER)
    count(below, "9", personal=True)
    lines = [line, below, other]
    found = {
        wanted: barred(ada, lines, terms(limit, kind="enforcing", **watched)) == {line.pk}
        for wanted, limit, watched in (
            ("met exactly", "6", {}),
            ("above", "6.00001", {}),
            ("by zone", "5", {"zone": "eu"}),
            ("another zone", "5", {"zone": "national"}),
            ("all traffic", "10", {"traffic": "all"}),
            ("messages with pictures", 3, {"traffic": "sms", "measure": "messages"}),
            ("another traffic", "1", {"traffic": "voice"}),
        )
    }
    assert [wanted for wanted, is_so in found.items() if not is_so] == ["above", "another zone", "another traffic"]
    assert barred(ada, lines, terms("5")) == set()


def test_lines_that_watch_the_same_thing_or_have_ended_are_not_counted(world, ada):
    watching, ended = a_line(world.a), a_line(world.a, active_to=NOW)
    for line in (watching, ended):
        count(line, "6")
    a_threshold(watching, "50", kind="enforcing")
    assert barred(ada, [watching, ended], terms("5", kind="enforcing")) == set()
    assert barred(ada, [watching], terms("5", kind="enforcing", zone="national")) == {watching.pk}


def test_periods_of_days_are_read_off_the_records(world, ada):
    line, agreed = a_line(world.a, number="+393510007001"), a_line(world.a, number="+393510007002")
    with arrange():
        CutOff.objects.create(organisation=world.a, day=15)
    records = [
        row(
            record_id=f"{one.number}-{day}",
            msisdn=one.number,
            started_at=f"2026-11-{day}T10:00:00+00:00",
            amount=amount,
        )
        for one, day, amount in ((line, "20", "3"), (line, "19", "3"), (agreed, "10", "9"))
    ]
    usage.load_file(actor=SYSTEM, path=usage_file(*records), now=NOW)
    found = [
        barred(ada, [line, agreed], terms(limit, traffic="all", period=period, kind="enforcing"))
        for limit, period in (("3", "day"), ("3.1", "day"), ("6", "bill"), ("6", "month"))
    ]
    assert found == [{line.pk}, set(), {line.pk}, {line.pk, agreed.pk}]


def test_limit_that_is_lowered_counts_lines_that_are_not_barred_yet(world, ada):
    rows = [a_threshold(a_line(world.a), "10", kind=kind) for kind in ("enforcing", "enforcing", "informational")]
    for one, used in zip(rows, ("6", "4", "6"), strict=True):
        tallied(one.line, used)
    ids = [one.pk for one in rows]
    assert queries.barred_by_limit(ada, ids, euro("5"), NOW) == {rows[0].line_id}
    operations.change_threshold(actor=ada, threshold=rows[0], limit=euro("5"), steps=(100,), now=NOW)
    assert bars() == 1
    assert queries.barred_by_limit(ada, ids, euro("4"), NOW) == {rows[1].line_id}
    assert queries.barred_by_limit(ada, ids, euro("1"), NOW + timedelta(days=40)) == set()


def test_profile_counts_the_lines_that_it_would_bar(world, ada):
    profile = operations.make_profile(actor=ada, organisation=world.a, name="Executives", default=False, now=NOW)
    operations.add_term(actor=ada, profile=profile, terms=terms("5", kind="enforcing"), now=NOW)
    lines = [a_line(world.a) for _line in range(3)]
    for line in lines[:2]:
        count(line, "6", month=NOVEMBER)
    ids = [line.pk for line in lines]
    assert queries.barred_by_profile(ada, ids, profile, NOW) == {lines[0].pk, lines[1].pk}
    operations.enrol_lines(actor=ada, lines=lines[:1], profile=profile, now=NOW)
    assert queries.barred_by_profile(ada, ids, profile, NOW) == {lines[1].pk}
    assert queries.barred_by_profile(ada, ids, None, NOW) == set()
    voice = terms("5", traffic="all", kind="enforcing")
    assert queries.barred_in_profile(ada, profile, voice, NOW) == {lines[0].pk}


def test_form_that_bars_at_once_comes_back_with_a_box_to_tick(world, signed_in):
    line = a_line(world.a)
    count(line, "6.66", month=this_month())
    browser = signed_in("ada")
    answer = browser.post(url("add", line.pk), FORM)
    assert (answer.status_code, list(answer.context["form"].errors), bars()) == (422, ["at_once"], 0)
    assert "This line has used as much already" in answer.content.decode()
    assert (Threshold.objects.for_(SYSTEM).count(), answer.context["form"]["limit"].value()) == (0, "5.00")
    assert browser.post(url("add", line.pk), FORM | {"limit": "7"}).status_code == 302
    row = Threshold.objects.for_(SYSTEM).get()
    change = {"limit": "0.01", "steps": "100", "revision": "1"}
    assert (browser.post(url("change", row.pk), change).status_code, bars()) == (422, 0)
    assert (browser.post(url("change", row.pk), change | {"at_once": "1"}).status_code, bars()) == (302, 1)


def test_profile_that_bars_more_lines_than_were_shown_is_asked_about_again(world, ada, signed_in):
    profile = operations.make_profile(actor=ada, organisation=world.a, name="Executives", default=False, now=NOW)
    lines = [a_line(world.a) for _line in range(2)]
    operations.enrol_lines(actor=ada, lines=lines, profile=profile, now=NOW)
    for line, amount in zip(lines, ("6", "3"), strict=True):
        count(line, amount, month=this_month())
    browser, address = signed_in("ada"), url("profile", profile.pk)
    assert "1 line has used as much already" in browser.post(address, FORM).content.decode()
    more = browser.post(address, FORM | {"limit": "2", "at_once": "1"})
    assert ("2 lines have used as much already" in more.content.decode(), bars()) == (True, 0)
    assert 'value="2"' in str(more.context["form"]["at_once"])
    assert "checked" not in str(more.context["form"]["at_once"])
    assert (browser.post(address, FORM | {"limit": "2", "at_once": "2"}).status_code, bars()) == (302, 2)


def test_change_of_many_that_bars_at_once_is_started_only_with_the_box(world, ada, signed_in):
    lines = [a_line(world.a) for _line in range(2)]
    count(lines[0], "6", month=this_month())
    profile = operations.make_profile(actor=ada, organisation=world.a, name="Executives", default=False, now=NOW)
    operations.add_term(actor=ada, profile=profile, terms=terms("5", traffic="all", kind="enforcing"), now=NOW)
    watched = a_threshold(lines[0], "10", kind="enforcing", zone="national")
    tallied(lines[0], month=this_month())
    browser = signed_in("ada")
    for what, ids, typed in (
        (BulkWhat.PROFILE, [line.pk for line in lines], {"profile": str(profile.pk)}),
        (BulkWhat.LIMIT, [watched.pk], {"limit": "5"}),
        (BulkWhat.SET, [line.pk for line in lines], FORM),
    ):
        change = operations.choose_many(actor=ada, what=what, ids=ids, now=timezone.now())
        address = url("bulk", str(change.token))
        answer = browser.post(address, typed)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["at_once"])
        assert BulkChange.objects.for_(SYSTEM).get(pk=change.pk).state == BulkState.DRAFT
        assert browser.post(address, typed | {"at_once": "1"}).status_code == 302
    worker.run_due()
    assert bars() == 3


def test_suspended_thresholds_at_their_limit_are_resumed_only_with_the_box(world, signed_in):
    rows = [a_threshold(a_line(world.a), "5", kind="enforcing", state="suspended") for _row in range(3)]
    for one, used in zip(rows, ("6", "4", "5"), strict=True):
        tallied(one.line, used, month=this_month())
    browser, ids = signed_in("ada"), [one.pk for one in rows]
    for address, typed, lines in (
        (url("resume", rows[0].pk), {}, "1"),
        (url("resume_chosen"), {"ids": ids}, "2"),
    ):
        answer = browser.post(address, typed)
        assert (answer.status_code, list(answer.context["form"].errors), bars()) == (422, ["at_once"], 0)
        assert f'value="{lines}"' in str(answer.context["form"]["at_once"])
    assert browser.post(url("resume", rows[1].pk)).status_code == 302
    assert browser.post(url("resume_chosen"), {"ids": ids, "at_once": "2"}).status_code == 302
    assert (bars(), {one.state for one in Threshold.objects.for_(SYSTEM)}) == (2, {"active"})


def test_preview_of_a_file_says_how_many_lines_it_bars(world, signed_in):
    line, changed = a_line(world.a), a_line(world.a)
    count(line, "6", month=this_month())
    a_threshold(changed, "10", kind="enforcing")
    tallied(changed, "6", month=this_month())
    rows = [f"{one.number},data,5,eur,enforcing" for one in (line, changed)]
    content = io.BytesIO("\n".join(["number,traffic,limit,unit,kind", *rows]).encode())
    browser = signed_in("ada")
    sent = browser.post(url("import"), {"file": SimpleUploadedFile("t.csv", content.getvalue())})
    assert "2 lines have used as much already" in browser.get(sent["Location"]).content.decode()


def test_where_there_is_no_network_nothing_is_asked(world, ada, settings):
    line = a_line(world.a)
    count(line, "6")
    settings.SPORTELLO = settings.SPORTELLO | {"NETWORK_URL": ""}
    assert barred(ada, [line], terms("5", kind="enforcing")) == set()
    assert queries.barred_by_limit(ada, [a_threshold(line, kind="enforcing").pk], 1, NOW) == set()


def test_change_of_many_asks_before_it_tells_users_of_steps_passed_already(world, ada, signed_in):
    lines = [a_line(world.a) for _line in range(3)]
    for line, amount in zip(lines, ("6", "2.5", "2.49999"), strict=True):
        count(line, amount, month=this_month())
    change = operations.choose_many(actor=ada, what=BulkWhat.SET, ids=[line.pk for line in lines], now=timezone.now())
    browser, address = signed_in("ada"), url("bulk", str(change.token))
    asked = browser.post(address, FORM | {"kind": "informational"})
    said = "2 lines have passed a warning step already: their users are told at once."
    assert (asked.status_code, said in asked.content.decode()) == (422, True)
    assert browser.post(address, FORM | {"kind": "informational", "at_once": "2"}).status_code == 302
