"""Writing FatturaPA 1.2 (FPA12, FPR12), in the order of the schema. Our own reader reads it back before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from sportello.billing.fatturapa.xml import Element
from sportello.billing.types import ZERO
from sportello.kernel.money import round_cents

NAMESPACE: Final = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
SPLIT_LAW: Final = "Scissione dei pagamenti - art. 17-ter DPR 633/72"
Content = str | list[tuple[str, "Content"]] | None
Field = tuple[str, Content]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenParty:
    """A seller or buyer with the seat that the schema asks for."""

    name: str
    country: str
    vat_number: str
    tax_code: str
    address: str
    postcode: str
    city: str
    province: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTax:
    """How VAT falls on a line: a `rate` in percent, or none with the `nature` and the `law` that say why."""

    rate: Decimal
    nature: str = ""
    law: str = ""


STANDARD: Final = WrittenTax(rate=Decimal(22))


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSum:
    """What the lines of one tax add up to, to the cent, and the VAT on it."""

    tax: WrittenTax
    taxable: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLine:
    """A line: `amount` net of VAT, `number` the telephone line, `centre` the cost centre, `charge` the word of the charge."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    first: date
    last: date
    number: str = ""
    centre: str = ""
    charge: str = ""
    tax: WrittenTax = STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenBill:
    """A bill to be written, its lines with VAT as each says; `split` is split payment, `credit` a credit note in the customer's favour."""

    public: bool
    progressive: str
    office_code: str
    supplier: WrittenParty
    customer: WrittenParty
    number: str
    issue_date: date
    due_date: date
    agreement: str
    agreement_date: date | None
    cig: str
    cup: str
    lines: tuple[WrittenLine, ...]
    split: bool
    iban: str
    credit: bool = False

    @property
    def sums(self) -> list[WrittenSum]:
        """Return the summaries, one of each tax."""
        return sums_of(self.lines)

    @property
    def total(self) -> Decimal:
        """Return the total with VAT."""
        return total_of(self.lines)


def sums_of(lines: Sequence[WrittenLine]) -> list[WrittenSum]:
    """Return what lines add up to by tax, the highest rate first; VAT is that of the sum, not of each line."""
    amounts: dict[WrittenTax, Decimal] = {}
    for line in lines:
        amounts[line.tax] = amounts.get(line.tax, ZERO) + line.amount
    return [_sum(tax, round_cents(amounts[tax])) for tax in sorted(amounts, key=lambda tax: (-tax.rate, tax.nature))]


def total_of(lines: Sequence[WrittenLine]) -> Decimal:
    """Return what lines come to with VAT; below zero where discounts outweigh the rest."""
    return sum((one.taxable + one.vat for one in sums_of(lines)), start=ZERO)


def _sum(tax: WrittenTax, taxable: Decimal) -> WrittenSum:
    return WrittenSum(tax=tax, taxable=taxable, vat=round_cents(taxable * tax.rate / 100))


def write_bill(bill: WrittenBill) -> bytes:
    """Return the XML of a bill."""
    root = etree.Element(
        f"{{{NAMESPACE}}}FatturaElettronica", nsmap={"p": NAMESPACE}, attrib={"versione": _format(bill)}
    )
    _fill(root, [("FatturaElettronicaHeader", _header(bill)), ("FatturaElettronicaBody", _body(bill))])
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _fill(parent: Element, fields: list[Field]) -> None:
    """Append the fields in their order; what is None is left out."""
    for name, content in fields:
        if content is None:
            continue
        child = etree.SubElement(parent, name)
        if isinstance(content, str):
            child.text = latin(content)
        else:
            _fill(child, content)


def latin(text: str) -> str:
    """Return a text in the letters that the schema admits (Latin-1), others as question marks."""
    return " ".join(text.encode("latin-1", "replace").decode("latin-1").split())


def _format(bill: WrittenBill) -> str:
    return "FPA12" if bill.public else "FPR12"


def _header(bill: WrittenBill) -> list[Field]:
    return [
        (
            "DatiTrasmissione",
            [
                ("IdTrasmittente", [("IdPaese", bill.supplier.country), ("IdCodice", bill.supplier.vat_number)]),
                ("ProgressivoInvio", bill.progressive),
                ("FormatoTrasmissione", _format(bill)),
                ("CodiceDestinatario", bill.office_code),
            ],
        ),
        (
            "CedentePrestatore",
            [("DatiAnagrafici", _identity(bill.supplier, regime="RF01")), ("Sede", _seat(bill.supplier))],
        ),
        ("CessionarioCommittente", [("DatiAnagrafici", _identity(bill.customer)), ("Sede", _seat(bill.customer))]),
    ]


