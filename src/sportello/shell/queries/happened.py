"""The newest events inside an actor's reach, as entries of a timeline."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from sportello.accounts.queries.audit import Names, events
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor
from sportello.kernel.events import EVENT_KINDS
from sportello.kernel.models import Event
from sportello.kernel.ui import telling
from sportello.kernel.ui.types import TimelineEntry, Tone

SHOWN: Final = 7
AT_THE_DOOR: Final = frozenset({"sign_in", "otp", "session", "password", "totp", "recovery_codes", "mobile"})
"""What everybody does every day, on the way in; it stands in the whole record."""
TONES: Final[dict[str, Tone]] = {"thresholds": "accent", "usage": "info", "viewing": "warn"}


def latest(actor: Actor, *, most: int = SHOWN) -> list[TimelineEntry]:
    """Return the newest events that are news to a reader, newest first."""
    news = [kind for kind, event in EVENT_KINDS.items() if event.news and _area(kind) not in AT_THE_DOOR]
    rows = list(events(actor).filter(kind__in=news).order_by("-pk")[:most])
    names = Names()
    names.read(rows)
    return [_entry(row, names) for row in rows]


def _entry(row: Event, names: Names) -> TimelineEntry:
    return TimelineEntry(
        at=row.at,
        title=telling.sentence(row.kind, row.payload),
        who=names.person(row.person_id) or _profile(row),
        icon=_icon(_area(row.kind)),
        tone=TONES.get(_area(row.kind), "neutral"),
    )


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
