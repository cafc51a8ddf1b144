"""What happened to tickets, for the record. No words of a ticket stand here: the ticket's own chain holds them.

An event joins the chain of the organisation that acted (the system's own that of the installation), never the customer's by itself:
the record must not tell a customer of a ticket that the ticket's rules hide.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent
from sportello.tickets.states import Channel, ImportState, OldBase, Priority, Score, State


@dataclass(frozen=True, kw_only=True)
class _OfTicket(DomainEvent):
    kind = "tickets.ticket"
    sentence = _("Ticket %(code)s")
    code: str


@dataclass(frozen=True, kw_only=True)
class TicketOpened(_OfTicket):
    """A ticket was opened."""

    kind = "tickets.opened"
    sentence = _("Opened the ticket %(code)s (%(type)s)")
    type: str


@dataclass(frozen=True, kw_only=True)
class InteractionAdded(_OfTicket):
    """Somebody wrote in a ticket."""

    kind = "tickets.written"
    sentence = _("Wrote in the ticket %(code)s, entry %(entry)s (%(channel)s)")
    words = {"channel": dict(Channel.choices)}
    entry: int
    channel: str


@dataclass(frozen=True, kw_only=True)
class TicketStateChanged(_OfTicket):
    """A ticket went to another state."""

    kind = "tickets.state"
    sentence = _("The ticket %(code)s is now: %(state)s")
    words = {"state": dict(State.choices)}
    entry: int
    state: str


@dataclass(frozen=True, kw_only=True)
class TicketShown(_OfTicket):
    """A ticket was made visible to the end customer, or hidden again."""

    kind = "tickets.visibility"
    sentence = _("The ticket %(code)s is visible to the customer: %(visible)s")
    place: int
    visible: bool


@dataclass(frozen=True, kw_only=True)
class InteractionShown(_OfTicket):
    """An entry was shown to the end customer, or hidden again."""

    kind = "tickets.entry_visibility"
    sentence = _("The entry %(entry)s of the ticket %(code)s is visible to the customer: %(visible)s")
    entry: int
    place: int
    visible: bool


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(_OfTicket):
    """A ticket was given to a person or a group."""

    kind = "tickets.assigned"
    sentence = _("The ticket %(code)s was assigned to: %(to)s")
    to: str


@dataclass(frozen=True, kw_only=True)
class TicketPrioritised(_OfTicket):
    """The priority of a ticket was set."""

    kind = "tickets.priority"
    sentence = _("The ticket %(code)s has the priority: %(priority)s")
    words = {"priority": dict(Priority.choices)}
    priority: str


@dataclass(frozen=True, kw_only=True)
class TicketTagged(_OfTicket):
    """The tags of a ticket were set."""

    kind = "tickets.tagged"
    sentence = _("The ticket %(code)s has the tags: %(tags)s")
    tags: str


@dataclass(frozen=True, kw_only=True)
class TicketsLinked(_OfTicket):
    """Two tickets were linked, or set apart."""

    kind = "tickets.linked"
    sentence = _("The tickets %(code)s and %(other)s are linked: %(linked)s")
    other: str
    linked: bool


@dataclass(frozen=True, kw_only=True)
class TicketMerged(_OfTicket):
    """A ticket goes on in another one."""

    kind = "tickets.merged"
    sentence = _("The ticket %(code)s goes on in %(into)s")
    into: str


@dataclass(frozen=True, kw_only=True)
class LinksRevoked(_OfTicket):
    """The links of a recipient were made void."""

    kind = "tickets.links_revoked"
    sentence = _("The links of %(address)s to the ticket %(code)s are void")
    address: str


@dataclass(frozen=True, kw_only=True)
class RecipientStopped(_OfTicket):
    """A recipient is told of a ticket no more."""

    kind = "tickets.recipient_ended"
    sentence = _("%(address)s is told of the ticket %(code)s no more: %(stopped)s")
    address: str
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class RecipientBounced(_OfTicket):
    """Mails about a ticket do not reach a recipient any more."""

    kind = "tickets.bounced"
    sentence = _("Mails about the ticket %(code)s do not reach %(address)s")
    address: str


@dataclass(frozen=True, kw_only=True)
class ChainProved(_OfTicket):
    """Somebody had the chain of a ticket proved."""

    kind = "tickets.proved"
    sentence = _("Proved the chain of the ticket %(code)s; whole: %(whole)s")
    news = False
    whole: bool


@dataclass(frozen=True, kw_only=True)
class RecipientsTold(_OfTicket):
    """Mails about an entry were written."""

    kind = "tickets.told"
    sentence = _("Mails about the ticket %(code)s: %(mails)s")
    news = False
    mails: int


@dataclass(frozen=True, kw_only=True)
class FeedbackAsked(_OfTicket):
    """Those concerned were asked how satisfied they are with a ticket that ended."""

    kind = "tickets.feedback_asked"
    sentence = _("Asked about the end of the ticket %(code)s; mails: %(mails)s")
    news = False
    mails: int


@dataclass(frozen=True, kw_only=True)
class FeedbackGiven(_OfTicket):
    """Somebody said how satisfied they are with a ticket that ended, or said so anew."""

    kind = "tickets.feedback"
    sentence = _("%(address)s is with the ticket %(code)s: %(score)s")
    words = {"score": {str(value): label for value, label in Score.choices}}
    address: str
    score: str


@dataclass(frozen=True, kw_only=True)
class TypeEdited(DomainEvent):
    """A type of tickets was made or changed."""

    kind = "tickets.type"
    sentence = _("The type of tickets %(type)s was edited; form %(version)s")
    type: str
    version: int


@dataclass(frozen=True, kw_only=True)
class DeskEdited(DomainEvent):
    """Groups, service levels or saved answers were edited."""

    kind = "tickets.desk"
    sentence = _("Edited: %(what)s")
    words = {
        "what": {
            "groups": _("Groups"),
            "levels": _("Service levels"),
            "answers": _("Saved answers"),
            "feedback": _("Question at the end"),
        }
    }
    what: str


@dataclass(frozen=True, kw_only=True)
class _OfOldBase(DomainEvent):
    kind = "tickets.old_base"
    sentence = _("Old base %(name)s")
    news = False
    words = {"state": dict(ImportState.choices)}
    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class OldBaseHandedIn(_OfOldBase):
    """A file of an old base was handed in, or confirmed."""

    kind = "tickets.old_base_handed_in"
    sentence = _("Old base of tickets %(name)s: %(state)s")


@dataclass(frozen=True, kw_only=True)
class OldBaseRead(_OfOldBase):
    """An old base was read, or written to its end."""

    kind = "tickets.old_base_read"
    sentence = _("Old base of tickets %(name)s: %(state)s")


@dataclass(frozen=True, kw_only=True)
class OldBaseRefused(_OfOldBase):
    """An old base was refused, or thrown away."""

    kind = "tickets.old_base_refused"
    sentence = _("Old base of tickets %(name)s: %(state)s")


@dataclass(frozen=True, kw_only=True)
class OldTicketsTaken(DomainEvent):
    """Some tickets of an old base were written."""

    kind = "tickets.old_tickets"
    sentence = _("Took over from an old base (%(source)s): tickets %(tickets)s, entries %(entries)s")
    news = False
    words = {"source": dict(OldBase.choices)}
    source: str
    tickets: int
    entries: int


@dataclass(frozen=True, kw_only=True)
class OptionsChanged(DomainEvent):
    """An organisation's ticket options were changed."""

    kind = "tickets.options"
    sentence = _("Changed the ticket options")


@dataclass(frozen=True, kw_only=True)
class AddressAsked(DomainEvent):
    """A new address for tickets was entered; it counts once its link is opened and confirmed."""

    kind = "tickets.address_asked"
    sentence = _("Entered %(address)s for tickets; it has to be confirmed")
    address: str


@dataclass(frozen=True, kw_only=True)
class AddressConfirmed(DomainEvent):
    """The address for tickets was confirmed by its link."""

    kind = "tickets.address_confirmed"
    sentence = _("%(address)s was confirmed for tickets")
    address: str
