"""What a FatturaPA file says, once read: frozen facts, exact amounts, nothing of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from sportello.kernel.sentences import in_english

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a file is not taken: the rule (`schema`, a code of the SdI checks, a word of ours), the reason (kept), and where it is.

    `line` counts from 1 in the XML (0 = the whole file); `element` is the path of the element.
    """

    rule: str
    reason: str
    line: int = 0
    element: str = ""

    def facts(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return {"rule": self.rule, "reason": self.reason, "line": self.line, "element": self.element}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A problem in the reader's words: what the file was held against, what is wrong, and where."""

    rule: str
    words: str
    line: int
    element: str

    @property
    def whole(self) -> str:
        """Return it as one sentence, with its line."""
        if not self.line:
            return self.words
        return gettext("XML line %(line)d: %(words)s") % {"line": self.line, "words": self.words}


class FileRefused(Exception):
    """A file that is not taken; `problems` say why and where."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(in_english(problem.reason) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sells or buys: the name, the VAT number with its country, the tax code."""

    name: str
    country: str = ""
    vat_number: str = ""
    tax_code: str = ""
    address: str = ""

    @property
    def identity(self) -> str:
        """Return what the party is told apart by."""
        return f"{self.country}{self.vat_number}" if self.vat_number else self.tax_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A block AltriDatiGestionali: a kind of at most 10 characters, and what it says."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A discount (`sign` -1) or increase (+1): by amount, else by percentage."""

    sign: int
    percent: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailLine:
    """A line of the document; `amount` is PrezzoTotale, net of VAT. Up to eight decimals."""

    number: int
    description: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal
    amount: Decimal
    vat_rate: Decimal
    nature: str
    period_from: date | None
    period_to: date | None
    discounts: tuple[Discount, ...]
    administration_reference: str
    references: tuple[Reference, ...]
    withheld: bool
    xml_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VatSummary:
    """The sums of one rate (or nature): `exigibility` I immediate, D deferred, S split payment."""

    rate: Decimal
    nature: str
    taxable: Decimal
    vat: Decimal
    rounding: Decimal
    exigibility: str
    law: str
    xml_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """A contribution to a pension fund (DatiCassaPrevidenziale): taxable like a line."""

    amount: Decimal
    vat_rate: Decimal
    nature: str
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """A tax that the customer withholds and pays for the supplier."""

    kind: str
    amount: Decimal
    rate: Decimal
    xml_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A payment that the document asks for."""

    method: str
    amount: Decimal
    due_date: date | None
    iban: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReference:
    """A reference to an order, contract, convention or receipt: `kind` is the element's name."""

    kind: str
    document: str
    cup: str
    cig: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillDocument:
    """One body of the file. Amounts as written in it, credit notes too."""

    position: int
    document_type: str
    number: str
    issue_date: date
    currency: str
    stated_total: Decimal | None
    rounding: Decimal
    stamp: Decimal
    discounts: tuple[Discount, ...]
    withholdings: tuple[Withholding, ...]
    funds: tuple[Fund, ...]
    lines: tuple[DetailLine, ...]
    vat: tuple[VatSummary, ...]
    instalments: tuple[Instalment, ...]
    orders: tuple[OrderReference, ...]
    corrects: tuple[str, ...]
    xml_line: int
    total_line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BillFileContent:
    """A FatturaPA file: who sends it to whom, and its documents."""

    format: str
    recipient_code: str
    recipient_pec: str
    supplier: Party
    customer: Party
    documents: tuple[BillDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a document, in cents: `payable` is what the customer transfers (without split VAT and withheld tax)."""

    taxable: Decimal
    vat: Decimal
    total: Decimal
    rounding: Decimal
    stamp: Decimal
    withheld: Decimal
    split_vat: Decimal
    payable: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of SdI: about which file (and which document in it), and what it says."""

    kind: str
    sdi_id: str
    file_name: str
    at: str
    number: str = ""
    year: int | None = None
    outcome: str = ""
    text: str = ""
    errors: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailure:
    """A customer that a bill run could not bill, by its name, and why (a kept sentence)."""

    customer_id: int
    name: str
    reason: str
