"""The chain of an order's history: each step carries the SHA-256 of itself and the step before, the first that of what was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sportello.orders.models import Order, OrderItem, OrderStep

_ORDER = ("organisation_id", "code", "type_id", "form_id", "opened_by_id", "fingerprint", "item_count")
_ITEM = ("place", "line_id", "effect", "answers", "secrets")
_STEP = ("sequence", "kind", "author_id", "author_name", "state", "note", "data", "previous_hash")


def beginning(order: Order, items: Iterable[OrderItem]) -> str:
    """Return the hash that an order's chain begins with: of all that was asked and is never changed."""
    facts: dict[str, Any] = {name: getattr(order, name) for name in _ORDER}
    facts["items"] = [{name: getattr(one, name) for name in _ITEM} for one in sorted(items, key=lambda one: one.place)]
    return _hash(facts)


def hash_of(step: OrderStep) -> str:
    """Return the hash of a step."""
    content = {name: getattr(step, name) for name in _STEP}
    return _hash(content | {"at": step.at.astimezone(UTC).isoformat(timespec="microseconds")})


def _hash(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
