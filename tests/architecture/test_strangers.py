"""Every address that names an object, asked by another tenant for an object that is really there (ABUSE C01, D02).

What each address names stands in `OBJECTS`; an address without its line there fails the build.
"""

from __future__ import annotations

import ast
import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from sportello.accounts.models import Membership, TotpDevice
from sportello.accounts.sessions import open_session
from sportello.inventory.models import Line, LineOption, Option
from sportello.inventory.tests.factories import make_cost_centre, make_line
from sportello.kernel.access import Access, Profile, Section, access_of
from sportello.kernel.actor import Actor, member_actor, system_actor
from sportello.kernel.imports import ImportReport
from sportello.kernel.models import Event, Job, Upload
from sportello.kernel.refused import record_refusal
from sportello.kernel.scope import ScopedModel
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import World, new_member
from sportello.kernel.web import PageMark
from sportello.messaging.models import Message
from sportello.messaging.operations import send_message
from sportello.messaging.states import Channel
from sportello.messaging.tests.conftest import THRESHOLD
from sportello.messaging.types import Recipient
from sportello.network.models import Order, Switch
from sportello.orders.models import OrderFile
from sportello.orders.tests.factories import PDF, drafted, ordered
from sportello.orders.types import HandedIn
from sportello.parties.models import Organisation
from sportello.thresholds.tests.factories import a_threshold
from sportello.tickets.models import TicketFile, TicketRecipient
from sportello.tickets.operations.telling import tell
from sportello.tickets.tests.factories import TEXT_FILE, a_ticket
from sportello.usage.models import UsageLoad

Names = dict[str, Any]
IMPORTS = {
    "accounts:import_people": "accounts.people", "parties:import_customers": "parties.customers",
    "inventory:import_lines": "inventory.lines", "inventory:import_assignments": "inventory.assignments",
    "orders:import": "orders.orders", "orders:results": "orders.results",
}  # fmt: skip
OF_A_PERSON = (
    "person",
    "edit_person",
    "deactivate",
    "reactivate",
    "invite",
    "revoke_invitation",
    "grant",
    "unfreeze_codes",
)
OBJECTS: dict[str, tuple[str, ...]] = {
    # the words are the names in `there()`; pk first
    "accounts:authenticator_remove": ("device",), "accounts:session_end": ("session",),
    **{f"accounts:{name}": ("person",) for name in OF_A_PERSON},
    "accounts:end_profile": ("person", "membership"), "accounts:view_as": ("person", "membership"), "accounts:audit_entry": ("event",),
    **{name: (purpose,) for name, purpose in IMPORTS.items()},
    **{f"parties:{name}": ("organisation",) for name in ("organisation", "edit_registry", "edit_contact", "move", "change_state")},
    "parties:new_part": ("organisation", "word"), "parties:edit_part": ("organisation", "word", "cost_centre"),
    "parties:remove_part": ("organisation", "word", "cost_centre"),
    "inventory:agreement": ("agreement",), "inventory:add_line": ("agreement",),
    **{f"inventory:{name}": ("line",) for name in ("line", "assign_one", "change", "sim", "puk", "end", "add_option")},
    "inventory:end_option": ("option",),
    **{f"orders:{name}": ("order",) for name in ("order", "items", "act")}, "orders:document": ("order", "order_file"), "orders:line": ("line",),
    **{f"orders:{name}": ("draft",) for name in ("form", "check", "prove", "leave_out", "discard")},
    "usage:line": ("line",), "usage:records": ("line",), "usage:ask_documentation": ("line",), "usage:load": ("load",), "usage:rejects": ("load",),
    "thresholds:line": ("line",), "thresholds:add": ("line",),
    **{f"thresholds:{name}": ("threshold",) for name in ("change", "suspend", "resume", "cancel")},
    "messaging:message": ("message",), "messaging:send_again": ("message",),
    "network:order": ("network_order",), "network:ask_again": ("network_order",),
    "config:job": ("job",), "config:retry_job": ("job",),
    **{f"tickets:{name}": ("ticket",) for name in ("ticket", "entries", "write", "proof", "state", "show", "work", "add_link", "merge")},
    "tickets:new": ("organisation",), "tickets:show_entry": ("ticket", "entry"), "tickets:file": ("ticket", "ticket_file"),
    "tickets:recipient": ("ticket", "ticket_recipient"), "tickets:request": ("ticket",), "tickets:request_entries": ("ticket",),
    "tickets:request_file": ("ticket", "ticket_file"),
}  # fmt: skip
IN_THEIR_APPS = {
    # walked with another tenant's rows by the app's own tests (test_web*.py, H01, C01, C04)
    *(f"billing:{name}" for name in (
        "archive", "bill", "dispute", "file", "file_content", "import_payments", "lines", "original", "pay", "pdf", "print", "reconciliation",
        "reverse_payment", "send",
    )),
    *(f"usage:{name}" for name in ("documentation_file", "edit_report", "export_file", "move_report", "run_report")),
    *(f"dual_billing:{name}" for name in (
        "ask_code", "bill", "change", "consent", "correct", "decline", "end", "enrolment", "import", "line", "sign",
    )),
    *(f"thresholds:{name}" for name in (
        "ask_again", "bulk", "consent", "end_profile", "import", "lift", "profile", "remove_term", "set_default",
    )),
}  # fmt: skip
NO_OBJECTS = {
    *IN_THEIR_APPS,
    # the operator's types and queues, closed to all others; what can be ordered, by the code of its type
    "orders:type", "orders:queue", "orders:ask",
    # the secret in the link of a mail, and the cookie it is exchanged for; tickets' own tests E10 to E15, E28
    "tickets:link", "tickets:by_link", "tickets:by_link_entries", "tickets:by_link_feedback", "tickets:by_link_file", "tickets:confirm_address",
    # the operator's types, and its files of old bases (bound to their person, F10), closed to all others
    "tickets:type", "tickets:import",
    # the secret in the link is the right itself; its tests are those of first access and resets
    "accounts:invitation_link", "accounts:reset_link",
    # texts of the operator, by name
    "messaging:template", "messaging:preview", "messaging:reset",
    # mails that came in belong to no organisation: the operator's alone, walked by messaging's own tests
    "messaging:received_mail", "messaging:original", "messaging:release", "messaging:drop",
    # the demo's mailbox; closed outside a demo (demo tests)
    "messaging:simulator_mail", "messaging:simulator_answer",
}  # fmt: skip
TOUCHED = {"kernel.Event", "kernel.ChainHead", "accounts.Session"}
"""Rows that a refused request writes: its audit row; that the session was seen."""


