"""From bytes to facts: envelope, safe XML, schema, the format's reader, the sums."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_noop as _

from sportello.billing.fatturapa.envelope import unwrap
from sportello.billing.fatturapa.notifications import is_message, read_message
from sportello.billing.fatturapa.ordinary import read_ordinary
from sportello.billing.fatturapa.schema import check_schema
from sportello.billing.fatturapa.simplified import read_simplified
from sportello.billing.fatturapa.sums import totals_of
from sportello.billing.fatturapa.xml import Element, local_name, parse, parse_until
from sportello.billing.types import BillFileContent, FileRefused, Message, Party, Problem, Totals
from sportello.kernel.sentences import kept

READERS: Final = {"FatturaElettronica": read_ordinary, "FatturaElettronicaSemplificata": read_simplified}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a file holds: bills with their sums, or a message of SdI. `notes` say what the operator should know."""

    bills: BillFileContent | None = None
    totals: tuple[Totals, ...] = ()
    message: Message | None = None
    signed: bool = False
    notes: tuple[str, ...] = ()


def read_file(content: bytes, *, schemas: Path | None) -> Read:
    """Read a file of bills, or a message of SdI. Raises `FileRefused` with every problem of the first step that finds one.

    `schemas` None: what we wrote ourselves, on a machine without the schema, is read without it, and that is noted.
    """
    opened = unwrap(content)
    tree = parse(opened.xml)
    root = tree.getroot()
    notes = [*opened.notes, *(kept(_("Signed by %(name)s."), name=name) for name in opened.signers)]
    if is_message(root):
        return Read(message=read_message(root), signed=opened.signed, notes=tuple(notes))
    if schemas is None:
        notes.append(_("Not checked against the official schema: there is none here."))
    elif wrong := check_schema(tree, schemas):
        raise FileRefused(*wrong)
    bills, totals = _facts(root)
    if any(local_name(one) == "Signature" for one in root):
        notes.append(_("The signature inside the XML (XAdES) was not checked."))
    return Read(bills=bills, totals=totals, signed=opened.signed, notes=(*notes, *_notes(bills)))


def read_parties(content: bytes) -> tuple[Party, Party]:
    """Return the supplier and the customer of a file that was taken before, without reading its bodies. Raises `FileRefused`."""
    root = parse_until(unwrap(content).xml, "FatturaElettronicaHeader")
    for body in root.findall("FatturaElettronicaBody"):  # what of it came along in the same piece
        root.remove(body)
    bills = READERS[local_name(root)](root)
    return bills.supplier, bills.customer


def _facts(root: Element) -> tuple[BillFileContent, tuple[Totals, ...]]:
    try:
        bills = READERS[local_name(root)](root)
        return bills, _totals(bills)
    except (
        ValueError,
        ArithmeticError,
    ) as beyond:  # the schema admits days and numbers that no calendar and no ledger has
        reason = _("A day or an amount is beyond what can be kept.")
        raise FileRefused(Problem(rule="range", reason=reason)) from beyond


def _totals(bills: BillFileContent) -> tuple[Totals, ...]:
    found, problems = [], []
    for document in bills.documents:
        totals, wrong = totals_of(document)
        found.append(totals)
        problems += wrong
        if document.currency != "EUR":
            problems.append(
                Problem(
                    rule="currency",
                    reason=kept(_("The amounts are in %(currency)s: only EUR is taken."), currency=document.currency),
                    line=document.xml_line,
                    element="Divisa",
                )
            )
    problems += _twice(bills)
    if problems:
        raise FileRefused(*problems)
    return tuple(found)


def _twice(bills: BillFileContent) -> list[Problem]:
    seen: set[tuple[str, int, str]] = set()
    problems = []
    for one in bills.documents:
        key = (one.number, one.issue_date.year, one.document_type)
        if key in seen:
            reason = kept(_("Number %(number)s is twice in the file."), number=one.number)
            problems.append(Problem(rule="00409", reason=reason, line=one.xml_line, element="Numero"))
        seen.add(key)
    return problems


def _notes(bills: BillFileContent) -> list[str]:
    notes = []
    if bills.format == "FPA12" and len(bills.recipient_code) != 6:  # noqa: PLR2004 - office codes of IPA have six (DOMAIN §6.1)
        notes.append(kept(_("The office code %(code)s is none of a public body."), code=bills.recipient_code))
    return notes
