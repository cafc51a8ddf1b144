"""Billing as a Django app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Bills, payments, FatturaPA."""

    name = "sportello.billing"
    label = "billing"

    def ready(self) -> None:
        """Add the messages about bills to the catalogue."""
        from sportello.billing import notices  # noqa: F401 - registers them
