from __future__ import annotations

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.models import Membership, Person, Session
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.imports import PreviewOutdated, RowState
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.tabular import TableRefused, read_table
from sportello.kernel.testing import arrange, in_threads
from sportello.parties.models import CostCentre

HEAD = "customer_code,person_code,given_name,family_name,email,mobile,cost_centre,profiles\n"


def load(actor, text: str | bytes, *, apply: bool = False, expected: str = "", name: str = "people.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    with read_table(io.BytesIO(content), name=name) as table:
        return operations.load_people(
            actor=actor, table=table, apply=apply, now=timezone.now(), expected=expected
        )


def code_cast(world) -> None:
    """Give the cast's people the codes that files name."""
    with arrange():
        for name, code in {"ada": "1", "bo": "2", "cy": "1"}.items():
            Person.objects.for_(world.actor("olga")).filter(username=name).update(code=code)


FILE = HEAD + (
    "A,2,Bo,Prova,bo@example.test,+393510000002,CC1,employee; traffic_manager\n"
    "A,3,Elio,Verdi,elio@alfa.test,351 000 0033,,employee\n"
    "A,1,Ada,Prova,ada@example.test,+393510000001,,administrator\n"
)


def test_load_people_shows_each_row_and_writes_nothing(ada, world):
    code_cast(world)
    before = (Person.objects.for_(ada).count(), Event.append_only.count(), CostCentre.objects.for_(ada).count())
    report = load(ada, FILE)
    assert [(row.line, row.state, row.key) for row in report.rows] == [
        (2, RowState.CHANGED, "A / 2"), (3, RowState.NEW, "A / 3"), (4, RowState.UNCHANGED, "A / 1"),
    ]  # fmt: skip
    assert report.rows[0].changes == {"cost_centre": ("", "CC1"), "profiles": ("employee", "employee; traffic_manager")}
    assert report.rows[1].changes["mobile"] == ("", "+393510000033")
    after = (Person.objects.for_(ada).count(), Event.append_only.count(), CostCentre.objects.for_(ada).count())
    assert (report.applied, after) == (False, before)


def test_load_people_applied_writes_and_again_changes_nothing(ada, world):
    code_cast(world)
    assert load(ada, FILE, apply=True).applied is True
    elio = Person.objects.for_(ada).get(code="3")
    bo = Person.objects.for_(ada).select_related("cost_centre").get(code="2")
    assert (elio.username, elio.mobile, elio.organisation_id) == ("elio.verdi", "+393510000033", world.a.pk)
    assert bo.cost_centre.code == "CC1"
    held = set(Membership.objects.for_(ada).filter(person=bo, ended_at=None).values_list("profile", flat=True))
    assert held == {"employee", "traffic_manager"}
    kinds = sorted(Event.append_only.values_list("kind", flat=True))
    assert kinds == [
        "organisation.part_added", "person.changed", "person.created", "profile.granted", "profile.granted",
    ]  # fmt: skip
    again = load(ada, FILE, apply=True)
    assert (again.counts["unchanged"], Event.append_only.count()) == (3, len(kinds))


def test_load_people_ends_profiles_that_the_file_does_not_name(ada, world):
    code_cast(world)
    load(ada, HEAD + "A,2,Bo,Prova,bo@example.test,+393510000002,,ebill_referent\n", apply=True)
    bo = Person.objects.for_(ada).get(code="2")
    held = list(Membership.objects.for_(ada).filter(person=bo).order_by("profile").values_list("profile", "ended_at"))
    assert [(profile, ended is None) for profile, ended in held] == [("ebill_referent", True), ("employee", False)]


def test_load_people_without_a_column_leaves_what_it_names_alone(ada, world):
    code_cast(world)
    report = load(ada, "customer_code,person_code,given_name,family_name\nA,2,Bo,Nuovo\n", apply=True)
    bo = Person.objects.for_(ada).get(code="2")
    assert (report.rows[0].changes, bo.mobile, bo.mobile_verified_at is None) == (
        {"family_name": ("Prova", "Nuovo")}, "+393510000002", False,
    )  # fmt: skip


def test_load_people_with_a_new_mobile_unproves_it_and_ends_sessions(ada, world, signed_in):
    code_cast(world)
    signed_in("bo")
    load(ada, HEAD + "A,2,Bo,Prova,bo@example.test,+393510000055,,employee\n", apply=True)
    bo = Person.objects.for_(ada).get(code="2")
    assert (bo.mobile, bo.mobile_verified_at) == ("+393510000055", None)
    assert Session.objects.filter(person=bo, ended_at=None).count() == 0


def test_load_people_says_of_each_wrong_row_why_and_in_which_column_and_writes_none(ada, world):
    code_cast(world)
    wrong = (
        "A,2,,Prova,,,,employee\n"
        "A,4,X,Y,not-a-mail,12,,king\n"
        "A,,X,Y,,,,\n"
        "A,5,X,Y,,+390669821,,\n"
        "A,6,X,Y,,,,\n"
        "A,6,X,Y,,,,\n"
    )
    report = load(ada, HEAD + wrong, apply=True)
    assert [(row.line, [column for column, _why in row.errors]) for row in report.rows] == [
        (2, ["given_name"]), (3, ["email", "mobile", "profiles"]), (4, ["person_code"]), (5, ["mobile"]), (6, []), (7, ["person_code"]),
    ]  # fmt: skip
    assert report.rows[5].errors[0][1] == "is there twice: first on line 6"
    assert (report.applied, Person.objects.for_(ada).filter(code="6").count()) == (False, 0)


def test_c07_codes_of_other_customers_look_like_unknown_ones(ada, pia, world):
    code_cast(world)
    for actor in (ada, pia):
        report = load(actor, HEAD + "B,1,Cy,Preso,,,,\nNOBODY,1,Cy,Preso,,,,\n")
        assert [row.errors for row in report.rows] == [(("customer_code", "unknown customer"),)] * 2


@pytest.mark.parametrize("profile", ["operator_admin", "operator_agent", "partner_admin", "client_manager"])
def test_d04_file_of_an_administrator_cannot_grant_what_is_not_theirs(ada, world, profile):
    code_cast(world)
    report = load(ada, HEAD + f"A,7,Eva,Neri,,,,{profile}\nA,2,Bo,Prova,,,,{profile}\n", apply=True)
    assert [row.errors for row in report.rows] == [(("profiles", "You cannot hand out this profile."),)] * 2
    assert Membership.objects.for_(world.actor("olga")).filter(profile=profile, organisation=world.a).count() == 0


def test_d04_file_does_not_raise_its_own_loader(ada, world):
    code_cast(world)
    report = load(ada, HEAD + "A,1,Ada,Prova,ada@example.test,+393510000001,,administrator; ebill_referent\n")
    assert [column for column, _why in report.rows[0].errors] == ["profiles"]


def test_b04_file_does_not_end_the_last_administrator(olga, world):
    code_cast(world)
    report = load(olga, HEAD + "A,1,Ada,Prova,ada@example.test,+393510000001,,employee\n", apply=True)
    assert (report.rows[0].state, report.rows[0].errors[0][0], report.applied) == (RowState.WRONG, "profiles", False)


def test_b04_file_may_hand_the_administration_over(olga, world):
    code_cast(world)
    text = HEAD + (
        "A,1,Ada,Prova,ada@example.test,+393510000001,,employee\n"
        "A,2,Bo,Prova,bo@example.test,+393510000002,,administrator\n"
    )
    assert load(olga, text, apply=True).applied is True
    held = Membership.objects.for_(olga).filter(organisation=world.a, profile="administrator", ended_at=None)
    assert [row.person_id for row in held] == [world.memberships["bo"].person_id]


def test_load_people_is_closed_without_the_section(bo, world):
    with pytest.raises(NotPermitted):
        load(bo, FILE)


def test_f09_changed_data_since_the_preview_refuse_the_confirmation(ada, olga, world):
    code_cast(world)
    seen = load(ada, FILE).digest
    with arrange():
        Person.objects.for_(olga).filter(username="bo").update(family_name="Altro")
    with pytest.raises(PreviewOutdated):
        load(ada, FILE, apply=True, expected=seen)
    assert Person.objects.for_(ada).filter(code="3").count() == 0


def test_f09_reduced_rights_since_the_preview_refuse_the_confirmation(pia, olga, world):
    code_cast(world)
    seen = load(pia, FILE).digest
    operations_of_parties().move_customer(actor=olga, customer=world.a, partner=None)
    with pytest.raises(PreviewOutdated):
        load(pia, FILE, apply=True, expected=seen)


def operations_of_parties():
    from sportello.parties import operations as parties

    return parties


def test_f07_semicolons_byte_order_mark_and_quotes_are_read(ada, world):
    code_cast(world)
    text = "\ufeff" + HEAD.replace(",", ";") + 'A;8;Ève;"Bianchi ""Bis""";;;;"employee;ebill_referent"\n'
    report = load(ada, text)
    assert report.rows[0].changes == {
        "given_name": ("", "Ève"), "family_name": ("", 'Bianchi "Bis"'), "profiles": ("", "ebill_referent; employee"),
    }  # fmt: skip


def test_f07_other_encodings_and_missing_columns_are_refused_whole(ada, world):
    with pytest.raises(TableRefused) as refused:
        load(ada, (HEAD + "A,8,Ève,Bianchi,,,,\n").encode("latin-1"))
    assert "UTF-8" in str(refused.value)
    with pytest.raises(TableRefused) as refused:
        load(ada, "customer_code,person_code,colour\nA,8,red\n")
    assert str(refused.value) == "Missing columns: given_name, family_name. Unknown columns: colour."


def test_f07_xlsx_is_read_like_csv_and_formulas_are_wrong(ada, world):
    import openpyxl

    code_cast(world)
    book = openpyxl.Workbook()
    book.active.append(HEAD.strip().split(","))
    book.active.append(["A", 9, "Zoe", "Gialli", "zoe@alfa.test", "+393510000066", "", "employee"])
    book.active.append(["A", "10", "=1+1", "Gialli", "", "", "", ""])
    content = io.BytesIO()
    book.save(content)
    report = load(ada, content.getvalue(), name="people.xlsx")
    assert [(row.state, row.key) for row in report.rows] == [(RowState.NEW, "A / 9"), (RowState.WRONG, "A / 10")]


def test_a_large_file_is_previewed_and_written_in_bulk(world):
    """10,000 rows took 4 s to preview and 18 s to write on two busy cores; what keeps it so is the number of queries."""
    loader, text = system_actor(reason="inventory load"), HEAD
    for number in range(2_000):
        text += f"A,P{number},Nome{number},Cognome{number},p{number}@alfa.test,+39351{number:07d},CC{number % 5},employee\n"
    with CaptureQueriesContext(connection) as previewing:
        report = load(loader, text)
    with CaptureQueriesContext(connection) as writing:
        assert load(loader, text, apply=True, expected=report.digest).applied is True
    assert report.counts == {"new": 2_000, "changed": 0, "unchanged": 0, "wrong": 0}
    assert Person.objects.for_(loader).filter(organisation=world.a).count() == 2_002
    assert Membership.objects.for_(loader).filter(profile=Profile.EMPLOYEE, organisation=world.a).count() == 2_001
    assert (len(previewing) < 25, len(writing) < 350) == (True, True)


def test_d04_care_cannot_change_who_runs_the_portal_by_a_file(olga, world):
    from dataclasses import replace

    with arrange():
        Person.objects.for_(olga).filter(username="olga").update(code="O1")
    care = replace(olga, profile=Profile.OPERATOR_AGENT, person_id=None)
    report = load(care, HEAD + "OP,O1,Olga,Cambiata,,,,\n")
    assert report.rows[0].errors == (("", "Only who runs the portal changes the operator's staff."),)


def test_d04_file_of_an_administrator_cannot_end_what_is_not_theirs(ada, olga, world):
    code_cast(world)
    with arrange():
        Membership.objects.create(
            person=world.memberships["bo"].person, organisation=world.a, profile=Profile.CLIENT_MANAGER
        )
    report = load(ada, HEAD + "A,2,Bo,Prova,bo@example.test,+393510000002,,employee\n")
    assert report.rows[0].state == RowState.WRONG


def test_cost_centre_that_is_too_long_is_wrong(ada, world):
    code_cast(world)
    report = load(ada, HEAD + f"A,2,Bo,Prova,bo@example.test,+393510000002,{'c' * 41},employee\n")
    assert report.rows[0].errors == (("cost_centre", "has more than 40 characters"),)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_f08_same_file_applied_by_two_at_the_same_instant_writes_each_person_once(world):
    ada = world.actor("ada")
    text = HEAD + "".join(f"A,R{number},Nome,Cognome{number},,,,employee\n" for number in range(200))
    results = in_threads(2, lambda _place: load(ada, text, apply=True).counts["new"])
    assert Person.objects.for_(ada).filter(code__startswith="R").count() == 200
    assert sum(result == 200 for result in results) == 1


def test_an_address_that_another_of_the_customer_has_is_taken_and_said(ada, world):
    code_cast(world)
    report = load(ada, HEAD + "A,4,Bea,Verdi,bo@example.test,,,employee\nA,5,Elio,Verdi,elio@alfa.test,,,employee\n")
    assert [row.state for row in report.rows] == [RowState.NEW, RowState.NEW]
    assert report.notices == [
        "bo@example.test is the address of Bo Prova already. "
        "Two people may share one; make sure it is not one person twice."
    ]


@pytest.mark.parametrize("name", ["ada", "pia", "olga"])
def test_the_example_file_names_the_readers_own_customer_and_loads_as_it_is(name, world, signed_in):
    code_cast(world)
    content = b"".join(signed_in(name).get("/people/import/?example=1"))
    assert [(row.state, row.key) for row in load(world.actor(name), content).rows] == [(RowState.NEW, "A / 4711")]
    load(world.actor(name), content, apply=True)
    again = b"".join(signed_in(name).get("/people/import/?example=1"))
    assert [(row.state, row.key) for row in load(world.actor(name), again).rows] == [(RowState.NEW, "A / 4712")]
