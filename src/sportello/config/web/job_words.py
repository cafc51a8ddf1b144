"""Background jobs in words: what each task does, how often, and what its error means; the paths and traces stay behind a fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sportello.config.schedule import SCHEDULE
from sportello.kernel.jobs.scheduler import Every
from sportello.kernel.models import Job
from sportello.kernel.refusals import Refusal
from sportello.kernel.sentences import told

TASKS: Final[Mapping[str, str | Promise]] = {
    "accounts.tasks.purge_sign_in_rows": gettext_lazy("Remove old rows of signing in"),
    "accounts.tasks.send_reset_links": gettext_lazy("Send a link for a new password"),
    "accounts.tasks_people.end_sessions_of_organisation": gettext_lazy("End the sessions of a closed organisation"),
    "billing.tasks.make_archive": gettext_lazy("Pack bills into an archive"),
    "billing.tasks.remove_old_archives": gettext_lazy("Remove old archives of bills"),
    "billing.tasks.run_bills": gettext_lazy("Make the bills of a closed month"),
    "billing.tasks.see_what_is_due": gettext_lazy("Look for bills that are due"),
    "billing.tasks.take_dropped_bills": gettext_lazy("Take up files of bills"),
    "dual_billing.tasks.end_of_line": gettext_lazy("Look at the dual billing of a line that changed"),
    "dual_billing.tasks.end_of_person": gettext_lazy("Look at the dual billing of a person who left"),
    "dual_billing.tasks.make_bills": gettext_lazy("Make the bills of employees"),
    "dual_billing.tasks.place_records_again": gettext_lazy("Place the usage of a line again"),
    "dual_billing.tasks.start_and_end": gettext_lazy("Start and end dual billing on its day"),
    "inventory.tasks.end_due_lines": gettext_lazy("End lines whose day has come"),
    "kernel.imports.tasks.purge_uploads": gettext_lazy("Remove files that nobody confirmed"),
    "kernel.jobs.handling.handle_event": gettext_lazy("Do what follows from something that happened"),
    "kernel.tasks.purge_done_jobs": gettext_lazy("Remove jobs that are done"),
    "messaging.tasks.deliver_due": gettext_lazy("Send messages whose time has come"),
    "messaging.tasks.deliver_mail": gettext_lazy("Send an e-mail"),
    "messaging.tasks.hand_over_mails": gettext_lazy("Take up mails that came in and were left"),
    "messaging.tasks.deliver_simulated_texts": gettext_lazy("Hand texts to the demo's phones"),
    "network.tasks.bring_forgotten": gettext_lazy("Take up orders to the network that were left"),
    "network.tasks.bring_order": gettext_lazy("Bring an order to the network"),
    "orders.tasks.tell_of_step": gettext_lazy("Send the mails about an order"),
    "tickets.tasks.ask_feedback": gettext_lazy("Ask about the end of a ticket"),
    "tickets.tasks.open_dispute": gettext_lazy("Open the ticket of a disputed bill"),
    "tickets.tasks.read_old_base": gettext_lazy("Read an old base of tickets"),
    "tickets.tasks.sweep_files": gettext_lazy("Remove contents of files that no ticket names"),
    "tickets.tasks.tell_of": gettext_lazy("Send the mails about a ticket"),
    "tickets.tasks.write_old_base": gettext_lazy("Take over an old base of tickets"),
    "thresholds.tasks.inherit_profiles": gettext_lazy("Give new lines their profile"),
    "thresholds.tasks.run_bulk": gettext_lazy("Change many thresholds"),
    "thresholds.tasks.stop_lost_bulks": gettext_lazy("Close changes of many thresholds whose job failed"),
    "thresholds.tasks.turn_periods": gettext_lazy("Begin new periods of thresholds"),
    "usage.tasks.expire_prepared": gettext_lazy("Remove prepared downloads of traffic"),
    "usage.tasks.forget_old_records": gettext_lazy("Remove usage records past their time"),
    "usage.tasks.merge_small_parts": gettext_lazy("Put small files of usage records together"),
    "usage.tasks.prepare_documentation": gettext_lazy("Prepare a traffic documentation"),
    "usage.tasks.prepare_export": gettext_lazy("Prepare a download of traffic"),
    "usage.tasks.run_due_reports": gettext_lazy("Make scheduled reports of traffic"),
    "usage.tasks.sweep_store": gettext_lazy("Clear the store of usage records of leftovers"),
    "usage.tasks.take_dropped_files": gettext_lazy("Take up usage files"),
}
"""What each task does; a test asks for every task that exists."""

ERRORS: Final[tuple[tuple[tuple[str, ...], str | Promise], ...]] = (
    (
        ("OperationalError", "InterfaceError", "DatabaseError"),
        gettext_lazy("The database was not to be reached, or broke off."),
    ),
    (
        (
            "ConnectionError",
            "ConnectionRefusedError",
            "ConnectionResetError",
            "BrokenPipeError",
            "gaierror",
            "SSLError",
        ),
        gettext_lazy("The other side was not to be reached, or hung up."),
    ),
    (("TimeoutError", "ReadTimeout", "ConnectTimeout"), gettext_lazy("The other side did not answer in time.")),
    (("FileNotFoundError",), gettext_lazy("A file was not there.")),
    (("PermissionError",), gettext_lazy("The portal may not read or write a file or folder.")),
    (("OSError",), gettext_lazy("A file could not be read or written; is the disk full?")),
    (("DoesNotExist",), gettext_lazy("What the job was about is not there any more.")),
    (("MemoryError",), gettext_lazy("The machine has too little memory.")),
)
"""What usual errors mean to who runs the portal."""


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """A periodic task as people read it: what, how often, and its last run (None: none is kept)."""

    title: str
    rhythm: str
    last: Job | None


def title_of(task: str) -> str:
    """Return what a task does, in the reader's language."""
    name = task.removeprefix("sportello.")
    return str(TASKS.get(name, name))


