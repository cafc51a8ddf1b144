"""Every row of thresholds."""

from sportello.thresholds.models.acting import Bar, BulkChange, Consent, NoticeReader
from sportello.thresholds.models.profiles import CutOff, Enrolment, LineProfile, ProfileTerm
from sportello.thresholds.models.watching import ALWAYS_TOLD, Crossing, Tally, Threshold, watched, written_period

__all__ = [
    "ALWAYS_TOLD",
    "Bar",
    "BulkChange",
    "Consent",
    "Crossing",
    "CutOff",
    "Enrolment",
    "LineProfile",
    "NoticeReader",
    "ProfileTerm",
    "Tally",
    "Threshold",
    "watched",
    "written_period",
]
