"""Reading FatturaPA: the samples, envelopes, encodings, and what is refused."""

import base64
import subprocess
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.billing.fatturapa.reading import read_file, read_parties
from sportello.billing.fatturapa.sums import totals_of
from sportello.billing.tests.factories import SAMPLES, SCHEMAS, VAT_A, document, line, needs_schemas, xml
from sportello.billing.types import FileRefused
from sportello.kernel.sentences import kept, told

pytestmark = needs_schemas


def read(content: bytes):
    return read_file(content, schemas=SCHEMAS)


def refused(content: bytes):
    with pytest.raises(FileRefused) as raised:
        read(content)
    return [(problem.rule, problem.line, problem.element) for problem in raised.value.problems]


def facts(content: bytes):
    found = read(content)
    return [
        (
            one.document_type,
            one.number,
            one.issue_date.isoformat(),
            str(totals.total),
            len(one.lines),
            str(totals.payable),
        )
        for one, totals in zip(found.bills.documents, found.totals, strict=True)
    ]


def test_eight_samples_are_read_with_number_date_total_and_lines():
    found = {
        path.stem: facts(path.read_bytes()) for path in SAMPLES.glob("*.xml") if path.stem != "invoice-windows1252"
    }
    assert found == {
        "invoice-b2g": [("TD01", "SAMPLE-002", "2024-10-09", "265.00", 2, "265.00")],
        "invoice-credit-note": [("TD04", "CN-001", "2024-10-09", "1388.40", 2, "-1388.40")],
        "invoice-hotel-complex": [("TD01", "INV4-000008", "2025-02-06", "248.58", 5, "248.58")],
        "invoice-irpef": [("TD06", "SAMPLE-001", "2023-03-02", "1026.74", 2, "1026.74")],
        "invoice-reverse-charge": [("TD01", "SAMPLE-010", "2024-02-15", "2300.00", 2, "2300.00")],
        "invoice-services-period": [("TD06", "SAMPLE-001", "2023-03-02", "2806.00", 2, "2806.00")],
        "invoice-simple-iban": [("TD06", "SAMPLE-001", "2023-03-02", "1388.40", 2, "1388.40")],
        "invoice-simple-rounding": [("TD06", "SAMPLE-001", "2023-03-02", "1388.41", 2, "1388.41")],
    }


def test_ninth_sample_is_refused_with_the_reason_line_and_element_of_the_schema():
    with pytest.raises(FileRefused) as raised:
        read((SAMPLES / "invoice-windows1252.xml").read_bytes())
    body = "FatturaElettronica/FatturaElettronicaBody/DatiBeniServizi"
    assert [problem.facts() for problem in raised.value.problems] == [
        {
            "rule": "schema",
            "reason": kept("In %(name)s %(expected)s is missing.", name="<CodiceArticolo>", expected="<CodiceValore>"),
            "line": at,
            "element": f"{body}/DettaglioLinee[{place}]/CodiceArticolo",
        }
        for place, at in ((1, 79), (2, 95))
    ]


def test_windows_1252_is_read_when_the_schema_finds_it_right():
    # The sample declares windows-1252 and is written in UTF-8: here it is what it says.
    text = (SAMPLES / "invoice-windows1252.xml").read_bytes().decode().encode("cp1252")
    start, end = text.index(b"<CodiceArticolo>"), text.index(b"</CodiceArticolo>")
    block = text[start : end + len(b"</CodiceArticolo>")]
    right = text.replace(block, b"")
    found = read(right)
    assert facts(right) == [("TD01", "1", "2025-01-23", "169.14", 2, "169.14")]
    assert found.bills.documents[0].lines[0].references[0].text == "Id: 2811 - Qtà: 1"
    assert found.bills.supplier.name == "MªF. Services"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-15"])
def test_encodings_and_byte_order_marks(encoding):
    declared = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "iso-8859-15": "ISO-8859-15"}[encoding]
    body = xml(line(description="Canone perché")).decode().split("?>", 1)[1]
    content = f'<?xml version="1.0" encoding="{declared}"?>{body}'.encode(encoding)
    assert read(content).bills.documents[0].lines[0].description == "Canone perché"


def test_blank_lines_before_the_document_and_other_prefixes():
    plain = xml()
    assert facts(b"\n\n" + plain.split(b"?>", 1)[1]) == facts(plain)
    assert facts(
        plain.replace(b"<p:", b"<ns3:").replace(b"</p:", b"</ns3:").replace(b"xmlns:p=", b"xmlns:ns3=")
    ) == facts(plain)


