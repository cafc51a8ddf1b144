"""Reading XML from outside: no DTD, no entity, no network, bounded sizes (ABUSE F05)."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext_noop as _
from lxml import etree

from sportello.billing.types import FileRefused, Problem
from sportello.kernel.sentences import kept

_MARKS: Final = (b"<!DOCTYPE", b"<!ENTITY")
NOT_WELL_FORMED: Final = _("Not well formed: “%(why)s”")
_PLACE: Final = re.compile(r"(?:, line [0-9]+, column [0-9]+)?(?: \([^()]*, line [0-9]+\))?$")
"""Where the parser says in the end of its message that it stopped."""
Element = Any
Tree = Any
"""lxml comes without types; its elements and trees are named for the reader."""


def parse(xml: bytes) -> Tree:
    """Return the tree of a document. Raises `FileRefused`: not well formed, or with a document type."""
    _check_no_dtd(xml)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        tree = etree.ElementTree(etree.fromstring(xml, parser))
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        raise _malformed(wrong) from wrong
    if tree.docinfo.internalDTD is not None or tree.docinfo.externalDTD is not None:
        raise _dtd()
    return tree


def parse_until(xml: bytes, name: str) -> Element:
    """Return the root of a document that was taken before, read no further than the end of its first element `name`.

    Raises `FileRefused`: not well formed up to there, with a document type, or without that element.
    """
    _check_no_dtd(xml)
    try:
        reading = etree.iterparse(
            BytesIO(xml), tag=f"{{*}}{name}", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        found = next((element for _event, element in reading), None)
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        raise _malformed(wrong) from wrong
    if found is None:
        raise FileRefused(Problem(rule="xml", reason=kept(_("There is no element <%(name)s>."), name=name)))
    return found.getroottree().getroot()


def local_name(element: Element) -> str:
    """Return an element's name without its namespace; comments and processing instructions have none."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def namespace(element: Element) -> str:
    """Return an element's namespace, or nothing."""
    return etree.QName(element).namespace or ""


def path_of(element: Element) -> str:
    """Return the path of an element by local names, with places where a name repeats."""
    steps = []
    here: Element | None = element
    while here is not None:
        name = local_name(here)
        parent = here.getparent()
        same = [] if parent is None else [one for one in parent if local_name(one) == name]
        steps.append(f"{name}[{same.index(here) + 1}]" if len(same) > 1 else name)
        here = parent
    return "/".join(reversed(steps))


def _check_no_dtd(xml: bytes) -> None:
    # Before the parser sees it; without the zero bytes UTF-16 and UTF-32 read like ASCII. Other encodings are caught afterwards.
    bare = xml.replace(b"\0", b"") if b"\0" in xml[:200] else xml
    if any(mark in bare for mark in _MARKS):
        raise _dtd()


def _malformed(wrong: Exception) -> FileRefused:
    """Return the refusal in the parser's words; where it stopped is told apart, as the line of the problem."""
    why = _PLACE.sub("", str(getattr(wrong, "msg", None) or wrong))[:300]
    line = getattr(wrong, "lineno", 0) or 0
    return FileRefused(Problem(rule="xml", reason=kept(NOT_WELL_FORMED, why=why), line=line))


def _dtd() -> FileRefused:
    return FileRefused(
        Problem(rule="xml", reason=_("The file declares a document type or entities: such files are never read."))
    )
