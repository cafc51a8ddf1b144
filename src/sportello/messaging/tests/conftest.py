"""What the tests of messaging arrange."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sportello.kernel.actor import system_actor
from sportello.messaging.models import Message
from sportello.messaging.operations import send_message
from sportello.messaging.states import Channel
from sportello.messaging.types import Recipient

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
THRESHOLD = {
    "line": "+39 351 000 0002",
    "measure": "Euro",
    "used": "8,12 €",
    "limit": "10,00 €",
    "percent": "80",
    "period": "11/2026",
}


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def send(db: None) -> Callable[..., Message]:
    """Send a message, by default a threshold warning by mail to `ada@example.test`; each has a key of its own."""
    count = 0

    def send_one(**changes: object) -> Message:
        nonlocal count
        count += 1
        values: dict[str, object] = {
            "actor": system_actor(reason="a test sends"),
            "recipient": Recipient(email="ada@example.test", mobile="+393510000001", language="en"),
            "template": "threshold_warning",
            "context": THRESHOLD,
            "channel": Channel.EMAIL,
            "organisation_id": None,
            "idempotency_key": f"test:{count}",
            "now": NOW,
        }
        return send_message(**{**values, **changes})

    return send_one


@pytest.fixture
def send_code(send: Callable[..., Message]) -> Callable[..., Message]:
    """Send a one-time code to Ada's phone."""

    def send_one(**changes: object) -> Message:
        values: dict[str, object] = {
            "template": "sign_in_code",
            "context": {"minutes": "30"},
            "secret": {"code": "482913"},
            "channel": Channel.SMS,
        }
        return send(**{**values, **changes})

    return send_one
