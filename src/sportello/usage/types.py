"""What other apps may receive from usage: parts, results, counters, and the listener of changed counters."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext_noop

from sportello.kernel.sentences import in_english, kept

AMOUNT_DECIMALS = 5
SHOWN_IDS = 20
"""So many ids are named in a note."""
AMOUNT_SCALE = 10**AMOUNT_DECIMALS
"""Amounts are counted in whole hundred-thousandths of a euro, so that no sum ever rounds."""


class TrafficType(StrEnum):
    """The kinds of rated events of the usage file, version 1."""

    VOICE = "voice"
    SMS = "sms"
    MMS = "mms"
    DATA = "data"


class Direction(StrEnum):
    """Whether the line started the event or received it."""

    OUT = "out"
    IN = "in"


class VatClass(StrEnum):
    """How VAT falls on the amount."""

    STANDARD = "standard"
    EXEMPT = "exempt"
    OUTSIDE = "outside"


class Zone(StrEnum):
    """The roaming zone in which the line was."""

    NATIONAL = "national"
    EU = "eu"
    EXTRA_EU = "extra_eu"


def euros(amount_e5: int) -> Decimal:
    """Return an amount of hundred-thousandths of a euro as euros, exactly."""
    return Decimal(amount_e5).scaleb(-AMOUNT_DECIMALS)


@dataclass(frozen=True)
class Window:
    """The instants whose records are accepted: `earliest` inclusive, `latest` exclusive, both aware."""

    earliest: datetime
    latest: datetime

    @classmethod
    def at(cls, now: datetime, *, late_months: int = 6, ahead: timedelta = timedelta(days=1)) -> "Window":
        """Return the window of a load at `now`: late records come up to six months back (product/03)."""
        return cls(earliest=months_before(now, late_months), latest=now + ahead)


def months_before(instant: datetime, months: int) -> datetime:
    """Return the instant so many calendar months earlier; the 31st becomes the last day of a shorter month."""
    total = instant.year * 12 + instant.month - 1 - months
    year, month = total // 12, total % 12 + 1
    for day in range(instant.day, 27, -1):
        try:
            return instant.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return instant.replace(year=year, month=month)


class PartKind(StrEnum):
    """What a file of the store holds: records of one month, or the identities of records already counted."""

    RECORDS = "records"
    IDS = "ids"


@dataclass(frozen=True)
class Part:
    """One immutable file of the store; `name` is relative to the store's folder, `month` is the first day or None.

    `late`: its records came when their month was over; they are merged with such alone, so that this can be said of each for ever.
    """

    kind: PartKind
    name: str
    rows: int
    size: int
    month: date | None = None
    late: bool = False


LATE_AFTER = timedelta(days=3)
"""Records of a month that come so long after its end were added later: until then the month is still being delivered."""


def is_over(month: date, at: datetime) -> bool:
    """Tell whether a month is over for so long that what is loaded at an instant is added later."""
    ends = (month + timedelta(days=31)).replace(day=1)
    return at.date() >= ends + LATE_AFTER


@dataclass(frozen=True)
class LoadResult:
    """What became of one usage file; nothing of it counts before its parts and `counters` are committed.

    `counters` is an Arrow table of deltas with the columns of `COUNTER_COLUMNS`, one row per key.
    """

    rows: int
    loaded: int
    duplicates: int
    rejected: int
    reject_file: Path | None
    parts: Sequence[Part]
    counters: Any
    amount_checked: bool
    """False when an unreadable amount made the manifest's sum impossible to compare."""
    corrects_unknown: Sequence[str] = ()
    """The ids that corrections of the file refer to and that no record has had so far, sorted."""

    @classmethod
    def nothing(cls, *, duplicates: int = 0) -> "LoadResult":
        """Return the result of a run that loaded nothing."""
        return cls(duplicates, 0, duplicates, 0, None, (), None, amount_checked=True)

    @property
    def notes(self) -> list[str]:
        """Say what an operator should know of a load that was taken, as kept sentences."""
        notes = (
            []
            if self.amount_checked
            else [gettext_noop("the sum of amounts could not be compared: an amount is unreadable")]
        )
        if self.corrects_unknown:
            shown = ", ".join(
                [*self.corrects_unknown[:SHOWN_IDS], *["…"][: len(self.corrects_unknown) // (SHOWN_IDS + 1)]]
            )
            sentence = gettext_noop(
                "corrections count, but %(count)d records that they correct are unknown so far: %(ids)s"
            )
            notes.append(kept(sentence, count=len(self.corrects_unknown), ids=shown))
        return notes


COUNTER_KEYS = ("period_id", "line_id", "organisation_id", "month", "traffic_type", "zone", "personal")
COUNTER_SUMS = ("records", "records_in", "duration_s", "duration_in_s", "volume_bytes", "units", "amount_e5")
COUNTER_COLUMNS = COUNTER_KEYS + COUNTER_SUMS


class FileRefused(Exception):
    """A usage file that is refused whole; `reasons` are kept sentences that say what is wrong and where, for the operator."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(in_english(reason) for reason in reasons))
        self.reasons = reasons


class ContentDiffers(FileRefused):
    """A file that is not what its manifest says; `sha256` is that of the file as it lies, empty where it cannot be read."""

    def __init__(self, reason: str, *, sha256: str = "") -> None:
        super().__init__(reason)
        self.sha256 = sha256


class Periods(Protocol):
    """Who held which number when: inventory, as the load needs it."""

    def periods(self, numbers: Collection[str] | None) -> Any:
        """Return an Arrow table of the periods of these numbers, or of all when None.

        Columns: period_id, line_id, organisation_id (int64), number (text), active_from, active_to
        (UTC microseconds; to is exclusive, null while open), time_zone (IANA name).
        """

    def numbers(self, period_ids: Collection[int]) -> Mapping[int, str]:
        """Return the numbers of some periods, whenever they were."""


class CounterListener(Protocol):
    """Hears of changed counters inside the transaction that changes them; thresholds registers one."""

    def __call__(self, *, load_id: int, line_ids: Collection[int], months: Collection[date], now: datetime) -> None:
        """Evaluate what hangs on these lines; whatever it writes commits or falls with the load.

        `load_id` is 0 where no file came, but records were placed again.
        """


@dataclass(frozen=True)
class PrivateTerms:
    """Which line periods have dual billing, and what of them the employee pays beside what was dialled with the prefix (DOMAIN §5).

    `spans` is an Arrow table: period_id, from_us, to_us (exclusive; UTC microseconds), agreement_id, and one boolean for each option:
    `messages` (to numbers outside the agreement), `roaming`, `data` (by APN). `numbers` are those of the agreements with the first option:
    agreement_id, number, from_us, to_us. A period has at most one span at one instant.
    """

    spans: Any
    numbers: Any
    prefix: str
    apns: Collection[str]


class PrivateTermsSource(Protocol):
    """Tells which traffic the employees pay themselves; dual billing registers one."""

    def __call__(
        self, *, window: Window, numbers: Collection[str] | None, parties: Collection[str] | None
    ) -> PrivateTerms:
        """Return the terms of the periods of these numbers within the window, or of all when None; `parties` are the numbers that may
        be asked for in `numbers` of the answer, or all when None.
        """  # noqa: D205


_terms_sources: list[PrivateTermsSource] = []


def register_private_terms(source: PrivateTermsSource) -> None:
    """Let dual billing (above usage) say which traffic is private; the last registered counts."""
    _terms_sources[:] = [source]


def private_terms_source() -> PrivateTermsSource | None:
    """Return who tells which traffic is private; None where dual billing is left out: the file's own marker counts then."""
    return _terms_sources[0] if _terms_sources else None


_listeners: list[CounterListener] = []


def listen_to_counters(listener: CounterListener) -> None:
    """Have a listener called by every load, in the order of asking; asking again changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def counter_listeners() -> tuple[CounterListener, ...]:
    """Return who hears of changed counters."""
    return tuple(_listeners)
