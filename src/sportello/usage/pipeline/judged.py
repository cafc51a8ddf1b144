"""One block after all its rows were judged: the valid ones as columns, the others as rejects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.check.columnar import Judge
from sportello.usage.pipeline.check.record import EPOCH, MICROSECOND, Record, read_amount, read_record
from sportello.usage.pipeline.columns import COLUMNS
from sportello.usage.pipeline.read.blocks import TYPED_TYPES, Block
from sportello.usage.types import Window, euros

AMOUNT = COLUMNS.index("amount")
STORED_TEXTS = (
    "record_id",
    "traffic_type",
    "direction",
    "other_party",
    "vat_class",
    "zone",
    "country",
    "personal",
    "apn",
    "corrects",
)
"""The columns that are stored as they came; the numbers come from the verdict."""


class Reject(NamedTuple):
    """A row that was not loaded: where it starts, its id where it has one, why, and as it came."""

    line: int
    record_id: str
    reasons: str
    text: bytes


@dataclass(frozen=True)
class Judged:
    """The valid rows of a block in the file's order (`body` texts, `verdict` numbers), and the rejects.

    `serial` is the block's place in the file, and `n` in the verdict the row's place in the block. `amount_e5` sums every row
    that came, None where one of the amounts could not be read.
    """

    serial: int
    rows: int
    body: Any
    verdict: Any
    unheld: dict[int, Reject]
    """Valid rows whose number nobody held then, by their place in body and verdict."""
    rejects: Sequence[Reject]
    amount_e5: int | None


def judge_block(block: Block, judge: Judge, window: Window, *, serial: int = 0) -> Judged:
    """Judge every row of a block: at once where the columns tell, one by one in Python where they leave a doubt."""
    verdict = judge.judge(block.table, typed=block.typed)
    amount = pc.sum(verdict["amount_e5"]).as_py() or 0
    ok = verdict["ok"]
    body = block.table
    rejects: list[Reject] = [Reject(row.line, "", row.reason, row.text) for row in block.broken]
    readable = not rejects
    if not pc.all(ok, min_count=0).as_py():
        doubts = pc.indices_nonzero(pc.invert(ok)).to_pylist()
        unread = verdict["amount_e5"].is_null()
        accepted, refused, more, readable_too = _judge_rows(block, doubts, unread, window)
        rejects += refused
        amount, readable = amount + more, readable and readable_too
        body, verdict = _with_accepted(body.filter(ok), verdict.filter(ok), accepted, judge)
    return Judged(
        serial=serial,
        rows=block.rows,
        body=body.select(STORED_TEXTS),
        verdict=verdict,
        unheld=_unheld(block, body, verdict),
        rejects=rejects,
        amount_e5=amount if readable else None,
    )


def _unheld(block: Block, body: Any, verdict: Any) -> dict[int, Reject]:
    unplaced = verdict["period_id"].is_null()
    if not pc.any(unplaced, min_count=0).as_py():
        return {}
    lines = block.lines()
    columns = (verdict["n"], body["record_id"], body["msisdn"], verdict["at_us"])
    rejects = []
    for n, record_id, number, at_us in zip(*(column.filter(unplaced).to_pylist() for column in columns), strict=True):
        line, instant = lines[n], EPOCH + at_us * MICROSECOND
        reason = f"msisdn: no line held {number} at {instant:%Y-%m-%dT%H:%M:%SZ}"
        rejects.append(Reject(line.line, record_id, reason, line.text))
    return dict(zip(pc.indices_nonzero(unplaced).to_pylist(), rejects, strict=True))


def _judge_rows(
    block: Block, places: Sequence[int], unread: Any, window: Window
) -> tuple[list[tuple[int, Record]], list[Reject], int, bool]:
    """Judge some rows by `record`; also sum the amounts that the columns did not read, and tell whether all could be."""
    lines = block.lines()
    accepted, rejects, amount, readable = [], [], 0, True
    for place in places:
        fields = block.fields(lines[place], place)
        record, reasons = read_record(fields, window)
        if record is None:
            rejects.append(Reject(lines[place].line, fields[0], "; ".join(reasons), lines[place].text))
        else:
            accepted.append((place, record))
        if unread[place].as_py():
            value = read_amount(fields[AMOUNT])
            amount, readable = amount + (value or 0), readable and value is not None
    return accepted, rejects, amount, readable


def _with_accepted(body: Any, verdict: Any, accepted: list[tuple[int, Record]], judge: Judge) -> tuple[Any, Any]:
    """Put rows that only `record` could accept back in their places."""
    if not accepted:
        return body, verdict
    more = table_of([record for _, record in accepted])
    more_verdict = judge.judge(more, typed=True)
    if not pc.all(more_verdict["ok"]).as_py():
        raise AssertionError("the two ways of checking a record disagree")
    places = pa.array([place for place, _ in accepted], pa.int64())
    more_verdict = more_verdict.set_column(0, "n", places)
    names = [*STORED_TEXTS, "msisdn"]
    body = pa.concat_tables([body.select(names), more.select(names)]).unify_dictionaries()
    verdict = pa.concat_tables([verdict, more_verdict])
    order = pc.sort_indices(verdict["n"])
    return body.take(order), verdict.take(order)


def table_of(records: Sequence[Record]) -> Any:
    """Return accepted records as a typed table, written the way that the columnar check reads."""
    columns: dict[str, Any] = {name: [getattr(record, name, None) for record in records] for name in COLUMNS}
    columns["started_at"] = [EPOCH + record.at_us * MICROSECOND for record in records]
    columns["amount"] = [f"{euros(record.amount_e5):f}" for record in records]
    return pa.table({name: pa.chunked_array([pa.array(columns[name], kind)]) for name, kind in TYPED_TYPES.items()})
