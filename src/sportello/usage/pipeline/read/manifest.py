"""The manifest beside a usage file: how many records, which sum, which digest."""

import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sportello.usage.pipeline.check.record import read_amount
from sportello.usage.types import ContentDiffers, FileRefused, euros

SHA256 = re.compile(r"[0-9a-fA-F]{64}")
MANIFEST_ENDING = ".manifest.json"
MAX_MANIFEST = 64 * 1024


@dataclass(frozen=True)
class Manifest:
    """What the source says of its file; `amount_e5` is the sum in hundred-thousandths of a euro."""

    records: int
    amount_e5: int
    sha256: str


def manifest_path(path: Path) -> Path:
    """Return where the manifest of a usage file lies."""
    return path.with_name(path.name + MANIFEST_ENDING)


def read_manifest(path: Path) -> Manifest:
    """Return the manifest of the usage file at `path`. Raises `FileRefused` where it is missing or says nothing usable."""
    beside = manifest_path(path)
    try:
        with beside.open("rb") as handle:
            text = handle.read(MAX_MANIFEST)
    except FileNotFoundError:
        raise FileRefused(f"manifest missing: {beside.name}") from None
    try:
        content = json.loads(text.decode("utf-8-sig"), parse_float=Decimal)
    except ValueError as error:
        raise FileRefused(f"manifest is not JSON: {error}") from None
    return _checked(content)


def _checked(content: Any) -> Manifest:
    if not isinstance(content, dict):
        raise FileRefused("manifest is not a JSON object")
    records, amount, sha256 = (content.get(name) for name in ("records", "amount", "sha256"))
    amount_e5 = read_amount(amount) if isinstance(amount, str) else None
    reasons = []
    if type(records) is not int or records < 0:
        reasons.append(f"manifest: records must be a whole number, is {records!r}")
    if amount_e5 is None:
        reasons.append(f'manifest: amount must be text such as "123.45678", is {amount!r}')
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        reasons.append(f"manifest: sha256 must be 64 hexadecimal digits, is {sha256!r}")
    if reasons or amount_e5 is None:
        raise FileRefused(*reasons)
    return Manifest(records=records, amount_e5=amount_e5, sha256=sha256.lower())  # type: ignore[arg-type,union-attr]


@dataclass(frozen=True)
class Content:
    """A file as it lay there when its digest was checked."""

    path: Path
    size: int
    changed_ns: int

    def check_unchanged(self) -> None:
        """Raise `FileRefused` when the file was written to since."""
        if self != content_of(self.path):
            raise FileRefused(f"{self.path.name}: the file was changed while it was being read")


def content_of(path: Path) -> Content:
    """Return the file's size and last change. Raises `ContentDiffers` where there is none."""
    try:
        found = path.stat()
    except OSError as error:
        raise ContentDiffers(f"{path.name}: cannot be read: {error.strerror}") from None
    return Content(path, found.st_size, found.st_mtime_ns)


def check_content(path: Path, manifest: Manifest) -> Content:
    """Hold the file as it lies against the manifest's digest. Raises `ContentDiffers`."""
    content = content_of(path)
    try:
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise ContentDiffers(f"{path.name}: cannot be read: {error.strerror}") from None
    if found != manifest.sha256:
        raise ContentDiffers(
            f"sha256 differs: the manifest says {manifest.sha256}, the file of {content.size} bytes has {found}",
            sha256=found,
        )
    return content


def check_sums(manifest: Manifest, *, rows: int, amount_e5: int | None) -> None:
    """Hold what came against the manifest; `amount_e5` is None where an amount could not be read. Raises `FileRefused`."""
    reasons = []
    if rows != manifest.records:
        reasons.append(f"record count differs: the manifest says {manifest.records}, the file has {rows}")
    if amount_e5 is not None and amount_e5 != manifest.amount_e5:
        said, found = euros(manifest.amount_e5), euros(amount_e5)
        reasons.append(f"sum of amounts differs: the manifest says {said:f}, the file has {found:f}")
    if reasons:
        raise FileRefused(*reasons)
