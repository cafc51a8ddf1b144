"""What an archive would become, read from its directory before a byte of it is unpacked (ABUSE.md F04)."""

import struct
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext_lazy as _

from sportello.kernel.tabular.table import Limits, TableRefused

# End of central directory record (PKWARE APPNOTE 4.3.16): signature, disks, entries, size and offset of the directory.
END_RECORD = struct.Struct("<4s4H2LH")
END_SIGNATURE = b"PK\x05\x06"
LONGEST_COMMENT = 65_535
SHORTEST_ENTRY = 46
LONGEST_ENTRY = 1_024
ENCRYPTED = 0x1
SYMBOLIC_LINK = 0o120000
FILE_KIND = 0o170000
RATIO_MATTERS_FROM = 1024 * 1024
NESTED = (".zip", ".xlsx", ".docx", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar")


def _end_record(file: BinaryIO) -> tuple[int, int]:
    size = file.seek(0, 2)
    file.seek(max(0, size - LONGEST_COMMENT - END_RECORD.size))
    tail = file.read()
    at = tail.rfind(END_SIGNATURE)
    if at < 0 or len(tail) - at < END_RECORD.size:
        raise TableRefused(_("The file is damaged or cut off."))
    _sign, _disk, _start, _here, entries, directory_bytes, _offset, _comment = END_RECORD.unpack_from(tail, at)
    return entries, directory_bytes


def _check_end_record(file: BinaryIO, limits: Limits) -> None:
    # The directory itself may be the bomb: a million entries fill memory before the first is looked at. Archives that
    # need 64-bit records show 0xFFFF entries here and are refused with the others.
    entries, directory_bytes = _end_record(file)
    if entries > limits.archive_members or directory_bytes > limits.archive_members * LONGEST_ENTRY:
        raise TableRefused(_("The file holds too many parts."))


def _check_member(member: ZipInfo, limits: Limits) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member.filename:
        raise TableRefused(_("The file holds a part with a forbidden name."))
    if member.external_attr >> 16 & FILE_KIND == SYMBOLIC_LINK:
        raise TableRefused(_("The file holds a link to another file."))
    if member.flag_bits & ENCRYPTED:
        raise TableRefused(_("The file is protected by a password."))
    if path.suffix.lower() in NESTED:
        raise TableRefused(_("The file holds another archive."))
    too_dense = member.file_size > member.compress_size * limits.archive_ratio
    if too_dense and member.file_size > RATIO_MATTERS_FROM:
        raise TableRefused(_("The file would unpack to far more than it is."))


def check_archive(file: BinaryIO, limits: Limits) -> None:
    """Refuse an archive by its directory: too many parts, too much unpacked, links, paths out of it, archives within.

    The sizes in the directory bind: Python's reader stops at the size that is written there. Raises `TableRefused`.
    """
    _check_end_record(file, limits)
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            members = archive.infolist()
    except (BadZipFile, NotImplementedError, struct.error, UnicodeDecodeError) as error:
        raise TableRefused(_("The file is damaged or cut off.")) from error
    for member in members:
        _check_member(member, limits)
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise TableRefused(_("The file would unpack to more than is allowed."))
    shared = sum(member.file_size for member in members if member.filename.lower().endswith("sharedstrings.xml"))
    if shared > limits.shared_text_bytes:
        raise TableRefused(_("The file holds too much text."))
    file.seek(0)
