import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sportello.accounts.models import Person
from sportello.inventory import operations
from sportello.inventory.loading.read import LINE_COLUMNS
from sportello.inventory.models import Line, LinePeriod, Option
from sportello.inventory.tests.factories import (
    HEADER,
    ICCID,
    LONG_AGO,
    SYSTEM,
    make_agreement,
    make_cost_centre,
    make_line,
    make_plan,
    make_site,
)
from sportello.kernel.models import Event
from sportello.kernel.tabular import read_table
from sportello.kernel.testing import arrange
from sportello.parties.models import CostCentre

ROW = "A,AG1,+393510000101,mobile,BASE,active,2026-01-01,,,,,,0"


@pytest.fixture
def two(world):
    """One line of A, one of B."""
    return make_line(world.a, "+393510000101", plan=make_plan()), make_line(world.b, "+393510000901")


def text(response):
    return re.sub(r"\s+", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def kinds():
    return list(Event.append_only.order_by("id").values_list("kind", flat=True))


def queries_of(work):
    """Return how many queries `work` makes, without those that tell PostgreSQL's second wall who is there."""
    with CaptureQueriesContext(connection) as made:
        work()
    return sum("sportello.reach" not in query["sql"] for query in made)


def test_list_shows_what_is_in_reach(two, signed_in):
    own, foreign = "+39 351 000 0101", "+39 351 000 0901"
    for name, seen in {"ada": (True, False), "cy": (False, True), "pia": (True, False), "olga": (True, True)}.items():
        shown = text(signed_in(name).get(reverse("inventory:lines")))
        assert (own in shown, foreign in shown) == seen, name


def test_d01_employee_does_not_get_in(two, signed_in):
    browser = signed_in("bo")
    for address in (reverse("inventory:lines"), reverse("inventory:line", args=[two[0].pk]), reverse("inventory:totals")):
        assert browser.get(address).status_code == 403


@pytest.mark.parametrize("name", ["line", "assign_one", "change", "sim", "end", "add_option", "puk"])
def test_c01_lines_of_others_are_not_found(two, signed_in, name):
    """A stranger's line answers as one that is not there, and stands as before."""
    before = list(LinePeriod.objects.for_(SYSTEM).values_list())
    for browser, pk in ((signed_in("cy"), two[0].pk), (signed_in("ada"), two[1].pk), (signed_in("ada"), 999_999_999)):
        address = reverse(f"inventory:{name}", args=[pk])
        posted = browser.post(address, {"at": "2026-01-01", "status": "suspended", "site": "none", "cost_centre": "none"})
        assert posted.status_code == (405 if name == "line" else 404)
        if name != "puk":
            assert browser.get(address).status_code == 404
    assert list(LinePeriod.objects.for_(SYSTEM).values_list()) == before


@pytest.mark.parametrize("name", ["change", "sim", "end", "add_option"])
def test_d05_what_is_the_operators_is_closed_to_customers_and_partners(two, signed_in, name):
    for who in ("ada", "pia"):
        browser, address = signed_in(who), reverse(f"inventory:{name}", args=[two[0].pk])
        assert (browser.get(address).status_code, browser.post(address, {"status": "suspended"}).status_code) == (403, 403)
    assert Line.objects.for_(SYSTEM).get(pk=two[0].pk).status == "active"


def test_d05_assigning_takes_nothing_but_assignments(two, world, signed_in):
    site = make_site(world.a)
    data = {"person_choice": "as-is", "cost_centre": "as-is", "site": site.pk, "status": "suspended", "plan": "", "dual_billing": "on",
            "organisation": world.b.pk, "number": "+393510000999", "active_to": "2026-01-01"}  # fmt: skip
    answer = signed_in("ada").post(reverse("inventory:assign_one", args=[two[0].pk]), data)
    line = Line.objects.for_(SYSTEM).get(pk=two[0].pk)
    assert answer.status_code == 302
    assert (line.site, line.status, line.plan.code, line.dual_billing, line.organisation, line.number, line.active_to) == (
        site, "active", "BASE", False, world.a, "+393510000101", None,
    )  # fmt: skip


def test_c06_foreign_choices_are_field_errors(two, world, signed_in):
    centre, site = make_cost_centre(world.b), make_site(world.b)
    address = reverse("inventory:assign_one", args=[two[0].pk])
    for data in (
        {"person_choice": "as-is", "cost_centre": centre.pk, "site": "as-is"},
        {"person_choice": "as-is", "cost_centre": "as-is", "site": site.pk},
        {"person_choice": "one", "person": "cy", "cost_centre": "as-is", "site": "as-is"},
    ):
        assert signed_in("ada").post(address, data).status_code == 422
    assert (Line.objects.for_(SYSTEM).get(pk=two[0].pk).person, LinePeriod.objects.for_(SYSTEM).count()) == (None, 2)


def test_line_is_assigned_to_a_person_by_name(two, world, signed_in):
    answer = signed_in("ada").post(
        reverse("inventory:assign_one", args=[two[0].pk]),
        {"person_choice": "as-is", "person": "bo prova", "cost_centre": "as-is", "site": "as-is"},
    )
    assert (answer.status_code, answer["Location"]) == (302, reverse("inventory:line", args=[two[0].pk]))
    assert Line.objects.for_(SYSTEM).get(pk=two[0].pk).person == world.memberships["bo"].person


def test_nothing_typed_is_lost_when_the_form_is_wrong(two, signed_in):
    answer = signed_in("ada").post(
        reverse("inventory:assign_one", args=[two[0].pk]),
        {"person_choice": "one", "person": "nobody of that name", "cost_centre": "none", "site": "as-is"},
    )
    assert answer.status_code == 422
    assert 'value="nobody of that name"' in text(answer)
    assert "Nobody of this customer is called or coded like this." in text(answer)


def test_operator_changes_ends_and_adds(two, world, signed_in):
    browser, line = signed_in("olga"), two[0]
    today = timezone.now().date().isoformat()
    changed = browser.post(
        reverse("inventory:change", args=[line.pk]), {"plan": "", "status": "suspended", "device": "Phone", "at": today}
    )
    option = Option.objects.create(code="ROAM", name="Roaming")
    added = browser.post(reverse("inventory:add_option", args=[line.pk]), {"option": option.pk, "at": today})
    sim = browser.post(reverse("inventory:sim", args=[line.pk]), {"iccid": ICCID, "puk": "12345678", "at": today})
    ended = browser.post(reverse("inventory:end", args=[line.pk]), {"at": (timezone.now() + timedelta(days=9)).date().isoformat()})
    new = browser.post(
        reverse("inventory:add_line", args=[make_agreement(world.a).pk]),
        {"number": "+39 351 000 0555", "kind": "mobile", "status": "active", "active_from": "2026-02-01"},
    )
    assert [answer.status_code for answer in (changed, added, sim, ended, new)] == [302] * 5
    line.refresh_from_db()
    assert (line.status, line.plan, line.device, line.sim.iccid, line.active_to is None) == ("suspended", None, "Phone", ICCID, False)
    assert Line.objects.for_(SYSTEM).get(number="+393510000555").active_from == datetime(2026, 1, 31, 23, tzinfo=UTC)
    page = text(browser.get(reverse("inventory:line", args=[line.pk])))
    assert ("Roaming" in page, "Line activated" in page, "12345678" in page) == (True, True, False)


def test_number_taken_is_an_error_at_the_field(two, world, signed_in):
    answer = signed_in("olga").post(
        reverse("inventory:add_line", args=[make_agreement(world.a).pk]),
        {"number": "+393510000901", "kind": "mobile", "status": "active", "active_from": "2026-02-01"},
    )
    assert (answer.status_code, "This number is in use in that time." in text(answer), "Beta" in text(answer)) == (422, True, False)


def test_puk_is_shown_on_request_and_each_look_is_on_record(two, signed_in):
    now = timezone.now()
    operations.change_sim(actor=SYSTEM, line=two[0], iccid=ICCID, puk="12345678", at=now, now=now)
    browser, address = signed_in("ada"), reverse("inventory:line", args=[two[0].pk])
    assert "12345678" not in text(browser.get(address))
    assert browser.get(reverse("inventory:puk", args=[two[0].pk])).status_code == 405
    assert "12345678" in text(browser.post(reverse("inventory:puk", args=[two[0].pk])))
    assert kinds().count("inventory.puk_shown") == 1


@pytest.mark.parametrize(
    ("day", "word"),
    [("2026-03-28", "BASE"), ("2026-03-29", "TOP"), ("2024-12-31", "this line did not hold its number"), ("x", "Write the day like")],
)
def test_line_as_of_a_day_across_the_change_of_clocks(two, signed_in, day, word):
    """The plan changed at 21:30 UTC on 29 March 2026, the day of 23 hours in Rome: 23:30 there, still that day."""
    at = datetime(2026, 3, 29, 21, 30, tzinfo=UTC)
    operations.change_line(actor=SYSTEM, line=two[0], changes={"plan": make_plan("TOP")}, at=at, now=at)
    page = text(signed_in("ada").get(reverse("inventory:line", args=[two[0].pk]), {"on": day}))
    assert word in page.split("As of a day")[1].split("Options")[0]


# --- in bulk ------------------------------------------------------------------------------------------------------------


def test_bulk_assignment_asks_and_then_says_what_became_of_each(two, world, signed_in):
    centre, more = make_cost_centre(world.a), make_line(world.a, "+393510000102")
    browser, ids = signed_in("ada"), [two[0].pk, more.pk]
    question = browser.post(reverse("inventory:assign"), {"ids": ids})
    assert (question.status_code, "Assign 2 lines" in text(question)) == (200, True)
    answer = browser.post(
        reverse("inventory:assign"),
        {"ids": ids, "do": "assign", "person_choice": "as-is", "cost_centre": centre.pk, "site": "as-is"},
    )
    assert (answer.status_code, text(answer).count("assigned</span>")) == (200, 2)
    assert set(Line.objects.for_(SYSTEM).filter(pk__in=ids).values_list("cost_centre__code", flat=True)) == {"CC1"}


def test_bulk_assignment_of_everything_that_the_filters_show(two, world, signed_in):
    make_line(world.a, "+390655500101", kind="fixed")
    answer = signed_in("ada").post(
        reverse("inventory:assign"),
        {"everything": "1", "filters": "kind=mobile", "do": "assign", "person_choice": "none", "cost_centre": "as-is", "site": "as-is"},
    )
    assert (answer.status_code, text(answer).count("stood like this already")) == (200, 1)


@pytest.mark.parametrize("stranger", ["foreign", "missing", "text"])
def test_c05_one_foreign_id_refuses_the_whole(two, signed_in, stranger):
    other = {"foreign": two[1].pk, "missing": 999_999_999, "text": "x"}[stranger]
    for data in ({}, {"do": "assign", "person_choice": "none", "cost_centre": "as-is", "site": "none"}):
        answer = signed_in("ada").post(reverse("inventory:assign"), {"ids": [two[0].pk, other], **data})
        assert answer.status_code == 404
    assert LinePeriod.objects.for_(SYSTEM).count() == 2


def test_lines_of_several_customers_are_not_assigned_together(two, signed_in):
    answer = signed_in("olga").post(reverse("inventory:assign"), {"ids": [two[0].pk, two[1].pk]}, follow=True)
    assert "The chosen lines belong to several customers" in text(answer)


# --- lists ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("ada", 11), ("olga", 7)])
def test_list_takes_a_fixed_number_of_queries(world, signed_in, who, queries, count):
    for n in range(count):
        make_line(
            world.a, f"+39351000010{n}", plan=make_plan(f"P{n}"), site=make_site(world.a, f"S{n}"),
            cost_centre=make_cost_centre(world.a, f"C{n}"), person=world.memberships["bo"].person,
        )  # fmt: skip
    browser = signed_in(who)
    browser.get(reverse("inventory:lines"))
    assert queries_of(lambda: browser.get(reverse("inventory:lines"))) == queries


def test_line_page_leads_to_the_page_of_its_user(world, signed_in):
    line = make_line(world.a, "+393510000101", person=world.memberships["bo"].person)
    link = f'<a href="/people/{line.person_id}/">Bo Prova</a>'
    shown = signed_in("ada").get(reverse("inventory:line", args=[line.pk]), {"on": "2026-06-30"})
    assert text(shown).count(link) == 2  # as it stands, and as it stood


@pytest.mark.parametrize("count", [1, 3])
def test_line_page_takes_a_fixed_number_of_queries(two, signed_in, count):
    for n in range(count - 1):
        at = LONG_AGO + timedelta(days=n + 1)
        operations.change_line(actor=SYSTEM, line=two[0], changes={"plan": make_plan(f"P{n}")}, at=at, now=at)
    browser = signed_in("ada")
    browser.get(reverse("inventory:line", args=[two[0].pk]))
    assert queries_of(lambda: browser.get(reverse("inventory:line", args=[two[0].pk]))) == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=351000010", ["0101", "0102"]), ("q=%2B393510000101", ["0101"]), ("q=bo", ["0102"]), ("q=prova", ["0102"]), ("q=" + ICCID[:10], ["0101"]),
        ("q=351 bo", ["0102"]), ("q=0901", []), ("q=cy", []), ("kind=fixed", ["0555"]), ("status=terminated", ["0777"]),
        ("status=suspended", []), ("person=0", ["0101", "0555"]), ("person=1", ["0102"]), ("dual=1", ["0102"]),
        ("cost_centre=none", ["0101", "0102"]), ("kind=nonsense", []), ("sort=-number", ["0555", "0102", "0101"]), ("q=3510000777", ["0777"]),
        ("q=%2B39 351 000 0101", ["0101"]), ("q=%2B39%C2%A0351%C2%A0000%C2%A00101", ["0101"]), ("q=351 000 0102 bo", ["0102"]),
    ],
)  # fmt: skip
def test_list_searches_filters_and_sorts(two, world, signed_in, query, found):
    now = timezone.now()
    operations.change_sim(actor=SYSTEM, line=two[0], iccid=ICCID, at=now, now=now)
    make_line(world.a, "+393510000102", person=world.memberships["bo"].person, dual_billing=True)
    make_line(world.a, "+393520000555", kind="fixed", cost_centre=make_cost_centre(world.a))
    make_line(world.a, "+393510000777", active_to=LONG_AGO + timedelta(days=3))
    page = text(signed_in("ada").get(f"{reverse('inventory:lines')}?{query}"))
    assert re.findall(r"/inventory/lines/\d+/\">\+39 35\d 000 (\d{4})</a>", page) == found


