"""Reading the fields of an element that the schema has found right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from sportello.billing.fatturapa.xml import Element
from sportello.billing.types import ZERO, Discount, Party

_UNSAID: Final = frozenset({"", "-", "00000", "IT"})
"""What stands in a seat where nothing is known, and the country that goes without saying."""


def text(element: Element, path: str) -> str:
    """Return the text at a path, or nothing."""
    return (element.findtext(path) or "").strip()


def amount(element: Element, path: str) -> Decimal | None:
    """Return the number at a path, or None."""
    found = text(element, path)
    return Decimal(found) if found else None


def number(element: Element, path: str) -> Decimal:
    """Return the number at a path, zero when it is not there."""
    return amount(element, path) or ZERO


def day(element: Element, path: str) -> date | None:
    """Return the day at a path, without the time zone that xs:date allows, or None."""
    found = text(element, path)
    return date.fromisoformat(found[:10]) if found else None


def line_of(element: Element | None) -> int:
    """Return the line of an element in the file."""
    return 0 if element is None else int(element.sourceline or 0)


def discounts(element: Element) -> tuple[Discount, ...]:
    """Return the blocks ScontoMaggiorazione under an element."""
    return tuple(
        Discount(
            sign=1 if text(one, "Tipo") == "MG" else -1,
            percent=amount(one, "Percentuale"),
            amount=amount(one, "Importo"),
        )
        for one in element.findall("ScontoMaggiorazione")
    )


def party(element: Element, *, identity: str, names: str, seat: str) -> Party:
    """Return a seller or buyer: the paths of its fiscal identity, of its names, and of its seat."""
    prefix = f"{names}/" if names else ""
    parts = [text(element, f"{prefix}{name}") for name in ("Denominazione", "Titolo", "Nome", "Cognome")]
    base = f"{identity}/" if identity else ""
    return Party(
        name=" ".join(filter(None, parts)),
        country=text(element, f"{base}IdFiscaleIVA/IdPaese"),
        vat_number=text(element, f"{base}IdFiscaleIVA/IdCodice").upper(),
        tax_code=text(element, f"{base}CodiceFiscale").upper(),
        address=_address(element, seat),
    )


def _address(element: Element, seat: str) -> str:
    """Return a seat as one line: street and number, then post code, town and province, then a country that is not Italy."""
    parts = (("Indirizzo", "NumeroCivico"), ("CAP", "Comune", "Provincia"), ("Nazione",))
    said = [[text(element, f"{seat}/{name}") for name in names] for names in parts]
    if not set(said[0] + said[1][:2]) - _UNSAID:
        return ""
    return ", ".join(filter(None, (" ".join(one for one in names if one not in _UNSAID) for names in said)))
