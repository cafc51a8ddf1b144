"""Types of orders with their forms, and the queues that work on them: data that the operator edits, open to everybody's eyes."""

from __future__ import annotations

from django.db import models

from sportello.accounts.models import Person
from sportello.orders.states import Check, Effect
from sportello.orders.types import Question, in_words


class OrderQueue(models.Model):
    """Who of the operator's people works on orders; `names` by language."""

    code = models.CharField(max_length=20, unique=True)
    names = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=100)

    def __str__(self) -> str:
        return in_words(self.names) or self.code


class OrderType(models.Model):
    """A kind of order; what it asks, checks and changes stands in its newest form. `names` by language."""

    code = models.CharField(max_length=20, unique=True)
    names = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["position", "code"], name="order_type_in_order")]

    def __str__(self) -> str:
        return in_words(self.names) or self.code


class OrderForm(models.Model):
    """One version of a type, append-only: an order keeps the one that it was asked with.

    `effect`: what completion changes; `asked_by`: code names of profiles; `expected_days`: working days from submission to completion.
    """

    type = models.ForeignKey(OrderType, on_delete=models.PROTECT, related_name="forms")
    version = models.PositiveIntegerField()
    effect = models.CharField(max_length=15, choices=Effect)
    fields = models.JSONField(default=list)
    checks = models.JSONField(default=list)
    asked_by = models.JSONField(default=list)
    queue = models.ForeignKey(OrderQueue, on_delete=models.PROTECT, related_name="+")
    expected_days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "version"], name="order_form_once")]

    def __str__(self) -> str:
        return f"{self.type_id} v{self.version}"

    @property
    def questions(self) -> list[Question]:
        """Return the questions in their order."""
        return [Question.read(one) for one in self.fields]

    def has_check(self, check: Check) -> bool:
        """Tell whether the type switches a check on."""
        return check.value in self.checks


class OrderNumber(models.Model):
    """The last number of a year: whoever submits holds this row to the end of the transaction, so that no number is lost."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year} {self.last}"
