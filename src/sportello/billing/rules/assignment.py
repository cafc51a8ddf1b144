"""Whose a bill is: by VAT number or tax code, and by office code. In doubt nobody's (ABUSE H02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from sportello.billing.types import Party
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.sentences import kept

NOTHING: Final = "\N{EN DASH}"
NO_OFFICE: Final = frozenset({"0000000", "XXXXXXX"})
"""Codes that name no office: the bill goes by certified mail or lies in the tax drawer, or its reader is abroad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the rule knows of a customer."""

    pk: int
    name: str
    vat_number: str
    tax_code: str
    office_code: str
    public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The customer, or why there is none."""

    customer: int | None = None
    reason: str = ""


class CustomerContradicted(InvalidInput):
    """The bill names another VAT number or tax code than the customer has."""

    default = gettext_lazy(
        "The bill names another VAT number or tax code than this customer has. Correct the customer first."
    )


def whose(party: Party, office_code: str, candidates: Sequence[Candidate]) -> Verdict:
    """Return whose a bill is among the customers that its VAT number or its tax code finds.

    All that the bill says must fit: a VAT number, a tax code and an office code that point to different customers find nobody.
    """
    fitting = [one for one in candidates if _fits(party, one)]
    if not candidates:
        return Verdict(reason=kept(_("No customer has the VAT number or tax code %(who)s."), who=party.identity))
    if not fitting:
        return Verdict(reason=_("VAT number and tax code point to different customers."))
    if office_code in NO_OFFICE:
        return _without_office(office_code, fitting)
    found = [one for one in fitting if one.office_code.upper() == office_code.upper()]
    if len(found) == 1:
        return Verdict(customer=found[0].pk)
    if found:
        return Verdict(
            reason=kept(_("Several customers have this VAT number and the office code %(code)s."), code=office_code)
        )
    names = ", ".join(f"{one.name} ({one.office_code or NOTHING})" for one in fitting[:3])
    return Verdict(
        reason=kept(_("The office code %(code)s is not that of %(customers)s."), code=office_code, customers=names)
    )


def check_can_assign(party: Party, customer: Candidate) -> None:
    """Refuse a customer that the bill's VAT number or tax code contradicts. Raises `CustomerContradicted`."""
    if (customer.vat_number or customer.tax_code) and not _fits(party, customer):
        raise CustomerContradicted(field="customer")


def _without_office(office_code: str, fitting: Sequence[Candidate]) -> Verdict:
    if len(fitting) > 1:
        return Verdict(reason=_("Several customers have this VAT number, and the bill names no office."))
    if fitting[0].public:
        return Verdict(
            reason=kept(_("A public body is billed by its office code; the bill says %(code)s."), code=office_code)
        )
    return Verdict(customer=fitting[0].pk)


def _fits(party: Party, one: Candidate) -> bool:
    """Tell whether everything that both name is the same, and something is."""
    vat, own_vat = party.vat_number, _bare(one.vat_number, party.country)
    tax, own_tax = party.tax_code, _bare(one.tax_code, party.country)
    if vat and own_vat and vat != own_vat:
        return False
    # A company's tax code is a number too, and not always its VAT number: it contradicts only what is known as the tax code.
    if tax and own_tax and tax != own_tax:
        return False
    return bool((vat and vat in {own_vat, own_tax}) or (tax and tax in {own_tax, own_vat}))


def _bare(number: str, country: str) -> str:
    text = number.replace(" ", "").upper()
    return text.removeprefix(country) if country and len(text) > len(country) else text
