"""What the shell draws: navigation, search results, and the parts of a dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sportello.kernel.ui.charts import Sparkline


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """A link of the navigation. `active`: the page is below it; `current`: it is the page itself."""

    label: str
    url: str
    icon: str
    active: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NavGroup:
    """The links of one section that is open to the actor."""

    title: str
    items: Sequence[NavItem]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldProfile:
    """A membership that the person can act as."""

    id: int
    profile: str
    organisation: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found: what it is called, a word more, and where it is."""

    label: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitGroup:
    """What was found of one kind. `more`: there is more than is shown, and `url` (if any) lists it all."""

    title: str
    icon: str
    hits: Sequence[Hit]
    more: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a dashboard with its label, and how it moved."""

    label: str
    value: str
    icon: str
    url: str = ""
    note: str = ""
    delta: str = ""
    delta_tone: str = ""
    spark: Sparkline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One card of a dashboard: `template` draws its inside with `facts`; a wide one takes the whole row."""

    title: str
    template: str
    facts: Mapping[str, Any]
    wide: bool = False
    lead: str = ""
    url: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one capability adds to a dashboard."""

    figures: Sequence[Figure] = field(default=())
    panels: Sequence[Panel] = field(default=())
