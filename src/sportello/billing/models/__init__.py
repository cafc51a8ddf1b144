"""Files, bills and their parts, payments, messages of SdI, disputes, archives, prices."""

from sportello.billing.models.after import BillArchive, Dispute, Payment
from sportello.billing.models.bills import Bill, BillLine, BillVat
from sportello.billing.models.files import BillFile, SdiNotification
from sportello.billing.models.prices import BillingTerms, PriceRow

__all__ = [
    "Bill",
    "BillArchive",
    "BillFile",
    "BillLine",
    "BillVat",
    "BillingTerms",
    "Dispute",
    "Payment",
    "PriceRow",
    "SdiNotification",
]
