"""A door to knock at: browsers that sign in, and an outbox that keeps what was handed to messaging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import F

from sportello.accounts import types
from sportello.accounts.models import OneTimeCode, Person
from sportello.kernel.testing.cast import PASSWORD, Tab, World


@dataclass(frozen=True)
class Sent:
    """One message as messaging was handed it."""

    template: str
    channel: str
    to: str
    context: dict[str, str]
    secret: dict[str, str]
    key: str
    language: str


@dataclass
class Outbox:
    """Implements `MessageSender`: keeps every message once per key; `state` is what becomes of them."""

    sent: list[Sent] = field(default_factory=list)
    state: str = "queued"

    def __call__(self, **asked: Any) -> Any:
        if asked["idempotency_key"] not in {each.key for each in self.sent}:
            recipient = asked["recipient"]
            self.sent.append(
                Sent(
                    template=asked["template"],
                    channel=asked["channel"],
                    to=recipient.email or recipient.mobile,
                    context=asked["context"],
                    secret=asked["secret"],
                    key=asked["idempotency_key"],
                    language=recipient.language,
                )
            )
        return SimpleNamespace(state=self.state)

    def codes(self) -> list[str]:
        """Return the one-time codes in order."""
        return [each.secret["code"] for each in self.sent if "code" in each.secret]

    def links(self) -> list[str]:
        """Return the paths of the links in order."""
        return [
            each.secret["link"].removeprefix("http://127.0.0.1:8000") for each in self.sent if "link" in each.secret
        ]

    def told(self) -> list[tuple[str, str]]:
        """Return (template, address) of the messages without a secret."""
        return [(each.template, each.to) for each in self.sent if not each.secret]


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    former, kept = list(types._senders), Outbox()
    types.register_message_sender(kept)
    yield kept
    types._senders[:] = former


class Browser(Tab):
    """A browser of its own, with the steps of signing in."""

    def first(self, username: str = "ada", password: str = PASSWORD, **more: Any) -> Any:
        return self.post("/sign-in/", {"username": username, "password": password, **more})

    def second(self, code: str, way: str = "sms") -> Any:
        return self.post("/sign-in/code/", {"code": code, "way": way})

    def is_in(self) -> bool:
        return self.get("/account/sessions/").status_code == 200


@pytest.fixture
def browser() -> Callable[[], Browser]:
    """Return a maker of browsers."""
    return Browser


@pytest.fixture
def person(world: World) -> Callable[[str], Person]:
    """Return a reader of somebody's row as it is now: `person("ada")`."""

    def read(name: str) -> Person:
        rows = Person.objects.across_tenants(reason="a test looks")
        return rows.select_related("organisation").get(username=name)

    return read


def age_codes(by: timedelta) -> None:
    """Let time pass for every code."""
    OneTimeCode.objects.update(sent_at=F("sent_at") - by, expires_at=F("expires_at") - by)


def other_than(code: str) -> str:
    """Return six digits that are not the code."""
    return f"{(int(code) + 1) % 10**6:06d}"
