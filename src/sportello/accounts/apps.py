"""Accounts as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, memberships, sign-in, one-time codes, sessions."""

    name = "sportello.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Hear of events, and count people on the pages of organisations."""
        from sportello.accounts import handlers  # noqa: F401
        from sportello.accounts.people_figure import people_figure
        from sportello.parties.figures import register_figure

        register_figure(people_figure)
