"""Tables that people and systems hand in and take away: CSV, XLSX and Parquet, read row by row and written guarded."""

from sportello.kernel.tabular.reading import read_table
from sportello.kernel.tabular.table import Limits, Row, RowError, Table, TableRefused, check_columns
from sportello.kernel.tabular.writing import Cell, amount_text, decimals, write_csv, write_xlsx

__all__ = [
    "Cell",
    "Limits",
    "Row",
    "RowError",
    "Table",
    "TableRefused",
    "amount_text",
    "check_columns",
    "decimals",
    "read_table",
    "write_csv",
    "write_xlsx",
]
