"""The sums of a document, to the cent; the codes are those of the checks of SdI where it has one.

Where the format leaves room, these readings are admitted, for they are found in real documents:
- the total with or without a discount of the whole document in its taxable amounts, with or without the stamp duty, with or without the
  withheld tax taken off;
- a total one cent away from the sum, when what is to be paid says the same total: a rounding that was not written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import Final

from django.utils.translation import gettext_noop as _

from sportello.billing.fatturapa.simplified import tax_inside
from sportello.billing.states import CREDIT_NOTES
from sportello.billing.types import ZERO, BillDocument, Discount, Problem, Totals
from sportello.kernel.money import CENT, round_cents
from sportello.kernel.sentences import kept

HALF_CENT: Final = Decimal("0.005")
SPLIT: Final = "S"
HUNDRED: Final = Decimal(100)
Key = tuple[Decimal, str]


def totals_of(document: BillDocument) -> tuple[Totals, list[Problem]]:
    """Return the sums of a document and what is wrong with them; with problems the sums mean nothing."""
    problems = [*_wrong_lines(document), *_wrong_summaries(document), *_wrong_withholdings(document)]
    total, taken_off, rounding, wrong = _total(document)
    if wrong:
        problems.append(wrong)
    sign = -1 if document.document_type in CREDIT_NOTES else 1
    split = sum((one.vat for one in document.vat if one.exigibility == SPLIT), start=ZERO)
    withheld = sum((one.amount for one in document.withholdings), start=ZERO)
    totals = Totals(
        taxable=sum((one.taxable for one in document.vat), start=ZERO),
        vat=sum((one.vat for one in document.vat), start=ZERO),
        total=total,
        rounding=rounding,
        stamp=document.stamp,
        withheld=withheld,
        split_vat=split,
        payable=sign * (total - split - (ZERO if taken_off else withheld)),
    )
    return totals, problems


def discounted(price: Decimal, discounts: Sequence[Discount]) -> Decimal:
    """Return a price after its discounts and increases, one after the other; the amount of one goes before its percentage."""
    for one in discounts:
        change = one.amount if one.amount is not None else price * (one.percent or ZERO) / HUNDRED
        price += one.sign * change
    return price


def _wrong_lines(document: BillDocument) -> Iterator[Problem]:
    for line in document.lines:
        expected = discounted(line.unit_price, line.discounts) * (
            Decimal(1) if line.quantity is None else line.quantity
        )
        if abs(expected - line.amount) >= CENT:
            yield _problem(
                "00423",
                kept(
                    _("Line %(number)d: price times quantity is %(expected)s, not %(stated)s."),
                    number=line.number,
                    expected=round_cents(expected),
                    stated=line.amount,
                ),
                line.xml_line,
                "PrezzoTotale",
            )
        if not line.vat_rate and not line.nature:
            yield _problem(
                "00400",
                kept(_("Line %(number)d: without VAT, the reason (Natura) is missing."), number=line.number),
                line.xml_line,
                "Natura",
            )


def _wrong_summaries(document: BillDocument) -> Iterator[Problem]:
    sums, lines = _sums_by_rate(document), _summary_lines(document)
    stated: dict[Key, Decimal] = defaultdict(Decimal)
    for one in document.vat:
        stated[one.rate, one.nature] += one.taxable - one.rounding
        if abs(one.taxable * one.rate / HUNDRED - one.vat) > HALF_CENT and not _inside(
            document, one.taxable + one.vat, one.rate, one.vat
        ):
            yield _problem(
                "00421",
                kept(
                    _("VAT of %(rate)s%% on %(taxable)s is %(expected)s, not %(stated)s."),
                    rate=one.rate,
                    taxable=one.taxable,
                    expected=round_cents(one.taxable * one.rate / HUNDRED),
                    stated=one.vat,
                ),
                one.xml_line,
                "Imposta",
            )
    if _discounted_as_a_whole(document, sums, stated):
        return
    for key in {**sums, **stated}:
        if abs(sums.get(key, ZERO) - stated.get(key, ZERO)) > HALF_CENT:
            yield _wrong_summary(key, sums, stated, lines.get(key, document.xml_line))


def _wrong_summary(key: Key, sums: dict[Key, Decimal], stated: dict[Key, Decimal], line: int) -> Problem:
    rate, nature = key
    if key not in stated:
        reason = kept(_("There is no summary for VAT %(rate)s%% %(nature)s."), rate=rate, nature=nature)
        return _problem("00419", reason, line, "DatiRiepilogo")
    reason = kept(
        _("The lines with VAT %(rate)s%% %(nature)s add up to %(sum)s, the summary says %(stated)s."),
        rate=rate,
        nature=nature,
        sum=round_cents(sums.get(key, ZERO)),
        stated=stated[key],
    )
    return _problem("00422", reason, line, "ImponibileImporto")


def _inside(document: BillDocument, whole: Decimal, rate: Decimal, vat: Decimal) -> bool:
    """Tell whether a simplified document's VAT is that inside its amounts, which round line by line."""
    if document.document_type not in {"TD07", "TD08", "TD09"}:
        return False
    return not rate or abs(tax_inside(whole, rate) - vat) <= CENT * len(document.lines)


