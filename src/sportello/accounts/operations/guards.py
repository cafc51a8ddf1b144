"""The counters against guessing. Used inside operations: the row is locked, so that parallel guesses are counted one by one."""

from __future__ import annotations

from datetime import datetime

from sportello.accounts import rules
from sportello.accounts.models import SignInGuard
from sportello.kernel.refusals import TooOften


def hold(bucket: str, *, now: datetime) -> rules.Count:
    """Lock a guard to the end of the transaction and return its count: whoever guesses at the same time waits here."""
    rows = SignInGuard.objects.select_for_update().filter(bucket=bucket)
    while (row := rows.first()) is None:  # nothing was counted yet, or the purge of empty ones took it just now
        SignInGuard.objects.get_or_create(bucket=bucket, defaults={"window_started_at": now})
    return rules.Count(row.failures, row.locks, row.window_started_at, row.locked_until)


def failed(bucket: str, limit: rules.Limit, *, now: datetime) -> datetime | None:
    """Count one failure; return until when the guard is locked if this one locked it."""
    before = hold(bucket, now=now)
    after = rules.after_failure(before, limit, now)
    SignInGuard.objects.filter(bucket=bucket).update(
        failures=after.failures, locks=after.locks, window_started_at=after.since, locked_until=after.locked_until
    )
    return None if before.locked(now) else after.locked_until


def clear(bucket: str) -> None:
    """Start counting anew after something right. The row stays: others may be waiting for it."""
    SignInGuard.objects.filter(bucket=bucket).update(failures=0, locks=0, locked_until=None)


def check_free(bucket: str, refusal: type[TooOften], *, now: datetime) -> None:
    """Hold a guard, and raise `refusal` with the seconds to wait while it is locked."""
    count = hold(bucket, now=now)
    if count.locked_until is not None and count.locked(now):
        raise refusal(retry_after=rules.seconds(count.locked_until - now))
