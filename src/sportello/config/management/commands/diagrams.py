"""`sportello diagrams`: draw the state diagrams into the apps' READMEs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from sportello.config.diagrams import PACKAGE, write


class Command(BaseCommand):
    """Draw the state diagrams of every app into its README."""

    requires_system_checks = ()
    help = "Draw the state diagrams into the apps' READMEs (for developers)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, and say what changed."""
        for states in sorted(PACKAGE.glob("*/states.py")):
            if write(states.parent.name):
                self.stdout.write(f"drew {states.parent.name}")
