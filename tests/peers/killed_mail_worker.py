"""A process of its own that takes mails from a real mailbox and is killed (`kill -9`) at one step after the other.

Each step in a forked child; after each kill a clean child looks again. Prints one line of JSON: what the app above got, what is left.
Arguments: data folder, IMAP port, SMTP port.
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

STEPS = ["before anything", "file written", "row written", "in the app", "app done", "handed over", "kept"]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def set_up(folder: str) -> None:
    os.environ |= {
        "SPORTELLO_DATA_FOLDER": folder,
        "SPORTELLO_MODE": "demo",
        "SPORTELLO_MAIL_IN_ADDRESS": "tickets@reply.portal.test",
    }
    os.environ |= {"DJANGO_SETTINGS_MODULE": "sportello.config.settings", "SPORTELLO_MAIL_TAKE_UNCONFIRMED": "1"}
    os.environ |= {"SPORTELLO_MAIL_MOST_PER_HOUR": "99", "SPORTELLO_LOG_LEVEL": "ERROR"}
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.apps import apps
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    connection.close()


class Receiver:
    """The app above: one row for each mail, in the transaction that it is called in."""

    def receive_mail(self, *, actor, mail, now):
        from sportello.messaging.models import ReceivedText
        from sportello.messaging.types import MailAnswer

        at("in the app")
        ReceivedText.objects.create(sender="ada", to=mail.thread[:25], text=mail.reply.own, received_at=now)
        at("app done")
        return MailAnswer(taken=True)

    def mail_failed(self, **_facts):
        raise AssertionError


STEP = ""


def at(step: str) -> None:
    if step == STEP:
        die()


def arrange_deaths() -> None:
    from sportello.messaging import types
    from sportello.messaging.incoming import keeping, taking

    types.register_mail_receiver("peer", Receiver())
    keep, hand_over = keeping.keep, taking.hand_over

    def keep_and_die(raw, fingerprint):
        at("before anything")
        path = keep(raw, fingerprint)
        at("file written")
        return path

    def hand_over_and_die(mail_id, *, now):
        at("row written")
        state = hand_over(mail_id, now=now)
        at("handed over")
        return state

    keeping.keep, taking.hand_over = keep_and_die, hand_over_and_die


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

    account = ImapAccount("127.0.0.1", port, "tickets@reply.portal.test", "secret", security="none")

    def take_one(raw):
        mail = take(raw, now=datetime.now(UTC))
        at("kept")
        return mail

    hand_over_mails.func()
    with signed_in(account) as mailbox:
        fetch_all(mailbox, account, take_one)


def post(port: int, step: str) -> None:
    from sportello.messaging.incoming import addresses

    to = addresses.reply_address("peer:1", "ada@cliente.test")
    text = (
        f"From: ada@cliente.test\nTo: {to}\nSubject: x\nMessage-ID: <{step.replace(' ', '-')}@cliente.test>\n\n{step}\n"
    )
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail("ada@cliente.test", [to], text)


def wait_for_mail(folder: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and not [*folder.rglob("new/*")]:
        time.sleep(0.02)


def main() -> None:
    global STEP  # noqa: PLW0603
    folder, imap, smtp = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    set_up(folder)
    arrange_deaths()
    from django.db import connection

    from sportello.messaging.incoming import addresses
    from sportello.messaging.models import ReceivedMail, ReceivedText, ReplyAddress

    ReplyAddress.objects.create(
        thread="peer:1",
        recipient="ada@cliente.test",
        token_hash=addresses.reply_hash("peer:1", "ada@cliente.test"),
        made_at=datetime.now(UTC),
    )
    connection.close()
    signals = []
    for step in STEPS:
        post(smtp, step)
        wait_for_mail(Path(sys.argv[4]))
        STEP = step
        signals.append(in_child(lambda: look(imap)))
        STEP = ""
        assert in_child(lambda: look(imap)) == 0
    sys.stdout.write(
        json.dumps({
            "killed": signals,
            "texts": list(ReceivedText.objects.order_by("id").values_list("text", flat=True)),
            "states": sorted(ReceivedMail.objects.values_list("state", flat=True)),
            "inbox": sum(1 for name in ("new", "cur") for _file in (Path(sys.argv[4]) / name).glob("*")),
        })
    )  # fmt: skip


if __name__ == "__main__":
    main()
