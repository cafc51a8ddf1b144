"""States of a load, and the words of the usage file."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.kernel.states import Transitions


class LoadState(TextChoices):
    """What became of a usage file."""

    LOADING = "loading", _("Loading")
    LOADED = "loaded", _("Loaded")
    KNOWN = "known", _("Known already")
    REFUSED = "refused", _("Refused")


TRANSITIONS: Final[Transitions] = {
    LoadState.LOADING: {LoadState.LOADED, LoadState.KNOWN, LoadState.REFUSED},
    LoadState.LOADED: set(),
    LoadState.KNOWN: set(),
    LoadState.REFUSED: {LoadState.LOADING},
}


class TrafficType(TextChoices):
    """The kinds of traffic."""

    VOICE = "voice", _("Voice")
    SMS = "sms", _("SMS")
    MMS = "mms", _("MMS")
    DATA = "data", _("Data")


PLOTTED: Final = (TrafficType.VOICE, TrafficType.DATA, TrafficType.SMS, TrafficType.MMS)
"""The order in which plots tell the kinds apart, and so their colours: the same on every page, also where one kind has nothing."""


class Zone(TextChoices):
    """Where the line was."""

    NATIONAL = "national", _("National")
    EU = "eu", _("EU roaming")
    EXTRA_EU = "extra_eu", _("Roaming outside the EU")


class PreparedState(TextChoices):
    """How far a file is that is prepared for somebody."""

    ASKED = "asked", _("Waiting")
    PREPARING = "preparing", _("Being prepared")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


PREPARED_TRANSITIONS: Final[Transitions] = {
    PreparedState.ASKED: {PreparedState.PREPARING, PreparedState.FAILED},
    PreparedState.PREPARING: {PreparedState.READY, PreparedState.FAILED},
    PreparedState.READY: {PreparedState.EXPIRED},
    PreparedState.FAILED: set(),
    PreparedState.EXPIRED: set(),
}


class ReportState(TextChoices):
    """Whether a scheduled report goes out."""

    ACTIVE = "active", pgettext_lazy("a report", "Active")
    SUSPENDED = "suspended", pgettext_lazy("a report", "Suspended")
    CLOSED = "closed", pgettext_lazy("a report", "Ended")


REPORT_TRANSITIONS: Final[Transitions] = {
    ReportState.ACTIVE: {ReportState.SUSPENDED, ReportState.CLOSED},
    ReportState.SUSPENDED: {ReportState.ACTIVE, ReportState.CLOSED},
    ReportState.CLOSED: set(),
}


class ExportContent(TextChoices):
    """What an export holds."""

    ANALYSIS = "analysis", _("Totals")
    RECORDS = "records", _("Usage records")
    UNUSUAL = "unusual", _("Unusual lines")


class ExportForm(TextChoices):
    """The kinds of files that traffic is exported as."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    PDF = "pdf", "PDF"


class ReportContent(TextChoices):
    """What a scheduled report says of a month."""

    COST_CENTRES = "cost_centres", _("Totals by cost centre")
    LINES = "lines", _("Totals by line")
    SPENDERS = "spenders", _("Top spenders")


class DocumentationPurpose(TextChoices):
    """Why the full records of a line are asked for; the first three show called numbers whole."""

    CONTESTED = "contested", _("Contested charges")
    AUTHORITY = "authority", _("Request of an authority")
    OWN = "own", _("My own traffic")
    CHECK = "check", _("Check of costs (called numbers masked)")
