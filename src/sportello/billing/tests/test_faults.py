"""What the schema finds, in sentences: each common fault names its element; what is rare stays in the validator's own words."""

import pytest
from django.utils import translation

from sportello.billing.fatturapa.faults import sentence_of
from sportello.billing.fatturapa.reading import read_file
from sportello.billing.fatturapa.xml import parse, parse_until
from sportello.billing.tests.factories import SCHEMAS, line, needs_schemas, xml
from sportello.billing.types import FileRefused
from sportello.kernel.sentences import told
from sportello.kernel.ui import telling

FAULTS = [
    (b"<Numero>2026/1</Numero>", b"", ["<Numero> is expected here, not <ImportoTotaleDocumento>."]),
    (b"<CAP>00100</CAP>", b"", ["One of <NumeroCivico>, <CAP> is expected here, not <Comune>."]),
    (b"</FatturaElettronicaBody>", b"<A/></FatturaElettronicaBody>",
     ["One of <DatiPagamento>, <Allegati> is expected here, not <A>."]),
    (b"2026/1<", b"123456789012345678901<", ["<Numero> is too long: 21 characters, where 20 fit."]),
    (b"2026/1<", b"<", ["<Numero> is empty."]),
    (b"EUR<", b"euro<", ["<Divisa> holds “euro”, which is not of the form [A-Z]{3}."]),
    (b"Canone<", "Canone €<".encode(), ["<Descrizione> holds “€”, a sign that the format does not admit."]),
    (b"<Data>2026-04-01", b"<Data>01/04/2026",
     ["<Data> holds “01/04/2026”, which is no day as the format writes it (like 2026-03-31)."]),
    (b"<Imposta>22.00", b"<Imposta>22,00",
     ["<Imposta> holds “22,00”, which is no number as the format writes it (like 1234.56)."]),
    (b"<Imposta>22.00", b"<Imposta>", ["<Imposta> is empty."]),
    (b"<EsigibilitaIVA>I", b"<EsigibilitaIVA>Z", ["<EsigibilitaIVA> holds “Z”; it may hold: D, I, S."]),
    (b"<EsigibilitaIVA>I", b"<EsigibilitaIVA>", ["<EsigibilitaIVA> is empty."]),
    (b"<NumeroLinea>1<", b"<NumeroLinea>0<", ["<NumeroLinea> holds 0; the least is 1."]),
    (b"<NumeroLinea>1<", b"<NumeroLinea>one<", ["<NumeroLinea> holds “one”, which it may not hold."]),
    (b"<AliquotaIVA>22.00", b"<AliquotaIVA>122.00", ["<AliquotaIVA> holds 122.00; the most is 100.00."]),
    (b"<Sede>", b"<Sede>here", ["<Sede> holds text between its elements."]),
    (b'versione="FPA12"', b"", ["In <FatturaElettronica> versione is missing."]),
    (b'versione="FPA12"', b'versione="FPA12" other="1"', ["other has no place here."]),
    (b'versione="FPA12"', b'versione="FPX"',
     ["versione has 3 characters, where 5 are asked for.", "versione holds “FPX”; it may hold: FPA12, FPR12."]),
]  # fmt: skip


@needs_schemas
def test_common_faults_of_a_document_are_told_with_their_element() -> None:
    right = xml(line())
    for old, new, sentences in FAULTS:
        assert old in right
        with pytest.raises(FileRefused) as refused:
            read_file(right.replace(old, new, 1), schemas=SCHEMAS)
        assert [told(one.reason) for one in refused.value.problems] == sentences


@needs_schemas
def test_faults_say_their_line_and_the_path_of_their_element() -> None:
    content = xml(line()).replace(b"<Imposta>22.00", b"<Imposta>22,00")
    with pytest.raises(FileRefused) as refused:
        read_file(content, schemas=SCHEMAS)
    (problem,) = refused.value.problems
    at = content[: content.index(b"<Imposta>")].count(b"\n") + 1
    path = "FatturaElettronica/FatturaElettronicaBody/DatiBeniServizi/DatiRiepilogo/Imposta"
    assert (problem.rule, problem.line, problem.element) == ("schema", at, path)


def test_faults_that_other_schemas_find_are_told_as_well() -> None:
    length = "The value has a length of"
    said = [
        told(sentence_of(f"Element 'A': {fault}"))
        for fault in (
            "Missing child element(s). Expected is ( B ).",
            "Missing child element(s). Expected is one of ( B, C ).",
            "This element is not expected.",
            f"[facet 'maxLength'] {length} '11'; this exceeds the allowed maximum length of '10'.",
            f"[facet 'minLength'] {length} '0'; this underruns the allowed minimum length of '1'.",
            "'31/12' is not a valid value of the atomic type 'xs:date'.",
        )
    ]
    assert said == [
        "In <A> <B> is missing.",
        "In <A> one of <B>, <C> is missing.",
        "<A> has no place here.",
        "<A> is too long: 11 characters, where 10 fit.",
        "<A> is empty.",
        "<A> holds “31/12”, which is no day as the format writes it (like 2026-03-31).",
    ]


def test_rare_faults_keep_the_validators_words_in_quotes_and_long_values_are_cut() -> None:
    rare = "Element '{urn:x}A': Element content is not allowed, because the type definition is simple."
    assert [told(sentence_of(one)) for one in (rare, "No 100% sense")] == [
        "The schema finds: “Element 'A': Element content is not allowed, because the type definition is simple.”",
        "The schema finds: “No 100% sense”",
    ]
    long = f"Element 'A': [facet 'pattern'] The value '{'x' * 99}' is not accepted by the pattern '[A-Z]{{3}}'."
    assert told(sentence_of(long)) == f"<A> holds “{'x' * 59}…”, which is not of the form [A-Z]{{3}}."


def test_outcome_of_an_administration_is_told_in_words_on_record_too() -> None:
    assert [telling.worded("billing.notification", "outcome", code) for code in ("EC01", "EC02", "EC09")] == [
        "Accepted", "Refused", "EC09",
    ]  # fmt: skip


def test_values_of_a_fault_are_never_read_as_a_sentence() -> None:
    with translation.override("it"):
        assert "<%(x)s>" in told(sentence_of("Element '%(x)s': This element is not expected."))


def test_malformed_document_is_refused_with_its_line_beside_the_words() -> None:
    document = b"<a>\n<b>\n</a>"
    with pytest.raises(FileRefused) as whole:
        parse(document)
    with pytest.raises(FileRefused) as begun:
        parse_until(document, "c")
    said = [(one.line, told(one.reason)) for refused in (whole, begun) for one in refused.value.problems]
    assert said == [(3, "Not well formed: “Opening and ending tag mismatch: b line 2 and a”")] * 2