def patterns() -> Iterator[tuple[str, PageMark]]:
    """Yield (name, mark) of every address that takes arguments."""

    def walk(found: list[Any], space: str, taking: bool) -> Iterator[tuple[str, PageMark]]:
        for one in found:
            takes = taking or "<" in str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, f"{one.namespace}:" if one.namespace else space, takes)
            elif isinstance(one, URLPattern) and takes:
                yield f"{space}{one.name}", one.callback.sportello_page

    return walk(get_resolver().url_patterns, "", False)


def there(world: World, name: str, number: str) -> Names:
    """Write one row of each kind that belongs to the member and their organisation; return what addresses call them."""
    held, actor = world.memberships[name], world.actor(name)
    organisation, now = held.organisation, timezone.now()
    line = make_line(organisation, number)
    with arrange():
        device = TotpDevice.objects.create(person=held.person, name="mine", secret="JBSWY3DPEHPK3PXP", confirmed_at=now)
        colleague = new_member(organisation, f"{name}-colleague", held.profile)
        wanted = Option.objects.get_or_create(code="OPT", defaults={"name": "OPT"})[0]
        option = LineOption.objects.create(organisation=organisation, line=line, option=wanted, active_from=now)
        uploads = {purpose: upload(held, purpose) for purpose in IMPORTS.values()}
    session, _value = open_session(person=held.person, membership=held, now=now, address="192.0.2.1", browser="other")
    record_refusal(actor=actor, method="GET", path="/x", status=403, name="NotPermitted")
    return {
        "device": device.pk, "session": session.pk, "person": colleague.person_id, "membership": colleague.pk,
        "event": Event.append_only.filter(organisation_id=organisation.pk).latest("id").pk, **uploads,
        "organisation": organisation.pk, "word": "cost_centre", "cost_centre": make_cost_centre(organisation, f"CC-{name}").pk,
        "agreement": line.agreement_id, "line": line.pk, "option": option.pk, "threshold": a_threshold(line).pk,
        "network_order": network_order(organisation).pk, "load": UsageLoad.objects.create(file_name=f"{name}.csv", sha256=name * 8, started_at=now).pk,
        **ticket_of(organisation), **orders_of(actor, organisation, line), "message": message_to(held).pk, "job": Job.objects.create(task="x", enqueued_at=now, run_after=now, state="failed").pk,
    }  # fmt: skip


