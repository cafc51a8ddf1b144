"""The rules of `record`, over a whole block at once: what it passes surely keeps them, what it doubts goes to `record`.

Two halves, because each is fastest at its own: columns of few values are judged by their dictionaries in Arrow, everything else
by one DuckDB query that also places each row and hashes its record id. The answer is one narrow row per row, in order.
"""

import threading
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.check.record import APN, MAX_ID, NUMBER, OTHER_PARTY
from sportello.usage.pipeline.columns import AMOUNT_END_E5, CODES, WHOLE_ENDS
from sportello.usage.pipeline.engine import lone_cursor
from sportello.usage.pipeline.place import Places
from sportello.usage.types import AMOUNT_SCALE, Direction, TrafficType, Zone

_DATA = CODES["traffic_type"].index(TrafficType.DATA)
_IN = CODES["direction"].index(Direction.IN)
KIND_PARTS = (("traffic_type", len(TrafficType)), ("zone", len(Zone)), ("personal", 2), ("direction", len(Direction)))
"""What `kind` packs into one small number: the part of a counter's key that a row itself has, and the direction."""

VERDICT = ("n", "ok", "at_us", "duration_s", "volume_bytes", "units", "amount_e5", "hi", "lo", "period_id", "month")

_INSTANT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-][01][0-9]:[0-5][0-9])"
)
_TYPED = {"at_us": "epoch_us(started_at)", **{name: f"TRY_CAST({name} AS BIGINT)" for name in WHOLE_ENDS}}
_TEXT = {
    "at_us": f"CASE WHEN regexp_full_match(started_at, '{_INSTANT}') THEN epoch_us(TRY_CAST(started_at AS TIMESTAMPTZ)) END",
    **{
        name: f"CASE WHEN regexp_full_match({name}, '[0-9]{{1,18}}') THEN TRY_CAST({name} AS BIGINT) END"
        for name in WHOLE_ENDS
    },
}
_QUERY = """
SELECT n, coalesce(ok AND at_us >= {earliest} AND at_us < {latest}
        AND amount_e5 IS NOT NULL AND (amount_e5 >= 0 OR corrects <> '') AND {within}
        AND (from_us IS NOT NULL OR regexp_full_match(msisdn, '{number}')), false) AS ok,
    at_us, duration_s, volume_bytes, units, amount_e5, (digest >> 64)::UBIGINT AS hi, (digest & {low})::UBIGINT AS lo,
    CASE WHEN at_us >= from_us AND at_us < to_us THEN held_period_id END AS period_id, {month} AS month,
    shared IS TRUE AS shared
FROM (
    SELECT n, msisdn, corrects, held_period_id, from_us, to_us, zone_no, shared,
        {at_us} AS at_us, {duration_s} AS duration_s, {volume_bytes} AS volume_bytes, {units} AS units,
        CASE WHEN abs(decimal) < {amount_end}
            AND (decimal::VARCHAR = amount OR regexp_full_match(amount, '-?[0-9]+(\\.[0-9]{{1,5}})?'))
            THEN (decimal * 100000)::BIGINT END AS amount_e5,
        {identity} AS digest,
        length(record_id) BETWEEN 1 AND {max_id} AND corrects <> record_id
            AND CASE WHEN is_data THEN other_party = ''
                ELSE regexp_full_match(other_party, '{other_party}') OR (other_party = '' AND is_in) END
            AND codes_ok AS ok
    FROM (SELECT *, TRY_CAST(amount AS DECIMAL(18, 5)) AS decimal FROM block)
)
"""
_IDENTITIES = """
SELECT record_id, (digest >> 64)::UBIGINT AS hi, (digest & {low})::UBIGINT AS lo
FROM (SELECT record_id, {identity} AS digest FROM named) ORDER BY hi, lo
"""
_SHARED = """
SELECT n, spans.period_id, {month} AS month
FROM doubtful LEFT JOIN spans ON spans.number = msisdn AND at_us >= from_us AND at_us < to_us
ORDER BY n
"""