def test_several_bodies_in_one_file():
    text = xml(number="2026/1").decode()
    start, end = text.index("<FatturaElettronicaBody>"), text.index("</p:FatturaElettronica>")
    second = text[start:end].replace("2026/1", "2026/2").replace("TD01", "TD04")
    assert facts((text[:end] + second + text[end:]).encode()) == [
        ("TD01", "2026/1", "2026-04-01", "122.00", 1, "122.00"),
        ("TD04", "2026/2", "2026-04-01", "122.00", 1, "-122.00"),
    ]
    twice = text[start:end]
    assert [rule for rule, _line, _element in refused((text[:end] + twice + text[end:]).encode())] == ["00409"]


FSM10 = b"""<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronicaSemplificata versione="FSM10" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0">
<FatturaElettronicaHeader><DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>12345678903</IdCodice></IdTrasmittente>
<ProgressivoInvio>1</ProgressivoInvio><FormatoTrasmissione>FSM10</FormatoTrasmissione><CodiceDestinatario>BCDEFG1</CodiceDestinatario>
</DatiTrasmissione><CedentePrestatore><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>12345678903</IdCodice></IdFiscaleIVA>
<Denominazione>Operatore</Denominazione><Sede><Indirizzo>Via Roma</Indirizzo><CAP>00100</CAP><Comune>Roma</Comune><Nazione>IT</Nazione></Sede>
<RegimeFiscale>RF01</RegimeFiscale></CedentePrestatore><CessionarioCommittente><IdentificativiFiscali><IdFiscaleIVA><IdPaese>IT</IdPaese>
<IdCodice>12345670017</IdCodice></IdFiscaleIVA></IdentificativiFiscali></CessionarioCommittente></FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD07</TipoDocumento><Divisa>EUR</Divisa><Data>2026-04-01</Data>
<Numero>S1</Numero></DatiGeneraliDocumento></DatiGenerali><DatiBeniServizi><Descrizione>Ricarica</Descrizione><Importo>12.20</Importo>
<DatiIVA><Imposta>2.20</Imposta><Aliquota>22.00</Aliquota></DatiIVA></DatiBeniServizi><DatiBeniServizi><Descrizione>Traffico</Descrizione>
<Importo>10.00</Importo><DatiIVA><Aliquota>22.00</Aliquota></DatiIVA></DatiBeniServizi></FatturaElettronicaBody>
</p:FatturaElettronicaSemplificata>"""


def test_simplified_document_has_its_vat_taken_out_of_its_amounts():
    found = read(FSM10)
    assert facts(FSM10) == [("TD07", "S1", "2026-04-01", "22.20", 2, "22.20")]
    assert [str(one.amount) for one in found.bills.documents[0].lines] == ["10.00", "8.20"]
    assert (str(found.totals[0].taxable), str(found.totals[0].vat)) == ("18.20", "4.00")
    assert [rule for rule, _line, _element in refused(FSM10.replace(b"<Imposta>2.20", b"<Imposta>3.20"))] == ["00421"]


