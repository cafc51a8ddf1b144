"""What records cost on which no VAT falls: counters do not tell it apart, so a bill run reads it from the records themselves."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sportello.usage.pipeline.check.record import microseconds
from sportello.usage.pipeline.engine import lone_cursor
from sportello.usage.pipeline.payers import PRIVATE_SQL
from sportello.usage.types import VatClass

_SQL = f"""SELECT period_id, traffic_type::VARCHAR, vat_class::VARCHAR, sum(amount_e5)::BIGINT FROM read_parquet($files)
WHERE period_id IN (SELECT unnest($periods)) AND vat_class <> $standard AND NOT {PRIVATE_SQL}
 AND started_at >= make_timestamptz($since) AND started_at < make_timestamptz($until)
GROUP BY ALL ORDER BY ALL"""  # noqa: S608 - our own names


class Untaxed(NamedTuple):
    """The sum of one period, traffic type and class, in hundred-thousandths of a euro."""

    period_id: int
    traffic_type: str
    vat_class: str
    amount_e5: int


def untaxed(files: Sequence[str], period_ids: Collection[int], since: datetime, until: datetime) -> list[Untaxed]:
    """Return the sums of records at the company's charge with `since` <= start < `until` that are not of the standard class."""
    if not files or not period_ids:
        return []
    given = {
        "files": list(files), "periods": list(period_ids), "standard": VatClass.STANDARD.value,
        "since": microseconds(since), "until": microseconds(until),
    }  # fmt: skip
    return [Untaxed(*row) for row in lone_cursor().execute(_SQL, given).fetchall()]
