"""Each record is paid by exactly one of employee and customer, and the parts sum to the total (ABUSE H07, G14)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.dual_billing import operations
from sportello.dual_billing.models import Enrolment, PrivateBill, PrivateBillLine
from sportello.dual_billing.tests.factories import NOW, enrolled
from sportello.inventory import operations as inventory
from sportello.inventory.models import Line, LinePeriod
from sportello.kernel.access import Profile
from sportello.kernel.actor import member_actor, system_actor
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.usage import operations as usage
from sportello.usage import queries
from sportello.usage.models import Counter, CustomerMonth, LineMonth, PeriodMonth, UsagePart
from sportello.usage.tests.factories import new_line, row, usage_file

SYSTEM = system_actor(reason="a test of dual billing")
NUMBER = "+393200000001"
START = datetime(2026, 11, 1, tzinfo=UTC)
NOVEMBER, DECEMBER = date(2026, 11, 1), datetime(2026, 12, 1, 8, tzinfo=UTC)


class Paid(NamedTuple):
    """The sums of both payers, EUR."""

    company: Decimal
    private: Decimal


def hour(place: int) -> datetime:
    return START + timedelta(hours=place)


def at(place: int, amount: str, record_id: str = "", **more: str) -> dict[str, str]:
    return row(
        record_id=record_id or f"h{place}", started_at=f"{hour(place):%Y-%m-%dT%H:%M:%SZ}", amount=amount, **more
    )


def load(*rows: dict[str, str], now: datetime = NOW) -> None:
    usage.load_file(actor=SYSTEM, path=usage_file(*rows), now=now)


def paid(**where: object) -> Paid:
    rows = Counter.objects.for_(SYSTEM).filter(**where)
    sums = [sum((one.amount for one in rows if one.personal is flag), Decimal(0)) for flag in (False, True)]
    return Paid(*sums)


def customers_sums() -> set[Decimal]:
    """What the three tables of the customer say; they must agree."""
    tables = (LineMonth, PeriodMonth, CustomerMonth)
    return {sum((one.amount for one in table.objects.for_(SYSTEM)), Decimal(0)) for table in tables}


@pytest.fixture
def line(world):
    return new_line(world.a, NUMBER, person=world.memberships["bo"].person, active_from=START - timedelta(days=60))


def test_h07_start_mid_period_prefix_options_and_end(line):
    enrolled(line, begins=hour(10), ends=hour(20), roaming=True, messages=True, data_apn=True)
    new_line(line.organisation, "+393200000002", active_from=START - timedelta(days=60))
    load(
        at(9, "1", personal="1"),  # before: the company's
        at(10, "2", personal="1"),
        at(11, "4", other_party="41463331234567"),  # dialled with the prefix, which the source did not mark
        at(12, "8"),
        at(13, "16", zone="eu", country="ES", direction="in"),
        at(14, "32", traffic_type="sms"),
        at(15, "64", traffic_type="sms", other_party="+393200000002"),  # a colleague's number
        at(16, "128", traffic_type="data", other_party="", apn="pamobilepersonale.tim.it"),
        at(17, "256", traffic_type="data", other_party="", apn="ibox.tim.it"),
        at(20, "512", personal="1"),  # after
    )
    assert paid() == (Decimal(1 + 8 + 64 + 256 + 512), Decimal(2 + 4 + 16 + 32 + 128))
    assert customers_sums() == {paid().company}


def test_g14_customer_sees_neither_record_nor_total_of_private_traffic(line, ada, bo, world):
    enrolled(line, begins=hour(0))
    load(at(1, "1"), at(2, "222.22", personal="1"))
    seen = queries.records(ada, line, NOVEMBER).records
    assert [(record.record_id, record.personal) for record in seen] == [("h1", False)]
    assert {record.record_id for record in queries.records(bo, line, NOVEMBER).records} == {"h1", "h2"}
    assert [total.amount for total in queries.totals_by_type(ada, NOVEMBER)] == [Decimal(1)]
    assert list(Counter.objects.for_(ada).filter(personal=True)) == []
    td = member_actor(person_id=0, organisation_id=world.a.pk, profile=Profile.DUAL_BILLING_REFERENT)
    assert list(Counter.objects.for_(td).filter(personal=True)) == []
    assert [one.amount for one in Counter.objects.for_(bo).filter(personal=True)] == [Decimal("222.22")]


HOURS = st.integers(0, 40)


@given(
    begins=HOURS,
    lasts=st.none() | st.integers(0, 30),
    handed_on=st.none() | st.integers(1, 40),
    ends=st.none() | st.integers(20, 41),
    again=st.booleans(),
    roaming=st.booleans(),
    records=st.lists(st.tuples(HOURS, st.booleans(), st.booleans()), min_size=1, max_size=12),
    split=st.integers(0, 12),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_h07_each_record_is_paid_by_exactly_one_and_the_parts_sum_to_the_total(  # noqa: PLR0917 - what hypothesis draws
    world, begins, lasts, handed_on, ends, again, roaming, records, split
):
    """Start mid-period, end, leaving, a number that changes hands: against the rule said plainly, record by record."""
    with transaction.atomic():
        line = new_line(world.a, NUMBER, person=world.memberships["bo"].person, active_from=START - timedelta(days=60))
        until = None if lasts is None else hour(begins + lasts)
        enrolled(line, begins=hour(begins), ends=until, roaming=roaming)
        heir = _happened(world, line, handed_on, ends, again=again)
        rows = [
            at(
                place,
                f"0.{n + 1:05d}",
                f"r{n}",
                personal=str(int(marked)),
                **({"zone": "eu", "country": "ES"} if away else {}),
            )
            for n, (place, marked, away) in enumerate(records)
        ]
        load(*rows[:split])
        load(*rows[split:])
        wanted = Decimal(0)
        held = 0
        for each, (place, marked, away) in zip(rows, records, strict=True):
            bos = (handed_on is None or place < handed_on) and (ends is None or place < ends)
            gone = ends is not None and place >= ends and heir is None
            counts = begins <= place and (until is None or hour(place) < until)
            wanted += Decimal(each["amount"]) if bos and counts and (marked or (roaming and away)) else 0
            held += 0 if gone else 1
        total = sum(
            (Decimal(each["amount"]) for n, each in enumerate(rows) if not _lost(records[n][0], ends, heir)), Decimal(0)
        )
        found = paid()
        assert (found.private, found.company + found.private) == (wanted, total)
        counted = Counter.objects.for_(SYSTEM).values_list("records", flat=True)
        assert (sum(counted), customers_sums()) == (held, {found.company})
        assert paid(period__person=world.memberships["bo"].person).private == found.private
        transaction.set_rollback(True)


def _lost(place: int, ends: int | None, heir: object) -> bool:
    return ends is not None and place >= ends and heir is None


def _happened(world, line, handed_on, ends, *, again: bool) -> Line | None:
    """Hand the line on, end it, and give its number to another customer."""
    if handed_on is not None and (ends is None or handed_on < ends):
        with arrange():
            LinePeriod.objects.for_(SYSTEM).filter(line=line).update(active_to=hour(handed_on))
            LinePeriod.objects.create(
                line=line, organisation=line.organisation, number=NUMBER, status="active", active_from=hour(handed_on),
                agreement=line.agreement, person=world.memberships["ada"].person,
            )  # fmt: skip
            Line.objects.for_(SYSTEM).filter(pk=line.pk).update(person=world.memberships["ada"].person)
    if ends is None:
        return None
    with arrange():
        LinePeriod.objects.for_(SYSTEM).filter(line=line, active_to=None).update(active_to=hour(ends))
        Line.objects.for_(SYSTEM).filter(pk=line.pk).update(active_to=hour(ends))
    return new_line(world.b, NUMBER, person=world.memberships["cy"].person, active_from=hour(ends)) if again else None


def test_corrected_time_moves_records_and_sums_and_moves_them_once(line, olga):
    dual = enrolled(line, begins=hour(0))
    load(at(1, "1", personal="1"), at(30, "2", personal="1"), at(31, "4"))
    load(at(32, "8", personal="1"))
    parts = set(UsagePart.objects.filter(retired_at=None).values_list("name", flat=True))
    operations.correct_enrolment(
        actor=olga, enrolment=dual, active_from=hour(24), active_to=None, reason="began a day later", now=NOW
    )
    again = {"actor": SYSTEM, "line_id": line.pk, "since": hour(0), "now": NOW}
    assert [usage.place_again(**again), paid(), usage.place_again(**again)] == [1, (Decimal(5), Decimal(10)), 0]
    assert (customers_sums(), {one.amount for one in CustomerMonth.objects.for_(SYSTEM)}) == (
        {Decimal(5)},
        {Decimal(5)},
    )
    assert {record.record_id for record in queries.records(olga, line, NOVEMBER).records} == {"h1", "h31"}
    listed = set(UsagePart.objects.filter(retired_at=None).values_list("name", flat=True))
    assert (len(listed), len(listed - parts)) == (4, 1)  # the part of the other load was not written again
    before = Event.objects.across_tenants(reason="a test").filter(kind="usage.placed_again")
    assert [(event.organisation_id, event.payload["records"]) for event in before] == [(None, 1)]
    load(at(1, "1", personal="1"))  # the same record again is known, whoever pays it now
    assert paid() == (Decimal(5), Decimal(10))


def test_h07_end_noticed_late_gives_the_customer_back_what_was_loaded_meanwhile(line):
    dual = enrolled(line, begins=hour(0))
    load(at(1, "1", personal="1"), at(40, "2", personal="1"))
    with arrange():
        Enrolment.objects.for_(SYSTEM).filter(pk=dual.pk).update(active_to=hour(24), state="ended")
    from sportello.dual_billing.tasks import place_records_again

    assert place_records_again.call(dual.pk, hour(24).isoformat()) == 1
    assert paid() == (Decimal(2), Decimal(1))


def test_records_follow_a_corrected_history_of_their_line(line, world):
    load(at(1, "1"), at(30, "2"))
    inventory.change_line(
        actor=SYSTEM, line=line, changes={"person": world.memberships["ada"].person}, at=hour(24), now=NOW
    )
    assert paid(period__person=world.memberships["ada"].person) == (Decimal(0), Decimal(0))
    assert usage.place_again(actor=SYSTEM, line_id=line.pk, since=hour(0), now=NOW) == 1
    assert paid(period__person=world.memberships["ada"].person) == (Decimal(2), Decimal(0))
    assert (customers_sums(), sorted(one.amount for one in PeriodMonth.objects.for_(SYSTEM))) == (
        {Decimal(3)}, [Decimal(1), Decimal(2)],
    )  # fmt: skip


def bills() -> list[tuple]:
    rows = PrivateBill.objects.for_(SYSTEM).order_by("month")
    return [(one.month, one.net, one.vat, one.total, one.state) for one in rows]


def run(actor, month: date, now: datetime = DECEMBER) -> int:
    return operations.run_private_bills(actor=actor, month=month, now=now)


def test_bills_of_employees_hold_each_private_cent_once_also_when_it_comes_late(line, olga, bo):
    enrolled(line, begins=hour(0))
    load(at(1, "1.00001", personal="1"), at(2, "2", personal="1", zone="extra_eu", country="US"), at(3, "9"))
    assert [run(olga, NOVEMBER), run(olga, NOVEMBER)] == [1, 0]
    assert bills() == [(NOVEMBER, Decimal("3.00"), Decimal("0.22"), Decimal("3.22"), "due")]
    assert [message.template for message in Message.objects.for_(SYSTEM)] == ["private_bill"]
    load(at(4, "0.5", personal="1"), at(5, "-0.25", corrects="h1", personal="1"), now=DECEMBER)
    january = datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert run(olga, date(2026, 12, 1), january) == 1
    assert bills()[1] == (date(2026, 12, 1), Decimal("0.25"), Decimal("0.06"), Decimal("0.31"), "due")
    billed = sum((one.amount for one in PrivateBillLine.objects.for_(SYSTEM)), Decimal(0))
    assert billed == paid().private


def test_a_credit_waits_for_the_next_bill(line, olga):
    enrolled(line, begins=hour(0))
    load(at(1, "2", personal="1"))
    run(olga, NOVEMBER)
    load(at(2, "-1.5", corrects="h1", personal="1"), now=DECEMBER)
    assert run(olga, date(2026, 12, 1), datetime(2027, 1, 1, 8, tzinfo=UTC)) == 0
    load(
        row(record_id="j", started_at="2027-01-05T08:00:00Z", amount="5", personal="1"),
        now=datetime(2027, 1, 6, tzinfo=UTC),
    )
    assert run(olga, date(2027, 1, 1), datetime(2027, 2, 1, 8, tzinfo=UTC)) == 1
    assert bills()[1][1] == Decimal("3.50")


def test_bills_are_the_employees_alone_and_the_operators_to_mark_paid(line, world, olga, ada):
    enrolled(line, begins=hour(0))
    load(at(1, "2", personal="1"))
    run(olga, NOVEMBER)
    seen = {
        name: PrivateBill.objects.for_(actor).count()
        for name, actor in {name: world.actor(name) for name in ("ada", "bo", "cy", "pia")}.items()
    }
    assert seen == {"ada": 0, "bo": 1, "cy": 0, "pia": 0}
    row = PrivateBill.objects.for_(olga).get()
    for work in (lambda: operations.mark_paid(actor=ada, bills=[row.pk], now=DECEMBER), lambda: run(ada, NOVEMBER)):
        with pytest.raises(NotPermitted):
            work()
    days = row.due_date, row.due_date + timedelta(days=1)
    assert [operations.mark_overdue(actor=SYSTEM, today=day) for day in days] == [0, 1]
    assert [operations.mark_paid(actor=olga, bills=[row.pk], now=DECEMBER) for _each in range(2)] == [1, 0]
    assert bills()[0][-1] == "paid"
