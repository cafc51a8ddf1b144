"""Things to do with an organisation that apps above parties offer on its page, so that parties knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from sportello.kernel.actor import Actor
from sportello.parties.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button on an organisation's page that leads to a page of another app."""

    label: str | Promise
    icon: str
    url: str


ActionOf = Callable[[Actor, Organisation], Action | None]

_actions: list[ActionOf] = []


def register_action(action: ActionOf) -> None:
    """Let an app above parties offer something on the organisation's page (once, in `AppConfig.ready`); None = not to this reader."""
    if action not in _actions:
        _actions.append(action)


def actions(actor: Actor, organisation: Organisation) -> list[Action]:
    """Return what can be done with an organisation, in the order of registration."""
    return [found for action in _actions if (found := action(actor, organisation)) is not None]
