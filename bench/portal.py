"""The running portal (web, worker, network) at the reference size: warnings after a small batch, pages beside a load, many people at once.

All of it goes over HTTP or through the drop folder, as people and files do. What is measured here is seconds of a clock: on a machine that
does other work beside, it says nothing.
"""

from __future__ import annotations

import csv
import http.client
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import installation

BATCHES, BATCH_ROWS = 30, 1_000
AGENTS, MINUTES, THINKS_S = 40, 2, 5.0
"""Forty people, each opening the next page some five seconds after the one before came: eight pages a second."""
ASKED_FOR_MEMORY = 2_000
WAITS_S = 30.0


@dataclass(frozen=True)
class Running:
    """The portal's processes: where it listens, and which of them answers requests."""

    listen: str
    process: subprocess.Popen[bytes]

    @property
    def web_mb(self) -> int:
        """Return the memory that the web's largest process holds."""
        return max((_held_mb(pid) for pid in _below(self.process.pid) if "gunicorn" in _command(pid)), default=0)

    def get(self, cookie: str, address: str) -> tuple[int, float]:
        """Open a page; return its status and the milliseconds until its last byte."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection(self.listen, timeout=60)
        connection.request("GET", address, headers={"Cookie": cookie, "Host": self.listen})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, (time.monotonic() - begun) * 1000


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Start the portal on the bench's base as `sportello demo` does, and end it by Ctrl-C."""
    from tests.postgres import free_port

    from sportello.config.processes import answers

    listen = f"127.0.0.1:{free_port()}"
    mine = {
        **os.environ,
        **installation.environment(folder),
        "SPORTELLO_PUBLIC_URL": f"http://{listen}",
        "SPORTELLO_LOG_LEVEL": "WARNING",
    }
    with (folder / "portal.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sportello", "demo", "--listen", listen], env=mine, stdout=log, stderr=log
        )
    try:
        while not answers(listen):
            if process.poll() is not None:
                raise RuntimeError(f"the portal did not start: {folder / 'portal.log'}")
            time.sleep(0.2)
        yield Running(listen, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def measured_portal(folder: Path, facts: dict[str, str], pages: Sequence[tuple[str, Any, str]]) -> list[dict[str, Any]]:
    """Measure all of it; `pages` are what people open, as `bench.pages` lists them."""
    with running(folder) as portal:
        found = [_arriving(folder)]
        found += _beside_a_load(portal, folder, facts, [page for page in pages if _named(page, BESIDE)])
        found.append(_at_once(portal, [page for page in pages if _named(page, DESK)]))
        found.append(_memory(portal, pages))
    return found


BESIDE = ("lines above 10 EUR of all", "traffic of the largest customer (", "a line's month, records")
DESK = (
    "tickets, all open ones (operator)",
    "tickets with a subject",
    "a ticket (operator)",
    "tickets, full text, a rare word",
)


def _named(page: tuple[str, Any, str], names: Sequence[str]) -> bool:
    return page[0].startswith(tuple(names))


def _arriving(folder: Path) -> dict[str, Any]:
    """Drop batches one by one, each of which takes one line over its threshold; time each until its SMS is handed over."""
    from sportello.messaging.models import Message

    system, taken = _system(), []
    lines = _watched_lines(system)
    for serial, line in enumerate(lines):
        before = Message.objects.for_(system).filter(channel="sms", person=line.person).count()
        begun = time.monotonic()
        _dropped(folder / "drop", line.number, serial)

        def told(line: Any = line, before: int = before) -> bool:
            rows = Message.objects.for_(system).filter(channel="sms", person=line.person)
            return rows.count() > before and not rows.filter(sent_at=None).exists()

        _until(told)
        taken.append((time.monotonic() - begun) * 1000)
    return {"what": f"{BATCH_ROWS} records dropped until the SMS is handed over", **_quantiles(taken)}


def _watched_lines(system: Any) -> list[Any]:
    """Set a threshold on lines whose users have a phone and hear of it at any hour, 5 EUR above what they used; return the lines."""
    from django.utils import timezone

    from sportello.inventory.models import Line
    from sportello.thresholds.models import Threshold
    from sportello.thresholds.operations import set_threshold
    from sportello.thresholds.types import Terms
    from sportello.usage.models import Counter

    now = timezone.now()
    watched = Threshold.objects.for_(system).exclude(state="cancelled").values("line_id")
    rows = (
        Line.objects.for_(system)
        .filter(kind="mobile", status="active", active_to=None)
        .exclude(person=None)
        .exclude(pk__in=watched)
    )
    lines = list(rows.exclude(person__mobile="").select_related("person", "organisation").order_by("-pk")[:BATCHES])
    for line in lines:
        used = sum(
            Counter.objects.for_(system)
            .filter(line=line, month=now.date().replace(day=1))
            .values_list("amount", flat=True)
        )
        limit = int((used + Decimal(5)) * 100_000)
        set_threshold(actor=system, line=line, terms=Terms(traffic_type="all", measure="amount", limit=limit, steps=(100,)), now=now)
    return lines


def _dropped(folder: Path, number: str, serial: int) -> None:
    """Write a batch into the drop folder: a dear call of one line, and cheap ones of the same that change nothing."""
    from sportello.config.demo_base.traffic import write_manifest
    from sportello.config.demo_base.usage_file import HEADER, Wish, usage_row

    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    token = f"{now:%Y%m%dT%H%M%S}-{os.getpid()}-{serial}"
    path = folder / f"batch-{token}.csv"
    wish, amounts = Wish(number, Decimal(0)), [Decimal("6.00000"), *[Decimal("0.00010")] * (BATCH_ROWS - 1)]
    half = path.with_suffix(".part")
    with half.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(
            usage_row(wish, f"{token}-{at}", amount, now - timedelta(seconds=at)) for at, amount in enumerate(amounts)
        )
    half.replace(path)
    write_manifest(path, records=BATCH_ROWS, amount=sum(amounts, Decimal(0)))


def _beside_a_load(
    portal: Running, folder: Path, facts: dict[str, str], pages: Sequence[tuple[str, Any, str]]
) -> list[dict[str, Any]]:
    """Open pages, one after the other, for as long as another million records is loaded."""
    from sportello.usage.models import UsageLoad

    path = installation.usage_file(folder, facts, 3_000_000, seed=1_000 + UsageLoad.objects.count())
    mine = {**os.environ, **installation.environment(folder)}
    taken: dict[str, list[float]] = {name: [] for name, _client, _address in pages}
    for _name, client, address in pages:
        portal.get(_cookie(client), address)
    load = subprocess.Popen(
        [sys.executable, "-m", "sportello", "usage", "load", str(path)], env=mine, stdout=subprocess.DEVNULL
    )
    while load.poll() is None:
        for name, client, address in pages:
            status, milliseconds = portal.get(_cookie(client), address)
            if status != 200:
                raise RuntimeError(f"{address}: {status}")
            taken[name].append(milliseconds)
    path.unlink()
    return [{"what": f"beside a load: {name}", **_quantiles(times)} for name, times in taken.items()]


@dataclass
class _Agents:
    """What the agents saw."""

    taken: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def _at_once(portal: Running, pages: Sequence[tuple[str, Any, str]]) -> dict[str, Any]:
    """Let many agents work at once, each opening page after page with a pause to read."""
    from bench.pages import browser

    seen, cookies = _Agents(), [_cookie(browser("operator_admin")) for _agent in range(AGENTS)]
    ends = time.monotonic() + MINUTES * 60

    def work(number: int) -> None:
        time.sleep(THINKS_S * number / AGENTS)
        at = number
        while time.monotonic() < ends:
            _name, _client, address = pages[at % len(pages)]
            status, milliseconds = portal.get(cookies[number], address)
            seen.taken.append(milliseconds)
            if status != 200:
                seen.wrong.append(f"{address}: {status}")
            at += 1
            time.sleep(THINKS_S)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(AGENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if seen.wrong:
        raise RuntimeError(str(seen.wrong[:3]))
    return {"what": f"{AGENTS} agents at once, {len(seen.taken)} pages of tickets", **_quantiles(seen.taken)}


def _memory(portal: Running, pages: Sequence[tuple[str, Any, str]]) -> dict[str, Any]:
    """Open all pages in turn, many times, and compare the web's memory after the first quarter with that at the end."""
    quarter = 0
    for at in range(ASKED_FOR_MEMORY):
        _name, client, address = pages[at % len(pages)]
        portal.get(_cookie(client), address)
        if at == ASKED_FOR_MEMORY // 4:
            quarter = portal.web_mb
    return {
        "what": f"memory of the web after {ASKED_FOR_MEMORY // 4} and {ASKED_FOR_MEMORY} pages",
        "mb": f"{quarter} -> {portal.web_mb}",
    }


def _quantiles(taken: Sequence[float]) -> dict[str, Any]:
    return {
        "times": len(taken),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20)[18], 1),
    }


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAITS_S
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {WAITS_S:.0f} s")
        time.sleep(0.01)


def _cookie(client: Any) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _system() -> Any:
    from sportello.kernel.actor import system_actor

    return system_actor(reason="measuring the running portal")


def _below(pid: int) -> Iterator[int]:
    """Yield the processes that a process started, and theirs."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            child = int(path.parent.name)
            yield child
            yield from _below(child)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _held_mb(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
