"""Daily budgets of texts: counted where they go out, one conditional UPDATE per bucket (ABUSE A13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from sportello.kernel import phones
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.operations import operation, publish
from sportello.messaging import queries
from sportello.messaging.events import SmsBudgetSpent
from sportello.messaging.models import Message, SmsSpending


class _Spent(Exception):
    def __init__(self, bucket: str) -> None:
        super().__init__(bucket)
        self.bucket = bucket


def charge(message: Message, parts: int, *, now: datetime) -> str | None:
    """Count the parts of a text into all its buckets, or into none: return the bucket whose limit stops it, or None."""
    limits = queries.sms_limits(organisation_id=message.organisation_id, number=message.address)
    try:
        with transaction.atomic():
            for bucket, limit in limits.items():
                _count(bucket, parts, limit=limit, now=now)
    except _Spent as spent:
        report_spent(
            actor=system_actor(reason="a daily budget of text messages is spent"),
            message=message,
            bucket=spent.bucket,
            limit=limits[spent.bucket],
            now=now,
        )
        return spent.bucket
    return None


@operation(section=None, why="the outbox tells the operator that a budget is spent")
def report_spent(
    *,
    actor: Actor,  # noqa: ARG001 - read by `operation`
    message: Message,
    bucket: str,
    limit: int,
    now: datetime,
) -> None:
    """Publish `SmsBudgetSpent` the first time that a bucket's limit stops a text on a day."""
    day = queries.sms_day(now)
    row, _created = SmsSpending.objects.get_or_create(day=day, bucket=bucket)
    if SmsSpending.objects.filter(pk=row.pk, alerted_at=None).update(alerted_at=now) == 1:
        publish(
            SmsBudgetSpent(
                organisation_id=message.organisation_id if bucket.startswith("organisation:") else None,
                subject_type="message",
                subject_id=message.pk,
                bucket=_shown(bucket, message),
                limit=limit,
                day=day.isoformat(),
            )
        )


def _count(bucket: str, parts: int, *, limit: int, now: datetime) -> None:
    row, _created = SmsSpending.objects.get_or_create(day=queries.sms_day(now), bucket=bucket)
    room = SmsSpending.objects.filter(pk=row.pk, parts__lte=limit - parts)
    if room.update(parts=F("parts") + parts) != 1:
        raise _Spent(bucket)


def _shown(bucket: str, message: Message) -> str:
    if bucket.startswith("organisation:") and message.organisation:
        return str(message.organisation)
    return phones.mask_last(bucket) if bucket.startswith("number:") else bucket
