"""Tickets as a Django app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets among operator, partner and end customer, by web and by mail."""

    name = "sportello.tickets"
    label = "tickets"

    def ready(self) -> None:
        """Have the chains of tickets proved with the audit trail."""
        from sportello.kernel.proofs import Proof, register_proof
        from sportello.tickets.queries import proof

        register_proof(Proof(name="tickets", count=proof.count, walk=proof.walk_for_command))
