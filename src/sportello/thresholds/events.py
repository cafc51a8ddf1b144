"""What happened to thresholds. Of a private one (dual billing) its existence alone is told: the chain is the customer's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent, Sentence, Words
from sportello.thresholds.states import BulkWhat, Lifted

WHAT: Final[Words] = dict(BulkWhat.choices)
PROFILES: Final[Words] = {"it_business_default": _("safeguard by regulation")}
"""Names that profiles have by code, in words (`rules/safeguard.py`)."""


@dataclass(frozen=True, kw_only=True)
class ThresholdSet(DomainEvent):
    """A threshold was set on a line."""

    kind: ClassVar[str] = "thresholds.set"
    sentence: ClassVar[Sentence] = _("A threshold was set on a line")
    line_id: int
    private: bool


@dataclass(frozen=True, kw_only=True)
class ThresholdChanged(DomainEvent):
    """A threshold's limit or steps were changed."""

    kind: ClassVar[str] = "thresholds.changed"
    sentence: ClassVar[Sentence] = _("A threshold of a line was changed")
    line_id: int
    private: bool


@dataclass(frozen=True, kw_only=True)
class ThresholdSuspended(DomainEvent):
    """A threshold was put aside."""

    kind: ClassVar[str] = "thresholds.suspended"
    sentence: ClassVar[Sentence] = _("A threshold of a line was suspended")
    line_id: int


@dataclass(frozen=True, kw_only=True)
class ThresholdResumed(DomainEvent):
    """A suspended threshold watches again."""

    kind: ClassVar[str] = "thresholds.resumed"
    sentence: ClassVar[Sentence] = _("A threshold of a line watches again")
    line_id: int


@dataclass(frozen=True, kw_only=True)
class ThresholdCancelled(DomainEvent):
    """A threshold was ended for good."""

    kind: ClassVar[str] = "thresholds.cancelled"
    sentence: ClassVar[Sentence] = _("A threshold of a line was cancelled")
    line_id: int


@dataclass(frozen=True, kw_only=True)
class ThresholdsCrossed(DomainEvent):
    """Counters passed steps of thresholds: the ids of the crossings that somebody is told of.

    Of one customer; of the installation when a load passes steps of many customers at once. `told_at_once` when their messages
    were written in the same transaction; otherwise a handler writes them. `first` and `last` are the ids of the whole evaluation.
    Without `managers` the lines' users alone are told: a change of many tells the others when it ends.
    """

    kind: ClassVar[str] = "thresholds.crossed"
    sentence: ClassVar[Sentence] = _("Warning steps of thresholds were reached: %(crossings)s")
    crossings: list[int] = field(default_factory=list)
    told_at_once: bool = False
    first: int = 0
    last: int = 0
    managers: bool = True


@dataclass(frozen=True, kw_only=True)
class BarsAsked(DomainEvent):
    """Enforcing thresholds were reached and the network was asked to bar; ids of the thresholds, of one customer."""

    kind: ClassVar[str] = "thresholds.bars_asked"
    sentence: ClassVar[Sentence] = _("Limits were reached: the network was asked to bar traffic (%(thresholds)s)")
    thresholds: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class BarsLifted(DomainEvent):
    """Bars ended, and the network was asked to lift what no other bar holds; ids of the thresholds, of one customer."""

    kind: ClassVar[str] = "thresholds.bars_lifted"
    sentence: ClassVar[Sentence] = _("Bars were lifted (%(thresholds)s): %(why)s")
    words: ClassVar[Mapping[str, Words]] = {"why": dict(Lifted.choices)}
    thresholds: list[int] = field(default_factory=list)
    why: str


@dataclass(frozen=True, kw_only=True)
class BarLiftedByConsent(DomainEvent):
    """The line's user consented to go on beyond a safeguard."""

    kind: ClassVar[str] = "thresholds.consented"
    sentence: ClassVar[Sentence] = _("The user of a line agreed to go on beyond a safeguard")
    line_id: int


@dataclass(frozen=True, kw_only=True)
class CutOffSet(DomainEvent):
    """The day on which bill periods begin was set."""

    kind: ClassVar[str] = "thresholds.cut_off_set"
    sentence: ClassVar[Sentence] = _("Bill periods begin on day %(day)s")
    day: int


