"""Rows of the kernel: the audit trail with its chain heads, background jobs, saved views and files handed in."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sportello.kernel import scope
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.audit import FIRST_HASH


class Event(models.Model):
    """One thing that happened: audit trail, timeline and outbox in one append-only row.

    A database trigger refuses DELETE and every UPDATE but that of `handled_at` (set when the handlers' jobs are written).
    `organisation_id` is plain, so that the kernel knows no other app. Times are UTC.
    """

    chain = models.BigIntegerField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=80)
    organisation_id = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    person_id = models.BigIntegerField(null=True)
    profile = models.CharField(max_length=30, blank=True)
    acting_for_id = models.BigIntegerField(null=True)
    viewer_id = models.BigIntegerField(null=True)
    via = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    handled_at = models.DateTimeField(null=True)

    objects: ClassVar[scope.ScopedManager[Self]] = scope.ScopedManager()
    append_only: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="event_once_per_chain_place")]
        indexes = [
            models.Index(fields=["organisation_id", "-id"], name="event_by_organisation"),
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_by_subject"),
            models.Index(fields=["person_id", "-id"], name="event_by_person"),
            models.Index(fields=["id"], condition=Q(handled_at=None), name="event_unhandled"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}".strip()

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the condition for events inside a reach; an employee sees what they did themselves."""
        if actor.reach is Reach.PARTNER:
            return Q(organisation_id__in=scope.organisations_of_partner(actor))
        mine = Q(organisation_id=actor.organisation_id)
        return mine if actor.reach is Reach.CUSTOMER else mine & Q(person_id=actor.person_id)


class ChainHead(models.Model):
    """The last place and hash of one audit chain; locked by whoever appends."""

    chain = models.BigIntegerField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=FIRST_HASH)

    def __str__(self) -> str:
        return f"{self.chain}: {self.sequence} {self.hash}"

    @classmethod
    def locked(cls, chain: int) -> ChainHead:
        """Return the head of `chain`, made if new, locked to the end of the transaction."""
        cls.objects.get_or_create(chain=chain)
        return cls.objects.select_for_update().get(chain=chain)


class JobState(models.TextChoices):
    """The states of a background job."""

    READY = "ready", _("Waiting")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")


class Job(models.Model):
    """One background job: a task's dotted path and plain arguments (ids), with a lease while a worker has it.

    A worker that dies stops renewing `leased_until`; the next worker then takes the job over. `key` makes an enqueue idempotent:
    while a job with the same key is waiting (or for ever, for schedule slots) there is no second one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=200)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    queue = models.CharField(max_length=40, default="default")
    priority = models.SmallIntegerField(default=0)
    key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - NULL = no key, many times
    state = models.CharField(max_length=10, choices=JobState, default=JobState.READY)
    attempts = models.PositiveSmallIntegerField(default=0)
    enqueued_at = models.DateTimeField()
    run_after = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    error = models.TextField(blank=True)
    result = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(
                F("priority").desc(), "run_after", condition=Q(state__in=["ready", "running"]), name="job_to_take"
            ),
            models.Index(fields=["state", "-enqueued_at"], name="job_by_state"),
            models.Index(fields=["-enqueued_at"], name="job_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.state}"


class SavedView(models.Model):
    """A list's filters, sort and columns that a person kept under a name (the query string of the page)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organisation_id = models.BigIntegerField(null=True)
    listing = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation_id", "listing", "name"], name="saved_view_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the kept query string as a dict of lists."""
        from django.http import QueryDict

        return dict(QueryDict(self.query).lists())


def new_upload_token() -> str:
    """Return a token of 160 random bits (ABUSE F10)."""
    return secrets.token_urlsafe(20)


class Upload(models.Model):
    """A file handed in for an import, with its preview, until it is confirmed or expires.

    Bound to the person, the membership acted as and the `purpose` of the form. `content` lies encrypted and is emptied once applied;
    `content_hash` (SHA-256) stays, so that the same file handed in again is recognised. `digest` is that of the preview
    in `report` (packed).
    """

    token = models.CharField(max_length=40, unique=True, default=new_upload_token)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organisation_id = models.BigIntegerField(null=True)
    membership_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    report = models.BinaryField(default=bytes)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["purpose", "organisation_id", "content_hash"], name="upload_by_content"),
            models.Index(fields=["person", "purpose"], name="upload_by_person"),
            models.Index(fields=["expires_at"], name="upload_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.name
