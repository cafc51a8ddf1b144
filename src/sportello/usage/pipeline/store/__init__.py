"""Keeping usage records: the narrow `UsageStore`, and its implementation over month-partitioned Parquet read by DuckDB."""

from sportello.usage.pipeline.store.parquet import ParquetStore
from sportello.usage.pipeline.store.protocol import (
    RecordKey,
    RecordPage,
    RecordQuery,
    Totals,
    UsageRecord,
    UsageStore,
    UsageWriter,
)

__all__ = [
    "ParquetStore",
    "RecordKey",
    "RecordPage",
    "RecordQuery",
    "Totals",
    "UsageRecord",
    "UsageStore",
    "UsageWriter",
]
