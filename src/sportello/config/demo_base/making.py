"""Make the whole demo base, step by step, each told when it is done."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.utils import timezone

from sportello.config.demo_base.bills import make_bills
from sportello.config.demo_base.building import Recipe
from sportello.config.demo_base.daily_work import manage_people_and_lines
from sportello.config.demo_base.dual_billing import bill_employees, enrol
from sportello.config.demo_base.orders import make_orders
from sportello.config.demo_base.received import receive_mails, tell_of_tickets
from sportello.config.demo_base.scale import REFERENCE
from sportello.config.demo_base.storing import REASON, store
from sportello.config.demo_base.tickets import make_tickets
from sportello.config.demo_base.traffic import ROME
from sportello.config.demo_base.usage_history import (
    WATCHED_MONTHS,
    UsageFile,
    faulty_files,
    files_of_days,
    months_of,
    whole_files,
)
from sportello.config.demo_base.watching import go_abroad, let_the_network_answer, set_thresholds
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.calendar import month_bounds
from sportello.messaging.channels import choice
from sportello.messaging.delivery import mail, simulated
from sportello.messaging.queries import due_emails, next_due_at
from sportello.thresholds.operations import turn_periods
from sportello.usage.operations import Taken, load_file

MOST_MAILS = 1_000


class LoadFailed(Exception):
    """Say that a generated usage file was not taken as it should be: a defect of the generator or of the load."""


def steps(recipe: Recipe, *, months: int) -> Iterator[str]:
    """Take the steps and say after each what is there now. Raises `WrongState` when there are organisations already."""
    rows = store(recipe)
    yield f"{rows['Organisation']} organisations, {rows['Person']} people, {rows['Line']} lines"
    yield f"{enrol(recipe.now)} lines with dual billing"
    folder: Path = settings.SPORTELLO["DATA_FOLDER"]
    with TemporaryDirectory(prefix="demo-usage-", dir=folder) as scratch:
        yield from _usage_and_thresholds(recipe, months_of(recipe.now, months), Path(scratch))
        yield _faulty(recipe, Path(scratch))
        yield _barred(recipe, Path(scratch))
    yield from make_bills(recipe)
    yield f"{bill_employees(months_of(recipe.now, months), recipe.now)} bills of employees"
    manage_people_and_lines(recipe.now)
    yield "people invited, lines moved"
    yield from make_orders(recipe.now)
    yield from make_tickets(recipe.now)
    tell_of_tickets()
    yield deliver(timezone.now())
    yield from receive_mails(recipe.now)


def _usage_and_thresholds(recipe: Recipe, months: list[date], folder: Path) -> Iterator[str]:
    suffix = ".parquet" if recipe.scale is REFERENCE else ".csv"
    for file in whole_files(recipe, months[:-WATCHED_MONTHS], folder, suffix=suffix):
        yield _taken(file)
    watched = months[-WATCHED_MONTHS:]
    # Early in the month before this one, so that there are passed steps even when the demo is made on the first of a month.
    first_morning = month_bounds(watched[0], ROME)[0] + timedelta(hours=9)
    yield f"{set_thresholds(min(first_morning, recipe.now))} thresholds set"
    for month in watched:
        for file in files_of_days(recipe, month, folder, suffix=suffix):
            yield _taken(file)
            yield deliver(file.came_at)


def _taken(file: UsageFile) -> str:
    taken = _load(file)
    if taken.refused or taken.load.rejected:
        raise LoadFailed(f"{file.path.name}: {taken.load.rejected} rows rejected, {taken.load.reasons}")
    file.path.unlink()
    return f"{file.path.name}: {taken.load.loaded} records loaded in {taken.milliseconds} ms"


def deliver(until: datetime) -> str:
    """Bring out what was written up to an instant, each at the time it was due, as the worker would have; in a simulator alone.

    A text that came in the quiet hours of its reader was due in the morning: brought days later, it would have failed as too late.
    """
    if not (choice.sms_is_simulated() and choice.mail_is_simulated()):
        return "messages wait for a worker"
    parts = mails = 0
    while (at := next_due_at(until=until)) is not None:
        parts += simulated.deliver_texts(now=at)
        for message_id in (due := due_emails(now=at, most=MOST_MAILS)):
            mail.deliver(message_id, mailer=simulated.mailer(now=at), now=at)
        mails += len(due)
    return f"{parts} texts and {mails} mails delivered"


def _faulty(recipe: Recipe, folder: Path) -> str:
    taken = [_load(UsageFile(path, recipe.now)) for path in faulty_files(folder, recipe.now)]
    rejected, refused = sum(each.load.rejected for each in taken), sum(each.refused for each in taken)
    return f"{rejected} rows rejected, {refused} file refused (as they should be)"


def _barred(recipe: Recipe, folder: Path) -> str:
    """Begin the present periods, let somebody go abroad beyond the safeguard, and let the network answer what it was asked."""
    system = system_actor(reason=REASON, via=Via.COMMAND)
    while turn_periods(actor=system, now=recipe.now):
        pass
    abroad = go_abroad(recipe.now, folder)
    if abroad is not None:
        _taken(UsageFile(abroad, recipe.now))
    return let_the_network_answer(recipe.now)


def _load(file: UsageFile) -> Taken:
    actor = system_actor(reason=REASON, via=Via.COMMAND)
    return load_file(actor=actor, path=file.path, now=file.came_at)
