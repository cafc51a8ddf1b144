"""What thresholds tell orders: which lines have some, before the lines end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import ngettext

from sportello.kernel.actor import Actor
from sportello.thresholds.models import Threshold
from sportello.thresholds.states import State


def hanging(actor: Actor, line_ids: Sequence[int]) -> Mapping[int, Sequence[str | Promise]]:
    """Return a warning for each of these lines that has thresholds of the administration; an employee's own are told to nobody."""
    rows = Threshold.objects.for_(actor).filter(line__in=list(line_ids), owner=None).exclude(state=State.CANCELLED)
    counted = rows.order_by().values_list("line_id").annotate(Count("pk"))
    return {
        line: [ngettext("%(count)d threshold", "%(count)d thresholds", count) % {"count": count}]
        for line, count in counted
    }
