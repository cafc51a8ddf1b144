"""What is handed to the operations of dual billing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sportello.dual_billing.states import PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentData:
    """What is entered about an employee who is to be billed directly; texts as typed, `rules.checked` reads them.

    `iban` is for `BANK_TRANSFER` alone, `card_reference` (what the payment service calls the card, never its number) for `CARD`.
    """

    tax_code: str
    address: str
    postcode: str
    city: str
    province: str = ""
    email: str
    payment_method: PaymentMethod | str
    iban: str = ""
    card_reference: str = ""
    start_date: date
    messages: bool = False
    roaming: bool = False
    data_apn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file that was handed in: the name to show, and its content."""

    name: str
    content: bytes
