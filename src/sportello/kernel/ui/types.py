"""What components take: frozen facts that views and queries of any app can build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tone = Literal["good", "warn", "bad", "info", "accent", "neutral", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A link of a tab bar; `count` is shown beside the label when it is known."""

    label: str
    url: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """Something that happened: when (aware), what, who, and more words if there are any."""

    at: datetime
    title: str
    who: str = ""
    detail: str = ""
    icon: str = "point"
    tone: Tone = "neutral"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The steps of a piece of work in order, and which one (from 1) is being done."""

    labels: Sequence[str]
    current: int


STATE_TONES: dict[str, Tone] = {
    "active": "good",
    "confirmed": "good",
    "done": "good",
    "delivered": "good",
    "succeeded": "good",
    "loaded": "good",
    "paid": "good",
    "sent": "info",
    "running": "info",
    "in_progress": "info",
    "new": "info",
    "pending": "warn",
    "waiting": "warn",
    "ready": "warn",
    "asked": "warn",
    "invited": "warn",
    "suspended": "warn",
    "quarantined": "warn",
    "retrying": "warn",
    "failed": "bad",
    "refused": "bad",
    "rejected": "bad",
    "barred": "bad",
    "locked": "bad",
    "overdue": "bad",
    "crossed": "bad",
    "ceased": "off",
    "closed": "off",
    "cancelled": "off",
    "deactivated": "off",
    "expired": "off",
    "inactive": "off",
}
"""The colours of the usual states; any other is neutral, and a page can always name the tone itself."""