def _identity(party: WrittenParty, regime: str | None = None) -> list[Field]:
    identity: list[Field] = [("IdPaese", party.country), ("IdCodice", party.vat_number)]
    return [
        ("IdFiscaleIVA", identity if party.vat_number else None),
        ("CodiceFiscale", party.tax_code or None),
        ("Anagrafica", [("Denominazione", party.name[:80])]),
        ("RegimeFiscale", regime),
    ]


def _seat(party: WrittenParty) -> list[Field]:
    at_home = party.country == "IT"
    return [
        ("Indirizzo", party.address[:60] or "-"),
        ("CAP", party.postcode if at_home and len(party.postcode) == 5 else "00000"),  # noqa: PLR2004
        ("Comune", party.city[:60] or "-"),
        ("Provincia", party.province if at_home and len(party.province) == 2 else None),  # noqa: PLR2004
        ("Nazione", party.country),
    ]


def _body(bill: WrittenBill) -> list[Field]:
    general: list[Field] = [("DatiGeneraliDocumento", _document(bill))]
    if bill.agreement:
        general.append(("DatiContratto", _contract(bill)))
    goods: list[Field] = [("DettaglioLinee", _line(place, line)) for place, line in enumerate(bill.lines, start=1)]
    goods += [("DatiRiepilogo", _summary(one, split=bill.split)) for one in bill.sums]
    payment = None if bill.credit else _payment(bill)  # a credit note asks for nothing
    return [("DatiGenerali", general), ("DatiBeniServizi", goods), ("DatiPagamento", payment)]


def _document(bill: WrittenBill) -> list[Field]:
    return [
        ("TipoDocumento", "TD04" if bill.credit else "TD01"),
        ("Divisa", "EUR"),
        ("Data", bill.issue_date.isoformat()),
        ("Numero", bill.number),
        ("ImportoTotaleDocumento", f"{bill.total:.2f}"),
    ]


def _contract(bill: WrittenBill) -> list[Field]:
    return [
        ("IdDocumento", bill.agreement[:20]),
        ("Data", bill.agreement_date.isoformat() if bill.agreement_date else None),
        ("CodiceCUP", bill.cup or None),
        ("CodiceCIG", bill.cig or None),
    ]


def _line(place: int, line: WrittenLine) -> list[Field]:
    return [
        ("NumeroLinea", str(place)),
        ("Descrizione", line.description[:1000]),
        ("Quantita", f"{line.quantity:.2f}"),
        ("DataInizioPeriodo", line.first.isoformat()),
        ("DataFinePeriodo", line.last.isoformat()),
        ("PrezzoUnitario", _price(line.unit_price)),
        ("PrezzoTotale", _price(line.amount)),
        ("AliquotaIVA", f"{line.tax.rate:.2f}"),
        ("Natura", line.tax.nature or None),
        ("RiferimentoAmministrazione", line.centre[:20] or None),
        *_other(line),
    ]


def _other(line: WrittenLine) -> list[Field]:
    named = (("LINEA", line.number), ("CDC", line.centre), ("VOCE", line.charge))
    return [
        ("AltriDatiGestionali", [("TipoDato", kind), ("RiferimentoTesto", text[:60])]) for kind, text in named if text
    ]


def _price(amount: Decimal) -> str:
    """Write an amount with two decimals, or as many as it has."""
    places = max(2, -int(amount.normalize().as_tuple().exponent)) if amount else 2
    return f"{amount:.{places}f}"


def _summary(one: WrittenSum, *, split: bool) -> list[Field]:
    law = one.tax.law or (SPLIT_LAW if split else "")
    taxed = "S" if split else "I"
    return [
        ("AliquotaIVA", f"{one.tax.rate:.2f}"),
        ("Natura", one.tax.nature or None),
        ("ImponibileImporto", f"{one.taxable:.2f}"),
        ("Imposta", f"{one.vat:.2f}"),
        ("EsigibilitaIVA", None if one.tax.nature else taxed),
        ("RiferimentoNormativo", law[:100] or None),
    ]


def _payment(bill: WrittenBill) -> list[Field]:
    asked = bill.total - (sum((one.vat for one in bill.sums), start=ZERO) if bill.split else ZERO)
    return [
        ("CondizioniPagamento", "TP02"),
        (
            "DettaglioPagamento",
            [
                ("ModalitaPagamento", "MP05"),
                ("DataScadenzaPagamento", bill.due_date.isoformat()),
                ("ImportoPagamento", f"{asked:.2f}"),
                ("IBAN", bill.iban or None),
            ],
        ),
    ]
