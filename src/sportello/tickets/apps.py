"""Tickets as a Django app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets among operator, partner and end customer, by web and by mail."""

    name = "sportello.tickets"
    label = "tickets"

    def ready(self) -> None:
        """Have the chains proved with the audit trail, bring the mails, hear of events, and receive the answers by mail."""
        from sportello.kernel.proofs import Proof, register_proof
        from sportello.messaging.types import register_mail_receiver
        from sportello.tickets import handlers  # noqa: F401 - importing registers them
        from sportello.tickets.messages import register_messages
        from sportello.tickets.queries import proof
        from sportello.tickets.receiving import WORD, TicketMail

        register_messages()
        register_mail_receiver(WORD, TicketMail())
        register_proof(Proof(name="tickets", count=proof.count, walk=proof.walk_for_command))
