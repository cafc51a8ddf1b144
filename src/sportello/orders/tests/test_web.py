"""The pages: from the choice to the code, the operator's work, files, types; who sees what."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from sportello.inventory.models import Line
from sportello.inventory.tests.factories import make_plan
from sportello.kernel.access import Profile
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.kernel.ui.formats import phone
from sportello.orders import queries
from sportello.orders.models import Order, OrderItem, OrderType
from sportello.orders.states import State
from sportello.orders.tests.factories import ICCID, PDF, a_line, agent, colleague, drafted, form_of, ordered, taken

pytestmark = pytest.mark.django_db


def sent_by_page(browser, draft_url):
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(draft_url).content.decode())
    return browser.post(draft_url, {"seen": seen[1]})


def test_from_the_choice_of_lines_to_the_code(world, ada, signed_in):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(3)]
    a_line(world.a, "+393511234569", status="suspended")
    browser = signed_in("ada")
    assert b"SUSPENSION" in browser.get("/orders/new/").content
    listed = browser.get("/orders/new/lines/?type=SUSPENSION").content.decode()
    assert (phone("+393511234560") in listed, phone("+393511234569") in listed) == (True, False)
    begun = browser.post("/orders/new/lines/chosen/", {"everything": "1", "filters": "type=SUSPENSION"})
    draft = queries.drafts(ada).get()
    assert (begun.url, draft.item_count) == (f"/orders/drafts/{draft.pk}/", 3)
    wrong = browser.post(begun.url, {"key": "draft", "answer_why": "boredom"})
    assert (wrong.status_code, Order.objects.for_(ada).get().state) == (422, State.DRAFT)
    checked = browser.post(begun.url, {"key": "draft", "answer_why": "request"})
    done = sent_by_page(browser, checked.url)
    order = queries.orders(ada).get()
    assert (done.url, order.code[:4], order.item_count) == (f"/orders/{order.pk}/", "ORD-", 3)
    page = browser.get(done.url).content.decode()
    assert all(text in page for text in (order.code, phone("+393511234560"), "At the organisation"))
    again = browser.post(checked.url, {"seen": draft.fingerprint})
    assert (again.url, Line.objects.for_(ada).filter(status="active").count()) == (done.url, len(lines))


def test_the_page_says_what_cannot_be_asked_for_and_leaves_it_out(world, ada, signed_in):
    good, bad = a_line(world.a), a_line(world.a, "+393511234568", status="suspended")
    browser, draft = signed_in("ada"), drafted(ada, world.a, "SUSPENSION", good, bad, why="request")
    check = f"/orders/drafts/{draft.pk}/check/"
    page = browser.get(check).content.decode()
    assert "Cannot be asked for" in page
    assert sent_by_page(browser, check).status_code == 409
    assert browser.post(f"/orders/drafts/{draft.pk}/leave-out/").url == check
    assert sent_by_page(browser, check).url == f"/orders/{draft.pk}/"
    other = drafted(ada, world.a, "REACTIVATION", bad)
    assert browser.post(f"/orders/drafts/{other.pk}/discard/").url == "/orders/new/"
    assert browser.get(f"/orders/drafts/{other.pk}/check/").status_code == 404


def test_a_theft_needs_the_report_at_its_field_and_the_document_is_a_download(world, ada, signed_in):
    browser, draft = signed_in("ada"), drafted(ada, world.a, "SIM-REPLACEMENT", a_line(world.a))
    address = f"/orders/drafts/{draft.pk}/"
    refused = browser.post(address, {"key": "draft", "answer_why": "theft"})
    assert (refused.status_code, b"report to the police" in refused.content) == (422, True)
    file = SimpleUploadedFile("denuncia.pdf", PDF)
    checked = browser.post(address, {"key": "draft", "answer_why": "theft", "answer_report": file})
    assert sent_by_page(browser, checked.url).status_code == 302
    order = queries.orders(ada).get()
    given = browser.get(f"/orders/{order.pk}/files/{queries.files_of(ada, order)[0].pk}/")
    assert (given.content, given["Content-Disposition"].startswith("attachment")) == (PDF, True)


def test_the_operator_works_on_an_order_by_its_page(world, ada, olga, signed_in):
    order = ordered(ada, world.a, "SIM-REPLACEMENT", a_line(world.a), why="fault", now=timezone.now())
    ada_page, olga_page, act = signed_in("ada"), signed_in("olga"), f"/orders/{order.pk}/act/"
    assert order.code.encode() in olga_page.get("/orders/desk/").content
    assert olga_page.post(act, {"do": "start"}).status_code == 409
    olga_page.post(act, {"do": "take"})
    olga_page.post(act, {"do": "ask", "note": "Which model?"})
    assert b"Which model?" in ada_page.get(f"/orders/{order.pk}/").content
    assert ada_page.post(act, {"do": "answer", "note": " "}).status_code == 422
    ada_page.post(act, {"do": "answer", "note": "A Nova 5"})
    olga_page.post(act, {"do": "note", "note": "secret of the house"})
    assert b"secret of the house" not in ada_page.get(f"/orders/{order.pk}/").content
    assert olga_page.post(act, {"do": "complete", "items": "1", "item1-iccid": "12"}).status_code == 422
    assert olga_page.post(act, {"do": "complete", "items": "1", "item1-iccid": ICCID}).status_code == 302
    item = OrderItem.objects.for_(ada).select_related("line__sim").get()
    assert (item.state, item.line.sim.iccid) == (State.COMPLETED, ICCID)
    assert ada_page.post(act, {"do": "take"}).status_code == 403
    assert ada_page.post(act, {"do": "fly"}).status_code == 422


def test_many_are_taken_and_completed_from_the_desk(world, ada, olga, signed_in):
    orders = [
        ordered(ada, world.a, "SUSPENSION", a_line(world.a, f"+39351123456{one}"), why="request") for one in range(2)
    ]
    taken(agent(world), orders[1])
    browser, chosen = signed_in("olga"), {"ids": [row.pk for row in orders]}
    assert browser.post("/orders/desk/take/", chosen).status_code == 302
    orders[0].refresh_from_db()
    assert orders[0].assignee_id == olga.person_id
    browser.post("/orders/desk/complete/", chosen)
    assert set(queries.orders(ada).values_list("state", flat=True)) == {"accepted"}
    browser.post("/orders/desk/complete/", {"ids": [orders[0].pk]})
    assert list(queries.orders(ada).order_by("pk").values_list("state", flat=True)) == ["completed", "accepted"]


def test_a_second_administrator_approves_on_the_page(world, ada, signed_in):
    eva = colleague(world)
    assert signed_in("ada").post("/orders/options/", {"approval": "1"}).status_code == 302
    order = ordered(eva, world.a, "SUSPENSION", a_line(world.a), why="request")
    page = signed_in("ada")
    assert b"Approve" in page.get(f"/orders/{order.pk}/").content
    page.post(f"/orders/{order.pk}/act/", {"do": "approve"})
    order.refresh_from_db()
    assert (order.state, order.approver_id) == (State.SUBMITTED, ada.person_id)
    assert page.post("/orders/options/", {}).status_code == 403


def test_files_are_previewed_and_sent_whole(world, ada, olga, signed_in):
    make_plan("GOLD")
    a_line(world.a)
    browser = signed_in("ada")
    assert b"plan" in browser.get("/orders/new/file/?type=PLAN-CHANGE").content
    rows = "type,number,plan\nPLAN-CHANGE,+393511234567,GOLD\n"
    preview = browser.post("/orders/new/file/", {"file": SimpleUploadedFile("a.csv", rows.encode())})
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(preview.url).content.decode())[1]
    browser.post(preview.url, {"seen": seen})
    order = queries.orders(ada).get()
    results = f"order,item,outcome\n{order.code},1,completed\n"
    page = signed_in("olga")
    preview = page.post("/orders/desk/results/", {"file": SimpleUploadedFile("r.csv", results.encode())})
    seen = re.search(r'name="seen" value="(\w+)"', page.get(preview.url).content.decode())[1]
    page.post(preview.url, {"seen": seen})
    line = Line.objects.for_(ada).select_related("plan").get()
    order.refresh_from_db()
    assert (order.state, line.plan.code) == (State.COMPLETED, "GOLD")
    unknown = SimpleUploadedFile("a.csv", b"type,number\nNOTHING,1\n")
    assert browser.post("/orders/new/file/", {"file": unknown}).status_code == 422
    assert browser.get("/orders/desk/results/").status_code == 403


def test_the_operator_asks_for_a_customer_by_its_code(world, olga, signed_in):
    browser = signed_in("olga")
    address = "/orders/new/type/DELIVERY-ADDRESS/"
    assert (browser.get(address).status_code, browser.get(f"{address}?customer=NONE").status_code) == (200, 422)
    posted = {"key": "k1", "answer_site_name": "Magazzino", "answer_address": "Via Po 3"}
    begun = browser.post(f"{address}?customer=A", posted)
    twice = browser.post(f"{address}?customer=A", posted)
    assert (begun.url, queries.drafts(olga).count()) == (twice.url, 1)
    sent_by_page(browser, begun.url)
    assert queries.orders(olga).get().organisation_id == world.a.pk


def test_a_type_is_edited_and_makes_a_new_version(world, olga, signed_in):
    browser = signed_in("olga")
    made = browser.post(
        "/orders/types/new/",
        {
            "code": "MOVE",
            "name_it": "Trasloco",
            "name_es": "Traslado",
            "name_en": "Move",
            "effect": "work",
            "queue": "CHANGE",
        },
    )
    row = OrderType.objects.get(code="MOVE")
    assert (made.url, row.active) == (f"/orders/types/{row.pk}/", False)
    question = {
        "label_it": "Dove", "label_es": "Dónde", "label_en": "Where to", "kind": "text", "key": "", "required": "on", "ORDER": "1",
    }  # fmt: skip
    posted = {
        "name_it": "Trasloco", "name_es": "Traslado", "name_en": "Move", "position": "5", "active": "on", "effect": "work",
        "queue": "CHANGE", "expected_days": "20", "asked_by": ["administrator"], "checks": ["hanging"],
        "q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "0", **{f"q-0-{key}": value for key, value in question.items()},
    }  # fmt: skip
    assert browser.post(made.url, posted).status_code == 302
    form = form_of("MOVE")
    assert (form.version, [one.key for one in form.questions], form.asked_by) == (2, ["where_to"], ["administrator"])
    assert browser.post(made.url, posted | {"effect": "plan"}).status_code == 422
    assert b"Trasloco" in browser.get("/orders/types/").content or b"Move" in browser.get("/orders/types/").content
    assert browser.post(
        "/orders/queues/new/", {"code": "MOVES", "name_it": "a", "name_es": "b", "name_en": "c", "position": 1}
    ).url
    assert signed_in("ada").get("/orders/types/").status_code == 403


def test_lists_take_a_fixed_number_of_queries(world, ada, olga, signed_in, django_assert_num_queries):
    """At 1 and at 3 orders."""
    for count in (1, 2):
        for one in range(count):
            ordered(ada, world.a, "SUSPENSION", a_line(world.a, f"+3935112345{count}{one}"), why="request")
        for browser, path, most in ((signed_in("ada"), "/orders/", 7), (signed_in("olga"), "/orders/desk/", 8)):
            browser.get(path)
            with django_assert_num_queries(most):
                assert browser.get(path).status_code == 200


def test_a_lines_page_shows_its_orders_and_what_can_be_ordered(world, ada, signed_in):
    line = a_line(world.a)
    order = ordered(ada, world.a, "SUSPENSION", line, why="request")
    page = signed_in("ada").get(f"/orders/lines/{line.pk}/").content.decode()
    assert (order.code in page, "SIM replacement" in page, "REACTIVATION" in page) == (True, True, False)
    begun = signed_in("ada").post("/orders/new/lines/chosen/", {"ids": line.pk, "type": "SIM-REPLACEMENT"})
    assert begun.url == f"/orders/drafts/{queries.drafts(ada).get().pk}/"


def test_some_items_are_rejected_completed_and_cancelled_by_their_ticks(world, ada, olga, signed_in):
    lines = [a_line(world.a, f"+39351123456{one}") for one in range(4)]
    order = taken(olga, ordered(ada, world.a, "SUSPENSION", *lines, why="request"))
    page, act = signed_in("olga"), f"/orders/{order.pk}/act/"
    assert page.get(f"/orders/{order.pk}/").content.count(b'name="items"') == 4 * 5
    assert page.post(act, {"do": "reject", "note": "no", "some": "1"}).status_code == 422
    page.post(act, {"do": "reject", "note": "no", "some": "1", "items": ["2"]})
    page.post(act, {"do": "complete", "some": "1", "items": ["1"]})
    signed_in("ada").post(act, {"do": "cancel", "some": "1", "items": ["3"]})
    assert [item.state for item in queries.items_of(ada, order)] == ["completed", "rejected", "cancelled", "accepted"]


def test_search_anything_finds_orders_by_their_code(world, ada, signed_in):
    order = ordered(ada, world.a, "SUSPENSION", a_line(world.a), why="request")
    found = {
        name: order.code in signed_in(name).get("/search/?q=ord-2026").content.decode()
        for name in ("ada", "olga", "cy", "bo")
    }
    assert found == {"ada": True, "olga": True, "cy": False, "bo": False}


def status(browser, path):
    answer = browser.get(path)
    b"".join(getattr(answer, "streaming_content", ()))  # an export is closed at its end
    return answer.status_code


def test_matrix_who_may_not_track_or_ask_is_refused_everywhere(world, signed_in):
    """The rows «Tracking pratiche» and «Variazioni» of the source: the administrator alone; partners' agents look, and do not ask."""
    with arrange():
        for profile in ("ebill_referent", "dual_billing_referent", "traffic_manager", "fleet_contact"):
            world.memberships[profile] = new_member(world.a, profile, Profile(profile))
        world.memberships["pino"] = new_member(world.partner, "pino", Profile.PARTNER_AGENT)
    looks, asks = ("/orders/", "/orders/?export=csv"), ("/orders/new/", "/orders/new/lines/", "/orders/new/file/")
    names = (
        "ada",
        "pia",
        "olga",
        "pino",
        "bo",
        "ebill_referent",
        "dual_billing_referent",
        "traffic_manager",
        "fleet_contact",
    )
    found = {}
    for name in names:
        browser = signed_in(name)
        found[name] = tuple(sorted({status(browser, path) for path in paths}) for paths in (looks, asks))
    opened = dict.fromkeys(("ada", "pia", "olga"), ([200], [200])) | {"pino": ([200], [403])}
    assert found == dict.fromkeys(names, ([403], [403])) | opened
