"""The upload between preview and confirmation: kept in the database, so that any web process can go on with it.

It lies there encrypted: files of people hold tax codes and accounts, and a backup is kept longer than an upload. It is bound to the
person, the membership they act as and the purpose of the form (ABUSE F10).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import CannotDecrypt, seal, unseal
from sportello.kernel.imports.events import FileApplied, FileDiscarded, FileHandedIn
from sportello.kernel.imports.report import ImportReport, PreviewOutdated
from sportello.kernel.models import Upload
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotFound, WrongState
from sportello.kernel.scope import organisations_of_partner
from sportello.kernel.tabular import Limits, Table, TableRefused, read_table

LIFETIME = timedelta(hours=1)
LIMITS = Limits(rows=100_000, file_bytes=20 * 1024 * 1024, unpacked_bytes=200 * 1024 * 1024)
"""What a page takes; larger files go by the command line."""

_WHY = "the loader asks for the section of what it writes; the upload is the person's own"

Load = Callable[[Table], ImportReport]
Write = Callable[[], ImportReport]
Prepare = Callable[[Table], Write]


class AlreadyApplied(WrongState):
    """This very upload was applied: a second click changes nothing."""

    default = _("This file was applied already.")


def upload_of(actor: Actor, *, purpose: str, token: str, now: datetime) -> Upload:
    """Return the actor's own upload. Raises `NotFound`: gone, expired, somebody else's or out of reach."""
    row = Upload.objects.filter(token=token, purpose=purpose, expires_at__gt=now).first()
    if row is None:
        raise NotFound
    _check_own(actor, row)
    if not _still_reaches(actor, row):
        raise NotFound
    return row


def applied_before(actor: Actor, upload: Upload) -> Upload | None:
    """Return the last upload of the same content that was applied for the same organisation, or None (ABUSE F08)."""
    same = Upload.objects.filter(
        purpose=upload.purpose, organisation_id=actor.organisation_id, content_hash=upload.content_hash
    )
    return same.exclude(applied_at=None).exclude(pk=upload.pk).order_by("-applied_at").first()


def opened(upload: Upload) -> Table:
    """Open the upload's content as a table. Raises `TableRefused`, also when no key fits, or it was handed in before files were sealed."""
    try:
        content = unseal(bytes(upload.content))
    except CannotDecrypt as unreadable:
        raise TableRefused(_("The file cannot be read any more: hand it in again.")) from unreadable
    return read_table(BytesIO(content), name=upload.name, limits=LIMITS)


def preview(content: bytes, name: str, load: Load) -> ImportReport:
    """Return what a file would do. Raises `TableRefused`."""
    with read_table(BytesIO(content), name=name, limits=LIMITS) as table:
        return load(table)


@operation(section=None, why=_WHY)
def keep_upload(
    *, actor: Actor, purpose: str, name: str, content: bytes, report: ImportReport, now: datetime
) -> Upload:
    """Keep a file and its preview until it is confirmed; an older one that waits for the same goes (ABUSE F11)."""
    _waiting(actor, purpose).delete()
    row = Upload.objects.create(
        person_id=actor.person_id or 0,
        organisation_id=actor.organisation_id,
        membership_id=actor.membership_id,
        purpose=purpose,
        name=name[:200],
        content=seal(content),
        content_hash=hashlib.sha256(content).hexdigest(),
        report=report.packed(),
        digest=report.digest,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    _tell(FileHandedIn, row, report)
    return row


@operation(section=None, why=_WHY)
def renew_preview(*, actor: Actor, upload: Upload, load: Load, now: datetime) -> ImportReport:
    """Make the preview anew, with today's rights and rows."""
    _check_own(actor, upload)
    with opened(upload) as table:
        report = load(table)
    Upload.objects.filter(pk=upload.pk, applied_at=None).update(
        report=report.packed(), digest=report.digest, expires_at=now + LIFETIME
    )
    _tell(FileHandedIn, upload, report)
    return report


def apply_upload(*, actor: Actor, upload: Upload, seen: str, prepare: Prepare, now: datetime) -> ImportReport:
    """Write all rows of the file, if it still does what the preview with the digest `seen` showed; else nothing.

    `prepare` is called while others still write; what it returns is called in the transaction that notes the upload as applied. Raises
    `AlreadyApplied`, `PreviewOutdated`.
    """
    _check_own(actor, upload)
    if upload.applied_at is not None:
        raise AlreadyApplied
    try:
        with opened(upload) as table:
            return _apply(actor=actor, upload=upload, seen=seen, write=prepare(table), now=now)
    except TableRefused as refused:  # it was readable when it was handed in
        raise PreviewOutdated from refused


@operation(section=None, why=_WHY)
def _apply(*, actor: Actor, upload: Upload, seen: str, write: Write, now: datetime) -> ImportReport:  # noqa: ARG001 - permission
    if not Upload.objects.filter(pk=upload.pk, applied_at=None).update(applied_at=now):
        raise AlreadyApplied
    report = write()
    if not report.applied or report.digest != seen:
        raise PreviewOutdated
    Upload.objects.filter(pk=upload.pk).update(content=b"", report=report.packed(), digest=report.digest)
    _tell(FileApplied, upload, report)
    return report


@operation(section=None, why=_WHY)
def discard_upload(*, actor: Actor, upload: Upload) -> None:
    """Throw the file away. Raises `AlreadyApplied`."""
    _check_own(actor, upload)
    gone, _each = Upload.objects.filter(pk=upload.pk, applied_at=None).delete()
    if not gone:
        raise AlreadyApplied
    _tell(FileDiscarded, upload, ImportReport.unpacked(bytes(upload.report)))


def _tell(event: type[FileHandedIn | FileApplied | FileDiscarded], upload: Upload, report: ImportReport) -> None:
    publish(
        event(
            organisation_id=upload.organisation_id,
            subject_type="upload",
            subject_id=upload.pk,
            purpose=upload.purpose,
            name=upload.name,
            content_hash=upload.content_hash,
            counts=report.counts,
        )
    )


def _check_own(actor: Actor, upload: Upload) -> None:
    if (upload.person_id, upload.membership_id) != (actor.person_id, actor.membership_id):
        raise NotFound


def _waiting(actor: Actor, purpose: str) -> models.QuerySet[Upload]:
    return Upload.objects.filter(person_id=actor.person_id or 0, purpose=purpose, applied_at=None)


def _still_reaches(actor: Actor, upload: Upload) -> bool:
    """Tell whether what the stored preview shows is still the actor's (ABUSE C11: a customer that moved)."""
    shown = ImportReport.unpacked(bytes(upload.report)).organisations
    if actor.reach is Reach.ALL or not shown:
        return True
    if actor.reach is Reach.PARTNER:
        return shown <= set(organisations_of_partner(actor).filter(pk__in=shown))
    return shown <= {actor.organisation_id}
