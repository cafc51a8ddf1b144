"""`sportello demo-base`: an invented customer base, the same for the same seed."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sportello.config.demo_base.building import Recipe
from sportello.config.demo_base.half_made import in_the_making
from sportello.config.demo_base.making import steps
from sportello.config.demo_base.scale import SCALES
from sportello.kernel.refusals import Refusal


class Command(BaseCommand):
    """Make the demo base in an empty installation and say how long each step took."""

    requires_system_checks = ()
    help = "Make the demo base (organisations, people, lines, usage, thresholds) in an empty installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scale, the seed and the months of usage."""
        parser.add_argument("--scale", choices=sorted(SCALES), default="small")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--months", type=int, help="months of usage, the running one included (12; reference: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the steps one after the other."""
        if not (settings.SPORTELLO["DEMO"] or settings.TEST):
            msg = "a demo base is made in demo mode only: SPORTELLO_MODE=demo"
            raise CommandError(msg)
        scale = SCALES[options["scale"]]
        months = options["months"] if options["months"] is not None else scale.usage_months
        if months < 1:
            msg = "--months is 1 or more"
            raise CommandError(msg)
        try:
            with in_the_making():
                self._make(Recipe(scale, options["seed"], timezone.now()), months)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _make(self, recipe: Recipe, months: int) -> None:
        began = time.monotonic()
        for said in steps(recipe, months=months):
            self.stdout.write(f"  {time.monotonic() - began:6.1f} s  {said}")
