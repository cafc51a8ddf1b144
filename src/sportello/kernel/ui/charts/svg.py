"""Markup of the drawings: every text and attribute passes through Django's escaping, and no style attribute exists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Attribute = str | int | float | Decimal


@dataclass(frozen=True, slots=True)
class Size:
    """One of the drawings of a plot: its class, and its width and height in units of the view box."""

    name: str
    width: int
    height: int


SIZES = (Size("small", 360, 240), Size("medium", 560, 260), Size("large", 1040, 300))


def element(tag: str, *children: str, **attributes: Attribute) -> SafeString:
    """Return an element; `class_` stands for class, and `_` in names for `-`."""
    listed = format_html_join("", ' {}="{}"', ((_name(name), _text(value)) for name, value in attributes.items()))
    inside = join(children)
    # The tag names are literals of this package; attributes and children are escaped above.
    return format_html("<{tag}{listed}>{inside}</{tag}>", tag=tag, listed=listed, inside=inside)


def join(parts: Iterable[str]) -> SafeString:
    """Put parts one after the other, escaping those that are not markup."""
    return mark_safe("".join(conditional_escape(part) for part in parts))


def drawing(*children: str, anchor: str, size: Size, title: str, description: str, class_: str = "") -> SafeString:
    """Return an `svg` that a screen reader meets as one picture with a title and a description."""
    name = f"{anchor}-{size.name}"
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *children,
        class_=f"chart-plot chart-{size.name} {class_}".strip(),
        viewBox=f"0 0 {size.width} {size.height}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def path(points: Iterable[tuple[float, float]]) -> str:
    """Return the path through points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _name(name: str) -> str:
    return name if name == "viewBox" else name.rstrip("_").replace("_", "-")


def _text(value: Attribute) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
