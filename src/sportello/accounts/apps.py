"""Accounts as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, memberships, sign-in, one-time codes, sessions."""

    name = "sportello.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Hear of events."""
        from sportello.accounts import handlers  # noqa: F401
