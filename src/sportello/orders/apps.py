"""Orders as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Changes that customers ask for, and their tracking."""

    name = "sportello.orders"
    label = "orders"

    def ready(self) -> None:
        """Register handlers, messages and the proof of histories; offer the page of a line."""
        from sportello.inventory.line_pages import LinePage, register_line_page
        from sportello.kernel.access import Section
        from sportello.kernel.proofs import register_proof
        from sportello.orders import handlers  # noqa: F401
        from sportello.orders.messages import register_messages
        from sportello.orders.queries.proof import PROOF

        register_messages()
        register_proof(PROOF)
        register_line_page(LinePage(name="orders:line", label=_("Orders"), section=Section.ORDER_TRACKING, place=5))