def test_c02_foreign_codes_find_nothing(two, world, signed_in):
    centre = make_cost_centre(world.b)
    for query in (f"cost_centre={centre.pk}", "customer=B", "organisation__code=B", "sort=organisation__vat_number", "q=0901"):
        page = text(signed_in("ada").get(f"{reverse('inventory:lines')}?{query}"))
        assert "000 0901" not in page


def test_f06_export_guards_formulas_and_is_on_record(two, world, signed_in):
    operations.assign_lines(
        actor=SYSTEM, line_ids=[two[0].pk], changes={"site": make_site(world.a, "=cmd|' /C calc'!A0")}, now=timezone.now()
    )
    answer = signed_in("ada").get(f"{reverse('inventory:lines')}?export=csv")
    content = b"".join(answer.streaming_content).decode()
    assert ("'=cmd|" in content, ",=cmd" in content, kinds()[-1]) == (True, False, "export.made")


def test_totals_count_what_is_in_reach(two, signed_in):
    for name, count in {"ada": "1", "olga": "2"}.items():
        page = signed_in(name).get(reverse("inventory:totals"))
        assert (page.status_code, page.context["held"]) == (200, count)


def test_agreements_are_those_in_reach(two, signed_in):
    assert signed_in("ada").get(reverse("inventory:agreement", args=[two[0].agreement_id])).status_code == 200
    assert signed_in("cy").get(reverse("inventory:agreement", args=[two[0].agreement_id])).status_code == 404
    assert "AG1" in text(signed_in("ada").get(reverse("inventory:agreements")))