# --- envelopes ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """Sign with openssl, another's implementation than the one that reads."""
    folder = tmp_path_factory.mktemp("signing")

    def run(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    run(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "k.pem",
        "-out",
        "c.pem",
        "-days",
        "2",
        "-subj",
        "/CN=Firma Prova",
    )
    run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ek.pem")
    run("req", "-x509", "-new", "-key", "ek.pem", "-out", "ec.pem", "-days", "2", "-subj", "/CN=Firma Curva")

    def sign(content: bytes, *words: str, form: str = "DER", key: str = "") -> bytes:
        (folder / "in").write_bytes(content)
        run("cms", "-sign", "-binary", "-in", "in", "-out", "out", "-signer", f"{key}c.pem", "-inkey", f"{key}k.pem",
            "-outform", form, "-md", "sha256", *(words or ("-nodetach",)))  # fmt: skip
        return (folder / "out").read_bytes()

    return sign


def test_signed_files_der_pem_base64_and_streamed(signed):
    plain = xml()
    der = signed(plain)
    forms = [der, signed(plain, form="PEM"), base64.b64encode(der), base64.encodebytes(der), base64.b64encode(plain),
             signed(base64.b64encode(plain)), signed(plain, "-nodetach", "-stream"), signed(plain, key="e"),
             signed(plain, "-nodetach", "-keyid")]  # fmt: skip
    assert [facts(form) for form in forms] == [facts(plain)] * len(forms)
    assert "Signed by Firma Prova." in map(told, read(der).notes)
    assert read(der).signed
    assert not read(plain).signed


def test_h03_broken_nested_detached_and_damaged_signatures_are_refused(signed):
    plain = xml()
    der = signed(plain)
    changed = der.replace(b"Canone", b"Canona")
    other = signed(plain.replace(b"Canone", b"Canona"))
    forged = der[: der.index(plain)] + plain + der[der.index(plain) + len(plain) : -20] + other[-20:]
    assert changed != der
    assert [refused(one)[0][0] for one in (changed, forged, der[:-40], b"\x30\x82" + b"x" * 50)] == ["signature"] * 4
    assert refused(signed(der))[0][0] == "nested"
    assert refused(signed(plain, "-binary"))[0][0] == "signature"
    assert refused(signed(b"hello"))[0][0] == "envelope"
    assert refused(b"hello world, this is no bill")[0][0] == "envelope"
    assert refused(b"")[0][0] == "envelope"


def test_h03_files_that_are_too_large_are_refused():
    assert refused(b"<a>" + b"x" * (11 * 1024 * 1024))[0][0] == "size"


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE a [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/x">]>',
    ],
)
def test_f05_documents_with_a_document_type_are_refused(dtd):
    body = xml().decode().split("?>", 1)[1]
    assert refused(f'<?xml version="1.0"?>{dtd}{body}'.encode()) == [("xml", 0, "")]
    assert refused(f'<?xml version="1.0" encoding="UTF-16"?>{dtd}{body}'.encode("utf-16")) == [("xml", 0, "")]


def test_f05_what_is_not_well_formed_says_where():
    content = xml().replace(b"</Descrizione>", b"</Descrizone>", 1)
    rule, at, _element = refused(content)[0]
    assert (rule, at > 10) == ("xml", True)


def test_f05_a_style_sheet_and_an_inclusion_from_elsewhere_are_not_fetched():
    style = xml().replace(
        b"<p:Fattura", b'<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:1/x.xsl"?><p:Fattura', 1
    )
    assert facts(style) == facts(xml())
    include = xml().replace(
        b"<FatturaElettronicaHeader>",
        b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/><FatturaElettronicaHeader>',
        1,
    )
    assert refused(include)[0][0] == "schema"


def test_documents_of_another_kind_are_refused_by_name():
    with pytest.raises(FileRefused, match="<html>"):
        read(b"<html/>")


def test_without_a_schema_nothing_is_taken(tmp_path):
    with pytest.raises(FileRefused, match="SPORTELLO_FATTURAPA_SCHEMAS"):
        read_file(xml(), schemas=tmp_path)


# --- sums -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (b"<PrezzoTotale>100.00", b"<PrezzoTotale>100.01", ["00423", "00422"]),
        (b"<Imposta>22.00", b"<Imposta>22.01", ["00421"]),
        (b"<ImponibileImporto>100.00", b"<ImponibileImporto>99.00", ["00421", "00422", "total"]),
        (b"<ImportoTotaleDocumento>122.00", b"<ImportoTotaleDocumento>122.01", ["total"]),
        (b"<ImportoTotaleDocumento>122.00", b"<ImportoTotaleDocumento>100.00", ["total"]),
        (b"<Divisa>EUR", b"<Divisa>USD", ["currency"]),
    ],
)
def test_h02_sums_that_are_wrong_by_a_cent_are_refused(old, new, rules):
    content = xml()
    assert old in content
    assert [rule for rule, _line, _element in refused(content.replace(old, new))] == rules


def test_h02_a_wrong_sum_names_line_and_element():
    content = xml().replace(b"<ImportoTotaleDocumento>122.00", b"<ImportoTotaleDocumento>130.00")
    at = content[: content.index(b"<ImportoTotaleDocumento>")].count(b"\n") + 1
    assert refused(content) == [("total", at, "ImportoTotaleDocumento")]


def test_h04_split_payment_leaves_the_vat_to_the_treasury():
    totals = read(xml(split=True)).totals[0]
    assert (totals.total, totals.split_vat, totals.payable) == (Decimal("122.00"), Decimal("22.00"), Decimal("100.00"))


