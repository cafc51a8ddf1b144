"""A process of its own that takes mails from a real mailbox into tickets and is killed (`kill -9`) at one step after the other.

Each step in a forked child; after each kill a clean child looks again. Prints one line of JSON: what the ticket got, what is left.
Arguments: data folder (with the database of a ticket in it), the ticket, its recipient's address, IMAP port, SMTP port, mailbox folder.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OURS = "tickets@reply.portal.test"
STEPS = [
    "fetched", "file written", "row written", "handed over", "entry written", "settled", "kept", "copied", "put away",
]  # fmt: skip


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def set_up(folder: str) -> None:
    os.environ |= {
        "SPORTELLO_DATA_FOLDER": folder,
        "SPORTELLO_MODE": "demo",
        "SPORTELLO_MAIL_IN_ADDRESS": OURS,
        "DJANGO_SETTINGS_MODULE": "sportello.config.settings",
        "SPORTELLO_MAIL_TAKE_UNCONFIRMED": "1",
        "SPORTELLO_MAIL_MOST_PER_HOUR": "99",
        "SPORTELLO_LOG_LEVEL": "ERROR",
    }
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()


STEP = ""


def at(step: str) -> None:
    if step and step == STEP:
        die()


def dying(work: Callable[..., Any], before: str, after: str = "") -> Callable[..., Any]:
    """Return the same work with a death before it or after it, when its step has come."""

    def done(*args: Any, **named: Any) -> Any:
        at(before)
        answer = work(*args, **named)
        at(after)
        return answer

    return done


def arrange_deaths() -> None:
    from imap_tools import BaseMailBox

    from sportello.messaging.incoming import keeping, taking
    from sportello.tickets import receiving

    keeping.keep = dying(keeping.keep, "fetched", "file written")
    taking.hand_over = dying(taking.hand_over, "row written", "settled")
    receiving.write = dying(receiving.write, "handed over", "entry written")
    setattr(BaseMailBox, "move", dying(BaseMailBox.move, "kept", "put away"))  # noqa: B010 - a method of theirs
    setattr(BaseMailBox, "delete", dying(BaseMailBox.delete, "copied"))  # noqa: B010


def in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the child ends here whatever happens
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def look(port: int) -> None:
    """Do what the process does at each look: what was left first, then the mailbox."""
    from sportello.messaging.incoming.imap import ImapAccount, fetch_all, signed_in
    from sportello.messaging.incoming.taking import take
    from sportello.messaging.tasks import hand_over_mails

    account = ImapAccount("127.0.0.1", port, OURS, "secret", security="none")
    hand_over_mails.func()
    with signed_in(account) as mailbox:
        fetch_all(mailbox, account, lambda raw: take(raw, now=datetime.now(UTC)))


def post(port: int, step: str, sender: str, to: str) -> None:
    number = step.replace(" ", "-")
    text = f"From: {sender}\nTo: {to}\nSubject: x\nMessage-ID: <{number}@cliente.test>\n\n{step}\n"
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail(sender, [to], text)


def wait_for_mail(folder: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and not [*folder.rglob("new/*")]:
        time.sleep(0.02)


def reply_address(thread: str, recipient: str) -> str:
    """Put the reply address of a recipient on record, as the mail of the ticket that went out did."""
    from sportello.messaging.incoming import addresses
    from sportello.messaging.models import ReplyAddress

    token = addresses.reply_hash(thread, recipient)
    ReplyAddress.objects.create(thread=thread, recipient=recipient, token_hash=token, made_at=datetime.now(UTC))
    return addresses.reply_address(thread, recipient)


def found(ticket: int, mailbox: Path) -> dict[str, Any]:
    """Return what is there at the end: the entries, the proof of the ticket's chain, the mails on record and in the mailbox."""
    from sportello.messaging.models import ReceivedMail
    from sportello.tickets import queries
    from sportello.tickets.models import Interaction

    entries = Interaction.objects.across_tenants(reason="a test").filter(
        ticket_id=ticket, channel="mail", kind="message"
    )
    return {
        "texts": list(entries.order_by("sequence").values_list("text", flat=True)),
        "wrong": len(list(queries.walk())),
        "states": sorted(ReceivedMail.objects.values_list("state", flat=True)),
        "inbox": sum(1 for name in ("new", "cur") for _file in (mailbox / name).glob("*")),
    }


def main() -> None:
    global STEP  # noqa: PLW0603
    folder, ticket, sender, imap, smtp, mailbox = sys.argv[1:]
    set_up(folder)
    arrange_deaths()
    from django.db import connection

    to = reply_address(f"ticket:{ticket}", sender)
    connection.close()
    signals = []
    for step in STEPS:
        post(int(smtp), step, sender, to)
        wait_for_mail(Path(mailbox))
        STEP = step
        signals.append(in_child(lambda: look(int(imap))))
        STEP = ""
        assert in_child(lambda: look(int(imap))) == 0
    sys.stdout.write(json.dumps({"killed": signals, **found(int(ticket), Path(mailbox))}))


if __name__ == "__main__":
    main()
