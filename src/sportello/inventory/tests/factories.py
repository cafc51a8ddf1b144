"""Rows of the inventory for tests: agreements, plans and lines of the cast's customers, written as the operator would."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from sportello.inventory import operations
from sportello.inventory.models import Agreement, Line, Plan
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.tabular import Table, read_table
from sportello.kernel.testing import arrange
from sportello.parties.models import CostCentre, Organisation, Site

SYSTEM = system_actor(reason="a test arranges its rows")
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ICCID, OTHER_ICCID = "8939010000000000017", "8939010000000000025"
HEADER = (
    "customer_code,agreement_code,number,kind,plan,status,active_from,active_to,iccid,person_code,cost_centre,site,dual_billing"
)


def make_agreement(organisation: Organisation, code: str = "AG1") -> Agreement:
    with arrange():
        row = Agreement.objects.for_(SYSTEM).filter(organisation=organisation, code=code).first()
        return row or Agreement.objects.create(organisation=organisation, code=code)


def make_plan(code: str = "BASE") -> Plan:
    return Plan.objects.get_or_create(code=code, defaults={"name": code, "kind": "mobile"})[0]


def make_cost_centre(organisation: Organisation, code: str = "CC1") -> CostCentre:
    with arrange():
        return CostCentre.objects.create(organisation=organisation, code=code)


def make_site(organisation: Organisation, name: str = "HQ") -> Site:
    with arrange():
        return Site.objects.create(organisation=organisation, name=name)


def make_line(organisation: Organisation, number: str, **values) -> Line:
    facts = {"kind": "mobile", "active_from": LONG_AGO, "now": NOW, "agreement": make_agreement(organisation)} | values
    return operations.add_line(actor=SYSTEM, number=number, **facts)


def table(*rows: str, header: str = HEADER, name: str = "lines.csv") -> Table:
    return read_table(io.BytesIO("\n".join([header, *rows]).encode()), name=name)


def load(*rows: str, header: str = HEADER, now: datetime = NOW, actor: Actor = SYSTEM, apply: bool = True):
    return operations.load_lines(actor=actor, table=table(*rows, header=header), apply=apply, now=now)


def assign(*rows: str, header: str, actor: Actor, now: datetime = NOW, apply: bool = True):
    return operations.load_assignments(actor=actor, table=table(*rows, header=header), apply=apply, now=now)
