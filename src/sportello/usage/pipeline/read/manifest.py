"""The manifest beside a usage file: how many records, which sum, which digest."""

import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
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
        raise FileRefused(kept(gettext_noop("manifest missing: %(name)s"), name=beside.name)) from None
    return _checked(_json(text))


def _json(text: bytes) -> Any:
    """Return what a JSON text says. Raises `FileRefused` with the place where it stops being one, in no parser's English."""
    try:
        return json.loads(text.decode("utf-8-sig"), parse_float=Decimal)
    except json.JSONDecodeError as wrong:
        sentence = gettext_noop("manifest is not JSON: something is wrong at line %(line)d, column %(column)d")
        raise FileRefused(kept(sentence, line=wrong.lineno, column=wrong.colno)) from None
    except UnicodeDecodeError:
        raise FileRefused(gettext_noop("manifest is not UTF-8 text")) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets within thousands of brackets
        raise FileRefused(gettext_noop("manifest is not a JSON object")) from None


def _checked(content: Any) -> Manifest:
    if not isinstance(content, dict):
        raise FileRefused(gettext_noop("manifest is not a JSON object"))
    records, amount, sha256 = (content.get(name) for name in ("records", "amount", "sha256"))
    amount_e5 = read_amount(amount) if isinstance(amount, str) else None
    reasons = []
    if type(records) is not int or records < 0:
        sentence = gettext_noop("manifest: records must be a whole number, is %(found)s")
        reasons.append(kept(sentence, found=repr(records)))
    if amount_e5 is None:
        sentence = gettext_noop('manifest: amount must be text such as "123.45678", is %(found)s')
        reasons.append(kept(sentence, found=repr(amount)))
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        sentence = gettext_noop("manifest: sha256 must be 64 hexadecimal digits, is %(found)s")
        reasons.append(kept(sentence, found=repr(sha256)))
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
            raise FileRefused(
                kept(gettext_noop("%(name)s: the file was changed while it was being read"), name=self.path.name)
            )


def content_of(path: Path) -> Content:
    """Return the file's size and last change. Raises `ContentDiffers` where there is none."""
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    return Content(path, found.st_size, found.st_mtime_ns)


def check_content(path: Path, manifest: Manifest) -> Content:
    """Hold the file as it lies against the manifest's digest. Raises `ContentDiffers`."""
    content = content_of(path)
    try:
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from None
    if found != manifest.sha256:
        sentence = gettext_noop("sha256 differs: the manifest says %(said)s, the file of %(size)d bytes has %(found)s")
        reason = kept(sentence, said=manifest.sha256, size=content.size, found=found)
        raise ContentDiffers(reason, sha256=found)
    return content


def _unreadable(path: Path, error: OSError) -> ContentDiffers:
    why = str(error.strerror)
    return ContentDiffers(kept(gettext_noop("%(name)s: cannot be read: %(why)s"), name=path.name, why=why))


def check_sums(manifest: Manifest, *, rows: int, amount_e5: int | None) -> None:
    """Hold what came against the manifest; `amount_e5` is None where an amount could not be read. Raises `FileRefused`."""
    reasons = []
    if rows != manifest.records:
        sentence = gettext_noop("record count differs: the manifest says %(said)d, the file has %(found)d")
        reasons.append(kept(sentence, said=manifest.records, found=rows))
    if amount_e5 is not None and amount_e5 != manifest.amount_e5:
        said, found = euros(manifest.amount_e5), euros(amount_e5)
        sentence = gettext_noop("sum of amounts differs: the manifest says %(said)s, the file has %(found)s")
        reasons.append(kept(sentence, said=f"{said:f}", found=f"{found:f}"))
    if reasons:
        raise FileRefused(*reasons)
