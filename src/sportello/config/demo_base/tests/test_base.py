import json
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password

from sportello.accounts.models import Membership, Person
from sportello.accounts.queries import demo_logins
from sportello.config.demo_base.batch import digest_of
from sportello.config.demo_base.building import Recipe, batches
from sportello.config.demo_base.cast import CAST
from sportello.config.demo_base.lines import Catalogue
from sportello.config.demo_base.scale import REFERENCE, SMALL, customer_sizes
from sportello.config.demo_base.storing import store
from sportello.inventory.models import Agreement, Line, LineOption, LinePeriod, Option, Plan, Sim
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel import audit, identifiers
from sportello.kernel.access import Profile
from sportello.kernel.phones import normalise
from sportello.kernel.refusals import WrongState
from sportello.parties.models import Brand, Contact, CostCentre, Organisation, Site
from sportello.parties.states import OrganisationKind

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
REASON = "looking at the demo base"


def built(seed: int = 1, now: datetime = NOW) -> str:
    return digest_of(batches(Recipe(SMALL, seed, now), Catalogue.make()))


def test_same_seed_and_day_give_the_same_base_and_others_another() -> None:
    assert built() == built()
    assert len({built(), built(seed=2), built(now=datetime(2026, 11, 23, tzinfo=UTC))}) == 3


def test_customers_are_as_many_and_as_large_as_the_reference_base_says() -> None:
    sizes = customer_sizes(REFERENCE)
    assert (len(sizes), sum(sizes), sizes[0]) == (2_000, 100_000, 20_000)
    assert min(sizes) >= 1
    assert all(after <= before + 1 for before, after in pairwise(sizes))


@pytest.fixture
def base(db: None) -> Counter[str]:
    return store(Recipe(SMALL, 1, NOW))


def rows(model: Any) -> Any:
    return model.objects.across_tenants(reason=REASON)


def test_small_base_has_what_its_scale_says_and_nothing_is_empty(base: Counter[str]) -> None:
    scoped = (
        Organisation,
        Site,
        CostCentre,
        Contact,
        Brand,
        Agreement,
        Person,
        Membership,
        Sim,
        Line,
        LinePeriod,
        LineOption,
    )
    assert {model.__name__: rows(model).count() for model in scoped} == dict(base)
    assert min(base.values()) > 0
    assert (Plan.objects.count(), Option.objects.count()) == (9, 3)
    assert (base["Line"], base["Person"], base["Organisation"]) == (400, 500, 1 + 3 + 12)
    assert rows(Organisation).filter(public_administration=True).count() == 6
    assert set(rows(Organisation).values_list("time_zone", flat=True)) == {
        "Europe/Rome",
        "Europe/Madrid",
        "Atlantic/Canary",
    }
    assert set(rows(Line).values_list("kind", flat=True)) == set(LineKind)
    assert set(rows(Line).values_list("status", flat=True)) == set(LineStatus)


def test_every_profile_has_a_login_with_a_verified_mobile_and_one_random_password(
    base: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.SPORTELLO, "DEMO", True)
    logins = demo_logins()
    assert [login.username for login in logins] == [login.username for login in CAST]
    people = {
        person.username: person for person in rows(Person).filter(username__in=[login.username for login in CAST])
    }
    for login in logins:
        person = people[login.username]
        assert check_password(login.password, person.password)
        assert (person.mobile_verified_at, normalise(person.mobile)) == (NOW, person.mobile)
    held = rows(Membership).filter(person__in=people.values()).values_list("profile", flat=True)
    assert set(held) == set(Profile)
    assert len({login.password for login in logins}) == 1
    assert rows(Person).exclude(password="").count() == len(CAST)


def test_passwords_lie_in_a_file_that_only_the_owner_reads(base: Counter[str]) -> None:
    file = settings.SPORTELLO["DATA_FOLDER"] / "demo-logins.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(file.read_text())) == len(CAST)


def test_a_line_of_each_named_customer_person_is_their_own(base: Counter[str]) -> None:
    bo = rows(Person).get(username="bo.employee")
    line = rows(Line).get(person=bo)
    assert (line.number, line.status, line.dual_billing) == (bo.mobile, LineStatus.ACTIVE, True)
    assert set(rows(LinePeriod).filter(line=line).values_list("person_id", flat=True)) == {bo.pk}


def test_periods_of_each_line_follow_each_other_from_its_start_to_its_end(base: Counter[str]) -> None:
    for line in rows(Line).prefetch_related(None):
        periods = list(rows(LinePeriod).filter(line=line).order_by("active_from"))
        assert (periods[0].active_from, periods[-1].active_to) == (line.active_from, line.active_to)
        assert all(before.active_to == after.active_from for before, after in pairwise(periods))
        assert all(period.active_to is None or period.active_from < period.active_to for period in periods)
        last = periods[-1]
        assert (last.person_id, last.plan_id, last.sim_id, last.cost_centre_id) == (
            line.person_id, line.plan_id, line.sim_id, line.cost_centre_id,
        )  # fmt: skip


def test_numbers_change_hands_between_customers_and_are_never_held_twice(base: Counter[str]) -> None:
    handed_on = 0
    numbers = Counter(rows(Line).values_list("number", flat=True))
    for number in (number for number, count in numbers.items() if count > 1):
        holders = list(rows(Line).filter(number=number).order_by("active_from"))
        assert all(before.active_to and before.active_to < after.active_from for before, after in pairwise(holders))
        handed_on += holders[0].organisation_id != holders[-1].organisation_id
    assert handed_on >= 2


def test_holders_plans_and_sims_change(base: Counter[str]) -> None:
    for attribute in ("person_id", "plan_id", "sim_id"):
        pairs = rows(LinePeriod).values_list("line_id", attribute).distinct()
        assert max(Counter(line for line, _value in pairs).values()) > 1


def test_codes_of_organisations_pass_the_portals_own_checks(base: Counter[str]) -> None:
    for organisation in rows(Organisation):
        assert identifiers.vat_number(organisation.vat_number) == organisation.vat_number
        assert identifiers.tax_code(organisation.tax_code, organisation.country) == organisation.tax_code
        check = identifiers.ipa_code if organisation.public_administration else identifiers.sdi_code
        if organisation.kind == OrganisationKind.CUSTOMER:
            assert check(organisation.ipa_code) == organisation.ipa_code
        assert organisation.email.endswith(".example")


def test_every_customer_has_an_administrator_and_partners_have_customers(base: Counter[str]) -> None:
    customers = rows(Organisation).filter(kind=OrganisationKind.CUSTOMER)
    administrators = rows(Membership).filter(profile=Profile.ADMINISTRATOR)
    assert set(administrators.values_list("organisation_id", flat=True)) == set(customers.values_list("pk", flat=True))
    partners = rows(Organisation).filter(kind=OrganisationKind.PARTNER)
    assert set(customers.exclude(partner=None).values_list("partner_id", flat=True)) == set(
        partners.values_list("pk", flat=True)
    )
    assert customers.filter(partner=None).exists()


def test_base_is_made_once_and_is_on_record(base: Counter[str]) -> None:
    with pytest.raises(WrongState):
        store(Recipe(SMALL, 1, NOW))
    assert rows(Line).count() == 400
    assert list(audit.verify()) == []
