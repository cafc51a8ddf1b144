"""Traffic documentation: the full records of a line over some days, asked for with a reason, delivered encrypted, on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import formats, translation
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.accounts.queries import background_actor
from sportello.inventory.models import Line, LinePeriod
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import day_bounds, local_day
from sportello.kernel.operations import operation, publish
from sportello.kernel.phones import display
from sportello.kernel.states import advance, change_if
from sportello.kernel.tabular.writing import Cell
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.usage import prepared, rules
from sportello.usage.events import DocumentationAsked, DocumentationEnded, DocumentationTaken
from sportello.usage.exports import contents
from sportello.usage.exports.encrypted import new_password, write_encrypted
from sportello.usage.exports.sheets import Sheet
from sportello.usage.models import DocumentationRequest
from sportello.usage.states import PREPARED_TRANSITIONS, DocumentationPurpose, PreparedState

KEPT_FOR: Final = timedelta(days=7)
TOLD_EVERY: Final = 2_000
PROGRESS: Final = "how far the worker is"
UNDER_WAY: Final = (PreparedState.ASKED, PreparedState.PREPARING)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which days of a line, and why: `since` and `until` both inside."""

    line: Line
    since: date
    until: date
    purpose: DocumentationPurpose
    reason: str


@operation(section=Section.TRAFFIC_BILLING)
def ask_documentation(*, actor: Actor, wanted: Wanted, now: datetime) -> DocumentationRequest:
    """Have the full records of a line prepared; who used the line then is told. Raises `InvalidInput` at the field that is wrong,
    `NoMobileForPassword`, `DocumentationUnderWay`.
    """  # noqa: D205
    person = Person.objects.for_(actor).select_for_update(of=("self",)).get_or_refuse(pk=actor.person_id)
    today = local_day(now, ZoneInfo(wanted.line.organisation.time_zone))
    rules.check_can_ask_documentation(
        actor, purpose=wanted.purpose, reason=wanted.reason, days=(wanted.since, wanted.until), today=today
    )
    mine = DocumentationRequest.objects.for_(actor).filter(person=person, state__in=UNDER_WAY)
    rules.check_password_can_go(mobile_verified=person.mobile_verified_at is not None, under_way=mine.exists())
    row = DocumentationRequest.objects.create(
        organisation_id=wanted.line.organisation_id,
        person=person,
        membership_id=actor.membership_id or 0,
        asked_at=now,
        line=wanted.line,
        since=wanted.since,
        until=wanted.until,
        purpose=wanted.purpose,
        reason=wanted.reason.strip(),
        clear_numbers=wanted.purpose != DocumentationPurpose.CHECK,
    )
    publish(
        DocumentationAsked(
            **_about(row),
            request_id=row.pk,
            since=row.since.isoformat(),
            until=row.until.isoformat(),
            purpose=row.purpose,
            reason=row.reason,
            clear_numbers=row.clear_numbers,
        )
    )
    _tell_users(actor, row)
    return row


def _tell_users(actor: Actor, row: DocumentationRequest) -> None:
    """Tell whoever else used the line in these days (Garante, 13 March 2008: the actual users of company lines are informed)."""
    since, until = _instants(row)
    periods = LinePeriod.objects.for_(actor).filter(line=row.line, active_from__lt=until).exclude(active_to__lte=since)
    users = {period.person for period in periods.select_related("person") if period.person is not None}
    for user in sorted(users, key=lambda one: one.pk):
        if user.pk == row.person_id or not user.email:
            continue
        with translation.override(user.language):
            days = [formats.date_format(day, "SHORT_DATE_FORMAT") for day in (row.since, row.until)]
        send_message(
            actor=actor,
            recipient=Recipient(person_id=user.pk),
            template="traffic_documentation_notice",
            channel=Channel.EMAIL,
            context={
                "line": display(row.line.number), "since": days[0], "until": days[1],
                "who": row.person.name, "reason": row.reason,
            },
            organisation_id=row.organisation_id,
            idempotency_key=f"documentation-notice:{row.pk}:{user.pk}",
        )  # fmt: skip


