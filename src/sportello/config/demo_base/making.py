"""Make the whole demo base, step by step, each told when it is done."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from sportello.config.demo_base.building import Recipe
from sportello.config.demo_base.daily_work import manage_people_and_lines
from sportello.config.demo_base.scale import REFERENCE
from sportello.config.demo_base.storing import REASON, store
from sportello.config.demo_base.traffic import ROME
from sportello.config.demo_base.usage_history import UsageFile, faulty_files, past_files, present_files
from sportello.config.demo_base.watching import set_thresholds
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.calendar import local_month, month_bounds
from sportello.usage.operations.loading import Taken, load_file


class LoadFailed(Exception):
    """Say that a generated usage file was not taken as it should be: a defect of the generator or of the load."""


def steps(recipe: Recipe, *, months: int) -> Iterator[str]:
    """Take the steps and say after each what is there now. Raises `WrongState` when there are organisations already."""
    rows = store(recipe)
    yield f"{rows['Organisation']} organisations, {rows['Person']} people, {rows['Line']} lines"
    suffix = ".parquet" if recipe.scale is REFERENCE else ".csv"
    folder: Path = settings.SPORTELLO["DATA_FOLDER"]
    with TemporaryDirectory(prefix="demo-usage-", dir=folder) as scratch:
        yield from _loads(past_files(recipe, months, Path(scratch), suffix=suffix))
        begin = month_bounds(local_month(recipe.now, ROME), ROME)[0]
        count = set_thresholds(min(begin + timedelta(hours=9), recipe.now))
        yield f"{count} thresholds set"
        yield from _loads(present_files(recipe, Path(scratch), suffix=suffix))
        yield _faulty(recipe, Path(scratch))
    manage_people_and_lines(recipe.now)
    yield "people invited, lines moved"


def _loads(files: Iterator[UsageFile]) -> Iterator[str]:
    for file in files:
        taken = _load(file)
        if taken.refused or taken.load.rejected:
            raise LoadFailed(f"{file.path.name}: {taken.load.rejected} rows rejected, {taken.load.reasons}")
        file.path.unlink()
        yield f"{file.path.name}: {taken.load.loaded} records loaded in {taken.milliseconds} ms"


def _faulty(recipe: Recipe, folder: Path) -> str:
    taken = [_load(UsageFile(path, recipe.now)) for path in faulty_files(folder, recipe.now)]
    rejected, refused = sum(each.load.rejected for each in taken), sum(each.refused for each in taken)
    return f"{rejected} rows rejected, {refused} file refused (as they should be)"


def _load(file: UsageFile) -> Taken:
    actor = system_actor(reason=REASON, via=Via.COMMAND)
    return load_file(actor=actor, path=file.path, now=file.came_at)
