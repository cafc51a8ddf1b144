"""Billing as a Django app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Bills, payments, FatturaPA."""

    name = "sportello.billing"
    label = "billing"

    def ready(self) -> None:
        """Add the messages about bills to the catalogue, their events to what can be told, and what follows from these."""
        from sportello.billing import events, handlers, messages  # noqa: F401 - importing registers them
