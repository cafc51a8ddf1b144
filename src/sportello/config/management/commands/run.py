"""`sportello run`: the whole portal in one process group (web, worker, scheduler)."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from sportello.config import environment as env
from sportello.config import processes
from sportello.config.demo_base import logins
from sportello.parties.models import Organisation


class Command(BaseCommand):
    """Run web, worker and scheduler; Ctrl-C or SIGTERM stops all cleanly."""

    requires_system_checks = ()
    help = "Run the whole portal: web, worker and scheduler in one process group. Ctrl-C stops all cleanly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address and the sizes."""
        add_sizes(parser)
        parser.add_argument(
            "--only", choices=["web"], help="only the web server (workers run elsewhere: `sportello worker`)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare and run."""
        if settings.TEST:
            msg = "SPORTELLO_MODE=test is for the tests alone: its keys are public"
            raise CommandError(msg)
        refuse_taken_port(options["listen"])
        prepare(self)
        connections.close_all()
        group = [processes.web(options["listen"], workers=options["web_workers"], threads=options["web_threads"])]
        if options["only"] != "web":
            group += [processes.worker(threads=options["threads"]), *processes.sms_link(), *processes.mail_in()]
        say = processes.line(sys.stdout)

        def started() -> None:
            say(f"Sportello is at {settings.PUBLIC_URL} (listening on {options['listen']}). Ctrl-C stops it.")

        sys.exit(processes.run_group(group, say=say, listen=options["listen"], started=started))


def add_sizes(parser: ArgumentParser) -> None:
    """Add the arguments that `run` and `demo` share."""
    parser.add_argument("--listen", default=env.text("LISTEN", "127.0.0.1:8000"), help="address:port of the web server")
    parser.add_argument("--web-workers", type=int, default=env.number("WEB_WORKERS", 2))
    parser.add_argument("--web-threads", type=int, default=env.number("WEB_THREADS", 8))
    parser.add_argument(
        "--threads", type=int, default=env.number("WORKER_THREADS", 3), help="job threads of the worker"
    )


def prepare(command: BaseCommand) -> None:
    """Bring the database and the static files up to date."""
    if settings.DEMO:
        _refuse_installation()
    call_command("migrate", interactive=False, verbosity=0)
    if settings.MODE == "production":
        call_command("collectstatic", interactive=False, verbosity=0)
    for folder in ("USAGE_DROP_FOLDER", "BILL_DROP_FOLDER"):
        settings.SPORTELLO[folder].mkdir(parents=True, exist_ok=True)
    command.stdout.write(f"data folder: {settings.DATA_FOLDER}")


def refuse_taken_port(listen: str) -> None:
    """Stop with a clear sentence when something else listens there."""
    if not processes.port_is_free(listen):
        msg = f"{listen} is taken by another program: stop it, or choose another address with --listen (or SPORTELLO_LISTEN)"
        raise CommandError(msg)
    os.environ.setdefault("SPORTELLO_LISTEN", listen)


def _refuse_installation() -> None:
    """Stop the demo before a database that it did not make: it shows every code to everybody, and asks staff for no authenticator."""
    made_here = (settings.DATA_FOLDER / logins.FILE_NAME).exists()
    if made_here or Organisation._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - its documented name
        return
    if Organisation.objects.across_tenants(reason="whose database this is").exists():
        msg = (
            "this database holds an installation, not a demo base: "
            "start the demo with a SPORTELLO_DATA_FOLDER of its own and without DATABASE_URL"
        )
        raise CommandError(msg)