def prepare_documentation(*, actor: Actor, request: DocumentationRequest, now: datetime) -> None:
    """Write the encrypted file with the rights that its person has now, and send the password by SMS (idempotent).

    `actor` is the system. What a worker that died left behind is written anew, under a new password.
    """
    if request.state not in UNDER_WAY:
        return
    if request.state == PreparedState.ASKED:
        advance(request, PreparedState.PREPARING, transitions=PREPARED_TRANSITIONS, untold=PROGRESS)
    person = background_actor(
        person_id=request.person_id, membership_id=request.membership_id, section=Section.TRAFFIC_BILLING
    )
    with translation.override(request.person.language):
        if person is None:
            note = str(_("Your profile does not open Traffic any more."))
            end_documentation(actor=actor, request=request, note=note, now=now)
        else:
            _prepare(actor, person, request, now)


def _prepare(system: Actor, person: Actor, request: DocumentationRequest, now: datetime) -> None:
    password = new_password()
    sheet = _sheet(person, request)
    with prepared.new_file() as (token, target):
        rows = write_encrypted(sheet, target, password, zone=ZoneInfo(request.line.organisation.time_zone))
        size = target.tell()
    values = {
        "file_token": token,
        "file_name": f"{sheet.name}.zip",
        "rows_done": rows,
        "rows_total": rows,
        "size": size,
    }
    if not end_documentation(actor=system, request=request, now=now, values=values, password=password):
        prepared.remove(token)


def _sheet(person: Actor, request: DocumentationRequest) -> Sheet:
    found = contents.records_between(person, request.line, *_instants(request), clear=request.clear_numbers)
    rows = (contents.record_cells(number, record) for number, record in found)
    number = request.line.number.removeprefix("+")
    return Sheet(
        name=f"documentation-{number}-{request.since:%Y%m%d}-{request.until:%Y%m%d}",
        title=str(_("Traffic documentation")),
        headings=contents.record_headings(),
        rows=_telling(request, rows),
    )


def _telling(request: DocumentationRequest, rows: Iterator[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for count, row in enumerate(rows, start=1):
        if count % TOLD_EVERY == 0:
            change_if(request, {"state": PreparedState.PREPARING}, untold=PROGRESS, rows_done=count)
        yield row


@operation(section=None, why="the system ends what it prepared for a person")
def end_documentation(
    *,
    actor: Actor,
    request: DocumentationRequest,
    now: datetime,
    values: dict[str, Any] | None = None,
    password: str = "",
    note: str = "",
) -> bool:
    """Write down that a documentation is ready and send its password, in one transaction; or why it failed. Return whether it is ready."""
    if values is not None and not _password_sent(actor, request, password, now):
        note = str(_("The password could not be sent by SMS. Ask again later."))
    ready = values is not None and not note
    state = PreparedState.READY if ready else PreparedState.FAILED
    also = {**(values or {}), "expires_at": now + KEPT_FOR} if ready else {}
    advance(request, state, transitions=PREPARED_TRANSITIONS, finished_at=now, note=note, **also)
    publish(DocumentationEnded(**_about(request), result=state.value, rows=request.rows_done, note=note))
    return ready


def _password_sent(actor: Actor, request: DocumentationRequest, password: str, now: datetime) -> bool:
    message = send_message(
        actor=actor,
        recipient=Recipient(person_id=request.person_id),
        template="traffic_documentation_password",
        channel=Channel.SMS,
        context={"line": display(request.line.number)},
        secret={"password": password},
        organisation_id=request.person.organisation_id,
        idempotency_key=f"documentation:{request.pk}",
        now=now,
    )
    return message.state != "failed"


@operation(section=Section.TRAFFIC_BILLING)
def take_documentation(*, actor: Actor, request: DocumentationRequest, now: datetime) -> None:  # noqa: ARG001
    """Put on record that an encrypted documentation was taken."""
    change_if(request, {"state": PreparedState.READY}, taken_at=now)
    publish(DocumentationTaken(**_about(request)))


def _instants(request: DocumentationRequest) -> tuple[datetime, datetime]:
    """Return the instants at which the days begin and end where the customer is."""
    zone = ZoneInfo(request.line.organisation.time_zone)
    return day_bounds(request.since, zone)[0], day_bounds(request.until, zone)[1]


def _about(request: DocumentationRequest) -> dict[str, Any]:
    about = {"organisation_id": request.organisation_id, "subject_type": "line", "subject_id": request.line_id}
    return {**about, "number": request.line.number}
