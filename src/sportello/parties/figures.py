"""Figures on an organisation's page: counts that apps above parties register, so that parties knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from sportello.kernel.actor import Actor
from sportello.parties.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A count on an organisation's page (agreements, lines, people), linked when there is a page behind it."""

    label: str | Promise
    value: int
    icon: str = ""
    url: str = ""


FigureOf = Callable[[Actor, Organisation], Figure]

_figures: list[FigureOf] = []


def register_figure(figure: FigureOf) -> None:
    """Let an app above parties put a figure on the organisation's page (once, in `AppConfig.ready`)."""
    if figure not in _figures:
        _figures.append(figure)


def figures(actor: Actor, organisation: Organisation) -> list[Figure]:
    """Return the figures of an organisation, in the order of their registration."""
    return [figure(actor, organisation) for figure in _figures]
