"""What is well and what is not: the facts behind `sportello check`, its page, and the readiness address."""

from __future__ import annotations

import enum
import platform
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import sportello
from sportello.kernel.models import Event, Job, JobState

QUEUE_WARN, QUEUE_BAD = timedelta(minutes=1), timedelta(minutes=10)
DISK_WARN, DISK_BAD = 2 * 2**30, 200 * 2**20
CLOCK_WARN = timedelta(seconds=2)
FAILED_WITHIN = timedelta(days=1)
OTHERS = stat.S_IRWXO
"""The rights of every user of the machine."""


class Wellness(enum.StrEnum):
    """How a thing is."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its name, how it is, a sentence that says what to do when it is not well, and what was measured."""

    name: str | Promise
    wellness: Wellness
    sentence: str
    measured: Mapping[str, int | float] = field(default_factory=dict)

    def facts(self) -> dict[str, str | int | float]:
        """Return the finding for programs: numbers are numbers, times are seconds."""
        return {"name": str(self.name), "state": self.wellness.value, "sentence": self.sentence, **self.measured}


def look(*, now: datetime) -> list[Finding]:
    """Look at everything; a look that fails is itself a bad finding."""
    looks: list[tuple[str | Promise, Callable[[datetime], Finding]]] = [
        (gettext_lazy("Database"), _database),
        (gettext_lazy("Background jobs"), _queue),
        (gettext_lazy("Failed jobs"), _failed_jobs),
        (gettext_lazy("Events"), _events),
        (gettext_lazy("Disk"), _disk),
        (gettext_lazy("Data folder"), _privacy),
        (gettext_lazy("Clock"), _clock),
        (gettext_lazy("Drop folder"), _drop_folder),
        (gettext_lazy("Messages"), _messages),
        (gettext_lazy("Bills"), _bills),
        (gettext_lazy("Versions"), _versions),
    ]
    return [_safely(name, one, now) for name, one in looks]


def is_ready() -> bool:
    """Tell whether this process can serve: the database answers and its tables are those of this version."""
    try:
        return not _unapplied()
    except DatabaseError:
        return False


def _safely(name: str | Promise, one: Callable[[datetime], Finding], now: datetime) -> Finding:
    try:
        found = one(now)
    except Exception as error:  # noqa: BLE001 - a look that fails is what the operator must see
        return Finding(name, Wellness.BAD, f"{type(error).__name__}: {error}"[:300])
    return replace(found, name=name)


def _finding(wellness: Wellness, sentence: str, **measured: float) -> Finding:
    return Finding("", wellness, sentence, measured)


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 3)


def _unapplied() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _back in plan]


def _database(_now: datetime) -> Finding:
    missing = _unapplied()
    version = ".".join(str(part) for part in connection.get_database_version())
    if missing:
        return _finding(Wellness.BAD, _("Run `sportello migrate`: %(names)s") % {"names": ", ".join(missing[:5])})
    return _finding(Wellness.GOOD, f"{connection.display_name} {version}")


