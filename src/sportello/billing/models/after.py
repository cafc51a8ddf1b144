"""What happens to a bill once it is there: payments, disputes, archives."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Membership, Person
from sportello.billing.models.bills import Bill, BillLine
from sportello.billing.states import ArchiveState
from sportello.kernel.money import AmountField
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation


class Payment(ScopedModel):
    """Money that came in for a bill, or went back (`amount` below zero, `reverses` names which). `reference` is unique: it counts once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="payments")
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    paid_date = models.DateField(_("day"))
    amount = AmountField(_("amount"))
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversal")
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class Dispute(ScopedModel):
    """What a customer holds against a line of a bill; one per line."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="disputes")
    line = models.OneToOneField(BillLine, on_delete=models.PROTECT, related_name="dispute")
    reason = models.TextField(_("reason"))
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.bill_id} {self.line_id}"


class BillArchive(ScopedModel):
    """A zip of the bills issued from `first` to `last` (both inclusive), made for one membership, gone after `expires_at`.

    `token` is in its address; the file lies in the data folder under that name.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    first = models.DateField()
    last = models.DateField()
    state = models.CharField(max_length=8, choices=ArchiveState, default=ArchiveState.PENDING)
    bills = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=models.Q(state="pending"), name="archive_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["membership", "asked_at"], name="archive_by_membership")]

    def __str__(self) -> str:
        return f"{self.first} {self.last}"
