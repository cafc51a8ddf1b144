"""`sportello demo`: the portal with its demo base and simulators, at one address, nothing else needed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from sportello.config import processes
from sportello.config.demo_base.half_made import clear_half_made
from sportello.config.health import has_schemas
from sportello.config.management.commands.run import add_sizes, prepare, refuse_taken_port
from sportello.kernel.refusals import Refusal
from sportello.parties.models import Organisation


class Command(BaseCommand):
    """Make the demo base if there is none and run everything, with the phone-and-mailbox simulator."""

    requires_system_checks = ()
    help = "Start the portal with its demo base and the phone-and-mailbox simulator. Ctrl-C stops all cleanly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address, the sizes, the scale and the seed of the demo base."""
        add_sizes(parser)
        parser.add_argument("--scale", choices=["small", "reference"], default="small")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, generate, run."""
        if not settings.DEMO:
            msg = "the demo runs in demo mode only: unset SPORTELLO_MODE"
            raise CommandError(msg)
        refuse_taken_port(options["listen"])
        processes.place_network()
        self._clear()
        prepare(self)
        if not Organisation.objects.across_tenants(reason="is there a demo base").exists():
            self.stdout.write("making the demo base …")
            call_command("demo_base", scale=options["scale"], seed=options["seed"])
        connections.close_all()
        say = processes.line(sys.stdout)
        address = f"http://{options['listen']}"

        def started() -> None:
            say(
                f"\n  Sportello demo: {address}/\n"
                f"  The sign-in page lists a login for every profile. Codes arrive in the phone simulator: {address}/simulator/\n"
                f"  Drop usage files (with their manifest) into {settings.SPORTELLO['USAGE_DROP_FOLDER']}\n"
                f"{missing()}"
                "  Ctrl-C stops everything.\n"
            )

        group = [
            processes.network_simulator(),  # first: the worker asks it as soon as it is up
            processes.web(options["listen"], workers=1, threads=options["web_threads"]),
            processes.worker(threads=options["threads"]),
        ]
        sys.exit(processes.run_group(group, say=say, listen=options["listen"], started=started))

    def _clear(self) -> None:
        """Make way where a base was broken off half-way."""
        try:
            said = clear_half_made()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if said:
            self.stdout.write(said)


def missing() -> str:
    """Say what of the demo cannot be tried on this machine, and how it can; nothing when all is there."""
    if has_schemas():
        return ""
    return (
        "  Missing: the official FatturaPA schemas (XSD files), so bills handed in are refused. All else works.\n"
        "  To try them: put the files into a folder and start with SPORTELLO_FATTURAPA_SCHEMAS=<that folder>.\n"
    )
