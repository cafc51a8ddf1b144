"""The employee's own bills."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.dual_billing.models.enrolments import Enrolment
from sportello.dual_billing.states import PaymentState
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.money import AmountField
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.usage.states import TrafficType, Zone


class _OwnOnly(ScopedModel):
    """Rows of a person that nobody of the customer or its partner sees, whatever their profile (ABUSE G14)."""

    class Meta:
        abstract = True

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the condition for rows inside a reach: a customer's whole reach opens none but the person's own."""
        if actor.reach is Reach.PARTNER or actor.person_id is None:
            return Q(pk__in=())
        return Q(organisation=actor.organisation_id, **{cls.scope_person or "pk": actor.person_id})


class PrivateBill(_OwnOnly):
    """What an employee owes for private traffic: made after a month, of all that was counted up to its end and not billed before.

    Amounts in EUR to the cent; VAT of 22 % but on roaming outside the EU (DOMAIN §5). Late records and corrections come with the next bill.
    """

    scope_person: ClassVar[str | None] = "person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="private_bills")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="bills")
    month = models.DateField(_("month"))
    issued_at = models.DateTimeField()
    due_date = models.DateField(_("due"))
    net = AmountField(_("net"))
    vat = AmountField(_("VAT"))
    total = AmountField(_("total"))
    state = models.CharField(_("state"), max_length=10, choices=PaymentState, default=PaymentState.DUE)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "month"], name="private_bill_once")]
        indexes = [
            models.Index(fields=["-month", "id"], name="private_bill_by_month"),
            models.Index(fields=["state", "due_date"], name="private_bill_by_due"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Return the number that stands on the bill."""
        return f"{self.issued_at:%Y}/P{self.pk:07d}"


class PrivateBillLine(_OwnOnly):
    """What one kind of private traffic of one month cost, exactly (EUR net, 5 decimals); negative where a correction came later."""

    scope_person: ClassVar[str | None] = "bill__person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey(PrivateBill, on_delete=models.CASCADE, related_name="lines")
    month = models.DateField()
    traffic_type = models.CharField(max_length=8, choices=TrafficType)
    zone = models.CharField(max_length=8, choices=Zone)
    records = models.BigIntegerField()
    amount = AmountField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bill", "month", "traffic_type", "zone"], name="private_bill_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.bill_id} {self.month} {self.traffic_type}"
