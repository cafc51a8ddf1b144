"""The box to tick before a threshold is saved that bars at once: what is above it already is cut off with no warning before."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.ui import formats

BOX: Final = "at_once"
LONGEST: Final = 9


def confirmed(form: forms.Form, lines: Collection[int], *, alone: bool = False, telling: bool = False) -> bool:
    """Tell whether a form may be saved; where it bars lines at once, the form gets a sentence that says so and a box to tick first.

    The box stands for the number of lines that were shown: another limit that bars more of them is asked about anew. `alone`: the form is
    about one line; `telling`: its lines are not barred, but their users are told of a step that they passed.
    """
    count = len(lines)
    if count <= _ticked(form):
        return True
    box = forms.CheckboxInput(attrs={"value": str(count)}, check_test=lambda _value: False)
    label = _("Tell their users at once") if telling else _bar_label(alone=alone)
    form.fields[BOX] = forms.BooleanField(label=label, required=False, widget=box)
    form.add_error(BOX, _told_sentence(count) if telling else _sentence(count, alone=alone))
    return False


def _ticked(form: forms.Form) -> int:
    text = str(form.data.get(BOX, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else 0


def _bar_label(*, alone: bool) -> str:
    return _("Bar the traffic at once") if alone else _("Bar their traffic at once")


def _told_sentence(count: int) -> str:
    said = ngettext(
        "%(count)s line has passed a warning step already: its user is told at once.",
        "%(count)s lines have passed a warning step already: their users are told at once.",
        count,
    )
    return said % {"count": formats.number(count)}


def _sentence(count: int, *, alone: bool) -> str:
    if alone:
        return _("This line has used as much already: its traffic will be barred at once, without a warning before.")
    said = ngettext(
        "%(count)s line has used as much already: its traffic will be barred at once, without a warning before.",
        "%(count)s lines have used as much already: their traffic will be barred at once, without a warning before.",
        count,
    )
    return said % {"count": formats.number(count)}
