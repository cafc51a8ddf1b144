"""Kinds and states of lines."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LineKind(TextChoices):
    """What a line is (the words of the lines file)."""

    MOBILE = "mobile", _("Mobile")
    FIXED = "fixed", _("Fixed")
    XDSL = "xdsl", _("xDSL")
    VOIP = "voip", _("VoIP")
    EXTENSION = "extension", _("Extension")
    DATA = "data", _("Data SIM")


class LineStatus(TextChoices):
    """Whether a line works."""

    ORDERED = "ordered", _("Ordered")
    ACTIVE = "active", pgettext_lazy("a line", "Active")
    SUSPENDED = "suspended", _("Suspended")
    TERMINATED = "terminated", _("Terminated")


TRANSITIONS = {
    LineStatus.ORDERED: {LineStatus.ACTIVE, LineStatus.TERMINATED},
    LineStatus.ACTIVE: {LineStatus.SUSPENDED, LineStatus.TERMINATED},
    LineStatus.SUSPENDED: {LineStatus.ACTIVE, LineStatus.TERMINATED},
    LineStatus.TERMINATED: set(),
}
