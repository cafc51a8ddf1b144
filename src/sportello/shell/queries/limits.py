"""Thresholds on the first page: what is barred, what is likely to be passed, and which are at their limit or close to it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.access import Access, Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.shell.types import Figure, Panel, Parts
from sportello.thresholds import queries as thresholds

SHOWN: Final = 6
FULL: Final = 100
FULL_SHOWN: Final = 3
"""So many of those at their limit are listed where others are close to it: these can still be helped."""


def barred(actor: Actor, **_clock: datetime) -> Parts:
    """Return what is barred on the own lines, above all else on the page of whoever sees nothing but their own."""
    if actor.access(Section.THRESHOLDS) is not Access.OWN:
        return Parts()
    found = thresholds.open_bars(actor, most=SHOWN)
    if not found:
        return Parts()
    panel = Panel(
        title=_("Barred on your lines"),
        template="shell/panel_bars.html",
        facts={"bars": found},
        wide=True,
        url=reverse("thresholds:index"),
        more=_("Thresholds and bars"),
    )
    return Parts(panels=[panel])


def parts(actor: Actor, *, now: datetime) -> Parts:
    """Return how many thresholds stand at their limit, how many bars stand, what is likely to be passed, and the fullest thresholds."""
    crossed = thresholds.at_limit(actor) if actor.access(Section.THRESHOLDS) is Access.FULL else 0
    fullest = _fullest(actor, now)
    meters: list[dict[str, object]] = [
        {
            "label": formats.phone(one.threshold.line.number),
            "what": one.threshold.what,
            "url": reverse("thresholds:line", args=[one.threshold.line_id]),
            "share": one.share,
            "text": one.text,
        }
        for one in fullest
    ]
    full = sum(one.share >= FULL for one in fullest)
    if full and crossed > full:  # said after the last of those shown, before those that are only close
        meters[full - 1]["more"] = _more(crossed - full)
    panel = Panel(
        title=_("Thresholds at their limit or close to it"),
        template="shell/panel_meters.html",
        # The list begins with the fullest: there the others at their limit come next.
        facts={
            "meters": meters,
            "all": reverse("thresholds:index"),
            "nothing": _("No threshold has passed a warning step in this period."),
        },
        url=reverse("thresholds:index"),
        more=_("All thresholds"),
    )
    return Parts(figures=_figures(actor, now, crossed), panels=[panel])


def _fullest(actor: Actor, now: datetime) -> list[thresholds.Standing]:
    """Return the fullest thresholds; where others are close to their limit, only some of those at it, so that both are seen."""
    found = thresholds.close_to_limit(actor, now, most=SHOWN)
    full = [one for one in found if one.share >= FULL]
    if len(full) <= FULL_SHOWN:
        return found
    below = thresholds.close_to_limit(actor, now, most=SHOWN - FULL_SHOWN, below=True)
    return full[: SHOWN - len(below)] + below


def _figures(actor: Actor, now: datetime, crossed: int) -> list[Figure]:
    """Return how many thresholds are set and full, barred and likely to be passed; an employee's few are told by the panels alone."""
    if actor.access(Section.THRESHOLDS) is not Access.FULL:
        return []
    active = thresholds.thresholds(actor).filter(state="active").count()
    figures = [
        Figure(
            label=_("Active thresholds"),
            value=formats.number(active),
            icon="bell",
            url=reverse("thresholds:index"),
            delta=_full(crossed) if crossed else "",
            delta_tone="bad",
            note="" if crossed else _("none at its limit"),
        ),
        Figure(
            label=_("Bars that stand"),
            value=formats.number(thresholds.bars(actor, lifted_at=None).count()),
            icon="lock",
            url=f"{reverse('thresholds:bars')}?bar=open",
        ),
    ]
    if actor.reach is Reach.CUSTOMER:  # of one customer: over all of them it takes longer than a first page may
        figures.append(
            Figure(
                label=_("Likely to be passed"),
                value=formats.number(thresholds.likely_to_cross(actor, now).count()),
                icon="trending-up",
                url=reverse("thresholds:likely"),
                note=_("at the present pace"),
            )
        )
    return figures


def _more(count: int) -> str:
    words = {"count": formats.number(count)}
    return ngettext("and %(count)s more at its limit", "and %(count)s more at their limit", count) % words


def _full(crossed: int) -> str:
    words = {"count": formats.number(crossed)}
    return ngettext("%(count)s at its limit", "%(count)s at their limit", crossed) % words
