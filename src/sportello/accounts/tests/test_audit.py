from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sportello.accounts import operations
from sportello.accounts.operations import proof as proofs
from sportello.accounts.operations.proof import prove_record
from sportello.accounts.web import audit_words
from sportello.kernel.access import Profile
from sportello.kernel.models import ChainHead, Event
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
    assert page.context["told"].changes == [("Profile", "–", "Traffic manager")]  # noqa: RUF001
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


def test_operator_proves_every_record_in_the_list_and_others_their_own(world, history, signed_in, monkeypatch):
    heads = list(ChainHead.objects.values_list("sequence", flat=True))
    assert len(heads) > 2
    answer = signed_in("olga").post("/audit/proof/")
    proof = answer.context["proof"]
    heads = [*ChainHead.objects.exclude(chain=world.operator.pk).values_list("sequence", flat=True)]
    own = ChainHead.objects.get(chain=world.operator.pk).sequence - 1  # the proof itself came after
    assert (proof.rows, proof.chains, proof.broken, proof.left) == (sum(heads) + own, len(heads) + 1, None, 0)
    assert "one for each organisation in the list" in answer.content.decode()
    monkeypatch.setattr(proofs, "MOST_AT_ONCE", 3)
    answer = signed_in("olga").post("/audit/proof/")
    assert (answer.context["proof"].chains, answer.context["proof"].left) == (
        1,
        sum(ChainHead.objects.exclude(chain=world.operator.pk).values_list("sequence", flat=True)),
    )
    assert "too many for a page" in answer.content.decode()


def test_operator_is_told_whose_record_is_broken(world, history, olga):
    row = Event.append_only.filter(organisation_id=world.b.pk).order_by("sequence").first()
    with connection.cursor() as cursor:
        drop = 'DROP TRIGGER "kernel_event_no_update"'
        cursor.execute(drop if connection.vendor == "sqlite" else f'{drop} ON "kernel_event"')
        cursor.execute("UPDATE kernel_event SET reason = 'rewritten' WHERE id = %s", [row.pk])
    proof = prove_record(actor=olga)
    assert (proof.whose, proof.broken.event_id) == (world.b.legal_name, row.pk)


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


def test_a_kind_of_another_version_shows_as_it_is():
    assert audit_words.sentence_of(Event(kind="of.tomorrow", payload={})) == "of.tomorrow"


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("sign_in.succeeded", {"second_step": "sms"}, "Signed in (Code by SMS)"),
        (
            "otp.wrong",
            {"purpose": "sign_in", "outcome": "dead"},
            "A code was refused (Signing in): Too many wrong tries: this code is void. Ask for a new one.",
        ),
        ("access.refused", {"method": "GET", "path": "/x/", "status": 404}, "Refused, not found: open /x/"),
        ("access.refused", {"method": "PATCH", "path": "/x/", "status": 418}, "Refused, 418: PATCH /x/"),
        (
            "export.made",
            {"listing": "accounts.people", "format": "csv", "rows": 1200},
            "Took out 1,200 rows of the list People as CSV",
        ),
        ("organisation.part_added", {"part": "cost_centre", "name": "CC1"}, "Cost centre was added: CC1"),
        ("organisation.part_added", {"part": "Centro di costo", "name": "CC1"}, "Centro di costo was added: CC1"),
        (
            "messaging.queued",
            {"template": "sign_in_code", "channel": "sms"},
            "A message was written: One-time code for signing in (SMS)",
        ),
        ("inventory.line_added", {"number": "+393510000001"}, "Line +39 351 000 0001 was added"),
        ("person.created", {}, "\N{EN DASH} was added"),
    ],
)
def test_what_happened_is_told_in_words(kind, payload, said):
    assert audit_words.sentence_of(Event(kind=kind, payload=payload)).replace("\N{NO-BREAK SPACE}", " ") == said


def test_changes_and_subjects_are_told_in_words():
    row = Event(
        kind="person.changed", subject_type="cost_centre", subject_id="7",
        payload={"changes": {
            "cost_centre": [None, "CC1"], "active": [True, False], "verified": ["2026-01-02T03:04:05+00:00", None],
            "day": ["2026-01-02", 1200], "odd_name": [["a", "b"], [1, 2, 3]], "text": [{"a": 1}, ""],
        }},
    )  # fmt: skip
    dash = "\N{EN DASH}"
    assert audit_words.changes_of(row) == [
        ("Cost centre", dash, "CC1"), ("Active", "Yes", "No"), ("Proved", "2 Jan 2026, 04:04", dash), ("day", "2 Jan 2026", "1,200"),
        ("odd name", "a; b", "3"), ("Text", "{'a': 1}", dash),
    ]  # fmt: skip
    assert audit_words.subject_of(row) == "Cost centre 7"