class Judge:
    """Judges blocks for one load; each thread has a connection of its own with the periods in it.

    `source` names where the records come from: a record id is unique within it.
    """

    def __init__(self, places: Places, *, source: str = "") -> None:
        self.places = places
        self.source = source
        self._local = threading.local()

    def judge(self, table: Any, *, typed: bool) -> Any:
        """Return the verdict on a block's rows: an Arrow table of `VERDICT`, the same rows in the same order, and `kind`.

        `amount_e5` is there wherever an amount within the limit was read, also on rows that are not ok; `month` is a place in
        `Places.months`; `period_id` is null where nobody held the number.
        """
        codes = {name: codes_of(table[name], values) for name, values in CODES.items()}
        verdict = self._query(self._with_holders(_with_flags(table, codes)), typed=typed)
        verdict = self._shared_placed(verdict, table["msisdn"]).select(VERDICT)
        return verdict.append_column("kind", packed_kind(codes))

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The calling thread's own connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = lone_cursor()
            self._local.connection.register("spans", self.places.spans)
        return self._local.connection  # type: ignore[no-any-return]

    def _with_holders(self, block: Any) -> Any:
        holders = self.places.holders(block["msisdn"].combine_chunks())
        return pa.table(
            {name: block[name] for name in block.column_names} | {name: holders[name] for name in holders.column_names}
        )

    def _query(self, block: Any, *, typed: bool) -> Any:
        connection = self.connection
        connection.register("block", block)
        try:
            return connection.sql(self._sql[typed]).to_arrow_table()
        finally:
            connection.unregister("block")

    @cached_property
    def _sql(self) -> dict[bool, str]:
        return {typed: self._written(_TYPED if typed else _TEXT) for typed in (False, True)}

    def _written(self, readings: dict[str, str]) -> str:
        return _QUERY.format(
            **readings,
            earliest=self.places.earliest_us,
            latest=self.places.latest_us,
            amount_end=AMOUNT_END_E5 // AMOUNT_SCALE,
            within=" AND ".join(f"{name} < {end}" for name, end in WHOLE_ENDS.items()),
            number=NUMBER.pattern,
            other_party=OTHER_PARTY.pattern,
            low=2**64 - 1,
            max_id=MAX_ID,
            month=self.places.month_sql(),
            identity=self._identity("record_id"),
        )

    def _identity(self, name: str) -> str:
        source = self.source.replace("'", "''")
        return f"md5_number('{source}' || chr(31) || {name})" if source else f"md5_number({name})"

    def identities(self, record_ids: Any) -> Any:
        """Return a table of these ids (an Arrow array) and their identities `hi` and `lo`, sorted by those."""
        self.connection.register("named", pa.table({"record_id": record_ids}))
        sql = _IDENTITIES.format(identity=self._identity("record_id"), low=2**64 - 1)
        return self.connection.sql(sql).to_arrow_table()

    def _shared_placed(self, verdict: Any, numbers: Any) -> Any:
        """Place the rows of numbers that had several holders within the window."""
        shared = verdict["shared"].combine_chunks()
        if not pc.any(shared, min_count=0).as_py():
            return verdict
        connection = self.connection
        doubtful = verdict.select(["n", "at_us"]).append_column("msisdn", numbers).filter(shared)
        connection.register("doubtful", doubtful)
        placed = connection.sql(_SHARED.format(month=self.places.month_sql())).to_arrow_table()
        connection.unregister("doubtful")
        for name in ("period_id", "month"):
            mended = pc.replace_with_mask(verdict[name].combine_chunks(), shared, placed[name].combine_chunks())
            verdict = verdict.set_column(verdict.schema.get_field_index(name), name, mended)
        return verdict


def codes_of(column: Any, values: tuple[str, ...]) -> Any:
    """Return each value's place among `values` as uint8, null where it is none of them."""
    places = {value: place for place, value in enumerate(values)}
    return pa.chunked_array([_mapped(chunk, places.get, pa.uint8()) for chunk in column.chunks], pa.uint8())


def _mapped(chunk: Any, of: Any, kind: Any) -> Any:
    return pa.array([of(value) for value in chunk.dictionary.to_pylist()], kind).take(chunk.indices)


def _with_flags(table: Any, codes: dict[str, Any]) -> Any:
    """Return what the query needs of a block: its long columns, the row's place, and what the short columns say."""
    is_data = pc.equal(codes["traffic_type"], _DATA)
    apn_ok = _flags(table["apn"], lambda value: APN.fullmatch(value) is not None)
    no_apn = _flags(table["apn"], lambda value: not value)
    ok = pc.and_kleene(pc.or_kleene(no_apn, pc.and_kleene(apn_ok, is_data)), _flags(table["corrects"], _fits))
    for code in codes.values():
        ok = pc.and_kleene(ok, code.is_valid())
    return (
        table.drop_columns([*CODES, "apn"])
        .append_column("n", counted(table.num_rows))
        .append_column("is_data", is_data)
        .append_column("is_in", pc.equal(codes["direction"], _IN))
        .append_column("codes_ok", ok)
    )


def _fits(value: str) -> bool:
    return len(value) <= MAX_ID


def _flags(column: Any, of: Any) -> Any:
    return pa.chunked_array([_mapped(chunk, of, pa.bool_()) for chunk in column.chunks], pa.bool_())


def counted(rows: int) -> Any:
    """Return the numbers from 0 up to the count of rows as int64."""
    return pc.subtract(pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), rows)), 1)


def packed_kind(codes: dict[str, Any]) -> Any:
    """Pack the codes of `KIND_PARTS` into one uint8, null where one of them is unknown."""
    kind = codes[KIND_PARTS[0][0]]
    for name, size in KIND_PARTS[1:]:
        kind = pc.add(pc.multiply(kind, pa.scalar(size, pa.uint8())), codes[name])
    return kind


def unpacked_kind(kind: int) -> dict[str, str]:
    """Return the values that a packed kind stands for."""
    values = {}
    for name, size in reversed(KIND_PARTS):
        kind, place = divmod(kind, size)
        values[name] = CODES[name][place]
    return values