def tasks_named(text: str) -> list[str]:
    """Return the tasks whose words in the reader's language hold the text."""
    return [f"sportello.{name}" for name, title in TASKS.items() if text.casefold() in str(title).casefold()]


def error_of(row: Job) -> str:
    """Return what the error of a job means: its refusal's sentence, a usual error in words, or its plain name."""
    if not row.error:
        return ""
    if not row.error.startswith("Traceback"):
        return told(row.error.strip())
    path, _colon, _message = row.error.strip().rsplit("\n", 1)[-1].partition(":")
    if path.startswith("sportello."):
        return _own_error(path)
    name = path.rpartition(".")[2]
    words = next((sentence for names, sentence in ERRORS if name in names), None)
    return str(words) if words else _("Something unexpected: %(name)s") % {"name": name}


def _own_error(path: str) -> str:
    try:
        error = import_string(path)
    except ImportError:  # of an older version
        error = None
    if isinstance(error, type) and issubclass(error, Refusal):
        return str(error.default)
    return _("Something unexpected: %(name)s") % {"name": path.rpartition(".")[2]}


def periodic() -> list[Periodic]:
    """Return the periodic tasks of the schedule with their last runs: two queries."""
    newest = Job.objects.filter(key__startswith="schedule:").values("task").annotate(at=Max("enqueued_at"))
    latest: dict[str, datetime] = {row["task"]: row["at"] for row in newest}
    runs = Job.objects.filter(key__startswith="schedule:", task__in=latest, enqueued_at__in=latest.values())
    last = {row.task: row for row in runs if row.enqueued_at == latest[row.task]}
    return [Periodic(title=title_of(one.task), rhythm=rhythm(one), last=last.get(one.task)) for one in SCHEDULE]


def rhythm(one: Every) -> str:
    """Return how often a periodic task runs, in words."""
    if one.at is not None:
        return _("every day at %(time)s") % {"time": f"{one.at:%H:%M}"}
    seconds = int(one.period.total_seconds())
    if seconds % 60:
        often = ngettext("every second", "every %(count)d seconds", seconds) % {"count": seconds}
    else:
        often = ngettext("every minute", "every %(count)d minutes", seconds // 60) % {"count": seconds // 60}
    return _("%(often)s, when there is something to do") % {"often": often} if one.when else often
