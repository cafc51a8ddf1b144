"""The simplified format (FSM10): amounts with VAT inside, no summary, no total. What is missing is made from the lines."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from sportello.billing.fatturapa.fields import amount, day, line_of, number, party, text
from sportello.billing.fatturapa.xml import Element
from sportello.billing.types import ZERO, BillDocument, BillFileContent, DetailLine, VatSummary
from sportello.kernel.money import round_cents


def read_simplified(root: Element) -> BillFileContent:
    """Return what a FatturaElettronicaSemplificata says; the schema has found it right."""
    header = root.find("FatturaElettronicaHeader")
    assert header is not None  # noqa: S101 - the schema asks for it
    supplier, customer = header.find("CedentePrestatore"), header.find("CessionarioCommittente")
    assert supplier is not None and customer is not None  # noqa: S101, PT018 - the schema asks for them
    other = "AltriDatiIdentificativi"
    return BillFileContent(
        format=text(header, "DatiTrasmissione/FormatoTrasmissione"),
        recipient_code=text(header, "DatiTrasmissione/CodiceDestinatario"),
        recipient_pec=text(header, "DatiTrasmissione/PECDestinatario"),
        supplier=party(supplier, identity="", names="", seat="Sede"),
        customer=party(customer, identity="IdentificativiFiscali", names=other, seat=f"{other}/Sede"),
        documents=tuple(
            _document(place, body) for place, body in enumerate(root.findall("FatturaElettronicaBody"), start=1)
        ),
    )


def _document(position: int, body: Element) -> BillDocument:
    head = body.find("DatiGenerali/DatiGeneraliDocumento")
    assert head is not None  # noqa: S101 - the schema asks for it
    goods = body.findall("DatiBeniServizi")
    lines = tuple(_line(place, one) for place, one in enumerate(goods, start=1))
    corrected = text(body, "DatiGenerali/DatiFatturaRettificata/NumeroFR")
    return BillDocument(
        position=position,
        document_type=text(head, "TipoDocumento"),
        number=text(head, "Numero"),
        issue_date=day(head, "Data") or date.min,
        currency=text(head, "Divisa"),
        stated_total=sum((number(one, "Importo") for one in goods), start=ZERO),
        rounding=ZERO,
        stamp=ZERO,
        discounts=(),
        withholdings=(),
        funds=(),
        lines=lines,
        vat=_summaries(goods, lines),
        instalments=(),
        orders=(),
        corrects=(corrected,) if corrected else (),
        xml_line=line_of(head),
    )


def tax_inside(whole: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT inside an amount, to the cent."""
    return round_cents(whole * rate / (100 + rate))


def _tax(one: Element) -> Decimal:
    stated = amount(one, "DatiIVA/Imposta")
    return tax_inside(number(one, "Importo"), number(one, "DatiIVA/Aliquota")) if stated is None else stated


def _line(place: int, one: Element) -> DetailLine:
    net = number(one, "Importo") - _tax(one)
    return DetailLine(
        number=place,
        description=text(one, "Descrizione"),
        quantity=None,
        unit="",
        unit_price=net,
        amount=net,
        vat_rate=number(one, "DatiIVA/Aliquota"),
        nature=text(one, "Natura"),
        period_from=None,
        period_to=None,
        discounts=(),
        administration_reference="",
        references=(),
        withheld=False,
        xml_line=line_of(one),
    )


def _summaries(goods: list[Element], lines: tuple[DetailLine, ...]) -> tuple[VatSummary, ...]:
    taxable: dict[tuple[Decimal, str], Decimal] = defaultdict(Decimal)
    vat: dict[tuple[Decimal, str], Decimal] = defaultdict(Decimal)
    where: dict[tuple[Decimal, str], Element] = {}
    for one, line in zip(goods, lines, strict=True):
        key = (line.vat_rate, line.nature)
        taxable[key] += line.amount
        vat[key] += _tax(one)
        where.setdefault(key, one)
    return tuple(
        VatSummary(
            rate=rate,
            nature=nature,
            taxable=taxable[rate, nature],
            vat=vat[rate, nature],
            rounding=ZERO,
            exigibility="I",
            law=text(where[rate, nature], "RiferimentoNormativo"),
            xml_line=line_of(where[rate, nature]),
        )
        for rate, nature in taxable
    )
