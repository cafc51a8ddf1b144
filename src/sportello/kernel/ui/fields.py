"""How a form field is drawn: label, widget, help, error, tied together for screen readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

SELECTS = (forms.Select, forms.SelectMultiple, forms.NullBooleanSelect)
LISTS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


@dataclass(frozen=True, slots=True)
class DrawnField:
    """A bound field with what its template needs: the widget's markup, its kind, and the ids that describe it."""

    bound: BoundField
    kind: str
    widget: SafeString
    width: str

    @property
    def help_id(self) -> str:
        """Return the id of the help text."""
        return f"{self.bound.auto_id}_helptext"

    @property
    def error_id(self) -> str:
        """Return the id of the error text."""
        return f"{self.bound.auto_id}_error"

    @property
    def optional(self) -> bool:
        """Tell whether the label should say that the field can stay empty."""
        return not self.bound.field.required and self.kind not in {"check", "search"} and not _always_chosen(self.bound)


def drawn(bound: BoundField, *, width: str = "", **attributes: Any) -> DrawnField:
    """Draw the widget with its classes and descriptions; `attributes` are added to it as they are."""
    kind = kind_of(bound.field.widget)
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    classes = " ".join(
        filter(None, [_class_of(kind), bound.field.widget.attrs.get("class"), attributes.pop("class", "")])
    )
    attrs: dict[str, Any] = {name.replace("_", "-"): value for name, value in attributes.items()}
    if kind != "choices":
        attrs["class"] = f"{classes} is-invalid" if bound.errors else classes
        attrs["aria-invalid"] = "true" if bound.errors else None
        attrs["aria-describedby"] = " ".join(described) or None
    attrs = {name: value for name, value in attrs.items() if value is not None}
    return DrawnField(bound, kind, bound.as_widget(attrs=attrs), width)


def kind_of(widget: forms.Widget) -> str:
    """Name the way a widget is laid out: `choices`, `check`, `select`, `file`, `search` or `text`."""
    if isinstance(widget, LISTS):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, SELECTS):
        return "select"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "search" if getattr(widget, "input_type", "") == "search" else "text"


def _always_chosen(bound: BoundField) -> bool:
    """Tell whether one of the choices is always taken: a single choice without an empty one."""
    widget = bound.field.widget
    if not isinstance(widget, forms.Select | forms.RadioSelect) or widget.allow_multiple_selected:
        return False
    return all(value not in ("", None) for value, _label in widget.choices)


def _class_of(kind: str) -> str:
    return {"check": "form-check-input", "select": "form-select", "choices": "form-check-input"}.get(
        kind, "form-control"
    )
