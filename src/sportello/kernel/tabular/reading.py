"""Open a table by what it is: its first bytes decide, and its name must agree."""

from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from sportello.kernel.tabular.csv_table import open_csv
from sportello.kernel.tabular.table import Limits, Table, TableRefused


def _open_xlsx(file: BinaryIO, limits: Limits) -> Table:
    # The readers of workbooks and of Parquet take half a second to import: only who hands in such a file waits for them.
    from sportello.kernel.tabular.xlsx_table import open_xlsx

    return open_xlsx(file, limits)


def _open_parquet(file: BinaryIO, limits: Limits) -> Table:
    from sportello.kernel.tabular.parquet_table import open_parquet

    return open_parquet(file, limits)


OPENERS = {".csv": open_csv, ".txt": open_csv, ".xlsx": _open_xlsx, ".parquet": _open_parquet}
SIGNATURES = {b"PK\x03\x04": ".xlsx", b"PAR1": ".parquet"}
SIGNATURE_BYTES = 4


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _opened(file: BinaryIO, name: str, limits: Limits) -> Table:
    suffix = Path(name).suffix.lower()
    if suffix not in OPENERS:
        raise TableRefused(_("Only CSV, XLSX and Parquet files can be read."))
    if _size(file) > limits.file_bytes:
        raise TableRefused(_("The file is too large."))
    signature = SIGNATURES.get(file.read(SIGNATURE_BYTES), ".csv")
    file.seek(0)
    if OPENERS[signature] is not OPENERS[suffix]:
        raise TableRefused(_("The file is not what its name says: its content is of another format."))
    return OPENERS[suffix](file, limits)


def read_table(source: Path | BinaryIO, *, name: str | None = None, limits: Limits | None = None) -> Table:
    """Open a CSV, XLSX or Parquet file as a stream of rows; use it as a context manager.

    `source` is a path or a seekable binary file; `name` (needed for a file) tells the format by its ending. Raises
    `TableRefused` at once for what is wrong with the file as a whole, and while reading for a limit that is passed; a
    fault of one row is in `Row.errors`, so that a preview can show them all.
    """
    limits = limits or Limits()
    if isinstance(source, Path):
        file = source.open("rb")
        try:
            table = _opened(file, name or source.name, limits)
        except BaseException:
            file.close()
            raise
        table.resources += (file,)
        return table
    if name is None:
        raise ValueError("A file without a path needs a name that tells its format.")
    return _opened(source, name, limits)
