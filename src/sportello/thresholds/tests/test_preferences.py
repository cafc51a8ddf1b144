"""What people chose to be told, on which way, and what they cannot switch off."""

from datetime import UTC, datetime, time

import pytest

from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.messaging import operations as messaging
from sportello.messaging.models import Message, QuietHours
from sportello.messaging.states import Kind
from sportello.messaging.types import Way
from sportello.thresholds import handlers, queries
from sportello.thresholds.tests.factories import NOVEMBER, NOW, a_line, a_threshold, count

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test of preferences")
ALL = {(Kind.THRESHOLDS, way) for way in Way}
NIGHT = datetime(2026, 11, 20, 23, tzinfo=UTC)


def switch_off(actor, ways=ALL):
    messaging.set_preferences(actor=actor, unwanted=set(ways), quiet_from=None, quiet_to=None)


def crossed(world, amount, *, now=NOW, **values):
    line = a_line(world.a, person=world.memberships["bo"].person)
    a_threshold(line, "10", **values)
    count(line, amount)
    handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=now)
    return line


def sent():
    rows = Message.objects.across_tenants(reason="a test reads").order_by("channel")
    return [(row.channel, row.state) for row in rows]


def test_warning_is_withheld_from_who_switched_it_off_on_every_way(world, ada, bo):
    switch_off(ada)
    switch_off(bo)
    crossed(world, "9")
    assert sent() == [("email", "withheld"), ("sms", "withheld")]
    assert [(list(queries.portal_notices(who)), queries.unread(who)) for who in (ada, bo)] == [([], 0), ([], 0)]


def test_notices_in_the_portal_are_switched_apart_from_mails_and_texts(world, ada, bo):
    switch_off(ada, {(Kind.THRESHOLDS, Way.PORTAL)})
    switch_off(bo, {(Kind.THRESHOLDS, Way.SMS), (Kind.THRESHOLDS, Way.EMAIL)})
    crossed(world, "9")
    assert sent() == [("email", "queued"), ("sms", "withheld")]
    assert [queries.portal_notices(who).count() for who in (ada, bo)] == [0, 1]


@pytest.mark.parametrize(
    ("amount", "values"), [("10", {"kind": "enforcing"}), ("8", {"kind": "enforcing", "consent": True})]
)
def test_bars_and_the_safeguard_are_told_whatever_is_switched_off(world, ada, bo, amount, values):
    switch_off(ada)
    switch_off(bo)
    crossed(world, amount, **values)
    assert sent() == [("email", "queued"), ("sms", "queued")]
    assert [queries.portal_notices(who).count() for who in (ada, bo)] == [1, 1]


def test_of_many_at_once_the_list_goes_out_when_one_of_them_bars(world, ada):
    switch_off(ada)
    for amount, values in (("9", {}), ("12", {"kind": "enforcing"})):
        line = a_line(world.a)
        a_threshold(line, "10", **values)
        count(line, amount)
    lines = [row.pk for row in type(line).objects.for_(SYSTEM).filter(organisation=world.a)]
    handlers.counters_changed(load_id=1, line_ids=lines, months=[NOVEMBER], now=NOW)
    rows = Message.objects.across_tenants(reason="a test reads").filter(channel="email")
    assert [(row.template, row.state) for row in rows] == [("threshold_list", "queued")]


def test_quiet_hours_hold_back_a_warning_and_no_bar(world, bo):
    with arrange():
        QuietHours.objects.create(person_id=bo.person_id, starts=time(22), ends=time(7))
    crossed(world, "9", now=NIGHT)
    crossed(world, "10", now=NIGHT, kind="enforcing")
    texts = Message.objects.across_tenants(reason="a test reads").filter(channel="sms").order_by("pk")
    assert [row.next_try_at for row in texts] == [datetime(2026, 11, 21, 6, tzinfo=UTC), NIGHT]


def test_page_offers_every_way_and_says_what_cannot_be_switched_off_and_why(world, signed_in):
    browser = signed_in("bo")
    page = browser.get("/account/notifications/")
    ways = [
        [box.name for box in boxes] for label, boxes, _always in page.context["form"].kinds if label == "Thresholds"
    ]
    assert ways == [["thresholds_email", "thresholds_sms", "thresholds_portal"]]
    assert "Regulation (EU) 2022/612, article 14" in page.content.decode()
    browser.post("/account/notifications/", {"thresholds_email": "on", "thresholds_sms": "on"})
    crossed(world, "9")
    page = browser.get("/thresholds/notices/")
    assert (page.context["entries"], page.context["switched_off"]) == ([], True)
    assert "switched off notices in the portal" in page.content.decode()
