"""`sportello operator invite`: a one-time link for an administrator of the operator, such as the first one of an installation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sportello.accounts import operations, queries
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.refusals import Refusal


class Command(BaseCommand):
    """Print the link with which an administrator of the operator comes in for the first time."""

    requires_system_checks = ()
    help = "Make an administrator of the operator and print a link, good once, to set the password and an authenticator app."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who it is."""
        parser.add_argument("action", choices=["invite"])
        for word in ("username", "email", "given-name", "family-name"):
            parser.add_argument(f"--{word}", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the link; a refusal ends with its sentence and code 1."""
        names = ("username", "email", "given_name", "family_name")
        try:
            link = operations.invite_operator(
                actor=system_actor(reason="sportello operator invite", via=Via.COMMAND),
                **{name: options[name] for name in names},
                now=queries.database_now(),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        days = settings.SPORTELLO["INVITATION_LIFETIME"].days
        self.stdout.write(f"Open this link within {days} days; it is good once:\n\n  {link}\n")
