"""The newest events inside an actor's reach, as entries of a timeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from sportello.accounts.queries.people import people
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor
from sportello.kernel.events import EVENT_KINDS
from sportello.kernel.models import Event
from sportello.kernel.ui.types import TimelineEntry, Tone

SHOWN: Final = 7
TONES: Final[dict[str, Tone]] = {"access": "warn", "thresholds": "accent", "usage": "info", "viewing": "warn"}


class _Known(dict[str, object]):
    """The payload of an event for its sentence; what an older event did not carry reads as a dash."""

    def __missing__(self, _name: str) -> str:
        return "–"  # noqa: RUF001 - a dash as people read it


def latest(actor: Actor, *, most: int = SHOWN) -> list[TimelineEntry]:
    """Return the newest events that have a sentence for readers, newest first."""
    told = [kind for kind, event in EVENT_KINDS.items() if event.sentence]
    rows = list(Event.objects.for_(actor).filter(kind__in=told).order_by("-pk")[:most])
    names = _names(actor, {row.person_id for row in rows if row.person_id})
    return [_entry(row, names) for row in rows]


def _entry(row: Event, names: dict[int, str]) -> TimelineEntry:
    area = row.kind.partition(".")[0]
    return TimelineEntry(
        at=row.at,
        title=str(EVENT_KINDS[row.kind].sentence) % _Known(row.payload),
        who=names.get(row.person_id or 0) or _profile(row),
        icon=_icon(area),
        tone=TONES.get(area, "neutral"),
    )


def _profile(row: Event) -> str:
    """Name who acted without a name that the reader may not know: their profile, or the portal itself."""
    return str(Profile(row.profile).label) if row.profile in Profile.values else _("the portal")


def _names(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    rows = people(actor).prefetch_related(None).filter(pk__in=list(ids))
    return {row.pk: row.name for row in rows}


def _icon(area: str) -> str:
    icons = {
        "access": {"icon": "shield-x"},
        "customer": {"icon": "building"},
        "organisation": {"icon": "building"},
        "contact": {"icon": "building"},
        "export": {"icon": "download"},
        "inventory": {"icon": "device-mobile"},
        "messaging": {"icon": "send"},
        "otp": {"icon": "key"},
        "password": {"icon": "key"},
        "recovery_codes": {"icon": "key"},
        "session": {"icon": "login-2"},
        "sign_in": {"icon": "login-2"},
        "thresholds": {"icon": "bell"},
        "totp": {"icon": "key"},
        "usage": {"icon": "file-import"},
        "viewing": {"icon": "eye"},
    }
    return icons.get(area, {"icon": "user"})["icon"]
