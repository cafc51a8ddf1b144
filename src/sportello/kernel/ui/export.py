"""The export of what is on screen: CSV or XLSX through the one guarded writer, on record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.kernel.actor import Actor
from sportello.kernel.events import DomainEvent
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.tabular import write_csv, write_xlsx
from sportello.kernel.ui.formats import number
from sportello.kernel.web.pages import PageRequest

if TYPE_CHECKING:
    from sportello.kernel.ui.listing import Column

MOST_ROWS = 200_000
"""What is written while the reader waits; more is refused, never cut: a file that lacks rows looks like a whole one."""

LISTINGS: dict[str, str | Promise] = {
    "accounts.audit": _("Record of what happened"),
    "accounts.people": _("People"),
    "billing.own": _("Costs of the own lines"),
    "billing.lines": _("Lines of a bill"),
    "billing.files": _("Files of bills"),
    "billing.customers_bills": _("Bills of all customers"),
    "billing.bills": _("Bills"),
    "config.jobs": _("Background jobs"),
    "dual_billing.bills": _("Bills of employees"),
    "dual_billing.enrolments": _("Employees billed directly"),
    "inventory.agreements": _("Agreements"),
    "inventory.customers_lines": _("Lines"),
    "inventory.lines": _("Lines"),
    "messaging.outbox": _("Messages"),
    "messaging.received": _("Mails received"),
    "network.orders": _("Orders to the network"),
    "orders.customers_orders": _("Orders"),
    "orders.desk": _("Orders to work on"),
    "orders.items": _("Items of an order"),
    "orders.lines": _("Lines to order for"),
    "orders.orders": _("Orders"),
    "parties.customers": _("Customers"),
    "parties.partners": _("Partners"),
    "thresholds.above": _("Lines above an amount"),
    "thresholds.bars": _("Bars"),
    "thresholds.likely": _("Thresholds likely to be crossed"),
    "thresholds.lines": _("Lines and profiles"),
    "thresholds.thresholds": _("Thresholds"),
    "tickets.all_tickets": _("Tickets"),
    "tickets.customers": _("Customers"),
    "tickets.customers_tickets": _("Tickets"),
    "tickets.requests": _("Requests for assistance"),
    "tickets.tickets": _("Tickets"),
    "usage.analysis": _("Traffic totals"),
    "usage.customers_lines": _("Traffic"),
    "usage.lines": _("Traffic"),
    "usage.loads": _("Usage files"),
    "usage.records": _("Usage records"),
    "usage.rejects": _("Rejected usage records"),
    "usage.unusual": _("Unusual lines"),
}
"""The lists in words, for the record of exports; a test asks for each list of the portal."""

_WRITERS: dict[str, tuple[Callable[..., int], str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, kw_only=True)
class ExportMade(DomainEvent):
    """Somebody took a list out of the portal."""

    kind = "export.made"
    sentence = _("Took out %(rows)s rows of the list %(listing)s as %(format)s")
    words = {"format": {"csv": "CSV", "xlsx": "XLSX", "pdf": "PDF"}, "listing": LISTINGS}
    listing: str
    format: str
    rows: int


class TooManyToTakeOut(InvalidInput):
    """The list is longer than one file is."""

    def __init__(self) -> None:
        """Say how long a file may be, and what to do."""
        words = {"most": number(MOST_ROWS)}
        super().__init__(
            _(
                "This list has more than %(most)s rows, too many for one file. Narrow it by its filters, and take it out in parts."
            )
            % words
        )


def exported(
    request: PageRequest, name: str, columns: Sequence[Column[Any]], rows: QuerySet[Any], form: str
) -> HttpResponseBase:
    """Return the file of the rows (all that the filters let through, in their order) and record the export.

    Raises `InvalidInput`, and `TooManyToTakeOut` before anything is written.
    """
    if form not in _WRITERS:
        raise InvalidInput(_("Exports are CSV or XLSX."))
    if rows.order_by()[: MOST_ROWS + 1].count() > MOST_ROWS:
        raise TooManyToTakeOut
    write, kind = _WRITERS[form]
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    count = write(
        file, [str(column.label) for column in columns], _cells(columns, rows), zone=timezone.get_current_timezone()
    )
    record_export(actor=request.actor, listing=name, form=form, rows=count)
    file.seek(0)
    stamp = timezone.localdate().isoformat()
    return FileResponse(
        file, as_attachment=True, filename=f"{name.replace('.', '-')}-{stamp}.{form}", content_type=kind
    )


def _cells(columns: Sequence[Column[Any]], rows: QuerySet[Any]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=2000):
        yield [column.plain(row) for column in columns]


@operation(section=None, why="whoever may see a list may take it out; that it was taken is on record", viewer_too=True)
def record_export(*, actor: Actor, listing: str, form: str, rows: int) -> None:
    """Put an export on record, in the chain of the organisation that the person acts in."""
    publish(ExportMade(organisation_id=actor.organisation_id, listing=listing, format=form, rows=rows))
