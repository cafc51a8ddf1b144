"""The notices of a person in the portal."""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.ui import formats
from sportello.kernel.ui.types import TimelineEntry
from sportello.kernel.web import PageRequest, page
from sportello.thresholds import operations, queries
from sportello.thresholds.models import Crossing
from sportello.thresholds.states import FULL

SHOWN: Final = 100
PAGE: Final = re.compile("[1-9][0-9]{0,5}")


@page(section=Section.THRESHOLDS)
def notices(request: PageRequest) -> HttpResponse:
    """Show what was told of the lines in reach, the latest first, and which of it is new."""
    seen = queries.reader(request.actor)
    number = _page_number(request)
    rows = queries.portal_notices(request.actor)[(number - 1) * SHOWN : number * SHOWN + 1]
    context = {
        "title": _("Notices"),
        "entries": [_entry(row, new=seen is None or row.crossed_at > seen.seen_until) for row in rows[:SHOWN]],
        "newer": f"?page={number - 1}" if number > 1 else "",
        "older": f"?page={number + 1}" if len(rows) > SHOWN else "",
        "unread": queries.unread(request.actor),
        "switched_off": not queries.wants_notices(request.actor),
    }
    return render(request, "thresholds/notices.html", context)


@page(section=Section.THRESHOLDS)
def new(request: PageRequest) -> HttpResponse:
    """Answer with how many notices are new, for the bell of every page: asked after the page is there, so that it costs no page a query."""
    return render(
        request, "thresholds/notices_new.html", {"unread": queries.unread(request.actor), "most": queries.COUNTED_UP_TO}
    )


@page(section=Section.THRESHOLDS, methods=("POST",))
def seen(request: PageRequest) -> HttpResponse:
    """Keep that all was read."""
    operations.mark_notices_seen(actor=request.actor, now=timezone.now())
    return redirect("thresholds:notices")


def _page_number(request: PageRequest) -> int:
    asked = request.GET.get("page", "")
    return int(asked) if PAGE.fullmatch(asked) else 1


def _entry(row: Crossing, *, new: bool) -> TimelineEntry:
    words = {
        "share": formats.share(row.share),
        "line": formats.phone(row.line.number),
        "what": row.threshold.what,
        "used": row.used_text,
        "limit": row.limit_text,
        "period": row.period_text,
    }
    return TimelineEntry(
        at=row.crossed_at,
        title=_("%(line)s: %(share)s of %(what)s") % words,
        detail=_("%(used)s of %(limit)s, %(period)s.") % words,
        icon="bell-ringing" if new else "bell",
        tone="bad" if row.step >= FULL else "warn",
    )