@dataclass(frozen=True, kw_only=True)
class PeriodsTurned(DomainEvent):
    """Counters began a new period by the clock."""

    kind: ClassVar[str] = "thresholds.periods_turned"
    sentence: ClassVar[Sentence] = _("A new period began for %(lines)s lines")
    lines: int


@dataclass(frozen=True, kw_only=True)
class NoticesSeen(DomainEvent):
    """A person read their notices in the portal."""

    kind: ClassVar[str] = "thresholds.notices_seen"
    sentence: ClassVar[Sentence] = _("Notices were read")
    news: ClassVar[bool] = False
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ProfileMade(DomainEvent):
    """A profile of lines was made."""

    kind: ClassVar[str] = "thresholds.profile_made"
    sentence: ClassVar[Sentence] = _("A profile of thresholds was made")


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(DomainEvent):
    """A profile's thresholds, or whether it is the default, changed, and with it all its lines."""

    kind: ClassVar[str] = "thresholds.profile_changed"
    sentence: ClassVar[Sentence] = _("The profile %(name)s was changed, and with it its lines")
    name: str


@dataclass(frozen=True, kw_only=True)
class ProfileEnded(DomainEvent):
    """A profile was ended; its lines have none."""

    kind: ClassVar[str] = "thresholds.profile_ended"
    sentence: ClassVar[Sentence] = _("The profile %(name)s was ended; lines without it: %(lines)s")
    name: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class LinesEnrolled(DomainEvent):
    """Lines got a profile, or lost theirs (`profile` empty)."""

    kind: ClassVar[str] = "thresholds.lines_enrolled"
    sentence: ClassVar[Sentence] = _("Lines got another profile (%(profile)s): %(lines)s")
    words: ClassVar[Mapping[str, Words]] = {"profile": PROFILES}
    profile: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class BulkChosen(DomainEvent):
    """Many lines or thresholds were chosen for one change."""

    kind: ClassVar[str] = "thresholds.bulk_chosen"
    sentence: ClassVar[Sentence] = _("Many were chosen for a change of thresholds: %(total)s")
    news: ClassVar[bool] = False
    what: str
    total: int


@dataclass(frozen=True, kw_only=True)
class BulkStarted(DomainEvent):
    """A change of many was started."""

    kind: ClassVar[str] = "thresholds.bulk_started"
    sentence: ClassVar[Sentence] = _("A change of many thresholds was started: %(what)s, %(total)s")
    words: ClassVar[Mapping[str, Words]] = {"what": WHAT}
    what: str
    total: int


@dataclass(frozen=True, kw_only=True)
class BulkDone(DomainEvent):
    """A change of many went through all of them."""

    kind: ClassVar[str] = "thresholds.bulk_done"
    sentence: ClassVar[Sentence] = _(
        "A change of many thresholds is done: %(what)s, %(total)s, left as they were: %(skipped)s"
    )
    words: ClassVar[Mapping[str, Words]] = {"what": WHAT}
    what: str
    total: int
    skipped: int


@dataclass(frozen=True, kw_only=True)
class BulkFailed(DomainEvent):
    """A change of many stopped on its way; `problem` is the kept sentence of why."""

    kind: ClassVar[str] = "thresholds.bulk_failed"
    sentence: ClassVar[Sentence] = _(
        "A change of many thresholds stopped: %(what)s, %(done)s of %(total)s gone through"
    )
    words: ClassVar[Mapping[str, Words]] = {"what": WHAT}
    what: str
    done: int
    total: int
    problem: str


@dataclass(frozen=True, kw_only=True)
class ThresholdsLoaded(DomainEvent):
    """A file of thresholds was taken: all its rows."""

    kind: ClassVar[str] = "thresholds.file_loaded"
    sentence: ClassVar[Sentence] = _("A file of thresholds was taken")
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BulkStep(DomainEvent):
    """A piece of a change of many was done."""

    kind: ClassVar[str] = "thresholds.bulk_step"
    sentence: ClassVar[Sentence] = _("A change of many thresholds has come to %(done)s")
    news: ClassVar[bool] = False
    what: str
    done: int
