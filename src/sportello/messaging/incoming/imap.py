"""Fetching mails from a mailbox by IMAP: waiting with IDLE where the server offers it, else looking every few seconds.

A mail leaves the inbox only after it was kept here. What cannot be kept stays there and is tried again; the others go on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from sportello.messaging.incoming.taking import Raw

logger = logging.getLogger(__name__)

IDLE_SECONDS: Final = 240
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0


@dataclass(frozen=True)
class ImapAccount:
    """Where mails are fetched; `security` is `ssl`, `starttls` or `none`. Fetched ones go to the folder `done`."""

    host: str
    port: int = 993
    username: str = ""
    password: str = ""
    security: str = "ssl"
    folder: str = "INBOX"
    done: str = "Processed"
    timeout: float = 30.0
    period: float = 10.0

    def __repr__(self) -> str:
        return f"ImapAccount({self.username}@{self.host}:{self.port})"


Take = Callable[[Raw], object]


@contextmanager
def signed_in(account: ImapAccount) -> Iterator[BaseMailBox]:
    """Open the mailbox with its inbox selected; the folder for fetched mails is there."""
    with _mailbox(account).login(account.username, account.password, account.folder) as mailbox:
        if not mailbox.folder.exists(account.done):
            mailbox.folder.create(account.done)
        yield mailbox


def _mailbox(account: ImapAccount) -> BaseMailBox:
    if account.security == "ssl":
        return MailBox(account.host, account.port, timeout=account.timeout)
    if account.security == "starttls":
        return MailBoxStartTls(account.host, account.port, timeout=account.timeout)
    return MailBoxUnencrypted(account.host, account.port, timeout=account.timeout)


def fetch_all(mailbox: BaseMailBox, account: ImapAccount, take: Take) -> int:
    """Take every mail of the inbox, the oldest first, and put each away once it is kept; return how many there were."""
    taken = 0
    for uid in mailbox.uids("UNDELETED"):
        octets = _octets(mailbox, uid)
        if octets is None:
            continue  # somebody else took it away
        try:
            take(Raw(octets))
        except Exception:
            logger.exception("a mail of %r could not be kept: it stays in the inbox", account)
            continue
        mailbox.move([uid], account.done)
        taken += 1
    return taken


def _octets(mailbox: BaseMailBox, uid: str) -> bytes | None:
    """Return a mail as it lies there; read by hand, since a library's own reading of it may break on it."""
    _status, data = mailbox.client.uid("fetch", uid, "(BODY.PEEK[])")
    return next((bytes(each[1]) for each in data if isinstance(each, tuple)), None)


def watch(
    account: ImapAccount, take: Take, *, stop: threading.Event, heard: Callable[[str], Any] = logger.info
) -> None:
    """Fetch what comes until told to stop; after a failure anew, with growing pauses."""
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            with signed_in(account) as mailbox:
                heard(f"signed in to {account!r}")
                pause = FIRST_PAUSE
                _watch(mailbox, account, take, stop)
        except Exception as error:  # noqa: BLE001 - whatever it is, mails that come later must be taken
            logger.warning("mailbox %r: %s: %s", account, type(error).__name__, error)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _watch(mailbox: BaseMailBox, account: ImapAccount, take: Take, stop: threading.Event) -> None:
    idles = "IDLE" in mailbox.client.capabilities
    while not stop.is_set():
        fetch_all(mailbox, account, take)
        if idles:
            _wait(mailbox, stop)
        elif not stop.wait(account.period):
            mailbox.client.noop()


def _wait(mailbox: BaseMailBox, stop: threading.Event) -> None:
    """Wait for news of the server, looking every second whether to stop."""
    mailbox.idle.start()  # type: ignore[no-untyped-call]
    try:
        for _second in range(IDLE_SECONDS):
            if mailbox.idle.poll(timeout=1) or stop.is_set():
                break
    finally:
        mailbox.idle.stop()  # type: ignore[no-untyped-call]


def taker(take: Callable[..., object], clock: Callable[[], datetime]) -> Take:
    """Return what takes one mail with the clock's time and a database connection that is alive."""
    from django.db import close_old_connections

    def taken(raw: Raw) -> object:
        close_old_connections()
        return take(raw, now=clock())

    return taken