# --- files ---------------------------------------------------------------------------------------------------------------


def hand_in(browser, name, *rows, header):
    file = SimpleUploadedFile("file.csv", "\n".join([header, *rows]).encode(), "text/csv")
    return browser.post(reverse(f"inventory:{name}"), {"file": file}, follow=True)


def confirm(browser, preview):
    seen = re.search(r'name="seen" value="([^"]+)"', preview.content.decode())[1]
    return browser.post(preview.request["PATH_INFO"], {"do": "apply", "seen": seen}, follow=True)


def test_operator_hands_in_lines_looks_and_confirms(world, signed_in):
    browser = signed_in("olga")
    preview = hand_in(browser, "import_lines", ROW, header=HEADER)
    assert (preview.status_code, Line.objects.for_(SYSTEM).count()) == (200, 0)
    assert confirm(browser, preview).status_code == 200
    assert list(Line.objects.for_(SYSTEM).values_list("number", "organisation__code")) == [("+393510000101", "A")]


def test_administrator_hands_in_assignments_only(two, world, signed_in):
    browser = signed_in("ada")
    assert browser.get(reverse("inventory:import_lines")).status_code == 403
    preview = hand_in(browser, "import_assignments", "+393510000101,CC9", header="number,cost_centre")
    confirm(browser, preview)
    assert list(CostCentre.objects.for_(SYSTEM).values_list("code", "organisation__code")) == [("CC9", "A")]
    assert Line.objects.for_(SYSTEM).get(pk=two[0].pk).cost_centre.code == "CC9"


