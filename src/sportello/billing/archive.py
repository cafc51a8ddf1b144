"""The archive of a period: each bill as PDF and as it came, and a list of them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sportello.billing.models import Bill, BillLine, BillVat
from sportello.billing.pdf import Page, draw
from sportello.billing.queries import parties_of
from sportello.billing.states import VOID
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.private_files import writing
from sportello.kernel.tabular import write_csv

HEADINGS: Final = (
    _("Number"),
    _("Date"),
    _("Document"),
    _("Customer"),
    _("Agreement"),
    _("Taxable"),
    _("VAT"),
    _("Total"),
    _("To pay"),
    _("Paid"),
    _("Due"),
    _("Folder"),
)
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")


def write_archive(path: Path, bills: QuerySet[Bill]) -> int:
    """Write the archive of bills to a file, whole or not at all, in the active language; return how many bills it holds."""
    rows: list[list[str | Decimal | date | None]] = []
    with writing(path) as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for bill in bills.select_related("file", "organisation", "agreement").iterator(chunk_size=50):
            folder = folder_of(bill)
            archive.writestr(f"{folder}/{safe(bill.file.name)}", bytes(bill.file.content))
            archive.writestr(f"{folder}/{safe(bill.number)}.pdf", pdf_of(bill))
            rows.append(_listed(bill, folder))
        listing = io.BytesIO()
        write_csv(listing, [str(one) for one in HEADINGS], rows)
        archive.writestr("bills.csv", listing.getvalue())
    return len(rows)


def pdf_of(bill: Bill, lines: Iterable[BillLine] | None = None) -> bytes:
    """Return the PDF of a bill that its reader may see."""
    reader = _reader(bill)
    rows = lines if lines is not None else BillLine.objects.for_(reader).filter(bill=bill).order_by("position")
    vat = BillVat.objects.for_(reader).filter(bill=bill).order_by("pk")
    supplier, customer = parties_of(reader, bill)
    return draw(Page(bill=bill, lines=list(rows), vat=list(vat), seats=(supplier.address, customer.address)))


def folder_of(bill: Bill) -> str:
    """Return the folder of a bill in the archive: its day, kind and number; customers do not mix, nor bills of one number."""
    name = f"{bill.document_type}-{safe(bill.number)}"
    if bill.beside or bill.state in VOID:
        name += f"-{bill.pk}"
    return f"{safe(bill.organisation.code)}/{bill.issue_date:%Y-%m}/{name}"


def safe(name: str) -> str:
    """Return a name that is one plain file name on every system."""
    return _ODD.sub("-", name).strip(".-") or "bill"


def _reader(bill: Bill) -> Actor:
    return system_actor(reason=f"the parts of bill {bill.pk}, which its reader may see")


def _listed(bill: Bill, folder: str) -> list[str | Decimal | date | None]:
    return [
        bill.number,
        bill.issue_date,
        bill.kind,
        bill.organisation.legal_name,
        bill.agreement.code if bill.agreement else "",
        bill.taxable * bill.sign,
        bill.vat * bill.sign,
        bill.total * bill.sign,
        bill.payable,
        bill.paid,
        bill.due_date,
        folder,
    ]
