"""Refusals: why something is not done, in a sentence for the reader, with the HTTP status that says the same.

Conventions (ABUSE.md): not yours → 404; yours, wrong profile → 403; wrong state → 409; bad input → 422; too often → 429.
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Something is not done; `sentence` says why to the person who asked. Raised by rules, turned into pages by middleware."""

    status: ClassVar[int] = 409
    default: ClassVar[str | Promise] = _("This cannot be done now.")

    def __init__(self, sentence: str | Promise | None = None) -> None:
        """Take the sentence for the reader; without one the class's default stands."""
        self.sentence: str | Promise = sentence or self.default
        super().__init__(self.sentence)

    def __str__(self) -> str:
        """Return the sentence in the active language."""
        return str(self.sentence)


class NotPermitted(Refusal):
    """The profile does not allow it (403)."""

    status = 403
    default = _("Your profile does not allow this.")


class NotFound(Refusal):
    """Not there, or not yours: the two are told apart by nothing (404)."""

    status = 404
    default = _("Not found.")


class WrongMethod(Refusal):
    """The address exists, but not for this kind of request (405); `methods` are those it knows."""

    status = 405
    default = _("The address exists, but not for this kind of request. Go back and use the buttons of the page.")

    def __init__(self, *methods: str) -> None:
        """Take the methods that the address knows."""
        super().__init__()
        self.methods = methods


class WrongState(Refusal):
    """The thing is not in a state that allows it (409)."""

    status = 409


class InvalidInput(Refusal):
    """The input makes no sense (422); `field` names where, so that the form shows it there."""

    status = 422
    default = _("Please check what you entered.")

    def __init__(self, sentence: str | Promise | None = None, *, field: str | None = None) -> None:
        """Take the sentence and the field it belongs to (None = the whole form)."""
        super().__init__(sentence)
        self.field = field


class TooOften(Refusal):
    """Asked too often (429); `retry_after` in seconds."""

    status = 429
    default = _("Too many attempts. Please try again later.")

    def __init__(self, sentence: str | Promise | None = None, *, retry_after: int = 60) -> None:
        """Take the sentence and the seconds after which to try again."""
        super().__init__(sentence)
        self.retry_after = retry_after
