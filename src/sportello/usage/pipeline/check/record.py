"""The rules of one usage record, in plain Python: the definition that everything faster is held against."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from sportello.usage.pipeline.columns import AMOUNT_END_E5, CODES, COLUMNS, WHOLE_ENDS
from sportello.usage.types import AMOUNT_DECIMALS, AMOUNT_SCALE, Window, euros

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

AMOUNT = re.compile(r"(-?)([0-9]{1,30})(?:\.([0-9]{1,5}))?", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
OTHER_PARTY = re.compile(r"\+[1-9][0-9]{6,14}|[0-9*#]{2,20}", re.ASCII)
APN = re.compile(r"[A-Za-z0-9._*-]{1,100}", re.ASCII)
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]"
    r"([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?|([0-9]{2})(?:([0-9]{2})(?:\.([0-9]{1,9}))?)?)?"
    r"(?:(Z)|([+-])([0-9]{2})(?::?([0-9]{2}))?)",
    re.ASCII,
)
MAX_ID = 64


class Record(NamedTuple):
    """A row that keeps every rule; `at_us` is the start in UTC microseconds, `amount_e5` hundred-thousandths of a euro."""

    record_id: str
    msisdn: str
    at_us: int
    traffic_type: str
    direction: str
    other_party: str
    duration_s: int
    volume_bytes: int
    units: int
    amount_e5: int
    vat_class: str
    zone: str
    country: str
    personal: str
    apn: str
    corrects: str


def microseconds(instant: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970 in UTC."""
    return (instant - EPOCH) // MICROSECOND


def read_amount(text: str) -> int | None:
    """Return an amount as hundred-thousandths of a euro, or None where it is not a plain decimal of at most 5 decimals."""
    match = AMOUNT.fullmatch(text)
    if match is None:
        return None
    sign, whole, decimals = match.groups()
    value: int = int(whole) * AMOUNT_SCALE + int((decimals or "").ljust(AMOUNT_DECIMALS, "0"))
    return -value if sign else value


def read_instant(text: str) -> int | None:
    """Return an ISO 8601 instant with offset as UTC microseconds (finer digits are cut off), or None."""
    match = INSTANT.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, fraction, minute_b, second_b, fraction_b, _, sign, off_hour, off_minute = match.groups()
    try:
        offset = timedelta(hours=_below(off_hour, 24), minutes=_below(off_minute, 60))
        local = datetime.fromisoformat(day).replace(
            hour=int(hour),
            minute=int(minute or minute_b or 0),
            second=int(second or second_b or 0),
            microsecond=int((fraction or fraction_b or "").ljust(6, "0")[:6]),
            tzinfo=timezone(-offset if sign == "-" else offset),
        )
    except ValueError:
        return None
    return microseconds(local)


def _below(digits: str | None, end: int) -> int:
    value = int(digits or 0)
    if value >= end:
        raise ValueError
    return value


def read_record(fields: Sequence[str], window: Window) -> tuple[Record | None, list[str]]:
    """Return the record of a row's sixteen fields, or None with every reason why it is refused, column by column."""
    row = dict(zip(COLUMNS, fields, strict=True))
    reasons = [reason for rule in RULES for reason in rule(row)]
    at_us, amount_e5 = read_instant(row["started_at"]), read_amount(row["amount"])
    reasons += _outside(row["started_at"], at_us, window)
    if reasons or at_us is None or amount_e5 is None:
        return None, reasons
    values: dict[str, Any] = {
        **row,
        **{name: int(row[name]) for name in WHOLE_ENDS},
        "at_us": at_us,
        "amount_e5": amount_e5,
    }
    return Record(**{name: values[name] for name in Record._fields}), []


def _record_id(row: dict[str, str]) -> list[str]:
    length = len(row["record_id"])
    return [] if 1 <= length <= MAX_ID else [f"record_id: must have 1 to {MAX_ID} characters, has {length}"]


def _msisdn(row: dict[str, str]) -> list[str]:
    return [] if NUMBER.fullmatch(row["msisdn"]) else [f"msisdn: {_shown(row['msisdn'])} is not E.164 with +"]


def _codes(row: dict[str, str]) -> list[str]:
    return [
        f"{name}: {_shown(row[name])} is not {_choice(name, values)}"
        for name, values in CODES.items()
        if row[name] not in values
    ]


def _choice(name: str, values: tuple[str, ...]) -> str:
    return "an ISO 3166 alpha-2 code" if name == "country" else "one of " + ", ".join(values)


def _whole(row: dict[str, str]) -> list[str]:
    reasons = []
    for name, end in WHOLE_ENDS.items():
        if not WHOLE.fullmatch(row[name]):
            reasons.append(f"{name}: {_shown(row[name])} is not a whole number of 0 or more")
        elif int(row[name]) >= end:
            reasons.append(f"{name}: {_shown(row[name])} is not below {end}")
    return reasons


def _amount(row: dict[str, str]) -> list[str]:
    value = read_amount(row["amount"])
    if value is None:
        return [f"amount: {_shown(row['amount'])} is not a plain decimal number with at most 5 decimals"]
    if abs(value) >= AMOUNT_END_E5:
        return [f"amount: {_shown(row['amount'])} is not within {euros(AMOUNT_END_E5):f} EUR"]
    if value < 0 and not row["corrects"]:
        return ["amount: negative, but the row corrects no other"]
    return []


def _other_party(row: dict[str, str]) -> list[str]:
    text = row["other_party"]
    if row["traffic_type"] == "data":
        return ["other_party: must be empty for data"] if text else []
    if OTHER_PARTY.fullmatch(text) or (not text and row["direction"] == "in"):  # a withheld caller is nobody's fault
        return []
    return [f"other_party: {_shown(text)} is not E.164, a short code or a service number"]


def _apn(row: dict[str, str]) -> list[str]:
    if not row["apn"]:
        return []
    if row["traffic_type"] != "data":
        return ["apn: must be empty unless the traffic type is data"]
    return [] if APN.fullmatch(row["apn"]) else [f"apn: {_shown(row['apn'])} is not an access point name"]


def _corrects(row: dict[str, str]) -> list[str]:
    if len(row["corrects"]) > MAX_ID:
        return [f"corrects: must have at most {MAX_ID} characters, has {len(row['corrects'])}"]
    same = row["corrects"] and row["corrects"] == row["record_id"]
    return ["corrects: a record cannot correct itself"] if same else []


def _outside(text: str, at_us: int | None, window: Window) -> list[str]:
    if at_us is None:
        return [f"started_at: {_shown(text)} is not an ISO 8601 instant with offset"]
    if at_us < microseconds(window.earliest):
        return [f"started_at: {_shown(text)} is before {window.earliest:%Y-%m-%dT%H:%M:%SZ}, too late to be loaded"]
    if at_us >= microseconds(window.latest):
        return [f"started_at: {_shown(text)} is in the future"]
    return []


def _shown(text: str) -> str:
    """Quote a value for a reason, cut where it is longer than anything that could be right."""
    return "empty" if not text else repr(text if len(text) <= MAX_ID else text[:MAX_ID] + "…")


RULES: tuple[Callable[[dict[str, str]], list[str]], ...] = (
    _record_id,
    _msisdn,
    _codes,
    _whole,
    _amount,
    _other_party,
    _apn,
    _corrects,
)
