"""Changes of many that are refused before they start, that stop on their way, and that leave more rows than are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from sportello.inventory.models import Agreement
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.models import Event, Job, JobState
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.sentences import told
from sportello.kernel.testing import arrange
from sportello.network.models import Switch
from sportello.parties.states import OrganisationState
from sportello.thresholds import handlers, operations, queries, rules
from sportello.thresholds.models import Bar, BulkChange, LineProfile
from sportello.thresholds.operations import in_bulk
from sportello.thresholds.queries import many
from sportello.thresholds.rules.many import NothingChosen, SeveralCustomers, SeveralMeasures, TooManyChosen
from sportello.thresholds.states import BulkState, BulkWhat
from sportello.thresholds.tests.factories import NOVEMBER, NOW, a_line, a_threshold, count, euro
from sportello.thresholds.web import changes, notices

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test looks")
LIMIT = {"limit": euro("30"), "measure": "amount"}
READ_ONLY = "Your organisation is read only: you can look, but not change anything."


def chosen(actor, what, rows):
    return operations.choose_many(actor=actor, what=what, ids=[row.pk for row in rows], now=NOW)


def started(actor, what, rows, terms=None):
    change = chosen(actor, what, rows)
    assert operations.start_bulk(actor=actor, change=change, terms=terms or {}, now=NOW) is True
    change.refresh_from_db()
    return change


def result():
    row = BulkChange.objects.for_(SYSTEM).get()
    return row.state, row.done, row.problem


def test_choosing_none_and_choosing_too_many_are_told_apart(world, ada):
    with pytest.raises(NothingChosen):
        chosen(ada, BulkWhat.CANCEL, [])
    with pytest.raises(TooManyChosen) as refused:
        operations.choose_many(actor=ada, what=BulkWhat.CANCEL, ids=range(rules.MOST_AT_ONCE + 1), now=NOW)
    assert str(refused.value) == "Choose at most 100,000 rows at once. Narrow the list by its filters."


def test_limit_for_thresholds_of_several_measures_is_refused_wherever_the_other_stands(world, ada, monkeypatch):
    monkeypatch.setattr(many, "IDS_AT_ONCE", 2)  # so that the last of five is read in the third piece
    line = a_line(world.a)
    rows = [a_threshold(a_line(world.a)) for _row in range(4)] + [a_threshold(line, 10**9, measure="volume")]
    change = chosen(ada, BulkWhat.LIMIT, rows)
    assert queries.measures_of(ada, change.ids) == {"amount", "volume"}
    with pytest.raises(InvalidInput) as refused:
        operations.start_bulk(actor=ada, change=change, terms=LIMIT, now=NOW)
    assert (type(refused.value), refused.value.field) == (SeveralMeasures, "limit")
    change = chosen(ada, BulkWhat.LIMIT, rows[4:])
    with pytest.raises(SeveralMeasures):
        operations.start_bulk(actor=ada, change=change, terms=LIMIT, now=NOW)


def test_row_of_another_measure_than_the_limit_is_left_and_named(world, ada):
    rows = [a_threshold(a_line(world.a)), a_threshold(a_line(world.a), 10**9, measure="volume")]
    change = started(ada, BulkWhat.LIMIT, rows[:1], LIMIT)
    with arrange():
        BulkChange.objects.for_(SYSTEM).update(ids=[row.pk for row in rows], total=2)
    worker.run_due()
    change.refresh_from_db()
    for row in rows:
        row.refresh_from_db()
    assert [row.limit_units for row in rows] == [euro("30"), 10**9]
    assert (change.left, [list(map(told, one)) for one in change.skipped]) == (
        1,
        [
            [
                f"{rows[1].line.number} {rows[1].what}",
                "Choose thresholds of one measure: euro, volume, minutes or messages.",
            ]
        ],
    )


def test_lines_of_several_customers_get_no_profile(world, olga):
    lines = [a_line(world.a), a_line(world.b)]
    with pytest.raises(SeveralCustomers):
        chosen(olga, BulkWhat.PROFILE, lines)
    assert chosen(olga, BulkWhat.SET, lines).total == 2


def test_change_of_an_organisation_that_is_read_only_stops_and_says_why(world, ada):
    change = started(ada, BulkWhat.CANCEL, [a_threshold(a_line(world.a))])
    with arrange():
        world.a.state = OrganisationState.READ_ONLY
        world.a.save()
    worker.run_due()
    assert result() == (BulkState.FAILED, 0, READ_ONLY)
    event = Event.append_only.get(kind="thresholds.bulk_failed")
    assert (int(event.subject_id), event.payload["done"], event.payload["total"]) == (change.pk, 0, 1)
    worker.run_due()
    assert Job.objects.get(key=change.job_key).state == JobState.SUCCEEDED


def test_change_whose_job_failed_for_good_is_stopped_by_the_sweep_and_others_go_on(world, ada):
    lost, going, waiting = (started(ada, BulkWhat.CANCEL, [a_threshold(a_line(world.a))]) for _change in range(3))
    for change, state in ((lost, JobState.FAILED), (going, JobState.READY)):
        Job.objects.create(
            task="sportello.thresholds.tasks.run_bulk", args=[change.pk], key=change.job_key, state=state,
            enqueued_at=NOW, run_after=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    assert operations.stop_lost_bulks(actor=SYSTEM, now=NOW + timedelta(hours=23)) == 1
    states = dict(BulkChange.objects.for_(SYSTEM).values_list("pk", "state"))
    assert states == {lost.pk: "failed", going.pk: "waiting", waiting.pk: "waiting"}
    assert operations.stop_lost_bulks(actor=SYSTEM, now=NOW + timedelta(hours=25)) == 1
    assert BulkChange.objects.for_(SYSTEM).get(pk=waiting.pk).problem == in_bulk.LOST


def test_page_of_a_stopped_change_asks_no_more_and_says_why(world, ada, signed_in):
    change = started(ada, BulkWhat.CANCEL, [a_threshold(a_line(world.a))])
    address = f"/thresholds/bulk/{change.token}/"
    browser = signed_in("ada")
    assert "hx-trigger" in browser.get(address).content.decode()
    operations.stop_bulk(actor=SYSTEM, change=change, problem=in_bulk.LOST, now=NOW)
    page = browser.get(address).content.decode()
    assert ("every 2s" in page, "Its background job failed." in page) == (False, True)


def test_rows_left_are_all_counted_and_the_page_says_how_many_more(world, ada, signed_in, monkeypatch):
    monkeypatch.setattr(in_bulk, "SKIPPED_KEPT", 2)
    monkeypatch.setattr(changes, "SKIPPED_SHOWN", 1)
    lines = [a_line(world.a) for _line in range(3)]
    for line in lines:
        a_threshold(line)
    terms = {
        "traffic_type": "data",
        "measure": "amount",
        "limit": euro("10"),
        "zone": "any",
        "steps": [100],
        "period": "month",
    }
    change = started(ada, BulkWhat.SET, lines, terms | {"kind": "informational"})
    worker.run_due()
    change.refresh_from_db()
    assert (change.left, len(change.skipped)) == (3, 2)
    assert Event.append_only.get(kind="thresholds.bulk_done").payload["skipped"] == 3
    context = signed_in("ada").get(f"/thresholds/bulk/{change.token}/").context
    assert (len(context["skipped"]), context["more_skipped"]) == (1, 2)


def test_ended_profile_leaves_every_line_and_names_it(world, ada):
    profile = operations.make_profile(actor=ada, organisation=world.a, name="Short", default=False, now=NOW)
    lines = [a_line(world.a) for _line in range(2)]
    change = started(ada, BulkWhat.PROFILE, lines, {"profile": profile.pk})
    operations.end_profile(actor=ada, profile=profile, now=NOW)
    worker.run_due()
    change.refresh_from_db()
    assert (change.state, change.left, [what for what, _why in change.skipped]) == (
        "done",
        2,
        [one.number for one in lines],
    )


def test_operator_reaches_every_customers_profiles_and_filters_lines_by_kind(world, ada, olga, signed_in):
    with arrange():
        own = LineProfile.objects.bulk_create(
            LineProfile(organisation=world.a, name=f"Profile {place:03d}") for place in range(45)
        )
    line, free = a_line(world.a), a_line(world.a)
    operations.enrol_lines(actor=ada, lines=[line], profile=own[44], now=NOW)
    browser = signed_in("olga")
    pages = [browser.get(f"/thresholds/profiles/?page={number}").context["profiles"] for number in (1, 2, 3)]
    assert [row.name for page in pages for row, _terms, _lines in page] == [row.name for row in own]
    [(found, _terms, lines)] = browser.get("/thresholds/profiles/?q=Profile 044").context["profiles"]
    assert (found.pk, lines) == (own[44].pk, 1)

    def listed(profile):
        rows = browser.get(f"/thresholds/lines/?profile={profile}").context["listing"].rows
        return [row.pk for row in rows]

    assert [listed(one) for one in ("none", "safeguard", "own", own[44].pk, own[0].pk, "9" * 30)] == [
        [free.pk], [], [line.pk], [line.pk], [], [],
    ]  # fmt: skip
    change = chosen(olga, BulkWhat.PROFILE, [line])
    form = browser.get(f"/thresholds/bulk/{change.token}/").context["form"]
    assert len(form.fields["profile"].choices) == 46
    with override("en"):
        assert form.fields["profile"].choices[45] == (str(own[44].pk), "Profile 044")


def test_bars_that_stand_are_lifted_and_more_than_one_request_does_are_refused(world, signed_in, monkeypatch):
    monkeypatch.setattr(rules, "MOST_IN_ONE_REQUEST", 2)
    line = a_line(world.a)
    rows = [a_threshold(line, measure=measure, kind="enforcing") for measure in ("amount", "volume")]
    rows.append(a_threshold(a_line(world.a), kind="enforcing"))
    with arrange():
        switch = Switch.objects.create(
            organisation=world.a, resource=line.number, feature="barring.data", category="x", wanted=True, asked_at=NOW
        )
        Bar.objects.bulk_create(
            Bar(
                organisation=world.a, line=row.line, threshold=row, switch=switch, revision=1, period_start=NOVEMBER,
                ends_at=NOW, used_units=1, limit_units=1, asked_at=NOW,
            )
            for row in rows
        )  # fmt: skip
    standing = Bar.objects.for_(SYSTEM).filter(lifted_at=None)
    browser = signed_in("ada")

    def lifted(**data):
        answer = browser.post("/thresholds/bars/chosen/lift/", data)
        return answer.status_code, standing.count()

    assert lifted(everything="1") == (422, 3)
    assert lifted(ids=[standing.first().pk]) == (302, 2)
    # Of all three, one is lifted already: two are as many as go.
    assert lifted(ids=list(Bar.objects.for_(SYSTEM).values_list("pk", flat=True))) == (302, 0)


def test_notices_are_paged_to_the_last_of_them(world, signed_in, monkeypatch):
    monkeypatch.setattr(notices, "SHOWN", 2)
    for _place in range(5):
        a_threshold(line := a_line(world.a), "10", steps=(100,))
        count(line, "12")
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
    browser, found, address = signed_in("ada"), [], "?page=1"
    while address:
        context = browser.get(f"/thresholds/notices/{address}").context
        found.append([one.title for one in context["entries"]])
        address = context["older"]
    assert ([len(page) for page in found], len({title for page in found for title in page})) == ([2, 2, 1], 5)
    assert (context["newer"], browser.get("/thresholds/notices/?page=x").context["newer"]) == ("?page=2", "")


def test_bill_periods_offer_every_agreement_and_show_every_day_that_is_set(world, ada, signed_in):
    with arrange():
        rows = Agreement.objects.bulk_create(
            Agreement(organisation=world.a, code=f"AGR-{place:04d}") for place in range(205)
        )
    operations.set_cut_off(actor=ada, organisation=world.a, agreement=rows[204], day=15, now=NOW)
    context = signed_in("ada").get("/thresholds/bill-periods/").context
    assert len(context["form"].fields["agreement"].choices) == 206
    assert [(row.pk, day) for row, day in context["agreements"]] == [(rows[204].pk, 15)]
