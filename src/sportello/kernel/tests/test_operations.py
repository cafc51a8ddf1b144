import dataclasses
import datetime as dt
import decimal
import enum
import uuid

import pytest
from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy

from sportello.kernel import audit, proofs
from sportello.kernel.access import Access, Profile, Reach, Section
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.append_only import append_only
from sportello.kernel.events import DomainEvent, changed, handles, jsonable
from sportello.kernel.models import ChainHead, Event, Job, SavedView
from sportello.kernel.operations import OPERATIONS, bulk_write, operation, publish
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, TooOften
from sportello.kernel.scope import OutsideOperation, Unscoped
from sportello.kernel.sentences import told
from sportello.kernel.testing import arrange, in_threads
from sportello.kernel.tests.events_for_tests import Noted, take_note, take_notes
from sportello.parties.models import Organisation, Site

NOTES = "test.noted"


def notes() -> list[str]:
    return [row.payload["text"] for row in Event.append_only.filter(kind=NOTES).order_by("id")]


@pytest.mark.django_db
def test_operation_writes_its_events_in_its_transaction(ada):
    assert take_note(actor=ada, text="one") == "one"
    with pytest.raises(ZeroDivisionError):
        take_note(actor=ada, text="explode")
    take_notes(actor=ada, texts=["two", "explode", "three"], survive=True)
    with pytest.raises(ZeroDivisionError):
        take_notes(actor=ada, texts=["four", "explode"])
    assert notes() == ["one", "two", "three"]
    assert list(audit.verify()) == []


@pytest.mark.django_db
def test_d04_operation_of_a_closed_section_is_refused(bo, ada, olga):
    with pytest.raises(NotPermitted):
        take_note(actor=bo, text="no")
    with pytest.raises(NotPermitted, match="viewing"):
        take_note(actor=ada.viewed_by(olga), text="no")
    with pytest.raises(NotPermitted, match="read only"):
        take_note(actor=dataclasses.replace(ada, frozen=True), text="no")
    assert notes() == []


def test_declaring_an_operation_checks_its_shape():
    with pytest.raises(TypeError, match="why"):
        operation(section=None)
    with pytest.raises(TypeError, match="takes an actor"):
        operation(section=Section.TICKETS)(lambda *, text: text)
    with pytest.raises(TypeError, match="keyword-only"):
        operation(section=Section.TICKETS)(lambda actor: actor)
    assert OPERATIONS["sportello.kernel.tests.events_for_tests.take_note"].section is Section.ADMINISTRATION


@pytest.mark.django_db
def test_operation_needs_an_actor(world):
    with pytest.raises(TypeError, match="Actor"):
        take_note(actor=world.a, text="x")


def test_publishing_outside_an_operation_is_a_defect():
    with pytest.raises(RuntimeError, match="inside an operation"):
        publish(Noted(organisation_id=None, text="x"))


def test_an_event_names_its_kind_alone():
    with pytest.raises(TypeError, match="names no kind"):
        type("Nameless", (DomainEvent,), {})
    with pytest.raises(TypeError, match="is both"):
        type("Double", (DomainEvent,), {"kind": NOTES})


def test_handlers_are_registered_by_kind():
    from sportello.kernel.events import HANDLERS

    @handles(Noted)
    def look(event: Event) -> None: ...

    assert HANDLERS[NOTES] == [look]
    HANDLERS[NOTES].remove(look)


