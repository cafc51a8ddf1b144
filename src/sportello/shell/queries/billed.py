"""Bills on the first page: what is to be paid, what is overdue, how the billed months went; for the operator, files in doubt."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.billing import queries as billing
from sportello.billing.states import OPEN, FileState, PaymentState
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.shell.navigation import address
from sportello.shell.types import Figure, Parts


def parts(
    actor: Actor,
    *,
    now: datetime,  # noqa: ARG001 - every capability is asked with the clock
) -> Parts:
    """Return what is still to be paid and what of it is overdue; an employee's last billed month; the operator's files in doubt."""
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        return Parts(figures=_own(actor))
    figures = _to_pay(actor)
    if actor.may(Section.OPERATIONS):
        figures.append(_in_doubt(actor))
    return Parts(figures=figures)


def _own(actor: Actor) -> list[Figure]:
    months = billing.months_owned(actor, most=1)
    if not months:
        return []
    last = months[-1]
    label = _("My lines on the bill of %(month)s") % {"month": formats.month(last.month)}
    return [
        Figure(
            label=label,
            value=formats.money(last.amount),
            icon="receipt",
            url=address("billing:own"),
            note=_("net of VAT"),
        )
    ]


def _to_pay(actor: Actor) -> list[Figure]:
    late = Q(payment_state=PaymentState.OVERDUE)
    sums = (
        billing.bills(actor)
        .filter(payment_state__in=OPEN)
        .select_related(None)
        .aggregate(
            asked=Sum("payable"),
            had=Sum("paid"),
            bills=Count("pk"),
            overdue=Count("pk", filter=late),
            late=Sum("payable", filter=late),
            late_had=Sum("paid", filter=late),
        )
    )
    if not sums["bills"]:
        return []
    overdue: int = sums["overdue"]
    figure = Figure(
        label=_("Bills to be paid"),
        value=formats.money(sums["asked"] - sums["had"]),
        icon="file-invoice",
        url=f"{address('billing:index')}?payment=open",
        note=ngettext("%(count)s bill", "%(count)s bills", sums["bills"]) % {"count": formats.number(sums["bills"])},
        delta=_("%(amount)s overdue") % {"amount": formats.money(sums["late"] - sums["late_had"])} if overdue else "",
        delta_tone="bad" if overdue else "",
    )
    return [figure]


def _in_doubt(actor: Actor) -> Figure:
    counts = billing.files(actor).aggregate(
        waiting=Count("pk", filter=Q(state=FileState.WAITING)), refused=Count("pk", filter=Q(state=FileState.REFUSED))
    )
    refused = counts["refused"]
    return Figure(
        label=_("Bill files that wait for you"),
        value=formats.number(counts["waiting"]),
        icon="file-alert",
        url=f"{address('billing:files')}?state=waiting",
        note=ngettext("%(count)s refused", "%(count)s refused", refused) % {"count": formats.number(refused)}
        if refused
        else "",
    )
