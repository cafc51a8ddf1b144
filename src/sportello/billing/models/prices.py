"""What a bill run bills by: price rows, and the terms of an agreement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.billing.states import ChargeKind
from sportello.inventory.models import Agreement, Plan
from sportello.inventory.states import LineKind
from sportello.kernel.money import AmountField
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation


class PriceRow(models.Model):
    """A monthly price of the operator's list, net of VAT, for lines of a plan or of a kind; `active_to` is exclusive, None = open."""

    code = models.CharField(max_length=40, unique=True)
    description = models.CharField(max_length=120)
    charge = models.CharField(max_length=8, choices=ChargeKind, default=ChargeKind.FEE)
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="+")
    line_kind = models.CharField(max_length=10, choices=LineKind, blank=True)
    amount = AmountField()
    active_from = models.DateField()
    active_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(plan=None) | ~Q(line_kind=""), name="price_for_a_plan_or_a_kind")
        ]

    def __str__(self) -> str:
        return self.code


class BillingTerms(ScopedModel):
    """How an agreement is billed: CIG and CUP, the order's document, days to pay (30: D.Lgs. 231/2002, DOMAIN §6.2)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    agreement = models.OneToOneField(Agreement, on_delete=models.CASCADE, related_name="billing_terms")
    cig = models.CharField(_("CIG"), max_length=10, blank=True)
    cup = models.CharField(_("CUP"), max_length=15, blank=True)
    order_document = models.CharField(_("order"), max_length=20, blank=True)
    payment_days = models.PositiveSmallIntegerField(default=30)

    def __str__(self) -> str:
        return str(self.agreement)