def _queue(now: datetime) -> Finding:
    oldest = Job.objects.filter(state=JobState.READY, run_after__lte=now).order_by("run_after").first()
    abandoned = Job.objects.filter(state=JobState.RUNNING, leased_until__lt=now).count()
    waiting = now - oldest.run_after if oldest else timedelta(0)
    measured = {"seconds": _seconds(waiting), "abandoned": abandoned}
    if waiting > QUEUE_WARN or abandoned:
        wellness = Wellness.BAD if waiting > QUEUE_BAD else Wellness.WARN
        return _finding(
            wellness,
            _("The oldest job has waited for %(minutes)s minutes: is a worker running?")
            % {"minutes": int(waiting.total_seconds() // 60)},
            **measured,
        )
    return _finding(Wellness.GOOD, _("Nothing waits longer than it should."), **measured)


def _failed_jobs(_now: datetime) -> Finding:
    failed = Job.objects.filter(state=JobState.FAILED).count()
    if failed:
        return _finding(
            Wellness.WARN,
            _("%(count)s jobs failed for good: look at them on the page of background jobs.") % {"count": failed},
            count=failed,
        )
    return _finding(Wellness.GOOD, _("None."), count=0)


def _events(now: datetime) -> Finding:
    late = Event.append_only.filter(handled_at=None, at__lt=now - QUEUE_WARN).count()
    if late:
        return _finding(Wellness.WARN, _("%(count)s events wait for a worker.") % {"count": late}, count=late)
    return _finding(Wellness.GOOD, _("All handed on."), count=0)


def _disk(_now: datetime) -> Finding:
    free = shutil.disk_usage(settings.SPORTELLO["DATA_FOLDER"]).free
    sentence = _("%(gigabytes)s GB free") % {"gigabytes": number_format(free / 2**30, 1)}
    wellness = Wellness.BAD if free < DISK_BAD else Wellness.WARN if free < DISK_WARN else Wellness.GOOD
    return _finding(wellness, sentence, bytes=free)


def _privacy(_now: datetime) -> Finding:
    folder: Path = settings.SPORTELLO["DATA_FOLDER"]
    if folder.exists() and folder.stat().st_mode & OTHERS:
        return _finding(
            Wellness.WARN,
            _("Every user of this machine can look into %(folder)s: run `chmod o-rwx %(folder)s`.")
            % {"folder": folder},
        )
    return _finding(Wellness.GOOD, str(folder))


def _clock(_now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"
            if connection.vendor == "sqlite"
            else "SELECT clock_timestamp()"
        )
        (there,) = cursor.fetchone()
    there = datetime.fromisoformat(there) if isinstance(there, str) else there
    apart = abs(timezone.now() - there)
    if apart > CLOCK_WARN:
        return _finding(
            Wellness.WARN,
            _("This machine and the database are %(seconds)s seconds apart.") % {"seconds": int(apart.total_seconds())},
            seconds=_seconds(apart),
        )
    return _finding(Wellness.GOOD, _("The database's clock and this one agree."), seconds=_seconds(apart))


def _drop_folder(now: datetime) -> Finding:
    from sportello.usage.queries import waiting_files

    folder = settings.SPORTELLO["USAGE_DROP_FOLDER"]
    if not folder.is_dir():
        return _finding(Wellness.WARN, _("%(folder)s is not there.") % {"folder": folder})
    waiting = waiting_files(now)
    if waiting:
        first = {"name": waiting[0].name, "other": waiting[0].waits_for, "count": len(waiting)}
        return _finding(Wellness.WARN, _("%(count)s files wait there: %(name)s for %(other)s.") % first)
    return _finding(Wellness.GOOD, str(folder))


def _messages(now: datetime) -> Finding:
    from sportello.messaging.queries import failed_since, oldest_waiting_at

    oldest = oldest_waiting_at()
    failed = failed_since(now - FAILED_WITHIN)
    if oldest and now - oldest > QUEUE_WARN:
        return _finding(
            Wellness.WARN,
            _("The oldest message has waited since %(at)s: are the mail and SMS servers there?")
            % {"at": timezone.localtime(oldest).strftime("%H:%M")},
            seconds=_seconds(now - oldest),
            failed=failed,
        )
    seconds = _seconds(now - oldest) if oldest else 0.0
    if failed:
        sentence = _("Failed in the last day: %(count)s. The list of messages says why.") % {"count": failed}
        return _finding(Wellness.WARN, sentence, seconds=seconds, failed=failed)
    return _finding(Wellness.GOOD, _("None waits."), seconds=seconds, failed=0)


def _bills(_now: datetime) -> Finding:
    if not has_schemas():
        return _finding(
            Wellness.WARN,
            _("No schema: bills are refused until SPORTELLO_FATTURAPA_SCHEMAS names the folder of the official files."),
        )
    return _finding(Wellness.GOOD, str(settings.SPORTELLO["FATTURAPA_SCHEMAS"]))


def has_schemas() -> bool:
    """Tell whether the folder of the official schemas of bills holds any."""
    folder: Path = settings.SPORTELLO["FATTURAPA_SCHEMAS"]
    return any(folder.glob("*.xsd"))


def _versions(_now: datetime) -> Finding:
    return _finding(
        Wellness.GOOD,
        f"Sportello {sportello.__version__}, Django {django.get_version()}, Python {platform.python_version()}",
    )
