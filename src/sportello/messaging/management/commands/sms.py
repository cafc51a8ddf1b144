"""`sportello sms`: keep the session with the SMS centre and send what is due."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sportello.messaging.channels import choice
from sportello.messaging.channels.sms.smpp import SmppTransport
from sportello.messaging.channels.sms.types import Sender as SmsSender
from sportello.messaging.sender import Sender


class Command(BaseCommand):
    """Hold the bind until Ctrl-C or SIGTERM; a second process stands by."""

    requires_system_checks = ()
    help = "Keep the SMPP session with the SMS centre: send what is due, store answers and receipts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        if choice.sms_is_simulated():
            raise CommandError("Texts go to the simulator's phones here: there is no session to keep.")
        try:
            account = choice.smpp_account()
            SmsSender.of(settings.SPORTELLO["SMS_SENDER"])
        except ValueError as error:
            raise CommandError(f"SMS settings: {error}") from error
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"SMS sender for {account!r}")
        Sender(lambda: SmppTransport(account), window=account.window).run(stop)
