"""What of an old base may be written."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from sportello.kernel.imports import RowState
from sportello.kernel.refusals import InvalidInput


def check_import(counts: Mapping[str, int], *, leaves_out: bool) -> None:
    """Refuse a base with wrong tickets unless these are left out, and one that would write nothing. Raises `InvalidInput`."""
    if counts.get(RowState.WRONG, 0) and not leaves_out:
        raise InvalidInput(
            _("Some tickets are wrong: correct the file and hand it in again, or say that they are left out."),
            field="leaves_out",
        )
    if not counts.get(RowState.NEW, 0) + counts.get(RowState.CHANGED, 0):
        raise InvalidInput(_("The file changes nothing: every ticket of it is here already, or is wrong."))
