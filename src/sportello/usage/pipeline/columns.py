"""The columns of the usage file, version 1 (product/03), and the values that the short ones may have."""

import phonenumbers
from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
from sportello.usage.types import Direction, TrafficType, VatClass, Zone

COLUMNS = (
    "record_id",
    "msisdn",
    "started_at",
    "traffic_type",
    "direction",
    "other_party",
    "duration_s",
    "volume_bytes",
    "units",
    "amount",
    "vat_class",
    "zone",
    "country",
    "personal",
    "apn",
    "corrects",
)

COUNTRIES = tuple(
    sorted((set(phonenumbers.SUPPORTED_REGIONS) - {"AC", "TA"}) | {"AQ", "BV", "GS", "HM", "PN", "TF", "UM"})
)
"""ISO 3166-1 alpha-2: the regions of the phonenumbers library without its two that are no ISO codes, with the seven
territories that have no numbers of their own; XK (Kosovo, user-assigned) stays, for networks there do bill."""

CODES: dict[str, tuple[str, ...]] = {
    "traffic_type": tuple(TrafficType),
    "direction": tuple(Direction),
    "vat_class": tuple(VatClass),
    "zone": tuple(Zone),
    "country": COUNTRIES,
    "personal": ("0", "1"),
}
"""Columns of few values; a value's place in its tuple is its code in the load's own tables."""

WHOLE_ENDS: dict[str, int] = {"duration_s": 10**9, "volume_bytes": 10**14, "units": 10**9}
"""Whole numbers stay below these: thirty years, a hundred terabytes. What is larger in one record is a fault of the source."""

AMOUNT_END_E5 = 10**6 * 10**5
"""One record costs less than a million euro, in either direction (ABUSE G09: 10^15 is refused)."""


def column_problems(names: tuple[str, ...]) -> list[str]:
    """Say of each column what is wrong with it: missing, unknown, or there twice."""
    missing, unknown = gettext_noop("column %(name)s is missing"), gettext_noop("column %(name)s is unknown")
    repeated = gettext_noop("column %(name)s is there %(count)d times")
    problems = [kept(missing, name=name) for name in COLUMNS if name not in names]
    problems += [kept(unknown, name=repr(name)) for name in dict.fromkeys(names) if name not in COLUMNS]
    return problems + [kept(repeated, name=name, count=names.count(name)) for name in COLUMNS if names.count(name) > 1]
