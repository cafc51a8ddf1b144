"""The newest events inside an actor's reach, as entries of a timeline."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.accounts.queries.audit import Names, events
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor
from sportello.kernel.events import EVENT_KINDS
from sportello.kernel.models import Event
from sportello.kernel.ui import formats, telling
from sportello.kernel.ui.types import TimelineEntry, Tone

SHOWN: Final = 7
LOOKED_AT: Final = 8
"""How many rows are read for each entry shown: equal news in a row are one entry."""
AT_THE_DOOR: Final = frozenset({"sign_in", "otp", "session", "password", "totp", "recovery_codes", "mobile"})
"""What everybody does every day, on the way in; it stands in the whole record."""
TONES: Final[dict[str, Tone]] = {"thresholds": "accent", "usage": "info", "viewing": "warn"}


def latest(actor: Actor, *, most: int = SHOWN) -> list[TimelineEntry]:
    """Return the newest events that are news to a reader, newest first."""
    news = [kind for kind, event in EVENT_KINDS.items() if event.news and _area(kind) not in AT_THE_DOOR]
    rows = list(events(actor).filter(kind__in=news).order_by("-pk")[: most * LOOKED_AT])
    folded = [list(same) for _alike, same in groupby(rows, key=_alike)][:most]
    names = Names()
    names.read([same[0] for same in folded])
    return [_entry(same[0], names, more=len(same) - 1) for same in folded]


def _alike(row: Event) -> tuple[object, ...]:
    """Return what news have in common that are told as one: the day, who did it, and what happened but for how many."""
    named = {name: value for name, value in row.payload.items() if not isinstance(value, int | list)}
    return (timezone.localtime(row.at).date(), row.person_id, row.profile, telling.sentence(row.kind, named))


def _entry(row: Event, names: Names, *, more: int) -> TimelineEntry:
    return TimelineEntry(
        at=row.at,
        title=telling.sentence(row.kind, row.payload),
        detail=_more(more) if more else "",
        who=names.person(row.person_id) or _profile(row),
        icon=_icon(_area(row.kind)),
        tone=TONES.get(_area(row.kind), "neutral"),
    )


def _more(count: int) -> str:
    words = {"count": formats.number(count)}
    return ngettext("and %(count)s more like it", "and %(count)s others like it", count) % words


def _area(kind: str) -> str:
    return kind.partition(".")[0]


def _profile(row: Event) -> str:
    """Name who acted without being a person: their profile, or the portal itself."""
    return str(Profile(row.profile).label) if row.profile in Profile.values else _("the portal")


def _icon(area: str) -> str:
    icons = {
        "customer": {"icon": "building"},
        "organisation": {"icon": "building"},
        "contact": {"icon": "building"},
        "export": {"icon": "download"},
        "inventory": {"icon": "device-mobile"},
        "messaging": {"icon": "send"},
        "thresholds": {"icon": "bell"},
        "usage": {"icon": "file-import"},
        "viewing": {"icon": "eye"},
    }
    return icons.get(area, {"icon": "user"})["icon"]
