"""Orders of the tests, asked for as the pages do."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from sportello.accounts.models import Membership
from sportello.inventory.models import Option
from sportello.inventory.tests.factories import make_agreement, make_line, make_plan
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, member_actor
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.orders import operations, queries
from sportello.orders.models import Order, OrderForm, OrderType
from sportello.orders.types import AskedRow, Request
from sportello.parties.models import Organisation

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""A Friday."""
LATER = datetime(2026, 11, 24, 9, tzinfo=UTC)
ICCID, OTHER_ICCID = "8939010000000000017", "8939010000000000025"
TAX_CODE = "RSSMRA80A01H501U"
PDF = b"%PDF-1.4 a report"
_keys = count(1)


def form_of(code: str) -> OrderForm:
    return queries.newest_form(OrderType.objects.get(code=code))


def request(*lines, answers=None, **values) -> Request:
    rows = [AskedRow(line_id=line.pk) for line in lines] or [AskedRow()]
    return Request(rows=rows, answers={**(answers or {}), **values})


def drafted(actor: Actor, customer: Organisation, code: str, *lines, now=NOW, key="", files=None, **answers) -> Order:
    return operations.draft_order(
        actor=actor, customer=customer, form=form_of(code), request=request(*lines, answers=answers),
        key=key or f"key-{next(_keys)}", files=files or {}, now=now,
    )  # fmt: skip


def ordered(actor: Actor, customer: Organisation, code: str, *lines, now=NOW, files=None, **answers) -> Order:
    draft = drafted(actor, customer, code, *lines, now=now, files=files, **answers)
    return operations.submit_order(actor=actor, draft=draft, seen=draft.fingerprint, warned=True, now=now)


def taken(actor: Actor, order: Order, now=NOW) -> Order:
    return operations.take_order(actor=actor, order=order, now=now)


def a_line(customer: Organisation, number: str = "+393511234567", **values):
    return make_line(customer, number, plan=make_plan(), **values)


def an_option(code: str = "ROAM") -> Option:
    return Option.objects.get_or_create(code=code, defaults={"name": code})[0]


def an_agreement(customer: Organisation):
    return make_agreement(customer)


def agent(world, name: str = "omar", profile: Profile = Profile.OPERATOR_AGENT) -> Actor:
    with arrange():
        held = new_member(world.operator, name.title(), profile, "+393510000099")
    return actor_of(held)


def colleague(world, name: str = "eva") -> Actor:
    with arrange():
        held = new_member(world.a, name.title(), Profile.ADMINISTRATOR, "+393510000098")
    return actor_of(held)


def actor_of(held: Membership) -> Actor:
    return member_actor(
        person_id=held.person_id, organisation_id=held.organisation_id, profile=Profile(held.profile),
        membership_id=held.pk, name=held.person.name,
    )  # fmt: skip
