"""`sportello network_simulator`: the demo's network, a server of its own."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sportello.network.connector.simulator import NetworkSimulator


class Command(BaseCommand):
    """Serve TMF702 where the settings expect the network, keeping what it knows in the data folder."""

    requires_system_checks = ()
    help = "Serve a simulated network where SPORTELLO_NETWORK_URL points."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how late a late answer is."""
        parser.add_argument("--late", type=int, default=30, help="seconds after which a late answer comes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped."""
        where = urlsplit(settings.SPORTELLO["NETWORK_URL"])
        if not where.hostname or not where.port:
            msg = "SPORTELLO_NETWORK_URL says where to listen, such as http://127.0.0.1:8702"
            raise CommandError(msg)
        path = settings.SPORTELLO["DATA_FOLDER"] / "network-simulator.json"
        simulator = NetworkSimulator(host=where.hostname, port=where.port, path=path, late_pause=options["late"])
        self.stdout.write(f"network simulator at {simulator.url}")
        simulator.serve()