def _sums_by_rate(document: BillDocument) -> dict[Key, Decimal]:
    sums: dict[Key, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        sums[line.vat_rate, line.nature] += line.amount
    for fund in document.funds:
        sums[fund.vat_rate, fund.nature] += fund.amount
    return sums


def _summary_lines(document: BillDocument) -> dict[Key, int]:
    return {(one.rate, one.nature): one.xml_line for one in document.vat}


def _discounted_as_a_whole(document: BillDocument, sums: dict[Key, Decimal], stated: dict[Key, Decimal]) -> bool:
    """Tell whether a discount of the whole document is already inside the taxable amounts of the summaries."""
    if not document.discounts or set(sums) != set(stated):
        return False
    return abs(sum(sums.values()) + _whole_discount(document) - sum(stated.values())) <= HALF_CENT


def _whole_discount(document: BillDocument) -> Decimal:
    lines = sum((line.amount for line in document.lines), start=ZERO)
    return discounted(lines, document.discounts) - lines


def _wrong_withholdings(document: BillDocument) -> Iterator[Problem]:
    base = sum((one.amount for one in document.lines if one.withheld), start=ZERO)
    base += sum((one.amount for one in document.funds if one.withheld), start=ZERO)
    if any(line.withheld for line in document.lines) and not document.withholdings:
        yield _problem(
            "00411",
            _("Lines are marked for withholding, but the withheld tax is missing."),
            document.xml_line,
            "DatiRitenuta",
        )
    for one in document.withholdings:
        most = abs(base or sum((line.amount for line in document.lines), start=ZERO)) * one.rate / HUNDRED
        if abs(one.amount) > most + HALF_CENT:
            yield _problem(
                "withholding",
                kept(
                    _("%(stated)s is withheld, but %(rate)s%% of what it falls on is %(most)s."),
                    stated=one.amount,
                    rate=one.rate,
                    most=round_cents(most),
                ),
                one.xml_line,
                "ImportoRitenuta",
            )


def _total(document: BillDocument) -> tuple[Decimal, bool, Decimal, Problem | None]:
    """Return the total, whether the withheld tax is taken off in it, the rounding in it, and what is wrong."""
    whole = sum((one.taxable + one.vat for one in document.vat), start=ZERO)
    with_discount = round_cents(whole + _whole_discount(document) + document.rounding)
    stated = document.stated_total
    if stated is None:
        inside = _discounted_as_a_whole(document, _sums_by_rate(document), _stated(document))
        return round_cents(whole + document.rounding) if inside else with_discount, False, document.rounding, None
    withheld = sum((one.amount for one in document.withholdings), start=ZERO)
    plain = round_cents(whole + document.rounding)
    for off, stamp, base in product((ZERO, withheld), (ZERO, document.stamp), (with_discount, plain)):
        if base + stamp - off == stated:
            return stated, off != ZERO, document.rounding, None
    for base in (with_discount, plain):
        if abs(base - stated) <= CENT and stated in _asked_for(document):
            return stated, False, document.rounding + stated - base, None
    reason = kept(_("The document adds up to %(sum)s, its total says %(stated)s."), sum=with_discount, stated=stated)
    line = document.total_line or document.xml_line
    return stated, False, ZERO, _problem("total", reason, line, "ImportoTotaleDocumento")


def _stated(document: BillDocument) -> dict[Key, Decimal]:
    stated: dict[Key, Decimal] = defaultdict(Decimal)
    for one in document.vat:
        stated[one.rate, one.nature] += one.taxable - one.rounding
    return stated


def _asked_for(document: BillDocument) -> set[Decimal]:
    amounts = [one.amount for one in document.instalments]
    return {*amounts, sum(amounts, start=ZERO)}


def _problem(rule: str, reason: str, line: int, element: str) -> Problem:
    return Problem(rule=rule, reason=reason, line=line, element=element)
