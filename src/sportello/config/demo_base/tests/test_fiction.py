import phonenumbers
import pytest
from phonenumbers.carrier import name_for_number

from sportello.config.demo_base import fiction
from sportello.kernel import identifiers
from sportello.kernel.phones import is_allowed_for_codes, is_mobile, normalise


@pytest.mark.parametrize("country", ["IT", "ES"])
@pytest.mark.parametrize("serial", [0, 1, 99_999, 999_999])
def test_fictional_mobiles_are_well_formed_and_of_no_operator(country: str, serial: int) -> None:
    number = fiction.mobile(country, serial)
    assert normalise(number) == number
    assert is_mobile(number)
    assert is_allowed_for_codes(number, ["+39", "+34"])
    assert name_for_number(phonenumbers.parse(number, None), "en") == ""


@pytest.mark.parametrize("serial", [0, 8, 50_001, 99_999, 899_999])
def test_fictional_land_lines_are_well_formed_and_begin_with_zeros_after_the_area_code(serial: int) -> None:
    number = fiction.fixed(serial)
    assert normalise(number) == number
    assert len(number) == 13
    assert any(number.startswith(f"+39{area}00") for area in fiction.AREA_CODES)


def test_fictional_numbers_do_not_repeat() -> None:
    assert len({fiction.fixed(serial) for serial in range(20_000)}) == 20_000
    assert len({fiction.iccid(serial) for serial in range(2_000)}) == 2_000


@pytest.mark.parametrize("serial", [0, 7, 100, 2_099])
def test_fictional_codes_pass_the_checks_of_the_portal(serial: int) -> None:
    italian, public, company = (
        fiction.vat_number("IT", serial),
        fiction.vat_number("ES", serial, public=True),
        fiction.vat_number("ES", serial),
    )
    assert [identifiers.vat_number(code) for code in (italian, public, company)] == [italian, public, company]
    assert identifiers.tax_code(italian) == italian
    assert identifiers.tax_code(company.removeprefix("ES"), "ES") == company.removeprefix("ES")
    assert identifiers.iccid(fiction.iccid(serial)) == fiction.iccid(serial)
    assert (italian[:2], italian[7:10], company[3:5]) == ("99", "999", "00")


def test_mail_domains_can_never_exist() -> None:
    assert fiction.mail_domain("Peñadorada & Città") == "penadorada-citta.example"
