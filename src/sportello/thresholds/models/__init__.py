"""Every row of thresholds."""

from sportello.thresholds.models.acting import Bar, BulkChange, Consent, NoticeReader
from sportello.thresholds.models.profiles import CutOff, Enrolment, LineProfile, ProfileTerm
from sportello.thresholds.models.watching import Crossing, Tally, Threshold, watched, written_period

__all__ = [
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
