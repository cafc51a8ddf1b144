"""Types of tickets and the versions of their forms: data that the operator edits, open to everybody's eyes."""

from __future__ import annotations

from django.db import models

from sportello.accounts.models import Person
from sportello.tickets.types import FormField, in_words


class TicketType(models.Model):
    """A kind of ticket. `prefix` stands in its codes (`TCKXDSL0000001`) and never changes; `names` by language.

    `of_customers`: what customers themselves ask by assistance and by disputing bills; partners and operator open the others.
    """

    code = models.CharField(max_length=20, unique=True)
    prefix = models.CharField(max_length=10, unique=True)
    names = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)
    of_customers = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["position", "code"], name="ticket_type_in_order")]

    def __str__(self) -> str:
        return in_words(self.names) or self.code


class TicketNumber(models.Model):
    """The last number of a type: whoever opens a ticket holds this row to the end of the transaction, so that no number is lost."""

    type = models.OneToOneField(TicketType, primary_key=True, on_delete=models.PROTECT, related_name="+")
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.type_id} {self.last}"


class TicketForm(models.Model):
    """One version of the questions of a type, append-only: an old ticket keeps the form that it was opened with."""

    type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="forms")
    version = models.PositiveIntegerField()
    fields = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "version"], name="ticket_form_once")]

    def __str__(self) -> str:
        return f"{self.type_id} v{self.version}"

    @property
    def questions(self) -> list[FormField]:
        """Return the questions in their order."""
        return [FormField.read(one) for one in self.fields]
