"""Bills: a document of FatturaPA with its lines and its VAT."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.billing.models.files import BillFile
from sportello.billing.states import BillState, ChargeKind, PaymentMethod, PaymentState, document_words
from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.kernel.money import AmountField
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import CostCentre, Organisation


class Bill(ScopedModel):
    """A document as it was issued. Amounts in EUR as written in it; `sign` is -1 for a credit note, whose amounts are the customer's.

    `payable` is signed: what the customer transfers, without split VAT and withheld tax. A number is one supplier's once a year, and
    once more for credit notes (`credit`); one that SdI discarded or the administration refused leaves its number free, as the check 00404
    of SdI says. `beside` counts the bills that the operator took although their number was taken. `period_to` is inclusive, as in the
    document. Employees see none: their costs are `BillLine`s.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bills")
    file = models.ForeignKey(BillFile, on_delete=models.PROTECT, related_name="bills")
    position = models.PositiveIntegerField(default=1)
    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="bills")
    format = models.CharField(max_length=5)
    document_type = models.CharField(_("document"), max_length=4)
    number = models.CharField(_("number"), max_length=20)
    issue_date = models.DateField(_("date"))
    year = models.PositiveSmallIntegerField()
    credit = models.BooleanField(default=False)
    beside = models.PositiveSmallIntegerField(default=0, db_default=0)
    sign = models.SmallIntegerField(default=1)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    supplier_name = models.CharField(max_length=200)
    supplier_identity = models.CharField(max_length=40)
    recipient_name = models.CharField(max_length=200)
    recipient_identity = models.CharField(max_length=40)
    office_code = models.CharField(_("office code"), max_length=7)
    cig = models.CharField(_("CIG"), max_length=15, blank=True)
    cup = models.CharField(_("CUP"), max_length=15, blank=True)
    order_document = models.CharField(_("order"), max_length=20, blank=True)
    corrects = models.CharField(_("corrects"), max_length=200, blank=True)
    taxable = AmountField(_("taxable"))
    vat = AmountField(_("VAT"))
    total = AmountField(_("total"))
    rounding = AmountField(default=0)
    stamp = AmountField(default=0)
    withheld = AmountField(default=0)
    split_payment = models.BooleanField(_("split payment"), default=False)
    split_vat = AmountField(default=0)
    payable = AmountField(_("to pay"))
    paid = AmountField(_("paid"), default=0)
    due_date = models.DateField(_("due"), null=True)
    instalments = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=BillState, default=BillState.ISSUED)
    payment_state = models.CharField(max_length=12, choices=PaymentState, default=PaymentState.DUE)
    sdi_id = models.CharField(max_length=40, blank=True)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supplier_identity", "number", "year", "credit", "beside"],
                condition=~models.Q(state__in=["discarded", "refused"]),
                name="bill_number_once",
            ),
            models.UniqueConstraint(fields=["file", "position"], name="document_once"),
        ]
        indexes = [
            models.Index(fields=["organisation", "issue_date", "id"], name="bill_by_date"),
            models.Index(fields=["issue_date", "id"], name="bill_by_date_all"),
            models.Index(fields=["organisation", "due_date", "id"], name="bill_by_due"),
            models.Index(fields=["payment_state", "due_date"], name="bill_by_payment"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def kind(self) -> str:
        """Return what kind of document it is, in words, or its code where it has none."""
        return document_words(self.document_type)

    @property
    def asked(self) -> list[tuple[str, str, str, Decimal]]:
        """Return what the document asks for: by which day (ISO), how, to which account, and how much."""
        methods = dict(PaymentMethod.choices)
        return [
            (one["due_date"], str(methods.get(one["method"], one["method"])), one["iban"], Decimal(one["amount"]))
            for one in self.instalments
        ]


class BillVat(ScopedModel):
    """The sums of one rate (or nature, where there is no VAT) of a bill; `rate` is the percentage as text."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="vat_rows")
    rate = models.CharField(max_length=6)
    nature = models.CharField(max_length=4, blank=True)
    taxable = AmountField()
    vat = AmountField()
    exigibility = models.CharField(max_length=1, blank=True)
    law = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return rate_words(self.rate, self.nature)


class BillLine(ScopedModel):
    """A line of a bill, net of VAT, with the line, holder and cost centre that it was found to be of.

    `amount` is PrezzoTotale rounded to five decimals; quantity and price stay as written. `person` is set only when one person alone held
    the line for the whole billed period: nobody sees what another spent.
    """

    scope_person: ClassVar[str | None] = "person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    description = models.CharField(_("description"), max_length=1000)
    charge = models.CharField(_("charge"), max_length=8, choices=ChargeKind, default=ChargeKind.OTHER)
    quantity = models.CharField(max_length=30, blank=True)
    unit = models.CharField(max_length=10, blank=True)
    unit_price = models.CharField(max_length=30)
    amount = AmountField(_("amount"))
    vat_rate = models.CharField(_("VAT"), max_length=6)
    nature = models.CharField(max_length=4, blank=True)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    line = models.ForeignKey(Line, null=True, on_delete=models.PROTECT, related_name="bill_lines")
    period = models.ForeignKey(LinePeriod, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    cost_centre = models.ForeignKey(CostCentre, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("line"), max_length=40, blank=True)
    cost_centre_code = models.CharField(_("cost centre"), max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bill", "position"], name="bill_line_once")]

    def __str__(self) -> str:
        return self.description

    @property
    def vat_words(self) -> str:
        """Return the rate, or why there is none."""
        return rate_words(self.vat_rate, self.nature)


def rate_words(rate: str, nature: str) -> str:
    """Return a VAT rate as `22%`, or the code that says why there is none."""
    return nature or f"{Decimal(rate).normalize():f}%"
