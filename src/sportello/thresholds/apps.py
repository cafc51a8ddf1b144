"""Thresholds as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThresholdsConfig(AppConfig):
    """Limits on what a line uses, and who is told when they are approached."""

    name = "sportello.thresholds"
    label = "thresholds"

    def ready(self) -> None:
        """Register the handlers, listen to changed counters, offer the thresholds of a line on its pages, warn before it ends."""
        from sportello.inventory.line_pages import LinePage, register_line_page
        from sportello.kernel.access import Section
        from sportello.orders.types import register_hanging
        from sportello.thresholds import handlers, ordered
        from sportello.thresholds.messages import register_messages
        from sportello.usage.types import listen_to_counters

        register_messages()
        listen_to_counters(handlers.counters_changed)
        register_hanging(ordered.hanging)
        register_line_page(LinePage(name="thresholds:line", label=_("Thresholds"), section=Section.THRESHOLDS, place=3))
