"""Proofs beside the audit trail: what an app above keeps unchangeable is proved by the same command (`sportello audit verify`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class BrokenProof:
    """Something that does not prove itself: where (`TCKXDSL0000001, entry 3`), and why (a kept sentence)."""

    where: str
    reason: str


@dataclass(frozen=True)
class Proof:
    """What is proved (a plural noun in English: the command line speaks it), how many there are, and the walk over them."""

    name: str
    count: Callable[[], int]
    walk: Callable[[], Iterator[BrokenProof]]


_proofs: dict[str, Proof] = {}


def register_proof(proof: Proof) -> None:
    """Let an app above have its own chains proved (in `AppConfig.ready`)."""
    _proofs[proof.name] = proof


def proofs() -> list[Proof]:
    """Return the proofs in the order of their registration."""
    return list(_proofs.values())
