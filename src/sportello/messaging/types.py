"""What other apps receive from messaging and hand to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    """A way to a person."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who gets a message: a person of the portal, or an address alone. `language` is `it`, `es` or `en` (empty: the person's).

    With `person_id` and no address, the person's own address counts; an address given here goes before it (the former one, say).
    """

    person_id: int | None = None
    email: str | None = None
    mobile: str | None = None
    language: str = ""
