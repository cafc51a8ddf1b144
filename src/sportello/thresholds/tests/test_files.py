"""Any order, split or repetition of usage files gives the same steps on record, the same bars, and tells nothing twice."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.thresholds import operations as thresholds
from sportello.thresholds.models import Bar, Crossing, CutOff, Tally
from sportello.thresholds.tests.factories import a_line, terms
from sportello.usage import operations as usage
from sportello.usage.tests.factories import row, usage_file

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test of files")
FEW = settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
SET_AT, LOADED = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = itertools.count(1)

records = st.lists(
    st.tuples(st.integers(0, 29 * 24), st.sampled_from(["0.3", "0.5", "1", "1.7"])), min_size=1, max_size=4
)


class Undo(Exception):
    pass


def after(world, ada, said, files):
    """Load records in some files; return what is on record by period, and check that nothing was told twice."""
    line = a_line(world.a, number=f"+3935177{next(_numbers):05d}")
    for period, limit in (("month", "2"), ("bill", "2"), ("day", "1")):
        wanted = terms(limit, traffic="all", period=period, kind="enforcing")
        thresholds.set_threshold(actor=ada, line=line, terms=wanted, now=SET_AT)
    for places in files:
        found = [
            row(
                record_id=f"{line.number}-{place}",
                msisdn=line.number,
                started_at=(datetime(2026, 10, 21, tzinfo=UTC) + timedelta(hours=said[place][0])).isoformat(),
                amount=said[place][1],
            )
            for place in places
        ]
        usage.load_file(actor=SYSTEM, path=usage_file(*found), now=LOADED)
    crossed = Crossing.objects.for_(SYSTEM).filter(line=line)
    texts = Message.objects.across_tenants(reason="a test reads").filter(channel="sms", address=line.number)
    assert texts.count() == crossed.filter(told=True).count()
    return (
        sorted(crossed.values_list("threshold__period", "period_start", "step")),
        sorted(
            Tally.objects.for_(SYSTEM).filter(line=line).values_list("threshold__period", "period_start", "used_units")
        ),
        sorted(Bar.objects.for_(SYSTEM).filter(line=line).values_list("threshold__period", "period_start")),
    )


@FEW
@given(said=records, data=st.data())
def test_any_order_split_or_repetition_of_files_gives_the_same_notices(world, ada, said, data):
    order = data.draw(st.permutations(range(len(said))))
    cut = data.draw(st.integers(0, len(order)))
    # Some records in files of their own, the rest in one: every order and split is among these, at the price of few files.
    parts = [*([place] for place in order[:cut]), *([order[cut:]] if order[cut:] else [])]
    again = data.draw(st.sampled_from(parts))
    with pytest.raises(Undo), transaction.atomic():
        with arrange():
            CutOff.objects.create(organisation=world.a, day=15)
        whole = after(world, ada, said, [range(len(said))])
        assert after(world, ada, said, [*parts, again]) == whole
        raise Undo
