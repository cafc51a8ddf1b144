import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sportello.accounts.models import Membership
from sportello.kernel.access import Profile
from sportello.kernel.testing import arrange
from sportello.thresholds import handlers, queries
from sportello.thresholds.models import Threshold
from sportello.thresholds.tests.factories import a_line, a_threshold, count, euro, tallied

pytestmark = pytest.mark.django_db

FORM = {"watch": "data:eur", "zone": "any", "limit": "10.00", "steps": "50, 80, 100"}


@pytest.fixture
def this_month():
    return timezone.localdate().replace(day=1)


@pytest.fixture
def line(world):
    return a_line(world.a, person=world.memberships["bo"].person)


@pytest.fixture
def own_line(world):
    return a_line(world.a, person=world.memberships["bo"].person, dual_billing=True)


def url(name, *arguments):
    return reverse(f"thresholds:{name}", args=arguments)


def everything():
    rows = Threshold.objects.across_tenants(reason="a test reads").order_by("pk")
    return list(rows.values_list("line", "limit_units", "state", "owner"))


def test_administrator_sets_a_threshold_and_sees_where_the_counter_stands(signed_in, line, this_month):
    count(line, "4", month=this_month)
    browser = signed_in("ada")
    answer = browser.post(url("add", line.pk), FORM)
    assert (answer.status_code, answer.headers["Location"]) == (302, url("line", line.pk))
    page = browser.get(answer.headers["Location"]).content.decode()
    assert ("€4.00 / €10.00" in page, "40%" in page, everything()) == (
        True,
        True,
        [(line.pk, euro("10"), "active", None)],
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "-5"}, "limit"),
        ({"limit": "1e5"}, "limit"),
        ({"limit": "1000000000"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"steps": "80, 50"}, "steps"),
        ({"steps": "0"}, "steps"),
        ({"steps": "201"}, "steps"),
        ({"steps": "many"}, "steps"),
        ({"watch": "data:minutes"}, "watch"),
        ({"zone": "mars"}, "zone"),
    ],
)
def test_g17_wrong_form_names_the_field_and_keeps_what_was_typed(signed_in, line, changed, field):
    answer = signed_in("ada").post(url("add", line.pk), FORM | changed)
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors), form["steps"].value()) == (422, [field], (FORM | changed)["steps"])
    assert everything() == []


def test_enforcing_is_refused_where_there_is_no_network_in_words(signed_in, line, settings):
    settings.SPORTELLO = settings.SPORTELLO | {"NETWORK_URL": ""}
    answer = signed_in("ada").post(url("add", line.pk), FORM | {"kind": "enforcing"})
    assert (answer.status_code, everything()) == (422, [])


def test_setting_what_is_passed_already_says_who_is_told_at_once(signed_in, line, world, this_month):
    count(line, "9", month=this_month)
    browser, name = signed_in("ada"), world.memberships["bo"].person.name
    text = browser.post(url("add", line.pk), FORM, follow=True).content.decode()
    assert f"80% of it is passed already: a message goes to {name} at once." in text
    (row,) = Threshold.objects.across_tenants(reason="a test reads")
    form = {"limit": "100", "steps": "50, 80, 100", "revision": row.revision}
    assert "passed already" not in browser.post(url("change", row.pk), form, follow=True).content.decode()


def test_same_threshold_again_is_refused_with_a_link_to_the_one_that_stands(signed_in, line):
    there = a_threshold(line)
    answer = signed_in("ada").post(url("add", line.pk), FORM)
    assert (answer.status_code, f'href="{url("change", there.pk)}"' in answer.content.decode()) == (422, True)


def test_wrong_place_in_the_list_is_said_once_and_as_what_it_is(signed_in):
    text = signed_in("ada").get(url("index"), {"after": "xx"}).content.decode()
    assert (text.count("<p>Please check what you entered"), "a place that this list does not have" in text) == (0, True)


def test_one_line_leads_to_many(signed_in):
    text = signed_in("ada").get(url("new")).content.decode()
    assert "Lines and profiles</a>" in text


def test_ending_a_threshold_is_not_named_as_leaving_it(signed_in, line):
    a_threshold(line)
    text = signed_in("ada").get(url("line", line.pk)).content.decode()
    assert ("Keep it</button>" in text, "End the threshold</button>" in text, "Cancel</button>" in text) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize("kind", ["informational", "enforcing", ""])
