"""Every write of tickets."""

from sportello.tickets.operations.entries import add_interaction, add_note
from sportello.tickets.operations.opening import open_ticket
from sportello.tickets.operations.showing import show_entry, show_ticket
from sportello.tickets.operations.working import (
    assign,
    change_state,
    link_tickets,
    merge_ticket,
    set_priority,
    set_tags,
)

__all__ = [
    "add_interaction",
    "add_note",
    "assign",
    "change_state",
    "link_tickets",
    "merge_ticket",
    "open_ticket",
    "set_priority",
    "set_tags",
    "show_entry",
    "show_ticket",
]
