"""The floors: the same file only read and typed, by each of the fastest readers, nothing else. Run as a process of its own.

`python -m bench.floor duckdb|held|pyarrow PATH` prints seconds; every column is looked at, so that none is skipped. `duckdb` forgets
each row at once, which no load can; `held` keeps all of them in memory (a temporary table of DuckDB), which is the least that a program
does that looks at a row twice.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv

WHOLE = ("duration_s", "volume_bytes", "units")
TYPES = {
    "started_at": "TIMESTAMPTZ",
    "amount": "DECIMAL(18, 5)",
    "personal": "TINYINT",
    **dict.fromkeys(WHOLE, "BIGINT"),
}


def by_duckdb(path: Path, columns: list[str]) -> None:
    """Read with DuckDB on two threads: a maximum of each column, sums where there are any."""
    looks = ", ".join(f"sum({name})" if name in (*WHOLE, "amount") else f"max({name})::VARCHAR" for name in columns)
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"SELECT count(*), {looks} FROM {_source(path, columns)}").fetchall()  # noqa: S608 - its own words


def held(path: Path, columns: list[str]) -> None:
    """Read with DuckDB on two threads and hold all rows in memory."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"CREATE TEMP TABLE held AS SELECT * FROM {_source(path, columns)}")  # noqa: S608 - its own words


def _source(path: Path, columns: list[str]) -> str:
    typed = ", ".join(f"'{name}': '{TYPES.get(name, 'VARCHAR')}'" for name in columns)
    return f"read_csv('{path}', header = true, auto_detect = false, delim = ',', quote = '\"', columns = {{{typed}}})"


def by_pyarrow(path: Path, columns: list[str]) -> None:
    """Read with Arrow on two threads into memory, block by block."""
    pa.set_cpu_count(2)
    types = {
        "started_at": pa.timestamp("us", tz="UTC"),
        "amount": pa.decimal128(18, 5),
        "personal": pa.int8(),
        **dict.fromkeys(WHOLE, pa.int64()),
    }
    kinds = {name: types.get(name, pa.string()) for name in columns}
    reader = pa_csv.open_csv(
        path,
        read_options=pa_csv.ReadOptions(block_size=16 << 20),
        convert_options=pa_csv.ConvertOptions(column_types=kinds, timestamp_parsers=[pa_csv.ISO8601]),
    )
    for batch in reader:
        if not batch.num_columns:
            raise ValueError(batch)


if __name__ == "__main__":
    reader, file = {"duckdb": by_duckdb, "held": held, "pyarrow": by_pyarrow}[sys.argv[1]], Path(sys.argv[2])
    with file.open(encoding="utf-8") as handle:
        names = handle.readline().strip().split(",")
    begun = time.monotonic()
    reader(file, names)
    print(f"{time.monotonic() - begun:.3f}")
