"""The one long-lived process per bind: keeps the session with the SMS centre, sends what is due, writes down what comes.

`sportello sms` runs it. A second one stands by and takes over when the first stops renewing its lease.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from sportello.messaging.channels.sms.types import (
    InDoubt,
    LinkDown,
    LinkUp,
    OutPart,
    PartRef,
    Refused,
    SmsEvent,
    SmsTransport,
    Submitted,
)
from sportello.messaging.delivery import texts
from sportello.messaging.models import SenderLease

log = logging.getLogger(__name__)

NAME = "sms"
LEASE = timedelta(seconds=30)
STOP_WITHIN = 10.0


class Bridge:
    """Runs an asyncio transport in a thread of its own, so that the database is used from a plain one."""

    def __init__(self, make: Callable[[], SmsTransport]) -> None:
        self._make = make
        self._told: queue.Queue[tuple[SmsEvent, Future[None]]] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sms-link", daemon=True)
        self._transport: SmsTransport | None = None
        self._ready = threading.Event()

    def start(self) -> None:
        """Start the thread and the transport."""
        self._thread.start()
        self._ready.wait(STOP_WITHIN)

    def submit(self, part: OutPart) -> None:
        """Hand a part to the transport."""
        if self._transport is None:
            raise RuntimeError("the transport has not started")
        self._loop.call_soon_threadsafe(self._transport.submit, part)

    def next_event(self, timeout: float) -> tuple[SmsEvent, Future[None]] | None:
        """Return the next event and the future to set when it is stored, or None."""
        try:
            return self._told.get(timeout=timeout)
        except queue.Empty:
            return None

    def stop(self, store: Callable[[SmsEvent], None]) -> None:
        """End the session; what it still tells goes to `store`."""
        if self._transport is None:
            return
        ended = asyncio.run_coroutine_threadsafe(self._transport.stop(), self._loop)
        deadline = time.monotonic() + STOP_WITHIN
        while time.monotonic() < deadline and not (ended.done() and self._told.empty()):
            self._drain(store)
        self._loop.call_soon_threadsafe(self._stop_reading)
        self._thread.join(timeout=STOP_WITHIN)

    def _drain(self, store: Callable[[SmsEvent], None]) -> None:
        told = self.next_event(0.1)
        if told is not None:
            store(told[0])
            told[1].set_result(None)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._read())
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _read(self) -> None:
        self._transport = self._make()
        self._reading = asyncio.current_task()
        await self._transport.start()
        self._ready.set()
        async for event in self._transport.events():
            stored: Future[None] = Future()
            self._told.put((event, stored))
            await asyncio.wrap_future(
                stored
            )  # the next event is asked for, and this one acknowledged, when it is stored

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()


class Sender:
    """Holds the lease, sends what is due while the link is up, stores what the centre says."""

    def __init__(
        self,
        make: Callable[[], SmsTransport],
        *,
        window: int = 10,
        lease: timedelta = LEASE,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._make = make
        self._window = window
        self._lease = lease
        self._clock = clock
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"[:80]
        self._link = ""
        self._is_up = False
        self._looked_at = 0.0
        self._on_the_way: set[PartRef] = set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; wait for the lease first, and again when it was lost."""
        while not stop.is_set():
            if self._try(self._take_lease):
                self._hold(stop)
            else:
                stop.wait(self._lease.total_seconds() / 10)

    def _hold(self, stop: threading.Event) -> None:
        bridge = Bridge(self._make)
        self._on_the_way.clear()
        bridge.start()
        try:
            while not stop.is_set() and self._keep_lease():
                self._look_after()
                self._send(bridge)
                told = bridge.next_event(0.2)
                if told is not None:
                    self._store(told[0], stop)
                    told[1].set_result(None)
        finally:
            bridge.stop(lambda event: self._store(event, stop))
            self._try(self._release)

    def _send(self, bridge: Bridge) -> None:
        room = self._window - len(self._on_the_way)
        if not self._is_up or room < 1:
            # Nothing is claimed without a link or room: texts wait in the outbox, untouched, not in a dead process's memory.
            return
        try:
            parts = texts.claim(now=self._clock(), most=room)
            texts.mark_handed(parts)
        except DatabaseError:
            log.exception("texts could not be claimed")
            return
        for part in parts:
            self._on_the_way.add(part.ref)
            bridge.submit(part)

    def _store(self, event: SmsEvent, stop: threading.Event) -> None:
        if isinstance(event, LinkUp | LinkDown):
            self._is_up = isinstance(event, LinkUp)
            self._link = event.reason[:200] if isinstance(event, LinkDown) else "up"
            log.info("sms link: %s", self._link)
            self._try(self._take_lease)
            return
        if isinstance(event, Submitted | Refused | InDoubt):
            self._on_the_way.discard(event.ref)
        while True:
            try:
                texts.record(event, now=self._clock())
            except DatabaseError:
                # The centre keeps the receipt as long as it is not acknowledged.
                log.exception("an answer of the SMS centre could not be stored")
                close_old_connections()
                if stop.wait(1.0):
                    return
            else:
                return

    def _look_after(self) -> None:
        if time.monotonic() - self._looked_at < self._lease.total_seconds() / 3:
            return
        self._looked_at = time.monotonic()
        close_old_connections()
        self._try(lambda: bool(texts.recover(now=self._clock())))
        self._try(lambda: bool(texts.match_receipts(now=self._clock())))

    # The lease.

    def _take_lease(self) -> bool:
        now = self._clock()
        SenderLease.objects.get_or_create(name=NAME, defaults={"worker": "", "leased_until": now})
        mine = SenderLease.objects.filter(name=NAME, worker=self._worker)
        free = SenderLease.objects.filter(name=NAME, leased_until__lte=now)
        fields = {"worker": self._worker, "leased_until": now + self._lease, "link": self._link}
        self._renewed_at = time.monotonic()
        return bool(mine.update(**fields) or free.update(**fields))

    def _keep_lease(self) -> bool:
        if time.monotonic() - self._renewed_at < self._lease.total_seconds() / 3:
            return True
        return self._try(self._take_lease)

    def _release(self) -> bool:
        mine = SenderLease.objects.filter(name=NAME, worker=self._worker)
        return bool(mine.update(leased_until=self._clock(), link="stopped"))

    def _try(self, work: Callable[[], bool]) -> bool:
        try:
            return work()
        except DatabaseError:
            log.exception("the SMS sender could not reach the database")
            close_old_connections()
            return False
