from decimal import Decimal

import pytest

from sportello.inventory.models import Line
from sportello.inventory.states import LineStatus
from sportello.kernel.access import Profile
from sportello.kernel.actor import member_actor
from sportello.kernel.refusals import InvalidInput, NotFound
from sportello.kernel.ui.formats import NARROW
from sportello.thresholds import rules
from sportello.thresholds.models import Threshold
from sportello.thresholds.rules.permission import LineEnded, NoDualBilling, OnlyInformational, ThresholdEnded
from sportello.thresholds.states import State
from sportello.thresholds.tests.factories import NOVEMBER, START, euro, terms
from sportello.thresholds.types import Totals

ADMIN = member_actor(person_id=1, organisation_id=7, profile=Profile.ADMINISTRATOR)
MANAGER = member_actor(person_id=3, organisation_id=7, profile=Profile.TRAFFIC_MANAGER)
EMPLOYEE = member_actor(person_id=2, organisation_id=7, profile=Profile.EMPLOYEE)


def line(**values):
    return Line(pk=5, organisation_id=7, **{"person_id": 2, "status": LineStatus.ACTIVE, "dual_billing": True} | values)


@pytest.mark.parametrize(
    ("wanted", "field", "sentence"),
    [
        (terms("0"), "limit", "The limit must be more than zero."),
        (terms(-1), "limit", "The limit must be more than zero."),
        (terms("0.001"), "limit", "The limit must be at least €0.01."),
        (terms("1000000.01"), "limit", "This limit is too large: it can be at most €1,000,000.00."),
        (terms(999_999, measure="volume"), "limit", "The limit must be at least 1.0 MB."),
        (terms(10**15 + 1, measure="volume"), "limit", "This limit is too large: it can be at most 1.0 PB."),
        (terms(59, traffic="voice", measure="minutes"), "limit", "The limit must be at least 1 min."),
        (
            terms(1_000_001, traffic="sms", measure="messages"),
            "limit",
            "This limit is too large: it can be at most 1,000,000.",
        ),
        (terms(steps=()), "steps", "Give at least one warning step, such as 100."),
        (terms(steps=(0, 100)), "steps", "A warning step is a percentage from 1 to 200."),
        (terms(steps=(80, 201)), "steps", "A warning step is a percentage from 1 to 200."),
        (terms(steps=(80, 50)), "steps", "Write the warning steps in ascending order, each one once."),
        (terms(steps=(80, 80)), "steps", "Write the warning steps in ascending order, each one once."),
        (terms(steps=tuple(range(1, 12))), "steps", "Give at most 10 warning steps."),
        (terms(traffic="voice", measure="volume"), "measure", "“Volume” can only be counted for “Data”."),
        (terms(traffic="all", measure="minutes"), "measure", "“Minutes” can only be counted for “Voice”."),
        (terms(traffic="data", measure="messages"), "measure", "“Number” can only be counted for “Messages”."),
        (terms(traffic="fax"), "traffic_type", "Choose one of the values offered."),
        (terms(zone="moon"), "zone", "Choose one of the values offered."),
        (terms(measure="points"), "measure", "Choose one of the values offered."),
        (terms(90_060, traffic="voice", measure="minutes", period="day"), "limit", "A day has 1500 minutes at most."),
        (terms(period="year"), "period", "Choose one of the values offered."),
        (
            terms(kind="enforcing", steps=(50, 120)),
            "steps",
            "An enforcing threshold bars at 100%: a warning above it would never come.",
        ),
        (terms(kind="wishful"), "kind", "Choose one of the values offered."),
    ],
)
def test_g17_terms_that_make_no_sense_are_errors_of_their_field(wanted, field, sentence):
    with pytest.raises(InvalidInput) as refused:
        rules.check_terms(wanted)
    assert (refused.value.field, str(refused.value).replace(NARROW, " ")) == (field, sentence)


@pytest.mark.parametrize(
    "wanted",
    [
        terms("0.01"),
        terms("1000000", traffic="all"),
        terms(10**6, measure="volume", zone="extra_eu"),
        terms(10**15, measure="volume"),
        terms(60, traffic="voice", measure="minutes", steps=(100,)),
        terms(1, traffic="sms", measure="messages", steps=(1, 200)),
    ],
)
def test_terms_at_the_edge_are_taken(wanted):
    assert rules.check_terms(wanted) is None