def ticket_of(organisation: Organisation) -> Names:
    """Write a ticket that its customer sees, with all that addresses name of one."""
    operator = world_operator()
    now = timezone.now()
    ticket = a_ticket(operator, organisation, visible_by=operator, shown=True, files=[TEXT_FILE], now=now)
    tell(actor=system_actor(reason="a test"), ticket=ticket, place=1, now=now)
    asked = system_actor(reason="a test")
    return {
        "ticket": ticket.pk, "entry": 1, "ticket_file": TicketFile.objects.for_(asked).get(ticket=ticket).pk,
        "ticket_recipient": TicketRecipient.objects.for_(asked).filter(ticket=ticket).first().pk,
    }  # fmt: skip


def orders_of(actor: Actor, organisation: Organisation, line: Line) -> Names:
    """Write an order with a document, and a draft."""
    files = {"report": HandedIn(name="report.pdf", content=PDF)}
    sent = ordered(actor, organisation, "SIM-REPLACEMENT", line, why="theft", files=files, now=timezone.now())
    draft = drafted(actor, organisation, "SUSPENSION", line, why="request", now=timezone.now())
    return {"order": sent.pk, "order_file": OrderFile.objects.for_(actor).get(order=sent).pk, "draft": draft.pk}


def world_operator() -> Actor:
    """Return the operator's administrator of the cast."""
    held = Membership.objects.across_tenants(reason="a test").get(profile=Profile.OPERATOR_ADMIN)
    return member_actor(
        person_id=held.person_id, organisation_id=held.organisation_id, profile=Profile(held.profile), name="Olga"
    )


def network_order(organisation: Organisation) -> Order:
    with arrange():
        switch = Switch.objects.create(
            organisation=organisation, resource="+393511234567", feature="bar", wanted=True, asked_at=timezone.now()
        )
        return Order.objects.create(
            organisation=organisation, switch=switch, revision=1, wanted=True, key=uuid.uuid4(), asked_at=timezone.now()
        )


