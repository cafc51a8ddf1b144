"""Processes of their own that make an installation or load its drop folder, and can be told where to die by -9.

`python -m sportello.usage.tests.loading_process '[{"folder": "…", "do": ["load"], "die_at": ["module", "name", true]}, …]'`: each task is
forked off from a process that has imported everything and opened nothing; the answers are printed as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any


def die(*_arguments: Any, **_options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(module: str, name: str, after: bool) -> None:
    """Have this process die when it comes to a function, or to its end."""
    holder: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for step in path:
        holder = getattr(holder, step)
    real = getattr(holder, last)

    def die_after(*arguments: Any, **options: Any) -> None:
        real(*arguments, **options)
        die()

    setattr(holder, last, die_after if after else die)


def make() -> None:
    """Make an installation with two customers and a line each."""
    from django.core.management import call_command

    from sportello.kernel.testing import arrange
    from sportello.parties.models import Organisation
    from sportello.parties.states import OrganisationKind
    from sportello.usage.tests.factories import new_line

    call_command("migrate", interactive=False, verbosity=0)
    for code, number in (("A", "+393200000001"), ("B", "+34600000002")):
        with arrange():
            customer = Organisation.objects.create(kind=OrganisationKind.CUSTOMER, code=code, legal_name=code)
        new_line(customer, number)


def load() -> None:
    from sportello.kernel.actor import system_actor
    from sportello.usage import operations
    from sportello.usage.tests.factories import NOW

    operations.take_dropped(actor=system_actor(reason="a load that may be killed"), now=NOW)


def totals() -> dict[str, Any]:
    """Return all sums that a load writes, the records behind them, and what the files came to."""
    from sportello.inventory.models import LinePeriod
    from sportello.kernel.actor import system_actor
    from sportello.usage import queries
    from sportello.usage.models import Counter, CustomerMonth, LineMonth, UsageLoad
    from sportello.usage.tests.factories import NOW

    system = system_actor(reason="looking at the totals")
    found: dict[str, Any] = {}
    for model, key in ((Counter, "line__number"), (LineMonth, "line__number"), (CustomerMonth, "organisation__code")):
        rows = (
            model.objects.for_(system).order_by(key, "month", "amount").values_list(key, "month", "records", "amount")
        )
        found[model.__name__] = [[str(value) for value in row] for row in rows]
    periods = LinePeriod.objects.for_(system).values_list("pk", flat=True)
    stored = queries.store().totals(queries.parts_listed(), list(periods), NOW - timedelta(days=90), NOW)
    found["store"] = [stored.records, stored.amount_e5]
    found["loads"] = sorted(UsageLoad.objects.values_list("file_name", "state", "loaded", "duplicates", "rejected"))
    return json.loads(json.dumps(found))


def in_child(task: dict[str, Any], answer: Path) -> None:
    """Do a task in the installation of its folder (or in the database of the environment)."""
    from django.conf import settings
    from django.db import connection

    folder = Path(task["folder"])
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = str(folder / "sportello.sqlite3")
    names = {"DATA_FOLDER": "", "USAGE_FOLDER": "usage", "USAGE_DROP_FOLDER": "drop"}
    settings.SPORTELLO.update({name: folder / inside for name, inside in names.items()})
    if task.get("die_at"):
        die_at(*task["die_at"])
    steps = {"make": make, "load": load, "totals": totals}
    answer.write_text(json.dumps([steps[step]() for step in task["do"]][-1]))


def done(task: dict[str, Any]) -> Any:
    """Do a task in a child, and copy its folder if told; return its answer, or the number of the signal that killed it."""
    answer = Path(task["folder"]) / "answer.json"
    child = os.fork()
    if not child:
        try:
            in_child(task, answer)
        except BaseException:  # noqa: BLE001 - it is printed, and the parent tells
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    for copy in task.get("copies", ()):
        shutil.copytree(task["folder"], copy)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    return json.loads(answer.read_text()) if not os.WEXITSTATUS(status) else "failed"


if __name__ == "__main__":
    import django

    django.setup()
    import sportello.usage.tasks
    import sportello.usage.tests.factories  # noqa: F401 - before the forks, once

    sys.stdout.write(json.dumps([done(task) for task in json.loads(sys.argv[1])]))