@pytest.mark.parametrize(
    ("text", "measure", "unit", "language", "units"),
    [
        ("10", "amount", "eur", "it", 1_000_000),
        ("1.234,50", "amount", "eur", "it", 123_450_000),
        ("1,234.50", "amount", "eur", "en", 123_450_000),
        ("1.234", "amount", "eur", "es", 123_400_000),
        ("1,5", "volume", "GB", "it", 1_500_000_000),
        ("0.25", "volume", "MB", "en", 250_000),
        ("90", "minutes", "min", "en", 5400),
        ("0.5", "minutes", "min", "en", 30),
        ("40", "messages", "", "it", 40),
        ("-3", "amount", "eur", "it", -300_000),
    ],
)
def test_limit_is_read_as_a_person_types_it(text, measure, unit, language, units):
    assert rules.limit_units(text, measure=measure, unit=unit, language=language) == units


@pytest.mark.parametrize("text", ["", "ten", "1e5", "NaN", "inf", "1.2.3", "٣", "0x10", "1" * 50])
def test_g17_limit_that_is_no_number_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        rules.limit_units(text, measure="amount", unit="eur", language="en")
    assert (refused.value.field, str(refused.value)) == ("limit", "This is not a number. Write it like 1234.56.")


@pytest.mark.parametrize(
    ("text", "measure", "unit", "most"),
    [
        ("9" * 20, "amount", "eur", "€1,000,000.00"),
        ("9" * 20, "volume", "GB", "1.0 PB"),
        ("9" * 40, "minutes", "min", "100,000 min"),
    ],
)
def test_g17_number_beyond_all_numbers_is_too_large_and_no_slip(text, measure, unit, most):
    with pytest.raises(InvalidInput) as refused:
        rules.limit_units(text, measure=measure, unit=unit, language="en")
    said = str(refused.value).replace(NARROW, " ")
    assert (refused.value.field, said) == ("limit", f"This limit is too large: it can be at most {most}.")


def test_limit_that_is_no_number_in_the_writers_language_is_answered_in_its_form():
    with pytest.raises(InvalidInput, match="Write it like 1234,56") as refused:
        rules.limit_units("dieci", measure="amount", unit="eur", language="it")
    assert refused.value.field == "limit"
    with pytest.raises(InvalidInput, match=r"Write it like 1234\.56"):
        rules.limit_units("3,50", measure="amount", unit="eur", language="en")


@pytest.mark.parametrize(
    ("text", "measure", "unit", "field"),
    [
        ("1.005", "amount", "eur", "limit"),
        ("1.5", "messages", "", "limit"),
        ("0.001", "minutes", "min", "limit"),
        ("1", "amount", "GB", "unit"),
    ],
)
def test_limit_finer_than_its_unit_is_refused(text, measure, unit, field):
    with pytest.raises(InvalidInput) as refused:
        rules.limit_units(text, measure=measure, unit=unit, language="en")
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("text", "steps"),
    [("50, 80, 100", (50, 80, 100)), ("50% 100%", (50, 100)), ("100", (100,)), ("80;90", (80, 90)), ("", ())],
)
def test_steps_are_read_as_a_person_types_them(text, steps):
    assert rules.parse_steps(text) == steps


@pytest.mark.parametrize("text", ["fifty", "50.5", "-50", "1000", "५०"])
def test_steps_that_are_no_whole_percentages_are_refused(text):
    with pytest.raises(InvalidInput) as refused:
        rules.parse_steps(text)
    assert refused.value.field == "steps"


@pytest.mark.parametrize(
    ("actor", "held", "kind", "refusal"),
    [
        (ADMIN, line(), "informational", None),
        (ADMIN, line(person_id=None, dual_billing=False), "informational", None),
        (MANAGER, line(dual_billing=False), "informational", None),
        (EMPLOYEE, line(), "informational", None),
        (EMPLOYEE, line(dual_billing=False), "informational", NoDualBilling),
        (EMPLOYEE, line(dual_billing=False), "enforcing", NoDualBilling),
        (EMPLOYEE, line(), "enforcing", OnlyInformational),
        (EMPLOYEE, line(person_id=9), "informational", NotFound),
        (EMPLOYEE, line(person_id=None), "informational", NotFound),
        (ADMIN, line(status=LineStatus.TERMINATED), "informational", LineEnded),
        (ADMIN, line(active_to=START), "informational", LineEnded),
        (EMPLOYEE, line(active_to=START), "informational", LineEnded),
    ],
)
def test_d03_who_may_set_what_on_which_line(actor, held, kind, refusal):
    if refusal is None:
        assert rules.check_can_set(actor, held, terms(kind=kind)) is None
    else:
        with pytest.raises(refusal):
            rules.check_can_set(actor, held, terms(kind=kind))


