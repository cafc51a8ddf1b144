"""The official schema: XSD files in a folder that a setting names, each found by its namespace; nothing comes from the network."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_noop as _
from lxml import etree

from sportello.billing.fatturapa.faults import sentence_of
from sportello.billing.fatturapa.xml import Element, Tree, local_name, namespace, path_of
from sportello.billing.types import FileRefused, Problem
from sportello.kernel.sentences import kept

XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
MOST_PROBLEMS: Final = 20
_local = threading.local()
_found: dict[Path, dict[str, Path]] = {}


def check_schema(tree: Tree, folder: Path) -> list[Problem]:
    """Hold a document against the schema of its namespace; return what is wrong, each with line and element.

    Raises `FileRefused` when the folder has no schema for it: an unchecked file is never taken.
    """
    root = tree.getroot()
    schema = _schema(folder, namespace(root))
    if schema is None:
        raise FileRefused(_no_schema(root, folder))
    if schema.validate(tree):
        return []
    found = (_problem(entry, root) for entry in list(schema.error_log)[:MOST_PROBLEMS])
    return list(dict.fromkeys(found))  # of an empty text each bound of its type is told apart


def has_schema(folder: Path, space: str) -> bool:
    """Tell whether the folder has a schema of this namespace."""
    return space in _files(folder)


def _no_schema(root: Element, folder: Path) -> Problem:
    if not _files(folder):
        reason = kept(_("There is no schema in %(folder)s: set SPORTELLO_FATTURAPA_SCHEMAS."), folder=str(folder))
    else:
        reason = kept(
            _("Not a FatturaPA document: no schema is known for <%(name)s> of namespace “%(space)s”."),
            name=local_name(root),
            space=namespace(root),
        )
    return Problem(rule="schema", reason=reason, line=root.sourceline or 0, element=local_name(root))


def _problem(entry: Any, root: Element) -> Problem:
    found = root.getroottree().xpath(entry.path, namespaces=_prefixes(root)) if entry.path else []
    element = path_of(found[0]) if isinstance(found, list) and found else ""
    return Problem(rule="schema", reason=sentence_of(entry.message), line=entry.line, element=element)


def _prefixes(root: Element) -> dict[str, str]:
    return {prefix: space for one in root.iter() for prefix, space in one.nsmap.items() if prefix}


def _schema(folder: Path, space: str) -> Any:
    """Return the schema; one a thread, for its error log is its own state."""
    file = _files(folder).get(space)
    if file is None:
        return None
    kept: dict[Path, Any] = _local.__dict__.setdefault("kept", {})
    if file not in kept:
        kept[file] = etree.XMLSchema(_document(file, folder))
    return kept[file]


def _document(file: Path, folder: Path) -> Tree:
    """Return the schema's document with its imports turned to files of the same folder."""
    tree = _parsed(file)
    for imported in tree.getroot().iter(f"{XSD}import"):
        local = _files(folder).get(imported.get("namespace", ""))
        if local is not None:
            imported.set("schemaLocation", local.resolve().as_uri())
    return tree


def _parsed(file: Path) -> Tree:
    return etree.parse(str(file), etree.XMLParser(no_network=True, load_dtd=False, remove_comments=True))


def _files(folder: Path) -> dict[str, Path]:
    """Return the schema files by target namespace; of several of one namespace the last by name (the newest version)."""
    if folder not in _found:
        files = sorted(folder.glob("*.xsd")) if folder.is_dir() else []
        if not files:  # not kept: the operator may be about to put them there
            return {}
        _found[folder] = {_parsed(file).getroot().get("targetNamespace", ""): file for file in files}
    return _found[folder]