def test_c07_preview_says_unknown_line_for_foreign_and_missing_alike(two, signed_in):
    page = text(hand_in(signed_in("ada"), "import_assignments", "+393510000901,CC9", "+393510000902,CC9", header="number,cost_centre"))
    assert (page.count("unknown line"), CostCentre.objects.for_(SYSTEM).count()) == (2, 0)


def test_f09_confirmation_after_the_data_changed_shows_the_preview_again(two, world, signed_in):
    browser = signed_in("ada")
    preview = hand_in(browser, "import_assignments", "+393510000101,CC9", header="number,cost_centre")
    operations.change_line(
        actor=SYSTEM, line=two[0], changes={"cost_centre": make_cost_centre(world.a, "CC9")}, at=timezone.now(), now=timezone.now()
    )
    before = LinePeriod.objects.for_(SYSTEM).count()
    assert confirm(browser, preview).status_code == 409
    assert LinePeriod.objects.for_(SYSTEM).count() == before


def example(browser, page):
    return browser.get(reverse(f"inventory:{page}"), {"example": 1}).content.decode("utf-8-sig").splitlines()


def test_the_example_of_lines_holds_codes_of_a_customer_and_loads_as_it_is(two, world, signed_in):
    browser = signed_in("olga")
    make_line(world.a, "+393510000001")
    with arrange():
        Person.objects.for_(SYSTEM).filter(username="bo").update(code="E7")
    header, row = example(browser, "import_lines")
    assert row.replace("'+", "+").split(",") == [
        "A", "AG1", "+393510000002", "mobile", "BASE", "active", "2026-01-31", "", ICCID, "E7", "CC10", "Sede centrale", "0",
    ]  # fmt: skip
    report = hand_in(browser, "import_lines", row, header=header).context["report"]
    assert (report.counts["new"], report.wrong) == (1, 0)


