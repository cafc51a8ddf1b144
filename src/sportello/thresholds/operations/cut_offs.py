"""The day on which bill periods begin."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from sportello.inventory.models import Agreement
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.parties.models import Organisation
from sportello.thresholds import rules
from sportello.thresholds.events import CutOffSet
from sportello.thresholds.models import CutOff, Tally, Threshold
from sportello.thresholds.operations.evaluating import evaluate_many
from sportello.thresholds.operations.lock import hold_evaluations
from sportello.thresholds.queries import standing as queries
from sportello.thresholds.states import Period, State

BEGINNING = 1


@operation(section=Section.THRESHOLDS)
def set_cut_off(
    *, actor: Actor, organisation: Organisation, agreement: Agreement | None, day: int, now: datetime
) -> None:
    """Set the day on which the bill periods of an agreement, or of a whole customer, begin; thresholds by bill period follow at once.

    What was told in a period that is cut anew stays told. Raises `NotPermitted` for an employee, `InvalidInput` on `day`.
    """
    rules.check_can_manage(actor)
    rules.check_cut_off(day)
    hold_evaluations()
    before = queries.cut_offs(actor, organisation.pk)
    CutOff.objects.for_(actor).filter(organisation=organisation, agreement=agreement).delete()
    CutOff.objects.create(organisation=organisation, agreement=agreement, day=day)
    agreement_id = agreement.pk if agreement else None
    publish(
        CutOffSet(
            organisation_id=organisation.pk, subject_type="organisation", subject_id=organisation.pk, day=day,
            changes=changed({"day": before.get(agreement_id)}, {"day": day}),
        )
    )  # fmt: skip
    _recut(actor, organisation, now)


def _recut(actor: Actor, organisation: Organisation, now: datetime) -> None:
    """Let the thresholds by bill period run in the periods that are theirs now."""
    days = queries.cut_offs(actor, organisation.pk)
    rows = (
        Threshold.objects.for_(actor)
        .filter(organisation=organisation, period=Period.BILL)
        .exclude(state=State.CANCELLED)
    )
    moved: list[int] = []
    for agreement_id in set(rows.order_by().values_list("line__agreement_id", flat=True)):
        day = days.get(agreement_id) or days.get(None) or BEGINNING
        some = rows.filter(~Q(cut_off=day), line__agreement_id=agreement_id)
        ids = list(some.values_list("pk", flat=True))
        span = rules.present_span(Period.BILL, now, organisation.time_zone, cut_off=day)
        Threshold.objects.for_(actor).filter(pk__in=ids).update(cut_off=day, counts_from=span.start)
        Tally.objects.for_(actor).filter(threshold__in=ids).update(
            period_start=span.start, period_at=span.at, period_to=span.to, used_units=0, permille=0
        )
        moved += ids
    evaluate_many(actor=actor, threshold_ids=moved, zone=organisation.time_zone, now=now)
