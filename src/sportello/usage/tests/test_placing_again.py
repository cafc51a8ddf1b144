"""Placing stored records of a line again, where there is nothing to place, and where dual billing is left out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.usage import operations
from sportello.usage import types as usage_types
from sportello.usage.models import Counter
from sportello.usage.tests.factories import NOW, new_line, row, usage_file

SYSTEM = system_actor(reason="a test of usage")
NUMBER, OTHER = "+393200000001", "+393200000002"
SINCE, HANDED_ON = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)


def load(*rows: dict[str, str]) -> None:
    operations.load_file(actor=SYSTEM, path=usage_file(*rows), now=NOW)


def place_again(line) -> int:
    return operations.place_again(actor=SYSTEM, line_id=line.pk, since=SINCE, now=NOW)


def test_line_without_records_has_nothing_to_place(world) -> None:
    line, other = new_line(world.a, NUMBER), new_line(world.a, OTHER)
    assert place_again(line) == 0  # there is no part at all
    load(row(msisdn=OTHER))
    assert (place_again(line), place_again(other)) == (0, 0)


def test_without_dual_billing_records_move_with_their_own_mark(world, monkeypatch) -> None:
    monkeypatch.setattr(usage_types, "_terms_sources", [])
    ada, bo = (world.memberships[name].person for name in ("ada", "bo"))
    line = new_line(world.a, NUMBER, person=bo)
    load(
        row(msisdn=NUMBER, started_at="2026-11-11T10:00:00Z", amount="1", personal="1"),
        row(msisdn=NUMBER, started_at="2026-11-15T10:00:00Z", amount="2", personal="1", record_id="r2"),
        row(msisdn=NUMBER, started_at="2026-11-15T11:00:00Z", amount="4", record_id="r3"),
    )
    with arrange():
        LinePeriod.objects.for_(SYSTEM).filter(line=line).update(active_to=HANDED_ON)
        before = LinePeriod.objects.for_(SYSTEM).get(line=line)
        before.pk, before.person, before.active_from, before.active_to = None, ada, HANDED_ON, None
        before.save(force_insert=True)
    assert (place_again(line), place_again(line)) == (2, 0)
    counted = Counter.objects.for_(SYSTEM).exclude(records=0).order_by("amount")
    assert [(one.period.person_id, one.personal, one.amount) for one in counted.select_related("period")] == [
        (bo.pk, True, Decimal(1)), (ada.pk, True, Decimal(2)), (ada.pk, False, Decimal(4)),
    ]  # fmt: skip
