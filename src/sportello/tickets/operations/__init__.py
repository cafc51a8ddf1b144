"""Every write of tickets."""

from sportello.tickets.operations.asking import ask_for_help, open_dispute
from sportello.tickets.operations.desk import edit_type, make_type, prove_ticket, set_answer, set_group, set_levels
from sportello.tickets.operations.entries import add_interaction, add_note
from sportello.tickets.operations.feedback import ask_feedback, give_feedback, set_feedback_wish
from sportello.tickets.operations.opening import open_ticket
from sportello.tickets.operations.options import ask_address, confirm_address, set_happenings, set_wholesale
from sportello.tickets.operations.recipients import revoke_links, stop_recipient
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
    "ask_address",
    "ask_feedback",
    "ask_for_help",
    "assign",
    "change_state",
    "confirm_address",
    "edit_type",
    "give_feedback",
    "link_tickets",
    "make_type",
    "merge_ticket",
    "open_dispute",
    "open_ticket",
    "prove_ticket",
    "revoke_links",
    "set_answer",
    "set_feedback_wish",
    "set_group",
    "set_happenings",
    "set_levels",
    "set_priority",
    "set_tags",
    "set_wholesale",
    "show_entry",
    "show_ticket",
    "stop_recipient",
]
