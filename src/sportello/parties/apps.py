"""Parties as a Django app."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Operator, partners, customers, their sites and cost centres."""

    name = "sportello.parties"
    label = "parties"

    def ready(self) -> None:
        """Tell the kernel which organisations a partner reaches."""
        from sportello.kernel.scope import register_partner_customers
        from sportello.parties.queries import ids_reached_by_partner

        register_partner_customers(ids_reached_by_partner)
