"""Tickets, what was written on them, and its files. What people wrote is never changed: the database itself refuses."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.tickets import visibility
from sportello.tickets.models.around import TicketGroup
from sportello.tickets.models.catalogue import TicketForm, TicketType
from sportello.tickets.states import OPEN, Channel, EntryKind, Party, Priority, State


class Ticket(ScopedModel):
    """A reported fault or wish of a customer (`organisation`).

    What it was opened with stands for ever: a trigger refuses its change, and the chain of its entries begins with the hash of it; the
    fields from `state` on are worked on. `sequence` and `head` are the place and hash of the last entry. `province` is that of the
    chosen site, else of the customer. `opening_key` makes opening once out of a form that was sent twice. Instants are UTC; the due
    ones are null without a service level, and moved when a wait ends.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="tickets")
    type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(TicketForm, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    code = models.CharField(_("code"), max_length=24, unique=True)
    subject = models.CharField(_("subject"), max_length=200)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_phone = models.CharField(max_length=20, blank=True)
    line = models.ForeignKey(Line, null=True, on_delete=models.PROTECT, related_name="tickets")
    province = models.CharField(_("province"), max_length=4, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    opened_party = models.CharField(max_length=10, choices=Party)
    opening_key = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001 - NULL = no form, many times

    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN)
    priority = models.CharField(_("priority"), max_length=1, choices=Priority, default=Priority.NORMAL)
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(TicketGroup, null=True, on_delete=models.PROTECT, related_name="+")
    visible_to_customer = models.BooleanField(default=False)
    tags = models.JSONField(default=list)
    sequence = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64)
    last_at = models.DateTimeField()
    waits_since = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    resolution_due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "number"], name="ticket_number_once")]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="ticket_by_age"),
            models.Index(fields=["state", "-opened_at", "-id"], name="ticket_by_state"),
            models.Index(fields=["-last_at", "-id"], name="ticket_by_last"),
            models.Index(fields=["organisation", "-opened_at", "-id"], name="ticket_by_customer"),
            models.Index(fields=["assignee", "-opened_at"], condition=Q(state__in=OPEN), name="ticket_by_assignee"),
            models.Index(fields=["group", "-opened_at"], condition=Q(state__in=OPEN), name="ticket_by_group"),
            models.Index(fields=["province", "-opened_at"], name="ticket_by_province"),
            models.Index(fields=["resolution_due_at"], condition=Q(state__in=OPEN), name="ticket_by_due"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        """Tell whether work is still to be done."""
        return State(self.state) in OPEN

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the tickets that an actor sees, by the rules of visibility."""
        return visibility.tickets_seen(actor)


class Interaction(ScopedModel):
    """One entry of a ticket, append-only: words of somebody, or what was done.

    `text` is plain; `cut` what was cut of a mail (quotes, signature), shown folded; `html` the mail's clean HTML. `data` holds the
    initial data of an opening, the facts of a deed, notices. `shown` is whether the end customer may see it now (only that may
    change, and each change is an entry of its own); `shown_at_first` what its writer marked. `key` makes it once out of a form or
    mail that came twice.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="entries")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind)
    party = models.CharField(max_length=10, choices=Party)
    channel = models.CharField(max_length=4, choices=Channel)
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    author_address = models.CharField(max_length=254, blank=True)
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    cut = models.TextField(blank=True)
    html = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    shown = models.BooleanField(default=False)
    shown_at_first = models.BooleanField(default=False)
    key = models.CharField(max_length=120, null=True)  # noqa: DJ001 - NULL = no form, many times
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "sequence"], name="entry_once_per_place"),
            models.UniqueConstraint(fields=["ticket", "key"], name="entry_once_per_key"),
            # Rule 3 of the source, held by the database itself: neither mails nor notes are ever shown to the end customer.
            models.CheckConstraint(
                condition=Q(shown=False) | Q(channel=Channel.WEB, kind__in=[EntryKind.OPENING, EntryKind.MESSAGE]),
                name="only_words_of_the_web_form_are_shown",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="entry_by_customer")]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.sequence}"

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the entries that an actor sees, by the rules of visibility."""
        return visibility.entries_seen(actor)


class TicketFile(ScopedModel):
    """A file of an entry, append-only. The content lies in the data folder under `token`; `name` is what people see of it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="files")
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="files")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["interaction", "place"], name="file_once_per_place")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the files of the entries that an actor sees."""
        return visibility.entries_seen(actor, path="interaction__")


class TicketLink(ScopedModel):
    """Two tickets that have to do with each other; kept once, with the older one first."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "other"], name="ticket_link_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.other_id}"
