"""Old bases of tickets that the operator takes over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.tickets.states import ImportState, OldBase


class TicketImport(ScopedModel):
    """A file of an old base, from its handing in to its end. It lies in the data folder under `token` until it is written or thrown away.

    `organisation` is the operator. `fallback` is the customer of tickets whose own is not found; `leaves_out`: wrong tickets are left
    out, otherwise one is enough and nothing is written. `counts` is what the preview found (tickets by `RowState`, `entries`),
    `written` what was written; `faults` are the first [line, id, field, reason], `sample` the first tickets.
    """

    scope_person: ClassVar[str | None] = None

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("file"), max_length=120)
    source = models.CharField(max_length=10, choices=OldBase)
    content_hash = models.CharField(max_length=64)
    size = models.BigIntegerField()
    fallback = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    leaves_out = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.READING)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    written = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    refusal = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="ticket_import_by_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def tickets(self) -> int:
        """Return how many tickets the file holds."""
        return sum(self.counts.get(state, 0) for state in ("new", "changed", "unchanged", "wrong"))

    @property
    def share(self) -> int:
        """Return how many of a hundred tickets are done."""
        return min(100, round(100 * self.done / self.tickets)) if self.tickets else 0