@pytest.mark.parametrize(
    ("actor", "owner", "held", "state", "refusal"),
    [
        (ADMIN, None, line(), State.ACTIVE, None),
        (ADMIN, 2, line(), State.ACTIVE, NotFound),
        (EMPLOYEE, 2, line(), State.SUSPENDED, None),
        (EMPLOYEE, None, line(), State.ACTIVE, NotFound),
        (EMPLOYEE, 2, line(person_id=9), State.ACTIVE, NotFound),
        (EMPLOYEE, 2, line(dual_billing=False), State.ACTIVE, NoDualBilling),
        (ADMIN, None, line(), State.CANCELLED, ThresholdEnded),
    ],
)
def test_who_may_change_whose_threshold(actor, owner, held, state, refusal):
    threshold = Threshold(line=held, owner_id=owner, state=state)
    if refusal is None:
        assert rules.check_can_change(actor, threshold) is None
    else:
        with pytest.raises(refusal):
            rules.check_can_change(actor, threshold)


TOTALS = [
    Totals(line_id=5, month=NOVEMBER, traffic_type="data", zone="national", amount=euro("1"), volume_bytes=10),
    Totals(line_id=5, month=NOVEMBER, traffic_type="data", zone="eu", amount=euro("2"), volume_bytes=20),
    Totals(line_id=5, month=NOVEMBER, traffic_type="voice", zone="extra_eu", amount=euro("4"), seconds=61),
    Totals(line_id=5, month=NOVEMBER, traffic_type="sms", zone="national", amount=euro("8"), messages=3),
    Totals(line_id=5, month=NOVEMBER, traffic_type="mms", zone="national", amount=euro("16"), messages=4),
    Totals(line_id=5, month=NOVEMBER, traffic_type="data", zone="eu", amount=euro("32"), personal=True, person_id=2),
    Totals(line_id=5, month=NOVEMBER, traffic_type="data", zone="eu", amount=euro("64"), personal=True, person_id=9),
    Totals(line_id=6, month=NOVEMBER, traffic_type="data", zone="eu", amount=euro("128")),
]


@pytest.mark.parametrize(
    ("traffic", "zone", "measure", "owner", "units"),
    [
        ("all", "any", "amount", None, euro("31")),
        ("all", "national", "amount", None, euro("25")),
        ("data", "any", "amount", None, euro("3")),
        ("data", "eu", "amount", None, euro("2")),
        ("data", "any", "volume", None, 30),
        ("voice", "any", "minutes", None, 61),
        ("sms", "any", "messages", None, 7),
        ("sms", "any", "amount", None, euro("24")),
        ("voice", "eu", "amount", None, 0),
        ("all", "any", "amount", 2, euro("32")),
        ("data", "eu", "amount", 9, euro("64")),
        ("voice", "any", "amount", 2, 0),
    ],
)
def test_what_counts_on_a_threshold(traffic, zone, measure, owner, units):
    threshold = Threshold(line_id=5, traffic_type=traffic, zone=zone, measure=measure, owner_id=owner)
    assert rules.used(threshold, TOTALS) == units


@pytest.mark.parametrize(
    ("used", "passed"),
    [
        ("-1", []),
        ("0", []),
        ("4.99999", []),
        ("5", [50]),
        ("7.99999", [50]),
        ("8", [50, 80]),
        ("10", [50, 80, 100]),
        ("99", [50, 80, 100]),
    ],
)
def test_g11_step_is_passed_when_it_is_met_to_the_last_decimal(used, passed):
    units = -euro("1") if used == "-1" else euro(used)
    assert rules.steps_passed(units, euro("10"), [50, 80, 100]) == passed


def test_g11_rounding_never_moves_a_step():
    assert [rules.steps_passed(used, 3, [50, 100]) for used in (1, 2, 3)] == [[], [50], [50, 100]]
    assert Decimal(2) * 100 / 3 > 50
