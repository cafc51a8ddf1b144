"""`sportello mail`: take the mails that come in, from a mailbox (IMAP) or straight from the mail server (LMTP)."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sportello.messaging.incoming import choice
from sportello.messaging.incoming.imap import taker, watch
from sportello.messaging.incoming.lmtp import LmtpServer
from sportello.messaging.incoming.taking import take


class Command(BaseCommand):
    """Take mails until Ctrl-C or SIGTERM; a second process does no harm, each mail is taken once."""

    requires_system_checks = ()
    help = "Take the mails that come in: answers to tickets, failures, automatic replies."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        try:
            account, place = choice.imap_account(), choice.lmtp_place()
        except ValueError as error:
            raise CommandError(f"mail settings: {error}") from error
        if account is None and place is None:
            raise CommandError(
                "No mail comes in: name a mailbox in SPORTELLO_MAIL_IMAP_HOST or an address to listen on in "
                "SPORTELLO_MAIL_LMTP_LISTEN, and the reply address in SPORTELLO_MAIL_IN_ADDRESS."
            )
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        taken = taker(take, timezone.now)
        server = None
        if place is not None:
            server = LmtpServer(taken, host=place[0], port=place[1], most_octets=choice.most_octets())
            server.start()
            self.stdout.write(f"LMTP on {place[0]}:{place[1]}")
        if account is not None:
            self.stdout.write(f"mailbox {account!r}")
            watch(account, taken, stop=stop)
        else:
            stop.wait()
        if server is not None:
            server.stop()
