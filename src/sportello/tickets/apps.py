"""Tickets as a Django app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets among operator, partner and end customer, by web and by mail."""

    name = "sportello.tickets"
    label = "tickets"

    def ready(self) -> None:
        """Have the chains proved with the audit trail, bring the mails, hear of events, and receive the answers by mail."""
        from sportello.billing.dispute_pages import register_dispute_pages
        from sportello.kernel.proofs import Proof, register_proof
        from sportello.messaging.types import register_mail_receiver
        from sportello.parties.actions import register_action
        from sportello.parties.figures import register_figure
        from sportello.tickets import handlers  # noqa: F401 - importing registers them
        from sportello.tickets.customer_page import new_ticket, ticket_figure
        from sportello.tickets.dispute_tickets import tickets_of_disputes
        from sportello.tickets.messages import register_messages
        from sportello.tickets.queries import proof
        from sportello.tickets.receiving import WORD, TicketMail

        register_figure(ticket_figure)
        register_action(new_ticket)
        register_dispute_pages(tickets_of_disputes)
        register_messages()
        register_mail_receiver(WORD, TicketMail())
        register_proof(Proof(name="tickets", count=proof.count, walk=proof.walk_for_command))
