"""Exports of traffic: the small at once, the large in the background; each is the asking person's alone and expires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.accounts.queries import background_actor
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotPermitted, Refusal, WrongState
from sportello.kernel.states import advance, change_if
from sportello.kernel.tabular import TableRefused
from sportello.kernel.tabular.writing import Cell
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.usage import prepared
from sportello.usage.analysis.address import read_asked, written
from sportello.usage.analysis.types import Asked, Grouping
from sportello.usage.events import ExportAsked, ExportEnded, ExportTaken
from sportello.usage.exports import contents
from sportello.usage.exports.sheets import MOST_ROWS, Sheet, TooManyRows, write
from sportello.usage.models import TrafficExport
from sportello.usage.queries import sees_own_only, sees_personal
from sportello.usage.states import PREPARED_TRANSITIONS, ExportContent, ExportForm, PreparedState

AT_ONCE: Final = 2_000
"""Rows that are written while the reader waits (about a second)."""

KEPT_FOR: Final = timedelta(hours=24)
REPORT_KEPT_FOR: Final = timedelta(days=7)
"""A scheduled report comes while its person is elsewhere."""

MOST_GROUPS: Final = 500_000
"""Groups that are held in memory at once."""

LINK: Final = "/traffic/exports/"
TOLD_EVERY: Final = 2_000
PROGRESS: Final = "how far the worker is"
"""Rows between two words about the progress."""


class ExportUnderWay(WrongState):
    """One export of a person at a time: the next is asked for when it is ready (ABUSE F12)."""

    default = _("An export of yours is being prepared. Ask for the next one when it is ready.")


class ChooseCustomer(InvalidInput):
    """Records are exported of one customer at a time."""

    default = _("Choose a customer first.")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is exported, as what; `clear_numbers` only of the reader's own traffic, after a fresh code."""

    content: ExportContent
    form: ExportForm
    asked: Asked
    clear_numbers: bool = False


def small_sheet(actor: Actor, wanted: Wanted, *, now: datetime) -> Sheet | None:
    """Return the table when it is written in about a second, else None: it is asked for in the background."""
    check_wanted(actor, wanted)
    if wanted.content is ExportContent.UNUSUAL:
        return contents.unusual_sheet(actor, wanted.asked, now=now)
    if wanted.content is ExportContent.ANALYSIS:
        sheet, more = contents.analysis_sheet(actor, wanted.asked, most=AT_ONCE, today=now.date())
        return None if more else sheet
    if contents.records_counted(actor, wanted.asked) > AT_ONCE:
        return None
    return contents.records_sheet(actor, wanted.asked, clear=wanted.clear_numbers)


def check_wanted(actor: Actor, wanted: Wanted) -> None:
    """Check that the reader may take this out. Raises `NotPermitted` and `ChooseCustomer`."""
    own = sees_own_only(actor)
    if own and (wanted.content is not ExportContent.RECORDS or wanted.asked.line is None):
        raise NotPermitted
    if wanted.clear_numbers and not sees_personal(actor):
        raise NotPermitted
    if (
        wanted.content is not ExportContent.ANALYSIS
        and wanted.asked.by is Grouping.CUSTOMER
        and wanted.asked.line is None
    ):
        raise ChooseCustomer


@operation(section=Section.TRAFFIC_BILLING)
def ask_export(*, actor: Actor, wanted: Wanted, now: datetime) -> TrafficExport:
    """Have a large export prepared. Raises `ExportUnderWay`, `NotPermitted` and `ChooseCustomer`."""
    check_wanted(actor, wanted)
    person = one_at_a_time(actor)
    row = TrafficExport.objects.create(
        organisation_id=actor.organisation_id or 0,
        person=person,
        membership_id=actor.membership_id or 0,
        asked_at=now,
        content=wanted.content,
        form=wanted.form,
        line_id=wanted.asked.line,
        asked={**written(wanted.asked), **({"clear": "1"} if wanted.clear_numbers else {})},
    )
    publish(ExportAsked(**_about(row), content=row.content, form=row.form, asked=row.asked))
    return row


def one_at_a_time(actor: Actor) -> Person:
    """Return the acting person, held until the end of the transaction. Raises `ExportUnderWay` where an export of theirs is prepared."""
    person = Person.objects.for_(actor).select_for_update(of=("self",)).get_or_refuse(pk=actor.person_id)
    mine = TrafficExport.objects.for_(actor).filter(person=person)
    if mine.filter(state__in=(PreparedState.ASKED, PreparedState.PREPARING)).exists():
        raise ExportUnderWay
    return person


