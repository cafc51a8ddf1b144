"""Who is billed directly for private traffic, and their bills."""

from sportello.dual_billing.models.bills import PrivateBill, PrivateBillLine
from sportello.dual_billing.models.enrolments import ConsentDocument, Enrolment

__all__ = ["ConsentDocument", "Enrolment", "PrivateBill", "PrivateBillLine"]
