"""Read the rows of a lines file: shapes and forms only, nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from sportello.inventory import rules
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel import identifiers
from sportello.kernel.phones import is_e164
from sportello.kernel.refusals import Refusal
from sportello.kernel.tabular import Row, Table, check_columns

LINE_COLUMNS: Final = (
    "customer_code", "agreement_code", "number", "kind", "plan", "status", "active_from", "active_to", "iccid",
    "person_code", "cost_centre", "site", "dual_billing",
)  # fmt: skip
REQUIRED_COLUMNS: Final = ("customer_code", "agreement_code", "number", "kind", "plan", "status", "active_from")
FILLED: Final = ("customer_code", "agreement_code", "number", "kind", "status", "active_from")
LONGEST: Final = {
    "customer_code": 40, "agreement_code": 40, "number": 40, "plan": 40, "person_code": 40, "cost_centre": 40, "site": 120,
}  # fmt: skip

ASSIGNMENT_COLUMNS: Final = ("number", "person_code", "cost_centre", "site")

FIRST_YEAR, LAST_YEAR = 1950, 2099
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Moment = date | datetime
"""A day (midnight in the customer's zone) or an aware instant, as the file says it."""


@dataclass(slots=True)
class FileRow:
    """One row of the file. `errors` are (column, reason): all that is wrong with it, so that a file is mended once."""

    line: int
    text: Mapping[str, str]
    errors: list[tuple[str, str]] = field(default_factory=list)
    starts: Moment | None = None
    ends: Moment | None = None

    def wrong(self, column: str, reason: object) -> None:
        """Note what is wrong in a column (empty: in the whole row)."""
        self.errors.append((column, str(reason)))

    def __getitem__(self, column: str) -> str:
        return self.text.get(column, "")


def read_lines(table: Table) -> list[FileRow]:
    """Return the rows of a lines file with what is wrong in their form. Raises `TableRefused` for wrong columns."""
    check_columns(table.columns, REQUIRED_COLUMNS, LINE_COLUMNS)
    return [_line_row(row) for row in table.rows]


def read_assignments(table: Table) -> list[FileRow]:
    """Return the rows of an assignments file: `number` and at least one of `person_code`, `cost_centre`, `site`."""
    check_columns(table.columns, ["number"], ASSIGNMENT_COLUMNS)
    if len(table.columns) == 1:
        check_columns(table.columns, ASSIGNMENT_COLUMNS)
    return [_assignment_row(row) for row in table.rows]


def _opened(row: Row) -> FileRow:
    made = FileRow(row.line, row.values)
    for error in row.errors:
        made.wrong(error.column, error.reason)
    for column, longest in LONGEST.items():
        text = made[column]
        if len(text) > longest:
            made.wrong(column, _("has more than %(limit)d characters") % {"limit": longest})
        elif UNSHOWABLE.search(text):
            made.wrong(column, _("holds a character that cannot be shown"))
    return made


def _assignment_row(row: Row) -> FileRow:
    made = _opened(row)
    if not made["number"]:
        made.wrong("number", _("is empty"))
    return made


def _line_row(row: Row) -> FileRow:
    made = _opened(row)
    for column in FILLED:
        if not made[column]:
            made.wrong(column, _("is empty"))
    for column, check in _CHECKS.items():
        text = made[column]
        if text and not _already_wrong(made, column):
            _checked(made, column, check, text)
    return made


def _already_wrong(made: FileRow, column: str) -> bool:
    return any(column == found for found, _reason in made.errors)


def _checked(made: FileRow, column: str, check: Callable[[FileRow, str], str | None], text: str) -> None:
    reason = check(made, text)
    if reason:
        made.wrong(column, reason)


def _among(values: Iterable[str]) -> Callable[[FileRow, str], str | None]:
    known = frozenset(values)
    listed = ", ".join(values)

    def check(_made: FileRow, text: str) -> str | None:
        return None if text in known else _("is none of: %(values)s") % {"values": listed}

    return check


def _number(made: FileRow, text: str) -> str | None:
    if made["kind"] not in LineKind.values:
        return None  # the kind is wrong already, and says what a number is
    if made["kind"] == LineKind.XDSL:
        return _refusal(rules.check_number, made["kind"], text)
    return None if is_e164(text) else _("is not a number in E.164 form, as in +393123456789")


def _iccid(_made: FileRow, text: str) -> str | None:
    return _refusal(identifiers.iccid, text)


def _refusal(check: Callable[..., Any], *given: str) -> str | None:
    try:
        check(*given)
    except Refusal as refusal:
        return str(refusal)
    return None


def _starts(made: FileRow, text: str) -> str | None:
    made.starts, reason = moment(text)
    return reason


def _ends(made: FileRow, text: str) -> str | None:
    made.ends, reason = moment(text)
    return reason


@lru_cache(maxsize=16_384)
def _moment(text: str) -> tuple[Moment | None, str]:
    try:
        found: Moment = date.fromisoformat(text) if DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        return None, "form"
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None, "year"
    if isinstance(found, datetime) and found.tzinfo is None:
        return None, "offset"
    return found, ""


def moment(text: str) -> tuple[Moment | None, str | None]:
    """Return the day or instant that a text says, or what is wrong with it."""
    found, wrong = _moment(text)
    return found, _moment_reason(wrong) if wrong else None


def _moment_reason(wrong: str) -> str:
    return {
        "form": _("is not a day (2026-01-31) or an instant with its offset (2026-01-31T12:00:00+01:00)"),
        "year": _("is not between the years %(first)d and %(last)d") % {"first": FIRST_YEAR, "last": LAST_YEAR},
        "offset": _("is an instant without its offset: write a day alone, or an instant as in 2026-01-31T12:00:00+01:00"),
    }[wrong]


_CHECKS: Final[Mapping[str, Callable[[FileRow, str], str | None]]] = {
    "kind": _among(LineKind.values),
    "status": _among(LineStatus.values),
    "number": _number,
    "active_from": _starts,
    "active_to": _ends,
    "iccid": _iccid,
    "dual_billing": _among(("0", "1")),
}