def prepare_export(*, actor: Actor, export: TrafficExport, now: datetime) -> None:
    """Write an export's file with the rights that its person has now; whatever is wrong is written down (idempotent).

    `actor` is the system: the person's own actor is built anew, so that what was taken away since is not in the file (ABUSE C03).
    """
    if export.state not in {PreparedState.ASKED, PreparedState.PREPARING}:
        return
    if export.state == PreparedState.ASKED:
        advance(export, PreparedState.PREPARING, transitions=PREPARED_TRANSITIONS, untold=PROGRESS)
    person = background_actor(
        person_id=export.person_id, membership_id=export.membership_id, section=Section.TRAFFIC_BILLING
    )
    with translation.override(export.person.language):
        if person is None:
            end_export(actor=actor, export=export, note=str(_("Your profile does not open Traffic any more.")), now=now)
        else:
            _prepare(actor, person, export, now)


def _prepare(system: Actor, person: Actor, export: TrafficExport, now: datetime) -> None:
    try:
        sheet = _sheet(person, export, now)
        with prepared.new_file() as (token, target):
            rows = _written(sheet, export, target)
            size = target.tell()
    except (Refusal, TableRefused) as refused:
        end_export(actor=system, export=export, note=str(refused)[:200], now=now)
        return
    name = f"{sheet.name}.{export.form}"
    end_export(actor=system, export=export, done=Done(token=token, name=name, rows=rows, size=size), now=now)


def _sheet(person: Actor, export: TrafficExport, now: datetime) -> Sheet:
    asked = read_asked(person, export.asked, today=now.date())
    form, content = ExportForm(export.form), ExportContent(export.content)
    wanted = Wanted(
        content=content, form=form, asked=asked, clear_numbers="clear" in export.asked and sees_own_only(person)
    )
    check_wanted(person, wanted)
    if content is ExportContent.RECORDS:
        total = contents.records_counted(person, asked)
        change_if(export, {"state": PreparedState.PREPARING}, untold=PROGRESS, rows_total=total)
        return contents.records_sheet(person, asked, clear=wanted.clear_numbers)
    top = int(export.asked.get("top", 0))
    most = top or min(MOST_ROWS[form], MOST_GROUPS)
    sheet, more = contents.analysis_sheet(person, asked, most=most, today=now.date())
    if more and not top:
        raise TooManyRows
    return sheet


def _written(sheet: Sheet, export: TrafficExport, target: BinaryIO) -> int:
    zone = ZoneInfo(export.person.time_zone)
    return write(replace(sheet, rows=_telling(export, sheet.rows)), target, ExportForm(export.form), zone=zone)


def _telling(export: TrafficExport, rows: Iterator[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for count, row in enumerate(rows, start=1):
        if count % TOLD_EVERY == 0:
            change_if(export, {"state": PreparedState.PREPARING}, untold=PROGRESS, rows_done=count)
        yield row


@dataclass(frozen=True, kw_only=True)
class Done:
    """The file that was made."""

    token: str
    name: str
    rows: int
    size: int


@operation(section=None, why="the system ends what it prepared for a person")
def end_export(*, actor: Actor, export: TrafficExport, now: datetime, done: Done | None = None, note: str = "") -> None:
    """Write down that an export is ready, until when, or why it failed."""
    values: dict[str, Any] = {"finished_at": now, "note": note}
    state = PreparedState.FAILED
    if done is not None:
        state = PreparedState.READY
        values |= {
            "file_token": done.token, "file_name": done.name, "rows_done": done.rows, "rows_total": done.rows,
            "size": done.size, "expires_at": now + (REPORT_KEPT_FOR if "report" in export.asked else KEPT_FOR),
        }  # fmt: skip
    advance(export, state, transitions=PREPARED_TRANSITIONS, **values)
    publish(ExportEnded(**_about(export), result=state.value, rows=export.rows_done, note=note))
    if state is PreparedState.READY and "report" in export.asked:
        _tell_of_report(actor, export, now)


def _tell_of_report(actor: Actor, export: TrafficExport, now: datetime) -> None:
    """Send the link, never the figures: mail lies in the clear in many places."""
    send_message(
        actor=actor,
        recipient=Recipient(person_id=export.person_id),
        template="traffic_report",
        channel=Channel.EMAIL,
        context={"name": export.asked["report"], "month": export.asked["from"], "link": LINK},
        organisation_id=export.organisation_id,
        idempotency_key=f"traffic-report:{export.pk}",
        now=now,
    )


@operation(section=Section.TRAFFIC_BILLING)
def take_export(*, actor: Actor, export: TrafficExport, now: datetime) -> None:  # noqa: ARG001
    """Put on record that a prepared export was taken out of the portal."""
    change_if(export, {"state": PreparedState.READY}, taken_at=now)
    publish(ExportTaken(**_about(export), content=export.content, form=export.form, rows=export.rows_done))


def _about(export: TrafficExport) -> dict[str, Any]:
    return {"organisation_id": export.organisation_id, "subject_type": "traffic_export", "subject_id": export.pk}
