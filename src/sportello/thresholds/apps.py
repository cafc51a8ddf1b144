"""Thresholds as a Django app."""

from django.apps import AppConfig


class ThresholdsConfig(AppConfig):
    """Limits on what a line uses, and who is told when they are approached."""

    name = "sportello.thresholds"
    label = "thresholds"

    def ready(self) -> None:
        """Register the handlers, and listen to changed counters."""
        from sportello.thresholds import handlers
        from sportello.usage.types import listen_to_counters

        listen_to_counters(handlers.counters_changed)
