"""Billing as a Django app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Bills, payments, FatturaPA."""

    name = "sportello.billing"
    label = "billing"

    def ready(self) -> None:
        """Add the messages about bills to the catalogue, and their events to what can be told."""
        from sportello.billing import events, notices  # noqa: F401 - importing registers them