@pytest.mark.parametrize("name", ["ada", "olga", "pia"])
def test_the_example_of_assignments_holds_a_line_of_the_readers_and_loads_as_it_is(two, name, signed_in):
    browser = signed_in(name)
    header, row = example(browser, "import_assignments")
    assert hand_in(browser, "import_assignments", row, header=header).context["report"].wrong == 0
    assert row.removeprefix("'").split(",")[0] == "+393510000101"


def taken_out(browser, page, **query):
    """Return the rows of a file for import as another person could hand them in."""
    answer = browser.get(reverse(page), {"export": "import", **query})
    return b"".join(answer.streaming_content)


def test_the_lines_taken_out_for_import_change_nothing_when_handed_in_again(two, world, signed_in):
    file = taken_out(signed_in("olga"), "inventory:lines")
    assert file.decode().splitlines()[0].removeprefix("\ufeff") == ",".join(LINE_COLUMNS)
    table = read_table(BytesIO(file), name="lines.csv")
    report = operations.load_lines(actor=SYSTEM, table=table, apply=False, now=timezone.now())
    assert [(row.state.value, row.errors) for row in report.rows] == [("unchanged", ())] * 2


def test_the_assignments_taken_out_for_import_change_nothing_when_handed_in_again(two, world, ada, signed_in):
    file = taken_out(signed_in("ada"), "inventory:lines")
    assert "'" not in file.decode()
    assert "+393510000101" in file.decode()
    table = read_table(BytesIO(file), name="assignments.csv")
    report = operations.load_assignments(actor=ada, table=table, apply=False, now=timezone.now())
    assert [(row.state.value, row.errors) for row in report.rows] == [("unchanged", ())]