def test_d03_employee_without_dual_billing_sets_nothing(signed_in, line, kind):
    browser = signed_in("bo")
    answers = [
        browser.post(url("add", line.pk), FORM | {"kind": kind}).status_code,
        browser.get(url("add", line.pk)).status_code,
    ]
    assert (answers, everything()) == ([403, 403], [])


def test_d03_employee_with_dual_billing_sets_informational_ones_only(signed_in, own_line, bo):
    browser = signed_in("bo")
    assert browser.post(url("add", own_line.pk), FORM | {"kind": "enforcing"}).status_code == 403
    assert browser.post(url("add", own_line.pk), {"kind": "enforcing"}).status_code == 403
    assert browser.post(url("add", own_line.pk), FORM).status_code == 302
    assert everything() == [(own_line.pk, euro("10"), "active", bo.person_id)]


def test_d05_posted_fields_that_are_not_asked_for_change_nothing(signed_in, own_line, world, bo):
    extra = {"owner": world.memberships["ada"].person_id, "state": "cancelled", "organisation": world.b.pk, "line": 999}
    signed_in("bo").post(url("add", own_line.pk), FORM | extra)
    assert everything() == [(own_line.pk, euro("10"), "active", bo.person_id)]


def test_d02_employee_gets_not_found_for_a_colleagues_line_and_its_thresholds(signed_in, world, own_line):
    colleagues = a_line(world.a, dual_billing=True)
    theirs, company = a_threshold(colleagues), a_threshold(own_line)
    browser = signed_in("bo")
    pages = [url("line", colleagues.pk), url("add", colleagues.pk), url("change", theirs.pk), url("change", company.pk)]
    assert [browser.get(page).status_code for page in pages] == [404] * 4
    posts = [url(name, row.pk) for name in ("suspend", "resume", "cancel") for row in (theirs, company)]
    assert [browser.post(page).status_code for page in posts] == [404] * 6
    assert [state for _line, _limit, state, _owner in everything()] == ["active", "active"]


@pytest.mark.parametrize("who", ["cy", "ada"])
def test_c01_thresholds_of_others_are_not_found_and_stay(signed_in, world, own_line, who):
    row = a_threshold(a_line(world.b if who == "ada" else world.a))
    private = a_threshold(own_line, owner=world.memberships["bo"].person)
    browser = signed_in(who)
    for pk in (row.pk, private.pk, 999_999):
        assert browser.get(url("change", pk)).status_code == 404
        posted = [
            browser.post(url(name, pk), {"limit": "1", "steps": "100", "revision": "1"}).status_code
            for name in ("change", "suspend", "resume", "cancel")
        ]
        assert posted == [404] * 4
    assert [browser.get(url(name, row.line_id)).status_code for name in ("line", "add")] == [404, 404]
    assert browser.post(url("add", row.line_id), FORM).status_code == 404
    assert [(limit, state) for _line, limit, state, _owner in everything()] == [(euro("10"), "active")] * 2


def test_c02_list_filters_and_export_hold_nothing_of_another_customer(signed_in, world):
    mine, theirs = a_line(world.a, number="+393511110001"), a_line(world.b, number="+393511110002")
    a_threshold(mine), a_threshold(theirs)
    browser = signed_in("ada")
    for query in (
        "",
        "?q=351111",
        "?line__organisation=2&organisation=2",
        "?sort=-permille",
        "?state=active&passed=0",
    ):
        rows = browser.get(url("index") + query).context["listing"].rows
        assert [row.line_id for row in rows] == [mine.pk]
    assert browser.get(url("index") + "?q=3511110002").context["listing"].rows == []
    export = b"".join(browser.get(url("index") + "?export=csv").streaming_content).decode()
    assert ("+393511110001" in export, "+393511110002" in export) == (True, False)


def test_c06_line_of_another_customer_is_not_found_by_search(signed_in, world):
    a_line(world.b, number="+393511110002")
    browser = signed_in("ada")
    found = browser.get(url("new") + "?q=%2B393511110002")
    missing = browser.get(url("new") + "?q=%2B393519999999")
    texts = [
        page.content.decode().replace("393511110002", "N").replace("393519999999", "N").split("<main")[1]
        for page in (found, missing)
    ]
    assert texts[0] == texts[1]