def test_payload_is_json_without_floats():
    colour = enum.Enum("colour", {"RED": "red"}).RED
    rome = dt.timezone(dt.timedelta(hours=1))
    given = {
        "a": decimal.Decimal("1.50"), "b": uuid.UUID(int=1), "c": dt.datetime(2026, 1, 1, 1, tzinfo=rome), "d": dt.date(2026, 1, 2),
        "e": [1, True, None, colour], "f": {"x": ("y",)}, "g": Profile.EMPLOYEE,
    }  # fmt: skip
    assert jsonable(given) == {
        "a": "1.50", "b": "00000000-0000-0000-0000-000000000001", "c": "2026-01-01T00:00:00+00:00", "d": "2026-01-02",
        "e": [1, True, None, "red"], "f": {"x": ["y"]}, "g": "employee",
    }  # fmt: skip
    with pytest.raises(TypeError, match="float"):
        jsonable(1.5)
    assert changed({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}
    assert Noted(organisation_id=1, text="x", changes={"a": [1, 2]}).payload() == {
        "text": "x",
        "changes": {"a": [1, 2]},
    }


def test_actors_say_how_far_they_get(world, ada, olga, bo):
    system = system_actor(reason="a test")
    assert [who.access(Section.TRAFFIC_BILLING) for who in (ada, bo, system)] == [Access.FULL, Access.OWN, Access.FULL]
    nobody = Actor(person_id=1, organisation_id=1, profile=None, reach=Reach.NOTHING)
    assert (nobody.may(Section.OWN_ACCOUNT), system.is_system, ada.is_system) == (False, True, False)
    seen = ada.viewed_by(world.actor("pia"))  # a partner looks: what the partner may not see stays closed
    assert [seen.access(section) for section in (Section.ADMINISTRATION, Section.TRAFFIC_BILLING, Section.OWN_ACCOUNT)] == [
        Access.FULL, Access.NONE, Access.NONE,
    ]  # fmt: skip
    assert list(Organisation.objects.for_(nobody)) == []
    with pytest.raises(ValueError, match="reason"):
        system_actor(reason="")


@pytest.mark.django_db
def test_scope_doors_and_writes(world, ada, bo):
    with pytest.raises(Unscoped):
        Organisation.objects.across_tenants(reason="")
    assert Organisation.objects.across_tenants(reason="a test counts").count() == 4
    for write in (
        lambda: Site.objects.create(organisation=world.a, name="x"),
        lambda: Site.objects.bulk_create([Site(organisation=world.a, name="x")]),
        lambda: Site.objects.for_(ada).update(name="y"),
        lambda: Site.objects.for_(ada).delete(),
        world.a.delete,
    ):
        with pytest.raises(OutsideOperation):
            write()
    with arrange():
        site = Site.objects.bulk_create([Site(organisation=world.a, name="x")])[0]
        assert Site.objects.for_(ada).update(name="y") == 1
    assert Site.objects.for_(ada).get_or_refuse(pk=site.pk).name == "y"
    assert list(Site.objects.for_(bo)) == []  # employees reach no site
    for missing in (site.pk + 1, "word", 2**70):
        with pytest.raises(NotFound):
            Site.objects.for_(ada).get_or_refuse(pk=missing)
    with arrange():
        site.delete()
        Site.objects.for_(ada).delete()
    assert Site.objects.for_(ada).count() == 0


@pytest.mark.django_db
def test_events_are_seen_inside_ones_reach(ada, bo, cy, pia, olga):
    take_note(actor=ada, text="a")
    take_note(actor=cy, text="b")
    with bulk_write(actor=bo):
        publish(Noted(organisation_id=bo.organisation_id, text="own"))
    seen = {
        who.name: sorted(row.payload["text"] for row in Event.objects.for_(who).filter(kind=NOTES))
        for who in (ada, bo, cy, pia, olga)
    }
    assert seen == {
        "Ada Prova": ["a", "own"],
        "Bo Prova": ["own"],
        "Cy Prova": ["b"],
        "Pia Prova": ["a", "own"],
        "Olga Prova": ["a", "b", "own"],
    }


def triggers_off(table: str) -> None:
    with connection.cursor() as cursor:
        for what in ("no_update", "no_delete"):
            cursor.execute(
                f'DROP TRIGGER "{table}_{what}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else "")
            )


@pytest.mark.django_db
def test_verify_finds_what_was_taken_away_or_put_in_between(ada, cy):
    for text in "abcd":
        take_note(actor=ada, text=text)
        take_note(actor=cy, text=text)
    triggers_off("kernel_event")
    chain = Event.append_only.filter(chain=ada.organisation_id).order_by("sequence")
    last = chain.last()
    last.delete()
    assert [(link.sequence, told(link.reason)) for link in audit.verify()] == [
        (4, "rows after 3 are missing: the head stands at 4")
    ]
    chain[1].delete()
    assert [(link.sequence, told(link.reason)) for link in audit.verify([ada.organisation_id])] == [
        (2, "row 2 is missing")
    ]
    other = Event.append_only.filter(chain=cy.organisation_id).order_by("sequence")
    Event.append_only.filter(pk=other[2].pk).update(previous_hash="f" * 64)
    assert [(link.sequence, link.event_id) for link in audit.verify([cy.organisation_id])] == [(3, other[2].pk)]
    ChainHead.objects.all().delete()
    take_note(actor=system_actor(reason="a test"), text="installation")
    ChainHead.objects.all().delete()
    assert [told(link.reason) for link in audit.verify([audit.INSTALLATION_CHAIN])] == [
        "the head of the chain is missing"
    ]


@pytest.mark.django_db
def test_audit_command_says_whether_all_is_well(ada, capsys):
    import json

    from django.core.management import CommandError, call_command

    take_note(actor=ada, text="a")
    call_command("audit", "verify")
    assert "1 rows in 1 chains" in capsys.readouterr().out
    call_command("audit", "verify", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "rows": 1, "chains": 1, "broken": [],
        "others": {name: {"count": 0, "broken": []} for name in ("tickets", "orders")},
    }
    triggers_off("kernel_event")
    Event.append_only.update(kind="forged")
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("audit", "verify")
    assert f"BROKEN chain {ada.organisation_id}, row 1 (event" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--json")
    Event.append_only.all().delete()
    with pytest.raises(CommandError):
        call_command("audit", "verify")
    assert "row 1: rows after 0 are missing" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_append_only_can_be_taken_back():
    from django.apps import apps

    step = append_only("kernel", "ChainHead")
    with connection.schema_editor() as editor:
        step.code(apps, editor)
    head = ChainHead.objects.create(chain=7)
    with pytest.raises(IntegrityError):
        head.delete()
    with connection.schema_editor() as editor:
        step.reverse_code(apps, editor)
    head.delete()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_chain_written_by_twenty_threads_has_no_gap(ada, cy):
    def work(place: int) -> None:
        for _each in range(5):
            take_note(
                actor=ada if place % 2 else cy,
                text=str(place),
                organisation_id=(cy if place % 3 else ada).organisation_id,
            )

    assert [one for one in in_threads(20, work) if one is not None] == []
    assert Event.append_only.filter(kind=NOTES).count() == 100
    assert list(audit.verify()) == []


def test_refusals_speak_the_readers_language():
    from django.utils import translation

    assert str(NotFound()) == "Not found."
    assert str(InvalidInput(gettext_lazy("Not found."), field="x")) == "Not found."
    assert (TooOften(retry_after=5).retry_after, InvalidInput().field) == (5, None)
    with translation.override("en"):
        assert str(NotPermitted("because")) == "because"


@pytest.mark.django_db
def test_rows_say_what_they_are(world, ada):
    take_note(actor=ada, text="a")
    view = SavedView(name="mine", query="a=1&a=2&b=3")
    assert (str(view), view.parameters) == ("mine", {"a": ["1", "2"], "b": ["3"]})
    assert str(Event.append_only.get(kind=NOTES)) == NOTES
    assert str(Job(task="t", state="ready")) == "t ready"
    assert str(ChainHead(chain=1, sequence=2, hash="h")) == "1: 2 h"


@pytest.mark.django_db
def test_audit_command_names_what_an_app_above_cannot_prove(capsys, monkeypatch):
    from django.core.management import CommandError, call_command

    broken = proofs.BrokenProof(where="NOTE0000001, entry 3", reason="the hash does not fit")
    proof = proofs.Proof(name="notes", count=lambda: 7, walk=lambda: iter([broken]))
    monkeypatch.setattr(proofs, "_proofs", {"notes": proof})
    with pytest.raises(CommandError, match="1 of 7 notes broken"):
        call_command("audit", "verify")
    assert "BROKEN NOTE0000001, entry 3: the hash does not fit" in capsys.readouterr().out
