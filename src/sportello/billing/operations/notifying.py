"""What a message of SdI does to the bills of the file that it names (inside an operation)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sportello.billing.events import NotificationReceived
from sportello.billing.fatturapa.notifications import bare_name, file_name_of_message
from sportello.billing.models import Bill, BillFile, SdiNotification
from sportello.billing.operations.standing import restand
from sportello.billing.states import TRANSITIONS, BillState, FileState
from sportello.billing.types import Message
from sportello.kernel.actor import Actor
from sportello.kernel.operations import publish
from sportello.kernel.states import advance

_STATES: Final = {
    "RC": BillState.DELIVERED,
    "NS": BillState.DISCARDED,
    "MC": BillState.UNDELIVERED,
    "AT": BillState.UNDELIVERED,
    "DT": BillState.ELAPSED,
}
_OUTCOMES: Final = {"EC01": BillState.ACCEPTED, "EC02": BillState.REFUSED}


def keep_message(actor: Actor, file: BillFile, message: Message, now: datetime) -> list[Bill]:
    """Keep a message and move the bills that it is about; without any it waits for their file. Return the bills."""
    about = bare_name(message.file_name) or file_name_of_message(file.name)
    bills = _bills_about(actor, about, message.number, message.year)
    file.state, file.problems = FileState.LOADED, []
    file.organisation = bills[0].organisation if bills else None
    file.save()
    if not bills:
        _row(file, message, about, None, now)
    for bill in bills:
        _apply(_row(file, message, about, bill, now), bill, now)
    publish(
        NotificationReceived(
            organisation_id=bills[0].organisation_id if bills else None,
            subject_type="bill" if bills else "bill_file",
            subject_id=bills[0].pk if bills else file.pk,
            message=message.kind,
            about=about,
            outcome=message.outcome,
        )
    )
    return bills


def apply_waiting(actor: Actor, file: BillFile, bills: Sequence[Bill], now: datetime) -> None:
    """Apply the messages that came before the file that they name, the oldest first."""
    waiting = SdiNotification.objects.for_(actor).filter(about=file.bare_name, bill=None).order_by("pk")
    for row in waiting.select_related("file"):
        mine = [bill for bill in bills if row.number in {"", bill.number}]
        for place, bill in enumerate(mine):
            kept = row if place == 0 else SdiNotification(**_copied(row))
            kept.bill, kept.organisation = bill, bill.organisation
            kept.save()
            row.file.organisation = bill.organisation
            row.file.save(update_fields=["organisation"])
            _apply(kept, bill, now)


def _copied(row: SdiNotification) -> dict[str, object]:
    names = (
        "file",
        "kind",
        "about",
        "sdi_id",
        "number",
        "year",
        "outcome",
        "text",
        "errors",
        "stated_at",
        "received_at",
    )
    return {name: getattr(row, name) for name in names}


def _bills_about(actor: Actor, about: str, number: str, year: int | None) -> list[Bill]:
    rows = Bill.objects.for_(actor).filter(file__bare_name=about).select_related("organisation").order_by("pk")
    if number:
        rows = rows.filter(number=number)
    if year:
        rows = rows.filter(year=year)
    return list(rows)


def _row(file: BillFile, message: Message, about: str, bill: Bill | None, now: datetime) -> SdiNotification:
    return SdiNotification.objects.create(
        organisation=bill.organisation if bill else None,
        bill=bill,
        file=file,
        kind=message.kind,
        about=about[:255],
        sdi_id=message.sdi_id[:40],
        number=message.number[:20],
        year=message.year,
        outcome=message.outcome[:4],
        text=message.text[:1000],
        errors=list(message.errors),
        stated_at=message.at[:40],
        received_at=now,
    )


def _apply(row: SdiNotification, bill: Bill, now: datetime) -> None:
    """Move the bill where the message says; one that was overtaken by a later message is kept and moves nothing."""
    to = _OUTCOMES.get(row.outcome) if row.kind in {"NE", "EC"} else _STATES.get(row.kind)
    if row.sdi_id and not bill.sdi_id:
        bill.sdi_id = row.sdi_id
        bill.save(update_fields=["sdi_id"])
    if to is not None and to in TRANSITIONS[bill.state]:
        advance(bill, to, transitions=TRANSITIONS)
        restand(bill, now)
