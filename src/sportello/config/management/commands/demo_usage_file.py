"""`sportello demo-usage-file`: a valid usage file in the drop folder, for trying out."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sportello.config.demo_base.usage_file import Wish, holder_at, line_of, write_usage_file
from sportello.kernel.money import parse_amount
from sportello.kernel.phones import normalise
from sportello.kernel.refusals import InvalidInput

DEFAULT_PERSON = "bo.employee"


class Command(BaseCommand):
    """Write a usage file with its manifest into the drop folder; the running portal takes it within seconds."""

    requires_system_checks = ()
    help = "Write a valid usage file with its manifest into the drop folder, for trying out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the number, the amount and the kind of traffic."""
        parser.add_argument("--number", help=f"the line, as +39…; without it, the line of {DEFAULT_PERSON}")
        parser.add_argument("--amount", default="5.00", help="EUR net of VAT, in all (5.00)")
        parser.add_argument("--records", type=int, default=1, help="by how many records it is shared (1)")
        parser.add_argument("--type", choices=["voice", "sms", "mms", "data"], default="voice")
        parser.add_argument("--personal", action="store_true", help="as personal traffic of dual billing")
        parser.add_argument("--folder", type=Path, default=settings.SPORTELLO["USAGE_DROP_FOLDER"])
        parser.add_argument("--anyway", action="store_true", help="also for a number that nobody holds: it is rejected")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check what was asked for and write it."""
        now = timezone.now()
        wish = _wish(options)
        holder = holder_at(wish.number, now)
        if holder is None and not options["anyway"]:
            msg = f"nobody holds {wish.number} now; add --anyway to see how such a record is rejected"
            raise CommandError(msg)
        path = write_usage_file(options["folder"], wish, now=now)
        whose = holder.organisation.legal_name if holder else "nobody"
        self.stdout.write(f"{path}\n{wish.records} record(s) of {wish.number} ({whose}), {wish.amount} EUR in all")


def _wish(options: dict[str, Any]) -> Wish:
    number = options["number"] or line_of(DEFAULT_PERSON)
    if number is None:
        msg = f"there is no {DEFAULT_PERSON} here: name a line with --number"
        raise CommandError(msg)
    if options["records"] < 1:
        msg = "--records is 1 or more"
        raise CommandError(msg)
    try:
        number, amount = normalise(number), parse_amount(options["amount"], "en")
    except InvalidInput as refusal:
        raise CommandError(str(refusal)) from refusal
    if amount < 0:
        msg = "--amount is 0 or more: only a correction is negative"
        raise CommandError(msg)
    return Wish(number, amount, options["type"], options["records"], personal=options["personal"])