def test_h04_stamp_duty_and_withholding_of_the_sample():
    totals = read((SAMPLES / "invoice-irpef.xml").read_bytes()).totals[0]
    assert (totals.stamp, totals.withheld, totals.payable) == (Decimal("12.34"), Decimal("374.00"), Decimal("1026.74"))


def test_h04_reverse_charge_asks_for_no_vat_and_one_with_vat_is_refused():
    content = (SAMPLES / "invoice-reverse-charge.xml").read_bytes()
    totals = read(content).totals[0]
    assert (totals.taxable, totals.vat, totals.total, totals.payable) == (
        Decimal("2300.00"), Decimal("0.00"), Decimal("2300.00"), Decimal("2300.00"),
    )  # fmt: skip
    assert refused(content.replace(b"<Imposta>0.00", b"<Imposta>506.00")) != []


def test_h04_withheld_tax_that_is_not_in_the_total_is_taken_off_what_is_paid():
    content = (SAMPLES / "invoice-irpef.xml").read_bytes().replace(b">1026.74<", b">1388.40<")
    totals = read(content).totals[0]
    assert (totals.total, totals.payable) == (Decimal("1388.40"), Decimal("1014.40"))
    assert [one[0] for one in refused(content.replace(b"<ImportoRitenuta>324.00", b"<ImportoRitenuta>600.00"))] == [
        "withholding"
    ]


cents = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(100000), places=2)


@given(amounts=st.lists(cents, min_size=1, max_size=30), split=st.booleans(), rate=st.sampled_from([4, 5, 10, 22]))
def test_h04_lines_add_up_to_the_total_and_any_cent_more_is_refused(amounts, split, rate):
    written = document(*(line(str(one)) for one in amounts), split=split, vat_rate=Decimal(rate))
    from sportello.billing.fatturapa.writing import write_bill

    found = read(write_bill(written))
    totals = found.totals[0]
    assert sum(amounts) == totals.taxable
    assert totals.taxable + totals.vat == totals.total
    assert totals.payable + totals.split_vat + totals.withheld == totals.total
    body = found.bills.documents[0]
    _totals, wrong = totals_of(replace(body, stated_total=totals.total + Decimal("0.01")))
    assert [problem.rule for problem in wrong] == ["total"]
    first = replace(body.lines[0], amount=body.lines[0].amount + Decimal("0.01"))
    _totals, wrong = totals_of(replace(body, lines=(first, *body.lines[1:])))
    assert {problem.rule for problem in wrong} == {"00422", "00423"}


@given(amounts=st.lists(cents, min_size=1, max_size=10))
def test_h04_a_credit_note_is_the_invoice_with_its_sign_turned(amounts):
    body = read(xml(*(line(str(one)) for one in amounts))).bills.documents[0]
    invoice, _none = totals_of(body)
    credit, _none = totals_of(replace(body, document_type="TD04"))
    assert (credit.total, credit.payable) == (invoice.total, -invoice.payable)


# --- whatever else comes ----------------------------------------------------------------------------------------------


@given(content=st.binary(max_size=400))
def test_c19_whatever_bytes_come_they_are_refused_and_crash_nothing(content):
    with pytest.raises(FileRefused):
        read(content)


@given(place=st.integers(min_value=0, max_value=3000), byte=st.integers(min_value=0, max_value=255))
def test_c19_a_document_with_one_byte_changed_is_read_or_refused(place, byte):
    content = bytearray(xml())
    content[place % len(content)] = byte
    try:
        found = read(bytes(content))
    except FileRefused:
        return
    assert len(found.bills.documents) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<DataInizioPeriodo>2026-03-01", b"<DataInizioPeriodo>-0044-03-15"),
        (b"<DataFinePeriodo>2026-03-31", b"<DataFinePeriodo>12026-03-31"),
    ],
)
def test_g07_days_that_no_calendar_has_are_refused(old, new):
    assert old in xml()
    assert refused(xml().replace(old, new)) == [("range", 0, "")]


def test_parties_are_read_no_further_than_the_head():
    whole = xml()
    head, end, _bodies = whole.partition(b"</FatturaElettronicaHeader>")
    supplier, customer = read_parties(head + end + b"<FatturaElettronicaBody> broken off")
    assert (supplier.name, customer.name, customer.vat_number) == ("Operatore di prova", "Comune di Alfa", VAT_A)
    for wrong in (head, b"<!DOCTYPE a><a/>", b"<a/>"):
        with pytest.raises(FileRefused):
            read_parties(wrong)
