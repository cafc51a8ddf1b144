"""What happens to a line whose number receives one-time codes (ABUSE A15, A16)."""

from datetime import UTC, datetime, timedelta

import pytest

from sportello.inventory import operations
from sportello.inventory.models import Agreement, Line, Sim
from sportello.kernel.models import Event
from sportello.kernel.testing import arrange

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FIRST_SIM, SECOND_SIM = "8939010000000000017", "8939010000000000025"


@pytest.fixture
def bo_line(world, olga):
    """Bo's line, whose number is the one that Bo signs in with."""
    bo = world.memberships["bo"].person
    with arrange():
        agreement = Agreement.objects.create(organisation=world.a, code="c")
    return operations.add_line(
        actor=olga, agreement=agreement, number=bo.mobile, kind="mobile", active_from=BEGAN, person=bo, now=NOW
    )


def swapped(actor, line, iccid, at, now=None):
    return operations.change_sim(actor=actor, line=line, iccid=iccid, at=at, now=now or at)


def told(kind):
    return [(row.subject_id, row.payload["why"]) for row in Event.append_only.filter(kind=kind)]


def test_a15_another_sim_freezes_the_codes_of_who_signs_in_with_the_number(world, olga, bo_line):
    bo = world.memberships["bo"].person
    swapped(olga, bo_line, FIRST_SIM, NOW)
    bo.refresh_from_db()
    assert bo.codes_frozen_until is None  # the line's first SIM replaces none
    later = NOW + timedelta(hours=1)
    swapped(olga, Line.objects.for_(olga).get(pk=bo_line.pk), SECOND_SIM, later)
    bo.refresh_from_db()
    assert bo.codes_frozen_until == later + timedelta(hours=24)
    assert told("otp.frozen") == [(str(bo.pk), "new_sim")]


@pytest.mark.parametrize(
    ("at", "begins"), [(NOW - timedelta(days=2), BEGAN), (NOW + timedelta(days=5), NOW + timedelta(days=5))]
)
def test_a15_sim_change_dated_back_or_ahead_freezes_the_codes_from_now_on(world, olga, at, begins):
    bo = world.memberships["bo"].person
    with arrange():
        agreement = Agreement.objects.create(organisation=world.a, code="c")
        sim = Sim.objects.create(organisation=world.a, iccid=FIRST_SIM)
    line = operations.add_line(
        actor=olga,
        agreement=agreement,
        number=bo.mobile,
        kind="mobile",
        active_from=begins,
        person=bo,
        sim=sim,
        now=NOW,
    )
    swapped(olga, line, SECOND_SIM, at, now=NOW)
    bo.refresh_from_db()
    assert bo.codes_frozen_until == max(at, NOW) + timedelta(hours=24)


def test_a16_a_line_given_to_a_colleague_takes_the_number_from_the_one_before(world, ada, bo_line):
    bo, ada_person = world.memberships["bo"].person, world.memberships["ada"].person
    operations.change_line(actor=ada, line=bo_line, changes={"person": ada_person}, at=NOW, now=NOW)
    bo.refresh_from_db()
    assert bo.mobile_verified_at is None
    assert bo.codes_frozen_until is None


def test_a16_lines_assigned_together_are_guarded_too(world, ada, bo_line):
    bo, ada_person = world.memberships["bo"].person, world.memberships["ada"].person
    operations.assign_lines(actor=ada, line_ids=[bo_line.pk], changes={"person": ada_person}, now=NOW)
    bo.refresh_from_db()
    assert bo.mobile_verified_at is None


def test_a16_a_line_that_ends_takes_its_number_away(world, olga, bo_line):
    bo = world.memberships["bo"].person
    operations.end_line(actor=olga, line=bo_line, at=NOW, now=NOW)
    bo.refresh_from_db()
    assert bo.mobile_verified_at is None


def test_a15_other_changes_of_the_line_leave_the_codes_alone(world, olga, bo_line):
    bo = world.memberships["bo"].person
    operations.change_line(actor=olga, line=bo_line, changes={"dual_billing": True}, at=NOW, now=NOW)
    bo.refresh_from_db()
    assert (bo.codes_frozen_until, bo.mobile_verified_at is not None) == (None, True)
