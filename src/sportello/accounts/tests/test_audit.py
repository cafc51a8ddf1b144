from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sportello.accounts import operations
from sportello.accounts.operations.proof import prove_record
from sportello.accounts.web import audit_words
from sportello.kernel.access import Profile
from sportello.kernel.events import EVENT_KINDS
from sportello.kernel.models import Event
from sportello.parties import operations as parties
from sportello.parties.parts import SITE


@pytest.fixture
def history(world, ada, cy, olga):
    """One event in each of A, B and the operator."""
    parties.add_part(actor=ada, organisation=world.a, kind=SITE, values={"name": "Sede A"})
    parties.add_part(actor=cy, organisation=world.b, kind=SITE, values={"name": "Sede B"})
    parties.change_contact_email(actor=olga, organisation=world.operator, email="noc@op.test")
    operations.grant_profile(
        actor=ada, person=world.memberships["bo"].person, organisation=world.a, profile=Profile.TRAFFIC_MANAGER
    )


def shown(response) -> list[str]:
    assert response.status_code == 200
    return [audit_words.sentence_of(row) for row in response.context["listing"].rows]


ALL = ["Bo Prova was given the profile Traffic manager", "The data of Operatore di prova were changed",
       "Site was added: Sede B", "Site was added: Sede A"]  # fmt: skip


def test_audit_shows_each_reader_the_part_of_their_reach(world, history, signed_in):
    assert shown(signed_in("ada").get("/audit/")) == [ALL[0], ALL[3]]
    assert shown(signed_in("cy").get("/audit/")) == [ALL[2]]
    assert shown(signed_in("pia").get("/audit/")) == [ALL[0], ALL[3]]
    assert shown(signed_in("olga").get("/audit/")) == ALL


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("area=profile,membership", 0), ("area=membership,profile", 1), ("person=ada", 2), ("person=bo", 1), ("person=cy", 0),
        ("subject=site", 1), ("subject=site:999", 0), ("at_from=2999-01-01", 0), ("at_to=2999-01-01", 2),
        ("at_from=junk", 0), ("organisation=B", 2),
    ],
)  # fmt: skip
def test_audit_is_narrowed_by_its_filters(world, history, signed_in, query, found):
    assert len(shown(signed_in("ada").get(f"/audit/?{query}"))) == found


def test_audit_of_the_operator_is_narrowed_by_organisation(world, history, signed_in):
    assert shown(signed_in("olga").get("/audit/?organisation=B")) == [ALL[2]]
    assert shown(signed_in("olga").get("/audit/?organisation=NOBODY")) == []


def test_audit_is_paged_by_key(world, ada, signed_in):
    for number in range(60):
        parties.change_contact_email(actor=ada, organisation=world.a, email=f"a{number}@a.test")
    browser = signed_in("ada")
    first = browser.get("/audit/?size=25")
    second = browser.get(f"/audit/{first.context['listing'].next_url}")
    pks = [row.pk for page in (first, second) for row in page.context["listing"].rows]
    assert (len(pks), pks == sorted(pks, reverse=True), len(set(pks))) == (50, True, 50)


def test_audit_takes_a_fixed_number_of_queries(world, ada, signed_in):
    browser = signed_in("ada")
    counts = []
    for number in (1, 3):
        for _each in range(number):
            parties.change_contact_email(actor=ada, organisation=world.a, email=f"a{number}@a.test")
        with CaptureQueriesContext(connection) as captured:
            browser.get("/audit/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] < 20


def test_audit_export_says_who_and_from_where(world, history, signed_in):
    lines = b"".join(signed_in("ada").get("/audit/?export=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "When,Who,As,In,What,Kind,Before → after,From,Subject,Hash"
    assert lines[1].split(",")[1:6] == [
        "Ada Prova", "Administrator (ROA)", "Comune di Alfa", ALL[0], "profile.granted",
    ]  # fmt: skip


def test_audit_entry_shows_before_and_after_and_its_place_in_the_chain(world, history, signed_in):
    row = Event.append_only.get(kind="profile.granted")
    page = signed_in("ada").get(f"/audit/{row.pk}/")
    assert page.context["told"].changes == [("profile", "–", "Traffic manager")]  # noqa: RUF001
    assert row.hash in page.content.decode()
    assert signed_in("cy").get(f"/audit/{row.pk}/").status_code == 404


def test_audit_of_viewing_names_both(world, signed_in):
    held = world.memberships["ada"]
    olga = signed_in("olga")
    olga.post(f"/people/{held.person_id}/view-as/{held.pk}/", {"reason": "ticket 4711"})
    olga.post("/people/new/", {"given_name": "X"})
    newest = shown(signed_in("ada").get("/audit/"))
    assert newest[-1] == "Olga Prova began to view the portal as Ada Prova: ticket 4711"


def test_proof_says_whole_and_is_itself_on_record(world, history, signed_in):
    answer = signed_in("ada").post("/audit/proof/")
    assert (answer.status_code, answer.context["proof"].broken, answer.context["proof"].rows) == (200, None, 2)
    assert Event.append_only.latest("id").payload == {"rows": 2, "broken": 0}
    assert signed_in("ada").get("/audit/proof/").context["proof"] is None


def test_proof_names_the_first_broken_entry(world, history, ada):
    row = Event.append_only.filter(organisation_id=world.a.pk).order_by("sequence").first()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute('DROP TRIGGER "kernel_event_no_update"')
        else:
            cursor.execute('DROP TRIGGER "kernel_event_no_update" ON "kernel_event"')
        cursor.execute("UPDATE kernel_event SET reason = 'rewritten' WHERE id = %s", [row.pk])
    broken = prove_record(actor=ada).broken
    assert (broken.sequence, broken.event_id, broken.reason) == (1, row.pk, "its content is not what was written")


def test_every_kind_that_exists_has_words_or_shows_as_it_is():
    for kind, event in EVENT_KINDS.items():
        row = Event(kind=kind, payload={}, at=timezone.now())
        assert audit_words.sentence_of(row)
        if event.sentence or kind in audit_words.SENTENCES:
            assert audit_words.sentence_of(row) != kind
    assert audit_words.sentence_of(Event(kind="of.tomorrow", payload={})) == "of.tomorrow"
