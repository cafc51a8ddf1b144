"""The ordinary format (FPA12, FPR12)."""

from __future__ import annotations

from datetime import date

from sportello.billing.fatturapa.fields import amount, day, discounts, line_of, number, party, text
from sportello.billing.fatturapa.xml import Element
from sportello.billing.types import (
    BillDocument,
    BillFileContent,
    DetailLine,
    Fund,
    Instalment,
    OrderReference,
    Reference,
    VatSummary,
    Withholding,
)

_ORDERS = ("DatiOrdineAcquisto", "DatiContratto", "DatiConvenzione", "DatiRicezione")


def read_ordinary(root: Element) -> BillFileContent:
    """Return what a FatturaElettronica says; the schema has found it right."""
    header = root.find("FatturaElettronicaHeader")
    assert header is not None  # noqa: S101 - the schema asks for it
    sent = "DatiTrasmissione"
    bodies = enumerate(root.findall("FatturaElettronicaBody"), start=1)
    supplier, customer = header.find("CedentePrestatore"), header.find("CessionarioCommittente")
    assert supplier is not None and customer is not None  # noqa: S101, PT018 - the schema asks for them
    who = {"identity": "DatiAnagrafici", "names": "DatiAnagrafici/Anagrafica", "seat": "Sede"}
    return BillFileContent(
        format=text(header, f"{sent}/FormatoTrasmissione"),
        recipient_code=text(header, f"{sent}/CodiceDestinatario"),
        recipient_pec=text(header, f"{sent}/PECDestinatario"),
        supplier=party(supplier, **who),
        customer=party(customer, **who),
        documents=tuple(_document(place, body) for place, body in bodies),
    )


def _document(position: int, body: Element) -> BillDocument:
    head = body.find("DatiGenerali/DatiGeneraliDocumento")
    assert head is not None  # noqa: S101 - the schema asks for it
    goods = "DatiBeniServizi"
    return BillDocument(
        position=position,
        document_type=text(head, "TipoDocumento"),
        number=text(head, "Numero"),
        issue_date=day(head, "Data") or date.min,
        currency=text(head, "Divisa"),
        stated_total=amount(head, "ImportoTotaleDocumento"),
        rounding=number(head, "Arrotondamento"),
        stamp=number(head, "DatiBollo/ImportoBollo"),
        discounts=discounts(head),
        withholdings=tuple(_withholding(one) for one in head.findall("DatiRitenuta")),
        funds=tuple(_fund(one) for one in head.findall("DatiCassaPrevidenziale")),
        lines=tuple(_line(one) for one in body.findall(f"{goods}/DettaglioLinee")),
        vat=tuple(_vat(one) for one in body.findall(f"{goods}/DatiRiepilogo")),
        instalments=tuple(_instalment(one) for one in body.findall("DatiPagamento/DettaglioPagamento")),
        orders=tuple(_order(one, kind) for kind in _ORDERS for one in body.findall(f"DatiGenerali/{kind}")),
        corrects=tuple(text(one, "IdDocumento") for one in body.findall("DatiGenerali/DatiFattureCollegate")),
        xml_line=line_of(head),
        total_line=line_of(head.find("ImportoTotaleDocumento")),
    )


def _withholding(one: Element) -> Withholding:
    return Withholding(
        kind=text(one, "TipoRitenuta"),
        amount=number(one, "ImportoRitenuta"),
        rate=number(one, "AliquotaRitenuta"),
        xml_line=line_of(one),
    )


def _fund(one: Element) -> Fund:
    return Fund(
        amount=number(one, "ImportoContributoCassa"),
        vat_rate=number(one, "AliquotaIVA"),
        nature=text(one, "Natura"),
        withheld=text(one, "Ritenuta") == "SI",
    )


def _line(one: Element) -> DetailLine:
    return DetailLine(
        number=int(text(one, "NumeroLinea")),
        description=text(one, "Descrizione"),
        quantity=amount(one, "Quantita"),
        unit=text(one, "UnitaMisura"),
        unit_price=number(one, "PrezzoUnitario"),
        amount=number(one, "PrezzoTotale"),
        vat_rate=number(one, "AliquotaIVA"),
        nature=text(one, "Natura"),
        period_from=day(one, "DataInizioPeriodo"),
        period_to=day(one, "DataFinePeriodo"),
        discounts=discounts(one),
        administration_reference=text(one, "RiferimentoAmministrazione"),
        references=tuple(
            Reference(kind=text(other, "TipoDato"), text=text(other, "RiferimentoTesto"))
            for other in one.findall("AltriDatiGestionali")
        ),
        withheld=text(one, "Ritenuta") == "SI",
        xml_line=line_of(one),
    )


def _vat(one: Element) -> VatSummary:
    return VatSummary(
        rate=number(one, "AliquotaIVA"),
        nature=text(one, "Natura"),
        taxable=number(one, "ImponibileImporto"),
        vat=number(one, "Imposta"),
        rounding=number(one, "Arrotondamento"),
        exigibility=text(one, "EsigibilitaIVA"),
        law=text(one, "RiferimentoNormativo"),
        xml_line=line_of(one),
    )


def _instalment(one: Element) -> Instalment:
    return Instalment(
        method=text(one, "ModalitaPagamento"),
        amount=number(one, "ImportoPagamento"),
        due_date=day(one, "DataScadenzaPagamento"),
        iban=text(one, "IBAN"),
        code=text(one, "CodicePagamento"),
    )


def _order(one: Element, kind: str) -> OrderReference:
    return OrderReference(
        kind=kind, document=text(one, "IdDocumento"), cup=text(one, "CodiceCUP"), cig=text(one, "CodiceCIG")
    )
