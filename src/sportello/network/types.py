"""What other apps hand to the network, and what a connector must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A feature of a number that is to be on or off: `barring.data.eu` of `+393510000001`. `category` groups features for the network."""

    organisation_id: int
    resource: str
    feature: str
    enabled: bool
    category: str = "barring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One order as a connector takes it: `key` never changes between tries, `revision` grows with each order for the same feature."""

    key: str
    revision: int
    resource: str
    feature: str
    category: str
    enabled: bool
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the network says is so now, and the id it keeps the feature under. `found`: it was so before this try."""

    enabled: bool
    external_id: str
    found: bool = False


class NetworkAway(Exception):
    """No answer that says yes or no: away, too slow, or still at it. The order may have been carried out: ask again."""


class NetworkRefused(Exception):
    """The network says no, and would say it again: `args[0]` is its reason."""


class NetworkConnector(Protocol):
    """A way to the network."""

    def carry_out(self, instruction: Instruction) -> Answer:
        """Bring a feature into the wanted state, or find that it is there. Raises `NetworkAway`, `NetworkRefused`."""
