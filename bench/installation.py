"""The installation that is measured: the reference base of the demo's generator, and usage files drawn for its lines.

Base and files are the same for the same seed and month; they are made once and kept in the bench's folder.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = 1
FACTS = "bench-base.json"


def configure(folder: Path) -> None:
    """Point Django at the bench's own installation: SQLite in its folder, or `DATABASE_URL`."""
    os.environ |= environment(folder)
    import django

    django.setup()


def environment(folder: Path) -> dict[str, str]:
    """Return the settings of the measured installation, for this process and the commands it starts."""
    return {
        "SPORTELLO_MODE": "demo",
        "SPORTELLO_DATA_FOLDER": str(folder),
        "SPORTELLO_USAGE_FOLDER": str(folder / "usage"),
        "SPORTELLO_USAGE_DROP_FOLDER": str(folder / "drop"),
        "DJANGO_SETTINGS_MODULE": "sportello.config.settings",
        "SPORTELLO_INSECURE_HTTP": "1",
    }


def made_base(folder: Path, scale: str) -> dict[str, str]:
    """Make the base unless it is there, and bring its tables up to date; return its facts. Nothing of it is measured."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    facts = folder / FACTS
    if facts.exists():
        return dict(json.loads(facts.read_text()))
    from sportello.config.demo_base.building import Recipe
    from sportello.config.demo_base.scale import SCALES
    from sportello.config.demo_base.storing import store

    begun, now = time.monotonic(), datetime.now(UTC)
    rows = store(Recipe(SCALES[scale], SEED, now))
    made = {
        "scale": scale,
        "lines": str(rows["Line"]),
        "people": str(rows["Person"]),
        "month": f"{_month(now):%Y-%m-%d}",
    }
    facts.write_text(json.dumps({**made, "made_in_s": f"{time.monotonic() - begun:.0f}"}))
    return made_base(folder, scale)


def _month(now: datetime) -> datetime:
    """Return the first day of the last whole month."""
    return (now.replace(day=1) - timedelta(days=3)).replace(day=1)


def usage_file(folder: Path, facts: dict[str, str], rows: int, *, seed: int, suffix: str = ".csv") -> Path:
    """Return a usage file of about so many rows over a whole month of all lines, drawn unless it is there."""
    path = folder / "files" / f"usage-{rows}-{seed}{suffix}"
    if path.with_name(path.name + ".manifest.json").exists():
        return path
    from sportello.config.demo_base.traffic import Order, drawn_month, holders

    month = datetime.fromisoformat(facts["month"]).date()
    order = Order(month, rows, datetime.now(UTC), seed)
    with drawn_month(order, holders(), folder / "scratch") as drawn:
        drawn.write(path)
    return path
