from __future__ import annotations

import io

import pytest
from django.utils import timezone

from sportello.kernel.imports import RowState
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, WrongState
from sportello.kernel.tabular import read_table
from sportello.parties import operations
from sportello.parties.models import Organisation, Site
from sportello.parties.operations.parts import PartInUse, PartThere
from sportello.parties.parts import COST_CENTRE, SITE
from sportello.parties.rules import CodeTaken, InvoiceDataIsAnOrder, Registry
from sportello.parties.states import OrganisationState

VAT = "00743110157"


def table(text: str):
    return read_table(io.BytesIO(text.encode()), name="customers.csv")


def load(actor, text: str, *, apply: bool = False, expected: str = ""):
    return operations.load_customers(
        actor=actor, table=table(text), apply=apply, now=timezone.now(), expected=expected
    )


def test_create_customer_checks_the_check_digits(olga):
    with pytest.raises(InvalidInput) as refused:
        operations.create_customer(
            actor=olga, registry=Registry(legal_name="Gamma", vat_number="00743110158"), partner=None, code="G"
        )
    assert refused.value.field == "vat_number"


def test_create_customer_writes_the_codes_in_one_form_and_an_event(olga, world):
    registry = Registry(
        legal_name="  Comune   di Gamma ", vat_number=f"IT {VAT}", public_administration=True, ipa_code="ufabcd",
        province="rm", email=" ced@gamma.test ",
    )
    row = operations.create_customer(actor=olga, registry=registry, partner=world.partner, code="G")
    stored = Organisation.objects.for_(olga).get(pk=row.pk)
    assert Registry.of(stored) == Registry(
        legal_name="Comune di Gamma", vat_number=VAT, public_administration=True, ipa_code="UFABCD", province="RM",
        email="ced@gamma.test",
    )
    event = Event.append_only.get(kind="organisation.created")
    assert (event.organisation_id, event.person_id) == (row.pk, olga.person_id)
    assert event.payload["changes"]["partner"] == [None, "Partner Uno"]


def test_create_customer_refuses_a_code_that_is_taken_without_saying_whose(olga, world):
    with pytest.raises(CodeTaken) as refused:
        operations.create_customer(actor=olga, registry=Registry(legal_name="X"), partner=None, code="A")
    assert str(refused.value) == "This code is already used."


def test_create_customer_by_a_partner_is_its_own_with_a_generated_code(pia, world):
    row = operations.create_customer(actor=pia, registry=Registry(legal_name="Delta"), partner=None, code="B")
    assert (row.partner_id, row.code[:2], row.code != "B") == (world.partner.pk, "C-", True)


@pytest.mark.parametrize("name", ["ada", "cy"])
def test_create_customer_is_not_for_customers(world, name):
    with pytest.raises(NotPermitted):
        operations.create_customer(actor=world.actor(name), registry=Registry(legal_name="X"), partner=None)


def test_create_partner_is_for_the_operator_alone(olga, pia):
    assert operations.create_partner(actor=olga, registry=Registry(legal_name="Due"), code="P2").code == "P2"
    with pytest.raises(NotPermitted):
        operations.create_partner(actor=pia, registry=Registry(legal_name="Tre"))


def test_change_registry_by_the_customer_itself_is_an_order(ada, world):
    with pytest.raises(InvoiceDataIsAnOrder):
        operations.change_registry(actor=ada, organisation=world.a, registry=Registry(legal_name="Altro"))
    assert Organisation.objects.for_(ada).get().legal_name == "Comune di Alfa"


def test_change_registry_by_the_partner_tells_before_and_after(pia, world):
    operations.change_registry(actor=pia, organisation=world.a, registry=Registry(legal_name="Comune di Alfa Nuova"))
    event = Event.append_only.get(kind="organisation.changed")
    assert event.payload["changes"] == {"legal_name": ["Comune di Alfa", "Comune di Alfa Nuova"]}


def test_change_contact_email_is_the_customers_own(ada, cy, world):
    operations.change_contact_email(actor=ada, organisation=world.a, email="tel@alfa.test")
    assert Organisation.objects.for_(ada).get().email == "tel@alfa.test"
    with pytest.raises(NotFound):
        operations.change_contact_email(actor=cy, organisation=world.a, email="x@beta.test")


def test_c11_moved_customer_is_lost_by_the_old_partner_at_once(olga, pia, world):
    other = operations.create_partner(actor=olga, registry=Registry(legal_name="Due"), code="P2")
    assert Organisation.objects.for_(pia).filter(pk=world.a.pk).count() == 1
    operations.move_customer(actor=olga, customer=world.a, partner=other)
    assert Organisation.objects.for_(pia).filter(pk=world.a.pk).count() == 0
    with pytest.raises(NotFound):
        Organisation.objects.for_(pia).get_or_refuse(pk=world.a.pk)


def test_move_customer_is_for_who_runs_the_portal(pia, world):
    with pytest.raises(NotPermitted):
        operations.move_customer(actor=pia, customer=world.a, partner=None)


