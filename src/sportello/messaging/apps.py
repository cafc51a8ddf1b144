"""Messaging as a Django app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Everything that goes out or comes in: outbox, channels, templates."""

    name = "sportello.messaging"
    label = "messaging"

    def ready(self) -> None:
        """Refuse simulators in production, and hear of spent budgets."""
        from sportello.messaging import handlers  # noqa: F401
        from sportello.messaging.channels.choice import refuse_simulators_in_production

        refuse_simulators_in_production()
