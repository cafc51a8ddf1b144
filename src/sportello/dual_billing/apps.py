"""Dual billing as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DualBillingConfig(AppConfig):
    """Private traffic of an employee, billed to the employee."""

    name = "sportello.dual_billing"
    label = "dual_billing"

    def ready(self) -> None:
        """Register handlers and messages, tell usage which traffic is private, offer the page of a line, work with orders."""
        from sportello.dual_billing import handlers, ordered  # noqa: F401
        from sportello.dual_billing.messages import register_messages
        from sportello.dual_billing.queries.terms import private_terms
        from sportello.inventory.line_pages import LinePage, register_line_page
        from sportello.kernel.access import Section
        from sportello.orders.states import Effect
        from sportello.orders.types import register_completion, register_hanging
        from sportello.usage.types import register_private_terms

        register_messages()
        register_private_terms(private_terms)
        register_completion(Effect.DUAL_START, ordered.start)
        register_completion(Effect.DUAL_STOP, ordered.stop)
        register_hanging(ordered.hanging)
        register_line_page(
            LinePage(name="dual_billing:line", label=_("Dual billing"), section=Section.DUAL_BILLING, place=4)
        )