def test_search_finds_the_line_and_leads_to_the_form(signed_in, line):
    page = signed_in("ada").get(url("new"), {"q": line.number[-6:]})
    assert (url("add", line.pk) in page.content.decode(), page.status_code) == (True, 200)


def test_employee_is_led_from_search_to_own_lines(signed_in, line):
    answer = signed_in("bo").get(url("new"), {"q": "351"})
    assert (answer.status_code, answer.headers["Location"]) == (302, url("index"))


def test_employee_sees_own_lines_where_dual_billing_is_active_and_why_not_elsewhere(
    signed_in, line, own_line, world, this_month
):
    a_threshold(own_line, owner=world.memberships["bo"].person)
    tallied(own_line, "9", personal=True, month=this_month)
    count(own_line, "50", month=this_month)
    page = signed_in("bo").get(url("index"))
    panels = page.context["lines"]
    assert {panel.line.pk: (len(panel.thresholds), bool(panel.refusal)) for panel in panels} == {
        line.pk: (0, True),
        own_line.pk: (1, False),
    }
    assert ("€9.00 / €10.00" in page.content.decode(), "dual billing" in page.content.decode()) == (True, True)


def test_change_keeps_what_is_typed_and_refuses_what_was_changed_meanwhile(signed_in, line):
    row = a_threshold(line)
    browser = signed_in("ada")
    form = browser.get(url("change", row.pk)).context["form"]
    assert (form["limit"].value(), form["steps"].value(), form["revision"].value()) == ("10.00", "50, 80, 100", 1)
    assert browser.post(url("change", row.pk), {"limit": "25", "steps": "100", "revision": "1"}).status_code == 302
    stale = browser.post(url("change", row.pk), {"limit": "30", "steps": "100", "revision": "1"})
    assert (stale.status_code, stale.context["form"]["limit"].value()) == (422, "30")
    assert [limit for _line, limit, _state, _owner in everything()] == [euro("25")]


@pytest.mark.parametrize(
    ("watched", "units", "typed"),
    [
        (("data", "volume"), 1_500_000_000, ("1.5", "GB")),
        (("data", "volume"), 2_500_000, ("2.5", "MB")),
        (("voice", "minutes"), 5400, ("90", "min")),
        (("sms", "messages"), 40, ("40", "")),
        (("all", "amount"), 123_450_000, ("1,234.50", "eur")),
    ],
)
def test_change_form_shows_the_limit_as_it_is_typed(signed_in, line, watched, units, typed):
    row = a_threshold(line, units, traffic=watched[0], measure=watched[1])
    browser = signed_in("ada")
    form = browser.get(url("change", row.pk)).context["form"]
    assert (form["limit"].value(), form.unit) == typed
    browser.post(url("change", row.pk), {"limit": typed[0], "steps": "90", "revision": "1"})
    assert [limit for _line, limit, _state, _owner in everything()] == [units]


def test_suspend_resume_cancel_by_buttons(signed_in, line):
    row = a_threshold(line)
    browser = signed_in("ada")
    states = []
    for name in ("suspend", "resume", "cancel"):
        assert browser.post(url(name, row.pk)).status_code == 302
        states += [state for _line, _limit, state, _owner in everything()]
    assert states == ["suspended", "active", "cancelled"]
    assert (browser.post(url("resume", row.pk)).status_code, browser.get(url("suspend", row.pk)).status_code) == (
        409,
        405,
    )


def test_c05_chosen_with_an_id_of_another_customer_are_refused_whole(signed_in, world):
    mine, theirs = a_threshold(a_line(world.a)), a_threshold(a_line(world.b))
    browser = signed_in("ada")
    answers = [
        browser.post(url("suspend_chosen"), {"ids": ids}).status_code
        for ids in ([mine.pk, theirs.pk], [mine.pk, 999_999], [mine.pk, "x"], [theirs.pk], [])
    ]
    assert (answers, [state for _line, _limit, state, _owner in everything()]) == ([404] * 5, ["active", "active"])


