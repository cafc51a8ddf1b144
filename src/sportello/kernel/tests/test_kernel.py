import pytest
from django.db import IntegrityError, connection, transaction

from sportello.kernel import audit
from sportello.kernel.models import Event
from sportello.kernel.refused import record_refusal
from sportello.kernel.scope import OutsideOperation, Unscoped
from sportello.parties.models import Organisation


def test_objects_without_an_actor_raises(world):
    for attempt in (Organisation.objects.all, Organisation.objects.count, lambda: Organisation.objects.filter(code="A")):
        with pytest.raises(Unscoped):
            attempt()


def test_for_actor_returns_what_is_in_reach(world):
    cast = [world.actor(name) for name in ("ada", "bo", "cy", "pia", "olga")]
    names = {who.name: [o.code for o in Organisation.objects.for_(who).order_by("code")] for who in cast}
    assert names == {"Ada Prova": ["A"], "Bo Prova": [], "Cy Prova": ["B"], "Pia Prova": ["A", "P1"], "Olga Prova": ["A", "B", "OP", "P1"]}


def test_reverse_relation_narrows_to_its_instance(world, pia, olga):
    assert [o.code for o in world.partner.customers.for_(olga)] == ["A"]


def test_save_outside_an_operation_raises(world):
    with pytest.raises(OutsideOperation):
        world.a.save()


def test_chain_names_the_first_broken_row(world, ada):
    for path in ("/one", "/two", "/three"):
        record_refusal(actor=ada, method="GET", path=path, status=403, name="NotPermitted")
    assert list(audit.verify()) == []
    second = Event.append_only.get(chain=world.a.pk, sequence=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.append_only.filter(pk=second.pk).update(kind="forged")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.append_only.filter(pk=second.pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER kernel_event_no_update" + (" ON kernel_event" if connection.vendor == "postgresql" else ""))
        cursor.execute("UPDATE kernel_event SET address = '6.6.6.6' WHERE id = %s", [second.pk])
    broken = list(audit.verify())
    assert [(b.chain, b.sequence, b.event_id) for b in broken] == [(world.a.pk, 2, second.pk)]
