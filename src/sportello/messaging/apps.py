"""Messaging as a Django app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Everything that goes out or comes in: outbox, channels, templates."""

    name = "sportello.messaging"
    label = "messaging"

    def ready(self) -> None:
        """Refuse simulators in production, hear of events, and send what accounts asks for."""
        from sportello.accounts.types import register_message_sender
        from sportello.messaging import handlers  # noqa: F401
        from sportello.messaging.asked import send_as_asked
        from sportello.messaging.channels.choice import refuse_simulators_in_production

        refuse_simulators_in_production()
        register_message_sender(send_as_asked)
