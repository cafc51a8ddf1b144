"""What happened to usage files. They concern the installation: no customer's chain holds them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class UsageLoadStarted(DomainEvent):
    """A usage file was taken up."""

    kind = "usage.load_started"
    news = False
    sentence = _("Usage file %(file_name)s was taken up")
    file_name: str


@dataclass(frozen=True, kw_only=True)
class UsageLoaded(DomainEvent):
    """A usage file was loaded; its counters stand."""

    kind = "usage.loaded"
    sentence = _(
        "Usage file %(file_name)s was loaded: %(loaded)s records, %(duplicates)s known already, %(rejected)s rejected"
    )
    file_name: str
    sha256: str
    loaded: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class UsageKnown(DomainEvent):
    """A usage file came whose content was loaded before; nothing of it counts again."""

    kind = "usage.known"
    news = False
    sentence = _("Usage file %(file_name)s held nothing new: its content was loaded before")
    file_name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class UsageRefused(DomainEvent):
    """A usage file was refused whole; nothing of it counts."""

    kind = "usage.refused"
    sentence = _("Usage file %(file_name)s was refused")
    file_name: str
    reasons: list[str]


@dataclass(frozen=True, kw_only=True)
class UsagePartsMerged(DomainEvent):
    """Small files of the record store became one; the records are the same."""

    kind = "usage.parts_merged"
    news = False
    sentence = _("%(parts)s files of the record store became one of %(rows)s rows")
    parts: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class UsagePlacedAgain(DomainEvent):
    """Records of a line hang on other periods, or are paid by another, after its history was corrected; each counts once as before."""

    kind = "usage.placed_again"
    news = False
    sentence = _("%(records)s usage records were placed again after a correction")
    records: int


@dataclass(frozen=True, kw_only=True)
class UsageForgotten(DomainEvent):
    """Records past their retention were removed; counters and the record ids stay."""

    kind = "usage.forgotten"
    news = False
    sentence = _("%(records)s usage records older than %(instant)s were removed")
    records: int
    instant: str


@dataclass(frozen=True, kw_only=True)
class ExportAsked(DomainEvent):
    """Somebody asked for a large export of traffic."""

    kind = "usage.export_asked"
    sentence = _("An export of traffic was asked for (%(content)s, %(form)s)")
    news = False
    content: str
    form: str
    asked: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ExportEnded(DomainEvent):
    """A large export is ready, or failed."""

    kind = "usage.export_ended"
    sentence = _("An export of traffic ended as “%(result)s” with %(rows)s rows")
    news = False
    result: str
    rows: int
    note: str


@dataclass(frozen=True, kw_only=True)
class ExportTaken(DomainEvent):
    """Somebody took a prepared export of traffic out of the portal."""

    kind = "usage.export_taken"
    sentence = _("An export of traffic was taken out (%(content)s, %(form)s, %(rows)s rows)")
    content: str
    form: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class PreparedExpired(DomainEvent):
    """A file that was prepared for somebody was removed: its time was over."""

    kind = "usage.prepared_expired"
    sentence = _("A file prepared for a person was removed: its time was over")
    news = False


@dataclass(frozen=True, kw_only=True)
class DocumentationAsked(DomainEvent):
    """Somebody asked for the full records of a line, and why."""

    kind = "usage.documentation_asked"
    sentence = _("The traffic documentation of line %(number)s from %(since)s to %(until)s was asked for: %(reason)s")
    number: str
    since: str
    until: str
    purpose: str
    reason: str
    clear_numbers: bool
    request_id: int


@dataclass(frozen=True, kw_only=True)
class DocumentationEnded(DomainEvent):
    """The traffic documentation of a line is ready (its password went out by SMS), or failed."""

    kind = "usage.documentation_ended"
    sentence = _("The traffic documentation of line %(number)s ended as “%(result)s” with %(rows)s records")
    number: str
    result: str
    rows: int
    note: str


@dataclass(frozen=True, kw_only=True)
class DocumentationTaken(DomainEvent):
    """Somebody took the encrypted traffic documentation of a line."""

    kind = "usage.documentation_taken"
    sentence = _("The traffic documentation of line %(number)s was taken")
    number: str


@dataclass(frozen=True, kw_only=True)
class ReportScheduled(DomainEvent):
    """A scheduled report was made, changed, suspended, taken up again or ended."""

    kind = "usage.report_scheduled"
    sentence = _("The scheduled report “%(name)s” is now “%(state)s”")
    news = False
    name: str
    state: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportRun(DomainEvent):
    """A scheduled report was made and its person told."""

    kind = "usage.report_run"
    sentence = _("The scheduled report “%(name)s” of %(month)s was made")
    news = False
    name: str
    month: str
    export_id: int


@dataclass(frozen=True, kw_only=True)
class UnusualRuleSet(DomainEvent):
    """It was set from when on a line's month is unusual."""

    kind = "usage.unusual_rule_set"
    sentence = _("Unusual traffic is now what exceeds %(factor)s times the usual by %(at_least)s EUR")
    factor: Decimal
    at_least: Decimal


@dataclass(frozen=True, kw_only=True)
class ClearNumbersOpened(DomainEvent):
    """A person typed a fresh code and sees the called numbers of the own traffic whole until an instant."""

    kind = "usage.clear_numbers_opened"
    sentence = _("The called numbers of the own traffic are shown whole until %(until)s")
    news = False
    until: str