def test_chosen_are_suspended_and_resumed_by_id_and_by_filter(signed_in, world):
    rows = [a_threshold(a_line(world.a), state=state) for state in ("active", "active", "suspended", "cancelled")]
    a_threshold(a_line(world.b))
    browser, states = signed_in("ada"), []
    for name, data in (
        ("suspend_chosen", {"ids": [rows[0].pk, rows[2].pk]}),
        ("resume_chosen", {"everything": "1", "filters": "state=suspended"}),
        ("suspend_chosen", {"everything": "1", "filters": ""}),
    ):
        assert browser.post(url(name), data).status_code == 302
        states.append([state for _line, _limit, state, _owner in everything()])
    assert states == [
        ["suspended", "active", "suspended", "cancelled", "active"],
        ["active", "active", "active", "cancelled", "active"],
        ["suspended", "suspended", "suspended", "cancelled", "active"],
    ]


def test_crossings_are_told_on_the_lines_page(signed_in, line, this_month):
    a_threshold(line)
    count(line, "8.50", month=this_month)
    handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[this_month], now=timezone.now())
    trail = signed_in("ada").get(url("line", line.pk)).context["panel"].trail
    assert [(entry.title, entry.icon) for entry in trail] == [
        ("80% passed: Data · Euro", "bell-ringing"),
        ("50% passed: Data · Euro", "bell"),
    ]


def test_list_sorts_and_filters_by_what_was_used(signed_in, world, this_month):
    lines = [a_line(world.a) for _line in range(3)]
    for line, amount in zip(lines, ("6", "12", "1"), strict=True):
        a_threshold(line)
        count(line, amount, month=this_month)
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[this_month], now=timezone.now())
    browser = signed_in("ada")
    found = {
        query: [lines.index(row.line) for row in browser.get(url("index") + query).context["listing"].rows]
        for query in (
            "?sort=-permille",
            "?passed=1",
            "?passed=100",
            "?passed=0",
            "?traffic_type=voice",
            "?zone=any&measure=amount",
        )
    }
    assert found == {
        "?sort=-permille": [1, 0, 2], "?passed=1": [1, 0], "?passed=100": [1], "?passed=0": [2], "?traffic_type=voice": [],
        "?zone=any&measure=amount": [1, 0, 2],
    }  # fmt: skip


def test_list_pages_by_share_without_gap_or_double(signed_in, world, this_month):
    for number in range(30):
        line = a_line(world.a)
        a_threshold(line)
        tallied(line, str(number % 7), month=this_month)
    browser, seen, address = signed_in("ada"), [], "?sort=-permille&size=25"
    while address:
        page = browser.get(url("index") + address).context["listing"]
        seen += [(row.permille, row.pk) for row in page.rows]
        address = page.next_url
    assert (len(seen), seen) == (30, sorted(seen, reverse=True))


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_one_row_and_three(signed_in, world, rows, this_month):
    for _row in range(rows):
        line = a_line(world.a, person=world.memberships["bo"].person)
        a_threshold(line)
        count(line, "9", month=this_month)
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[this_month], now=timezone.now())
    browser = signed_in("ada")
    browser.get(url("index"))
    with CaptureQueriesContext(connection) as seen:
        browser.get(url("index"))
    assert len([one for one in seen if "sportello.reach" not in one["sql"]]) == 7  # but PostgreSQL's second wall


def test_operator_sees_the_customer_of_each_line(signed_in, world, olga):
    a_threshold(a_line(world.a)), a_threshold(a_line(world.b))
    listing = signed_in("olga").get(url("index")).context["listing"]
    assert {column.name: [column.plain(row) for row in listing.rows] for column in listing.columns}["organisation"] == [
        "Beta S.r.l.",
        "Comune di Alfa",
    ]


def test_profiles_without_the_section_are_refused(signed_in, world):
    with arrange():
        held = Membership.objects.create(
            person=world.memberships["bo"].person, organisation=world.a, profile=Profile.EBILL_REFERENT
        )
    world.memberships["edda"] = held
    assert [signed_in(who).get(url("index")).status_code for who in ("pia", "edda")] == [403, 403]


def test_standing_is_of_the_present_local_month(ada, line):
    a_threshold(line)
    assert [one.period_start for one in queries.standings(ada, line, timezone.now())] == [
        timezone.localdate().replace(day=1)
    ]
