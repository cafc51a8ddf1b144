"""Who pays a record, employer or employee: the classification of dual billing (DOMAIN §5), over a whole block at once.

A record is the employee's when dual billing covered its line and person at that instant, and it was marked or dialled with the prefix, or
an option of theirs takes it: messages to numbers outside the agreement, everything while roaming, data by a private APN. Everything
else is the employer's, marked or not: so each record has exactly one payer (ABUSE H07).

Most rows are of periods without dual billing, and cost one look-up; the others are decided by one query.
"""

from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sportello.usage.pipeline.engine import lone_cursor
from sportello.usage.types import PrivateTerms

PAYER_CODES = ("0", "1", "2", "3")
"""What `personal` says in the store: who pays, and beside it the marker that came, so that the same record is known again whoever pays it.
0: not marked, employer; 1: marked, employee; 2: marked, employer; 3: not marked, employee."""
PRIVATE_CODES = ("1", "3")
MARKED_CODES = ("1", "2")
PRIVATE_SQL = f"personal IN {PRIVATE_CODES}"
MARKER_SQL = f"CASE WHEN personal IN {MARKED_CODES} THEN '1' ELSE '0' END"

LEAST_AFTER_PREFIX = 2
"""Digits that follow the prefix at least: less is a service number that happens to begin like it."""

_KIND_OF_PERSONAL = 2
"""What `personal` counts in the packed `kind` of a verdict (`columnar.KIND_PARTS`)."""

_SPANS = pa.schema(
    [
        ("period_id", pa.int64()),
        ("from_us", pa.int64()),
        ("to_us", pa.int64()),
        ("agreement_id", pa.int64()),
        ("messages", pa.bool_()),
        ("roaming", pa.bool_()),
        ("data", pa.bool_()),
    ]
)
_NUMBERS = pa.schema(
    [("agreement_id", pa.int64()), ("number", pa.string()), ("from_us", pa.int64()), ("to_us", pa.int64())]
)
_PRIVATE = """
SELECT bool_or(spans.period_id IS NOT NULL AND (marked
        OR ($prefix <> '' AND starts_with(other_party, $prefix) AND length(other_party) >= length($prefix) + $least)
        OR (spans.roaming AND zone <> 'national')
        OR (spans.data AND lower(apn) IN (SELECT unnest($apns)))
        OR (spans.messages AND traffic_type IN ('sms', 'mms') AND direction = 'out' AND numbers.number IS NULL))) AS private
FROM rows LEFT JOIN spans
    ON spans.period_id = rows.period_id AND at_us >= spans.from_us AND at_us < spans.to_us
LEFT JOIN numbers
    ON spans.messages AND numbers.number = other_party AND numbers.agreement_id = spans.agreement_id
        AND at_us >= numbers.from_us AND at_us < numbers.to_us
GROUP BY n ORDER BY n
"""
_ASKED = ("traffic_type", "direction", "other_party", "zone", "apn")


class Payers:
    """The classification of one load, from the terms that held when it began."""

    def __init__(self, terms: PrivateTerms) -> None:
        self._terms = terms
        self._spans = terms.spans.select(_SPANS.names).cast(_SPANS)
        self._numbers = terms.numbers.select(_NUMBERS.names).cast(_NUMBERS)

    @cached_property
    def _periods(self) -> Any:
        return pc.unique(self._spans["period_id"])

    def applied(self, body: Any, verdict: Any) -> tuple[Any, Any]:
        """Return rows of a block (see `Judged`) with their payer in `personal` and `kind`; what was dialled is taken from `personal`."""
        marked = marked_of(body["personal"])
        private = self.private(body, verdict, marked)
        if private is None and not pc.any(marked, min_count=0).as_py():
            return body, verdict
        private = _nobody(len(marked)) if private is None else private
        place = body.schema.get_field_index("personal")
        body = body.set_column(place, "personal", codes_of(marked, private))
        moved = pc.subtract(private.cast(pa.int8()), marked.cast(pa.int8()))
        kind = pc.add(verdict["kind"].cast(pa.int8()), pc.multiply(moved, pa.scalar(_KIND_OF_PERSONAL, pa.int8())))
        place = verdict.schema.get_field_index("kind")
        return body, verdict.set_column(place, "kind", kind.cast(pa.uint8()))

    def private(self, body: Any, verdict: Any, marked: Any) -> Any | None:
        """Return for each row whether the employee pays it; None where none of them is of a period with dual billing."""
        concerned = pc.is_in(verdict["period_id"].combine_chunks(), value_set=self._periods)
        places = pc.indices_nonzero(concerned)
        if not len(places):
            return None
        rows = body.select(_ASKED).take(places)
        rows = rows.append_column("marked", pc.take(marked, places)).append_column("n", places.cast(pa.int64()))
        for name in ("period_id", "at_us"):
            rows = rows.append_column(name, verdict[name].take(places))
        answer = self._asked(rows)["private"].combine_chunks()
        return pc.replace_with_mask(_nobody(len(marked)), concerned, answer)

    def _asked(self, rows: Any) -> Any:
        given = {
            "prefix": self._terms.prefix,
            "least": LEAST_AFTER_PREFIX,
            "apns": [apn.lower() for apn in self._terms.apns],
        }
        with lone_cursor() as connection:
            for name, table in {"rows": rows, "spans": self._spans, "numbers": self._numbers}.items():
                connection.register(name, table)
            return connection.sql(_PRIVATE, params=given).to_arrow_table()


def codes_of(marked: Any, private: Any) -> Any:
    """Return `personal` as the store keeps it (`PAYER_CODES`), from the marker and the payer of each row."""
    one, two, three, none = (pa.scalar(code, pa.int32()) for code in (1, 2, 3, 0))
    codes = pc.if_else(private, pc.if_else(marked, one, three), pc.if_else(marked, two, none))
    return pa.chunked_array([pa.DictionaryArray.from_arrays(codes, pa.array(PAYER_CODES))])


def marked_of(personal: Any) -> Any:
    """Return as one array whether each record came with the marker (`personal` in dictionaries, of a file or of the store)."""
    among = pa.array(MARKED_CODES)
    chunks = getattr(personal, "chunks", [personal])
    flags = [pc.is_in(chunk.dictionary, value_set=among).take(chunk.indices) for chunk in chunks]
    return pa.concat_arrays(flags) if flags else pa.array([], pa.bool_())


def _nobody(rows: int) -> Any:
    return pa.repeat(pa.scalar(value=False), rows)