def upload(held: Membership, purpose: str) -> str:
    now = timezone.now()
    row = Upload.objects.create(
        person=held.person, organisation_id=held.organisation_id, membership_id=held.pk, purpose=purpose, name="a.csv", content=b"a",
        content_hash="0", digest="0", report=ImportReport(rows=[]).packed(), created_at=now, expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    return row.token


def message_to(held: Membership) -> Message:
    return send_message(
        actor=system_actor(reason="a test"), recipient=Recipient(email="x@example.test", mobile="", language="en"),
        template="threshold_warning", context=THRESHOLD, channel=Channel.EMAIL, organisation_id=held.organisation_id,
        idempotency_key=f"stranger:{held.pk}", now=timezone.now(),
    )  # fmt: skip


def address_of(name: str, names: Names) -> str:
    return reverse(name, args=[names[word] for word in OBJECTS[name]])


def digest() -> dict[str, str]:
    """Return a digest of each table's rows."""
    found = {}
    for model in apps.get_models():
        if model.__module__.startswith("sportello.") and model._meta.label not in TOUCHED:
            rows = (
                model.objects.across_tenants(reason="a test looks")
                if issubclass(model, ScopedModel)
                else model.objects.all()
            )
            text = json.dumps(list(rows.order_by("pk").values()), cls=DjangoJSONEncoder, default=repr)
            found[model._meta.label] = hashlib.sha256(text.encode()).hexdigest()
    return found


def test_c01_every_address_of_an_object_has_its_case():
    assert sorted({name for name, _mark in patterns()} - NO_OBJECTS) == sorted(OBJECTS)


def test_c01_every_exempted_address_still_is_there():
    """A name that no address has any more would exempt the next one that takes it."""
    taking = {name for name, _mark in patterns()}
    assert sorted(NO_OBJECTS - taking) == []
    assert sorted(NO_OBJECTS & set(OBJECTS)) == []


def test_c01_every_address_walked_by_its_own_app_is_named_in_a_test_there_that_expects_404():
    named = {app: words_expected_missing(app) for app in {name.partition(":")[0] for name in IN_THEIR_APPS}}
    assert [
        one for one in sorted(IN_THEIR_APPS) if not {one, one.partition(":")[2]} & named[one.partition(":")[0]]
    ] == []


def test_c01_control_a_test_that_expects_no_404_names_nothing():
    source = "SEEN = ['one']\ndef test_a(): walk(SEEN, 404)\ndef test_b(): walk('two', 403)\ndef walk(*_each): ..."
    assert words_beside_404(ast.parse(source)) == {"one"}


def words_expected_missing(app: str) -> set[str]:
    """Return the texts that the tests of an app which expect a 404 hold, themselves or by what they use of their module."""
    files = (Path(__file__).parents[2] / "src" / "sportello" / app).rglob("test_*.py")
    return {word for file in files for word in words_beside_404(ast.parse(file.read_text(encoding="utf-8")))}


def words_beside_404(module: ast.Module) -> set[str]:
    parts: dict[str, ast.stmt] = {}
    for part in module.body:
        if isinstance(part, ast.FunctionDef):
            parts[part.name] = part
        elif isinstance(part, ast.Assign):
            parts |= {target.id: part for target in part.targets if isinstance(target, ast.Name)}
    found: set[str] = set()
    for name in parts:
        held = constants_of(name, parts, set()) if name.startswith("test_") else set()
        found |= {one for one in held if isinstance(one, str)} if 404 in held else set()
    return found


def constants_of(name: str, parts: dict[str, ast.stmt], seen: set[str]) -> set[object]:
    if name in seen or name not in parts:
        return set()
    seen.add(name)
    nodes = list(ast.walk(parts[name]))
    found: set[object] = {node.value for node in nodes if isinstance(node, ast.Constant)}
    for used in [node.id for node in nodes if isinstance(node, ast.Name)]:
        found |= constants_of(used, parts, seen)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(("stranger", "owner"), [("cy", "ada"), ("pia", "cy"), ("bo", "ada")])
def test_c01_d02_what_is_anothers_is_not_found_and_not_touched(world, signed_in, stranger, owner):
    """404 where the stranger's profile has the section, 403 where it has not; for every verb that the address knows."""
    names = there(world, owner, "+393511234567")
    browser, wrong, asked, before = signed_in(stranger), [], 0, digest()
    profile = world.actor(stranger).profile
    for name, mark in patterns():
        if name not in OBJECTS:
            continue
        expected = 403 if access_of(profile, mark.section) is Access.NONE else 404
        for method in mark.methods:
            ask = getattr(browser, method.lower())
            status = ask(address_of(name, names)).status_code
            asked += 1
            if (
                status == 403 != expected
            ):  # the profile is refused before anything is looked up: what is nowhere answers the same
                expected = ask(address_of(name, dict.fromkeys(names, 999_999_999) | {"word": "site"})).status_code
                asked += 1
            if status != expected:
                wrong.append((name, method, status, expected))
    assert wrong == []
    assert digest() == before
    assert Event.append_only.filter(kind="access.refused").count() == asked + 1


@pytest.mark.django_db
def test_c01_control_the_same_addresses_open_to_their_owner(world, signed_in):
    """The rows of the strangers' walk are really there: a walk over ids that nobody has would prove nothing."""
    names = there(world, "ada", "+393511234567")
    browser, closed = signed_in("ada"), []
    for name, mark in patterns():
        if name in OBJECTS and "GET" in mark.methods and mark.section is not Section.OPERATIONS:
            answer = browser.get(address_of(name, names))
            b"".join(getattr(answer, "streaming_content", ()))  # a file is closed at its end
            closed += [name] if answer.status_code == 404 else []
    assert closed == []
