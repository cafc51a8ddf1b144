"""What lines had spent by a day inside a month: sums that a process keeps, given out within each reader's reach."""

from datetime import UTC, date, datetime

import pytest

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.thresholds import queries
from sportello.thresholds.queries.report import Above
from sportello.thresholds.tests.factories import NOW, START, a_line, a_threshold, euro
from sportello.usage import operations as usage
from sportello.usage.tests.factories import row, usage_file

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test looks")
CHANGED = datetime(2026, 11, 5, tzinfo=UTC)


@pytest.fixture
def lines(world):
    """A line of A, one of B, and one that went from B to A on the fifth; each with 3 EUR on the second and 4 EUR on the sixth."""
    mine, theirs, moved = a_line(world.a), a_line(world.b), a_line(world.a)
    with arrange():
        LinePeriod.objects.for_(SYSTEM).filter(line=moved).update(active_from=CHANGED)
        LinePeriod.objects.create(
            line=moved, organisation=world.b, number=moved.number, active_from=START, active_to=CHANGED, status="active"
        )
    records = [
        row(record_id=f"{line.number}-{day}", msisdn=line.number, started_at=f"2026-11-0{day}T10:00:00Z", amount=amount)
        for line in (mine, theirs, moved)
        for day, amount in (("2", "3"), ("6", "4"))
    ]
    usage.load_file(actor=SYSTEM, path=usage_file(*records), now=NOW)
    return mine.pk, theirs.pk, moved.pk


def spent(actor, amount="0", day=10):
    asked = Above(amount=euro(amount), on=date(2026, 11, day), traffic="all")
    return {line: units for units, line in queries.spent_above(actor, asked, zone="Europe/Rome")}


def test_c02_sums_kept_for_one_reader_are_given_to_another_within_their_own_reach(lines, ada, cy, pia, olga):
    mine, theirs, moved = lines
    seven, four, three = (euro(text) for text in ("7", "4", "3"))
    for _again in range(2):  # from what the first of them made the process keep
        assert spent(olga) == {mine: seven, theirs: seven, moved: seven}
        assert spent(ada) == {mine: seven, moved: four}
        assert spent(cy) == {theirs: seven, moved: three}
    assert (spent(olga, "5"), spent(ada, "5")) == ({mine: seven, theirs: seven, moved: seven}, {mine: seven})
    assert (spent(ada, day=3), spent(cy, day=3)) == ({mine: three}, {theirs: three, moved: three})


def test_page_shows_a_share_only_where_a_line_has_a_threshold_by_the_month(world, signed_in):
    line = a_line(world.a)
    a_threshold(line, "50", traffic="all", period="day")
    usage.load_file(
        actor=SYSTEM,
        path=usage_file(row(record_id="1", msisdn=line.number, started_at="2026-11-02T10:00:00Z", amount="20")),
        now=NOW,
    )
    browser, address = signed_in("ada"), "/thresholds/above/?on=2026-11-30"

    def columns():
        return [column.name for column in browser.get(address).context["listing"].columns]

    assert columns() == ["number", "holder", "cost_centre", "spent"]
    a_threshold(line, "40", traffic="all")
    assert columns() == ["number", "holder", "cost_centre", "spent", "share"]
    listing = browser.get(address).context["listing"]
    assert [listing.columns[-1].plain(one) for one in listing.rows] == ["50.0%"]


def test_who_reaches_many_customers_sorts_by_the_amount_alone(world, signed_in):
    sortable = [
        [
            column.name
            for column in signed_in(who).get("/thresholds/above/").context["listing"].listing.columns
            if column.sort
        ]
        for who in ("ada", "olga")
    ]
    assert sortable == [["number", "spent"], ["spent"]]
