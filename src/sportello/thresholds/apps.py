"""Thresholds as a Django app."""

from django.apps import AppConfig


class ThresholdsConfig(AppConfig):
    """Limits on what a line uses, and who is told when they are approached."""

    name = "sportello.thresholds"
    label = "thresholds"

    def ready(self) -> None:
        """Register the handlers."""
        from sportello.thresholds import handlers  # noqa: F401
