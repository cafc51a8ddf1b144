from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel import identifiers
from sportello.kernel.identifiers import InvalidIdentifier

RIGHT = [
    (identifiers.vat_number, "IT 00743110157", "00743110157"),
    (identifiers.vat_number, "00743110157", "00743110157"),
    (identifiers.vat_number, "ES-A13 585 625", "ESA13585625"),
    (identifiers.tax_code, "rcc mni 83s18 d969e", "RCCMNI83S18D969E"),
    (identifiers.tax_code, "00743110157", "00743110157"),
    (identifiers.ipa_code, "uf a1b2", "UFA1B2"),
    (identifiers.sdi_code, "0000000", "0000000"),
    (identifiers.iban, "IT60 X054 2811 1010 0000 0123 456", "IT60X0542811101000000123456"),
    (identifiers.iccid, "8939 0000 0000 0000 001", "8939000000000000001"),
    (identifiers.imei, "49-015420-323751-8", "490154203237518"),
]
WRONG = [
    (identifiers.vat_number, "00743110158", "vat_number"),
    (identifiers.vat_number, "ESA13585626", "vat_number"),
    (identifiers.vat_number, "", "vat_number"),
    (identifiers.vat_number, "٠٠٧٤٣١١٠١٥٧", "vat_number"),
    (identifiers.tax_code, "RCCMNI83S18D969A", "tax_code"),
    (identifiers.tax_code, "RCCMNI83S18D96", "tax_code"),
    (identifiers.ipa_code, "UFA1B", "ipa_code"),
    (identifiers.sdi_code, "ABC-12", "sdi_code"),
    (identifiers.iban, "IT61X0542811101000000123456", "iban"),
    (identifiers.iccid, "8939000000000000004", "iccid"),
    (identifiers.iccid, "7939000000000000003", "iccid"),
    (identifiers.imei, "490154203237517", "imei"),
    (identifiers.imei, "49015420323751", "imei"),
]


@pytest.mark.parametrize(("check", "written", "expected"), RIGHT)
def test_right_code_comes_back_in_one_form(check: Callable[[str], str], written: str, expected: str) -> None:
    assert check(written) == expected


@pytest.mark.parametrize(("check", "written", "field"), WRONG)
def test_wrong_code_is_refused_at_its_field(check: Callable[[str], str], written: str, field: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        check(written)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


def test_spanish_codes_are_read_in_their_country() -> None:
    assert identifiers.vat_number("A13585625", "ES") == "ESA13585625"
    assert identifiers.tax_code("54362315K", "ES") == "54362315K"
    with pytest.raises(InvalidIdentifier):
        identifiers.tax_code("54362315Z", "ES")


@pytest.mark.parametrize("check", [check for check, _written, _expected in RIGHT[::2]])
@given(text=st.text(max_size=30))
def test_any_text_is_answered_or_refused(check: Callable[[str], str], text: str) -> None:
    try:
        code = check(text)
    except InvalidIdentifier:
        return
    assert check(code) == code
