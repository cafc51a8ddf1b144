"""Thresholds on the first page: which are close to their limit."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.shell.types import Figure, Panel, Parts
from sportello.thresholds import queries as thresholds

SHOWN: Final = 6
FULL: Final = 100


def parts(actor: Actor, *, now: datetime) -> Parts:
    """Return how many thresholds are passed in their present period, and the fullest ones."""
    passed = thresholds.close_to_limit(actor, now, most=SHOWN)
    meters = [
        {
            "label": formats.phone(one.threshold.line.number),
            "what": one.threshold.what,
            "url": reverse("thresholds:line", args=[one.threshold.line_id]),
            "share": one.share,
            "text": one.text,
        }
        for one in passed
    ]
    panel = Panel(
        title=_("Thresholds close to their limit"),
        template="shell/panel_meters.html",
        facts={"meters": meters, "nothing": _("No threshold has passed a warning step in this period.")},
        url=reverse("thresholds:index"),
        more=_("All thresholds"),
    )
    return Parts(figures=_figures(actor, crossed=sum(one.share >= FULL for one in passed)), panels=[panel])


def _figures(actor: Actor, *, crossed: int) -> list[Figure]:
    """Return how many thresholds are set and full; an employee's few are told by the panel alone."""
    if actor.access(Section.THRESHOLDS) is not Access.FULL:
        return []
    active = thresholds.thresholds(actor).filter(state="active").count()
    return [
        Figure(
            label=_("Active thresholds"),
            value=formats.number(active),
            icon="bell",
            url=reverse("thresholds:index"),
            delta=_full(crossed) if crossed else "",
            delta_tone="bad",
            note="" if crossed else _("none at its limit"),
        )
    ]


def _full(crossed: int) -> str:
    """Say how many are full; the fullest were looked at alone, so that there may be more."""
    words = {"count": formats.number(crossed)}
    if crossed == SHOWN:
        return _("%(count)s or more at their limit") % words
    return ngettext("%(count)s at its limit", "%(count)s at their limit", crossed) % words
