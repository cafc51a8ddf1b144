"""Events and operations that tests use."""

from dataclasses import dataclass

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import DomainEvent
from sportello.kernel.operations import operation, publish


@dataclass(frozen=True, kw_only=True)
class Noted(DomainEvent):
    """Something was noted."""

    kind = "test.noted"
    text: str


@operation(section=Section.ADMINISTRATION)
def take_note(*, actor: Actor, text: str, organisation_id: int | None = None) -> str:
    """Note a text in the actor's organisation, or in another."""
    publish(Noted(organisation_id=organisation_id or actor.organisation_id, text=text))
    if text == "explode":
        raise ZeroDivisionError
    return text


@operation(section=None, why="it calls others")
def take_notes(*, actor: Actor, texts: list[str], survive: bool = False) -> None:
    """Note several texts; `survive` goes on after one that fails."""
    for text in texts:
        try:
            take_note(actor=actor, text=text)
        except ZeroDivisionError:
            if not survive:
                raise
