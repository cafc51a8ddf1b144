"""Correcting from when to when dual billing counted; the records of that time are placed and billed again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from sportello.dual_billing import queries, rules
from sportello.dual_billing.events import DualBillingCorrected
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.operations.asking import about
from sportello.dual_billing.states import EnrolmentState
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish


@operation(section=Section.DUAL_BILLING)
def correct_enrolment(
    *, actor: Actor, enrolment: Enrolment, active_from: datetime, active_to: datetime | None, reason: str, now: datetime
) -> Enrolment:
    """Correct the time in which a signed dual billing counted; a job places the records of that time again (DOMAIN §5).

    `active_to` is for what has ended, exclusive. Raises `NotPermitted` to all but the operator, `NotAsked` (never signed), `InvalidInput`,
    `Overlaps`.
    """
    rules.check_runs_portal(actor)
    row = queries.enrolments(actor).select_for_update(of=("self",)).get_or_refuse(pk=enrolment.pk)
    if row.accepted_at is None or row.active_from is None:
        raise rules.NotAsked
    until = active_to if row.state == EnrolmentState.ENDED else None
    rules.check_correction(active_from, until, signed_at=row.accepted_at, reason=reason, now=now)
    _check_alone(actor, row, active_from, until)
    before = {"active_from": row.active_from, "active_to": row.active_to}
    since = min(row.active_from, active_from)
    row.active_from, row.active_to = active_from, until
    row.save(update_fields=["active_from", "active_to"])
    after = {"active_from": active_from, "active_to": until}
    publish(
        DualBillingCorrected(
            **about(row), reason=reason.strip()[:200], enrolment_id=row.pk, since=since, changes=changed(before, after)
        )
    )
    return row


def _check_alone(actor: Actor, row: Enrolment, since: datetime, until: datetime | None) -> None:
    others = Enrolment.objects.for_(actor).filter(line_id=row.line_id).exclude(pk=row.pk).exclude(active_from=None)
    others = others.filter(Q(active_to=None) | Q(active_to__gt=since))
    others = others if until is None else others.filter(active_from__lt=until)
    if any(one.active_to is None or (one.active_from and one.active_from < one.active_to) for one in others):
        raise rules.Overlaps
