"""Usage as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsageConfig(AppConfig):
    """Usage records, counters and itemised traffic."""

    name = "sportello.usage"
    label = "usage"

    def ready(self) -> None:
        """Add the messages of traffic, and offer the traffic of a line on the line's pages."""
        from sportello.inventory.line_pages import LinePage, register_line_page
        from sportello.kernel.access import Section
        from sportello.usage import handlers  # noqa: F401
        from sportello.usage.messages import register_messages

        register_messages()
        register_line_page(LinePage(name="usage:line", label=_("Traffic"), section=Section.TRAFFIC_BILLING, place=2))
