"""What came in: files of bills and messages of SdI, byte for byte."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.billing.states import (
    FileKind,
    FileState,
    NotificationKind,
    SdiOutcome,
    Source,
    document_words,
    rule_words,
)
from sportello.billing.types import Reason
from sportello.kernel.scope import ScopedModel
from sportello.kernel.sentences import told
from sportello.parties.models import Organisation


class BillFile(ScopedModel):
    """One file as it came: `content` byte for byte, what became of it, and why it was refused or waits.

    `organisation` is set once its bills are a customer's; until then the row is the operator's alone. `problems` are
    `types.Problem.facts()`; `summary` is what the operator reads of a file that waits. One row per content (`sha256`).
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file"), max_length=255)
    bare_name = models.CharField(max_length=255, db_index=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    content = models.BinaryField()
    kind = models.CharField(max_length=12, choices=FileKind, default=FileKind.UNKNOWN)
    state = models.CharField(max_length=8, choices=FileState)
    source = models.CharField(max_length=8, choices=Source)
    signed = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    summary = models.JSONField(default=list)
    assigned_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    assigned_why = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_at", "id"], name="bill_file_by_age"),
            models.Index(fields=["state", "received_at", "id"], name="bill_file_by_state"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reasons(self) -> list[Reason]:
        """Return why it waits or was refused, in the reader's words."""
        return [
            Reason(rule=rule_words(one["rule"]), words=told(one["reason"]), line=one["line"], element=one["element"])
            for one in self.problems
        ]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Return its `summary` with the kind of each document in words, its day as one, and its total as an amount."""
        return [
            {
                **one,
                "kind": document_words(one["type"]),
                "date": date.fromisoformat(one["date"]),
                "total": Decimal(one["total"]),
            }
            for one in self.summary
        ]


class SdiNotification(ScopedModel):
    """A message of SdI about a file (DOMAIN §6.2); without a `bill` it waits for the file that it names.

    `number` and `year` say which document of the file it is about, when it says so; `outcome` is EC01 (accepted) or EC02 (refused).
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("Bill", null=True, on_delete=models.PROTECT, related_name="notifications")
    file = models.ForeignKey(BillFile, on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=2, choices=NotificationKind)
    about = models.CharField(max_length=255, db_index=True)
    sdi_id = models.CharField(max_length=40, blank=True)
    number = models.CharField(max_length=20, blank=True)
    year = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=4, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    errors = models.JSONField(default=list)
    stated_at = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "bill"], name="message_once_a_bill")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"

    @property
    def outcome_words(self) -> str:
        """Return what the administration says of the bill, in words, or its code where it is another."""
        return str(dict(SdiOutcome.choices).get(self.outcome, self.outcome))
