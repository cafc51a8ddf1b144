"""Measuring pages and queries at the reference size: p50 and p95 of the answer, and the number of SQL queries."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from bench import bills, tickets
from bench.saying import say

TIMES = 30


def measured(what: str, work: Callable[[], Any]) -> dict[str, Any]:
    """Do something often enough, once before it counts, and return its quantiles in milliseconds and its queries."""
    from django.db import connection

    queries = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*arguments)

    work()
    with connection.execute_wrapper(count):
        work()
    taken = []
    for _ in range(TIMES):
        begun = time.monotonic_ns()
        work()
        taken.append((time.monotonic_ns() - begun) / 1e6)
    quantiles = statistics.quantiles(taken, n=20)
    return {
        "what": what,
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(quantiles[18], 1),
        "queries": queries,
    }


def measured_store(facts: dict[str, str], how: str) -> dict[str, Any]:
    """Measure the store alone: the first hundred records of a line's month."""
    system = _system()
    month, line = _month(facts), _busiest_line(system, _largest_customer(system))
    return measured(f"store, {how}: a line's month of records", lambda: _records(system, line, month))


def measured_pages(facts: dict[str, str]) -> list[dict[str, Any]]:
    """Measure the pages that people open, as the largest customer's administrator and the operator."""
    found: list[dict[str, Any]] = []
    for name, client, address in pages_to_open(facts):
        say(f"opening {name} ...")
        status = client.get(address, follow=True).status_code
        if status == 200:
            found.append({**measured(name, partial(client.get, address)), "address": address})
        else:
            found.append({"what": name, "address": address, "status": status})
    return found


def pages_to_open(facts: dict[str, str]) -> list[tuple[str, Any, str]]:
    """Return the pages that are opened: what they are, by whose browser, at which address."""
    from sportello.kernel.calendar import next_month

    system = _system()
    bills.made_bills(system, facts)
    tickets.made_tickets(system, facts)
    largest = _largest_customer(system)
    line = _busiest_line(system, largest)
    administrator, operator = browser("administrator", largest), browser("operator_admin")
    month = f"{_month(facts):%Y-%m}"
    query, dearest = f"?month={month}", "traffic of the largest customer, page of dearest lines, second page"
    of_line = f"/traffic/lines/{line.pk}"
    above = f"/thresholds/above/?above=10&on={next_month(_month(facts)) - timedelta(days=1)}"
    return [
        ("traffic of the largest customer (20,000 lines)", administrator, f"/traffic/{query}"),
        (dearest, administrator, f"/traffic/{query}&page=2"),
        ("a line's month: totals, year, first records", administrator, f"{of_line}/{query}"),
        ("a line's month, records", administrator, f"{of_line}/records/{query}"),
        ("traffic of all customers (operator)", operator, f"/traffic/{query}"),
        *(
            (f"totals of the largest customer by {by}", administrator, f"/traffic/analysis/?by={by}&from={month}")
            for by in ("cost_centre", "line", "person", "type", "zone", "agreement")
        ),
        ("unusual lines of the largest customer", administrator, f"/traffic/unusual/{query}"),
        ("usage files (operator)", operator, "/traffic/files/"),
        ("lines of the largest customer", administrator, "/inventory/"),
        ("all lines (operator)", operator, "/inventory/"),
        ("thresholds of the largest customer", administrator, "/thresholds/"),
        ("bars (operator)", operator, "/thresholds/bars/"),
        *(
            (f"lines above 10 EUR of {traffic} (operator)", operator, f"{above}&traffic={traffic}")
            for traffic in ("all", "voice", "data")
        ),
        ("lines above 1 EUR at a day inside the month", administrator, f"/thresholds/above/?above=1&on={month}-15"),
        ("people of the largest customer", administrator, "/people/"),
        *bills.pages(system, administrator, operator, largest),
        *tickets.pages(system, operator, browser("partner_admin"), administrator),
    ]


def _system() -> Any:
    from sportello.kernel.actor import system_actor

    return system_actor(reason="measuring pages")


def _month(facts: dict[str, str]) -> date:
    return datetime.fromisoformat(facts["month"]).date()


def _busiest_line(system: Any, organisation_id: int) -> Any:
    """Return the mobile line with the highest month. Raises where the base has none."""
    from sportello.inventory.models import Line

    lines = Line.objects.for_(system).filter(organisation_id=organisation_id, kind="mobile")
    line = lines.order_by("-months__amount", "pk").first()
    if line is None:
        raise RuntimeError("the base has no mobile line")
    return line


def _records(system: Any, line: Any, month: date) -> None:
    from sportello.usage import queries

    queries.records(system, line, month)


def _largest_customer(system: Any) -> int:
    from django.db.models import Count

    from sportello.inventory.models import Line

    counts = Line.objects.for_(system).order_by().values("organisation_id").annotate(lines=Count("pk"))
    return int(counts.order_by("-lines")[0]["organisation_id"])


def browser(profile: str, organisation_id: int | None = None) -> Any:
    """Return a browser signed in with a profile, in one organisation if told."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from sportello.accounts.models import Membership
    from sportello.accounts.sessions import open_session
    from sportello.kernel.operations import bulk_write

    system = _system()
    held = Membership.objects.for_(system).filter(profile=profile).select_related("person")
    if organisation_id is not None:
        held = held.filter(organisation_id=organisation_id)
    membership = held.order_by("pk").first()
    if membership is None:
        raise RuntimeError(f"the base has no {profile}")
    with bulk_write(actor=system):
        _row, value = open_session(
            person=membership.person, membership=membership, now=timezone.now(), address="127.0.0.1", browser="bench"
        )
    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = value
    return client
