"""Archives of a period: asked for, made in the background with the rights of that moment, gone after their time."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sportello.billing import queries
from sportello.billing.archive import write_archive
from sportello.billing.events import ArchiveAsked, ArchiveMade, ArchivesRemoved, BillsDownloaded
from sportello.billing.models import Bill, BillArchive
from sportello.billing.states import ARCHIVE_TRANSITIONS, ArchiveState
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.private_files import private_folder, remove
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.kernel.states import advance, change_if

LONGEST_DAYS, MOST_BILLS = 366 * 3, 5_000


@operation(section=Section.TRAFFIC_BILLING)
def ask_for_archive(*, actor: Actor, first: date, last: date, now: datetime) -> BillArchive:
    """Ask for the bills issued from `first` to `last` (inclusive) as one archive, made in the background. One at a time a membership.

    Raises `InvalidInput` (no period, too long, nothing in it), `WrongState` (one is being made).
    """
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL or actor.membership_id is None:
        raise NotPermitted
    if last < first or (last - first).days > LONGEST_DAYS:
        raise InvalidInput(_("The last day comes after the first, by three years at most."), field="last")
    found = queries.bills(actor).filter(issue_date__gte=first, issue_date__lte=last)[: MOST_BILLS + 1].count()
    if not found:
        raise InvalidInput(_("No bill was issued in this period."), field="first")
    if found > MOST_BILLS:
        raise InvalidInput(_("There are more than 5,000 bills in this period: choose a shorter one."), field="last")
    row = _pending(actor, first, last, now)
    publish(
        ArchiveAsked(
            organisation_id=row.organisation_id, subject_type="bill_archive", subject_id=row.pk, first=first, last=last
        )
    )
    return row


def _pending(actor: Actor, first: date, last: date, now: datetime) -> BillArchive:
    try:
        with transaction.atomic():
            return BillArchive.objects.create(
                organisation_id=actor.organisation_id or 0,
                membership_id=actor.membership_id or 0,
                token=secrets.token_urlsafe(32),
                first=first,
                last=last,
                asked_at=now,
                expires_at=now + settings.SPORTELLO["BILL_ARCHIVE_LIFETIME"],
            )
    except IntegrityError as other:
        raise WrongState(_("An archive is being made for you already: wait for it.")) from other


def make_archive(*, actor: Actor, archive: BillArchive) -> None:
    """Write the archive, in its person's language, with what `actor`, its membership as it stands now, may see; again changes nothing.

    The file is written outside of any transaction: thousands of PDFs take minutes, and on SQLite nobody else could write meanwhile.
    """
    if archive.state != ArchiveState.PENDING:
        return
    bills = queries.bills(actor).filter(issue_date__gte=archive.first, issue_date__lte=archive.last)
    with translation.override(archive.membership.person.language):
        count = write_archive(file_of(archive), bills.order_by("issue_date", "pk"))
    end_archive(actor=actor, archive=archive, count=count, size=file_of(archive).stat().st_size)


@operation(section=Section.TRAFFIC_BILLING)
def end_archive(*, actor: Actor, archive: BillArchive, count: int, size: int) -> None:  # noqa: ARG001 - the door checks it
    """Write down that an archive is ready: of how many bills, and how many bytes."""
    advance(archive, ArchiveState.READY, transitions=ARCHIVE_TRANSITIONS, bills=count, size=size)
    publish(_made(archive, count, ArchiveState.READY))


@operation(section=None, why="who asked for an archive may not have it any more")
def fail_archive(*, actor: Actor, archive: BillArchive) -> None:  # noqa: ARG001 - the door checks it
    """Write down that an archive is not made; one that is not being made any more stays as it is."""
    if not change_if(archive, {"state": ArchiveState.PENDING}, state=ArchiveState.FAILED):
        return
    publish(_made(archive, 0, ArchiveState.FAILED))


@operation(section=None, why="the time of an archive is over, whoever asked for it")
def remove_old_archives(*, actor: Actor, now: datetime) -> int:
    """Remove archives past their time; return how many."""
    rows = list(BillArchive.objects.for_(actor).filter(expires_at__lte=now).exclude(state=ArchiveState.EXPIRED))
    for row in rows:
        if row.state == ArchiveState.PENDING:
            advance(row, ArchiveState.FAILED, transitions=ARCHIVE_TRANSITIONS)
        advance(row, ArchiveState.EXPIRED, transitions=ARCHIVE_TRANSITIONS)
        transaction.on_commit(partial(remove, file_of(row)))
    if rows:
        publish(ArchivesRemoved(organisation_id=None, archives=len(rows)))
    return len(rows)


@operation(section=None, why="whoever may see a bill may take it out; that it was taken is on record", viewer_too=True)
def record_download(*, actor: Actor, bill: Bill | None, archive: BillArchive | None = None, what: str) -> None:
    """Put on record that a bill or an archive was taken out of the portal."""
    subject = bill or archive
    publish(
        BillsDownloaded(
            organisation_id=subject.organisation_id if subject else actor.organisation_id,
            subject_type="bill" if bill else "bill_archive",
            subject_id=subject.pk if subject else "",
            what=what,
            name=str(subject),
        )
    )


def file_of(archive: BillArchive) -> Path:
    """Return where an archive lies."""
    return private_folder("bill-archives") / f"{archive.token}.zip"


def _made(archive: BillArchive, bills: int, state: ArchiveState) -> ArchiveMade:
    return ArchiveMade(
        organisation_id=archive.organisation_id,
        subject_type="bill_archive",
        subject_id=archive.pk,
        bills=bills,
        state=state.value,
    )
