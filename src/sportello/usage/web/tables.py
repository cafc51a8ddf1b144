"""The lists of traffic and of usage files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from sportello.inventory.searching import LineSearch
from sportello.kernel.sentences import told
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Choice, Days, Search
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state
from sportello.kernel.web import PageRequest
from sportello.usage.models import LineMonth, UsageLoad
from sportello.usage.states import LoadState


def _traffic_of(row: LineMonth) -> str:
    return f"{reverse('usage:line', args=[row.line_id])}?month={row.month:%Y-%m}"


class LineMonthList(Listing[LineMonth]):
    """Lines of one month, the dearest first."""

    name = "usage.lines"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column[LineMonth]("line__number", _("Line"), link=_traffic_of, kind=Kind.PHONE),
        Column[LineMonth]("person", _("Person"), value=lambda row: row.line.person.name if row.line.person else ""),
        Column[LineMonth](
            "cost_centre", _("Cost centre"), value=lambda row: row.line.cost_centre.code if row.line.cost_centre else ""
        ),
        Column[LineMonth]("voice_s", _("Voice"), kind=Kind.DURATION),
        Column[LineMonth]("messages", _("SMS and MMS"), value=lambda row: row.sms + row.mms, kind=Kind.NUMBER),
        Column[LineMonth]("data_bytes", _("Data"), kind=Kind.VOLUME),
        Column[LineMonth]("roaming_amount", _("Roaming"), kind=Kind.MONEY),
        Column[LineMonth]("amount", _("Amount"), sort="amount", kind=Kind.MONEY),
    )
    default_sort = "-amount"
    subject_words = frozenset({"month"})

    def __init__(self, request: PageRequest, rows: QuerySet[LineMonth]) -> None:
        """Take the request and the rows of one month."""
        super().__init__(request, rows)
        self.filters = (LineSearch(request.actor, through="line"),)


class CustomersLineMonthList(LineMonthList):
    """Lines of several customers."""

    name = "usage.customers_lines"
    columns: ClassVar[Sequence[Column[Any]]] = (
        LineMonthList.columns[0],
        Column[LineMonth]("organisation", _("Customer"), value=lambda row: row.organisation.legal_name),
        *LineMonthList.columns[1:],
    )


class LoadList(Listing[UsageLoad]):
    """Usage files, the newest first."""

    name = "usage.loads"
    columns = (
        Column[UsageLoad](
            "file_name",
            _("File"),
            cell=lambda row: format_html('<span class="file-name">{}</span>', row.file_name),
            link=lambda row: reverse("usage:load", args=[row.pk]),
        ),
        Column[UsageLoad](
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            cell=lambda row: state(row.state, row.get_state_display()),
        ),
        Column[UsageLoad]("started_at", _("Came in"), sort="started_at", kind=Kind.INSTANT),
        Column[UsageLoad]("loaded", _("Loaded"), kind=Kind.NUMBER),
        Column[UsageLoad]("duplicates", _("Known already"), kind=Kind.NUMBER),
        Column[UsageLoad]("rejected", _("Rejected"), kind=Kind.NUMBER),
        Column[UsageLoad]("reasons", _("Why"), value=lambda row: "; ".join(map(told, row.reasons or row.notes))[:200]),
    )
    filters = (
        Search(("file_name__icontains",), label=_("File")),
        Choice("state", _("State"), LoadState.choices),
        Days("came", _("Came in"), field="started_at"),
    )
    default_sort = "-started_at"


def quantity(traffic_type: str, duration_s: int, volume_bytes: int, units: int) -> str:
    """Write how much it was, in the measure of its kind."""
    if traffic_type == "voice":
        return formats.duration(duration_s)
    return formats.volume(volume_bytes) if traffic_type == "data" else formats.number(units)
