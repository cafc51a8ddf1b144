"""Files of orders, proofs of numbers, and what customers chose about their orders."""

from __future__ import annotations

from django.db import models

from sportello.kernel.scope import ScopedModel
from sportello.orders.models.orders import Order
from sportello.parties.models import Organisation


class OrderFile(ScopedModel):
    """A document handed in with an order (police report, delegation): in the database, so that it shares its backups and has no address."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="files")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    handed_in_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class NumberProof(ScopedModel):
    """A code sent by SMS to a number that a draft asks to port; `confirmed_at` once it was typed right. The code is kept hashed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="proofs")
    number = models.CharField(max_length=20)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["order", "number", "-sent_at"], name="number_proof_newest")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.number}"


class OrderOptions(ScopedModel):
    """What a customer chose about its orders: `approval` = a second administrator approves each before it is sent."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    approval = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.approval}"