def test_set_state_closes_and_opens_again_and_refuses_the_operator(olga, world):
    closed, active = OrganisationState.CLOSED, OrganisationState.ACTIVE
    operations.set_state(actor=olga, organisation=world.a, state=closed, reason="contract ended")
    assert Event.append_only.get(kind="organisation.closed").payload["reason"] == "contract ended"
    with pytest.raises(WrongState):
        operations.set_state(actor=olga, organisation=world.a, state=OrganisationState.READ_ONLY, reason="no")
    operations.set_state(actor=olga, organisation=world.a, state=active, reason="renewed")
    assert Organisation.objects.for_(olga).get(pk=world.a.pk).state == "active"
    with pytest.raises(WrongState):
        operations.set_state(actor=olga, organisation=world.operator, state=closed, reason="no")


def test_parts_are_added_changed_and_removed_by_the_administrator(ada, world):
    site = operations.add_part(
        actor=ada, organisation=world.a, kind=SITE, values={"name": "Sede", "province": "mi", "organisation": "9"}
    )
    operations.change_part(actor=ada, row=site, values={"name": "Sede centrale", "province": "MI"})
    stored = Site.objects.for_(ada).get()
    assert (stored.name, stored.province, stored.organisation_id) == ("Sede centrale", "MI", world.a.pk)
    operations.remove_part(actor=ada, row=stored)
    assert Site.objects.for_(ada).count() == 0
    kinds = list(Event.append_only.filter(subject_type="site").order_by("id").values_list("kind", flat=True))
    assert kinds == ["organisation.part_added", "organisation.part_changed", "organisation.part_removed"]


def test_parts_are_there_once_and_stay_while_in_use(ada, world):
    from sportello.accounts.models import Person
    from sportello.kernel.testing import arrange

    centre = operations.add_part(actor=ada, organisation=world.a, kind=COST_CENTRE, values={"code": "C1"})
    with pytest.raises(PartThere) as refused:
        operations.add_part(actor=ada, organisation=world.a, kind=COST_CENTRE, values={"code": "C1"})
    assert refused.value.field == "code"
    with arrange():
        Person.objects.for_(ada).update(cost_centre=centre)
    with pytest.raises(PartInUse):
        operations.remove_part(actor=ada, row=centre)


def test_parts_of_another_customer_are_not_found(cy, world):
    with pytest.raises(NotFound):
        operations.add_part(actor=cy, organisation=world.a, kind=SITE, values={"name": "Sede"})


FILE = (
    "customer_code,legal_name,vat_number,tax_code,public_administration,ipa_code,partner_code,province,email\n"
    "A,Comune di Alfa,,,1,ABC123,P1,MI,\n"
    f"N1,Nuova S.p.A.,{VAT},,0,,,RM,info@nuova.test\n"
    "B,Beta S.r.l.,,,0,,,,\n"
)


def test_load_customers_shows_each_row_and_writes_nothing_until_applied(olga, world):
    before = Event.append_only.count()
    report = load(olga, FILE)
    assert [(row.line, row.state, row.key) for row in report.rows] == [
        (2, RowState.CHANGED, "A"), (3, RowState.NEW, "N1"), (4, RowState.UNCHANGED, "B"),
    ]  # fmt: skip
    assert report.rows[0].changes == {
        "public_administration": ("0", "1"), "ipa_code": ("", "ABC123"), "province": ("", "MI"),
    }
    assert (report.applied, Organisation.objects.for_(olga).count(), Event.append_only.count()) == (False, 4, before)


def test_load_customers_again_changes_nothing(olga, world):
    assert load(olga, FILE, apply=True).counts == {"new": 1, "changed": 1, "unchanged": 1, "wrong": 0}
    before = Event.append_only.count()
    again = load(olga, FILE, apply=True)
    assert (again.counts, again.applied, Event.append_only.count()) == (
        {"new": 0, "changed": 0, "unchanged": 3, "wrong": 0}, True, before,
    )


def test_load_customers_with_one_wrong_row_writes_none(olga, world):
    report = load(olga, FILE + "Z,Zeta,123,,0,,NOBODY,,\nA,Twice,,,0,,,,\n", apply=True)
    assert [(row.line, row.errors[0][0]) for row in report.rows if row.errors] == [(5, "vat_number"), (6, "customer_code")]
    assert (report.applied, Organisation.objects.for_(olga).count()) == (False, 4)


def test_c07_load_customers_by_a_partner_finds_other_codes_unknown(pia, world):
    report = load(pia, "customer_code,legal_name\nB,Beta mia\nNOBODY,Nessuno\nA,Comune di Alfa 2\n")
    assert [(row.state, row.errors) for row in report.rows] == [
        (RowState.WRONG, (("customer_code", "unknown customer"),)),
        (RowState.WRONG, (("customer_code", "unknown customer"),)),
        (RowState.CHANGED, ()),
    ]


def test_load_customers_by_a_partner_cannot_move_them_away(pia, world):
    report = load(pia, "customer_code,legal_name,partner_code\nA,Comune di Alfa,\n")
    assert report.rows[0].errors == (("partner_code", "your profile cannot move a customer to another partner"),)


def test_load_customers_is_not_for_customers(ada, world):
    with pytest.raises(NotPermitted):
        load(ada, FILE)


def test_f09_load_customers_refuses_when_the_data_changed_since_the_preview(olga, world):
    from sportello.kernel.imports import PreviewOutdated

    seen = load(olga, FILE).digest
    operations.change_registry(
        actor=olga, organisation=world.b, registry=Registry(legal_name="Beta S.r.l.", province="TO")
    )
    with pytest.raises(PreviewOutdated):
        load(olga, FILE, apply=True, expected=seen)
    assert Organisation.objects.for_(olga).count() == 4
