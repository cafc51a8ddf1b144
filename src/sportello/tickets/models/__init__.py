"""Tickets with their entries and files; the catalogue of types; recipients, links, options; groups and service levels."""

from sportello.tickets.models.around import (
    AccessLink,
    GroupMember,
    SavedAnswer,
    ServiceLevel,
    TicketGroup,
    TicketOptions,
    TicketRecipient,
    Wholesaler,
)
from sportello.tickets.models.catalogue import TicketForm, TicketNumber, TicketType
from sportello.tickets.models.feedback import FeedbackWish, TicketFeedback
from sportello.tickets.models.imports import TicketImport
from sportello.tickets.models.tickets import Interaction, Ticket, TicketFile, TicketLink

__all__ = [
    "AccessLink",
    "FeedbackWish",
    "GroupMember",
    "Interaction",
    "SavedAnswer",
    "ServiceLevel",
    "Ticket",
    "TicketFeedback",
    "TicketFile",
    "TicketForm",
    "TicketGroup",
    "TicketImport",
    "TicketLink",
    "TicketNumber",
    "TicketOptions",
    "TicketRecipient",
    "TicketType",
    "Wholesaler",
]
