"""Orders, their items, and the steps of their history. What was asked and what was done is never changed: the database itself refuses."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.kernel.crypto import EncryptedTextField
from sportello.kernel.scope import ScopedModel
from sportello.orders.models.catalogue import OrderForm, OrderType
from sportello.orders.states import INTERNAL, OPEN, Effect, State, StepKind
from sportello.parties.models import Organisation

_OPEN = [state.value for state in OPEN]


class Order(ScopedModel):
    """A change that a customer (`organisation`) asks for; code `ORD-2026-000123` once it is submitted.

    A draft keeps what was typed encrypted in `draft` (JSON, with its `fingerprint`), and has no items yet; its `submitted_at` and
    `expected_date` are as if it were sent when it was begun. `key` makes one order out of a form that was sent twice. `expected_date` is a
    working day of the operator's calendar; `waits_since` stops it while the order waits for the customer. `sequence` and `head` are place
    and hash of the last step. `done_count` counts completed items. Instants are UTC.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders", db_index=False)
    type = models.ForeignKey(OrderType, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(OrderForm, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80, unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    draft = EncryptedTextField(blank=True, default="")
    fingerprint = models.CharField(max_length=64)
    code = models.CharField(_("code"), max_length=20, null=True, unique=True)  # noqa: DJ001 - drafts have none
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT)
    submitted_at = models.DateTimeField()
    expected_date = models.DateField()
    waits_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    approver = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    item_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    sequence = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.CANCELLED]) | Q(code__isnull=False),
                name="sent_order_has_code",
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "submitted_at", "id"], name="order_by_age"),
            models.Index(fields=["organisation", "state"], name="order_by_state"),
            models.Index(fields=["submitted_at", "id"], name="order_by_age_anywhere"),
            models.Index(fields=["state", "expected_date", "id"], name="order_due"),
        ]

    def __str__(self) -> str:
        return self.code or str(self.type)

    @property
    def is_open(self) -> bool:
        """Tell whether it is asked for and has not ended."""
        return self.state in OPEN


class OrderItem(ScopedModel):
    """One line, line to come, or the organisation itself, within an order; `place` from 1.

    `answers` are {key: {value, shown}} of everything but secrets, which lie in `secrets` (JSON, encrypted); `result` is what the work
    brought (a number, an ICCID). A line has one open item of an effect.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="items")
    place = models.PositiveIntegerField()
    line = models.ForeignKey(Line, null=True, on_delete=models.PROTECT, related_name="order_items")
    number = models.CharField(_("number"), max_length=40, blank=True)
    effect = models.CharField(max_length=15, choices=Effect)
    answers = models.JSONField(default=dict)
    secrets = EncryptedTextField(blank=True, default="")
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.SUBMITTED)
    reason = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "place"], name="order_item_once"),
            models.UniqueConstraint(
                fields=["line", "effect"],
                condition=Q(state__in=_OPEN) & ~Q(effect=Effect.WORK.value),
                name="one_open_item_of_an_effect",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "state"], name="order_item_by_state"),
            models.Index(fields=["number"], opclasses=["varchar_pattern_ops"], name="order_item_by_number"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.place)


class OrderStep(ScopedModel):
    """One step of an order's history, append-only: when, whose, in which state the order was then, with a note, hashed over the one before.

    `data` names the items that moved (their places) and what else the step says; `internal` steps are the operator's alone.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=15, choices=StepKind)
    at = models.DateTimeField()
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=State)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "sequence"], name="order_step_once")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.sequence} {self.kind}"

    @property
    def internal(self) -> bool:
        """Tell whether the operator's people alone see it."""
        return self.kind in INTERNAL
