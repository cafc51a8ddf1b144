"""What stands around tickets: groups, service levels and saved answers of the operator; recipients, their links; options."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.tickets.models.catalogue import TicketType
from sportello.tickets.states import Party, Priority


class TicketGroup(models.Model):
    """People of the operator whom tickets are assigned to together."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """One of the operator's people in a group."""

    group = models.ForeignKey(TicketGroup, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="in_a_group_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.person_id}"


class ServiceLevel(models.Model):
    """How soon tickets are answered and resolved: minutes of working time; `type` None is for the types without a row of their own."""

    type = models.ForeignKey(TicketType, null=True, on_delete=models.CASCADE, related_name="+")
    priority = models.CharField(max_length=1, choices=Priority)
    answer_minutes = models.PositiveIntegerField()
    resolution_minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "priority"], name="service_level_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.priority}"

    @property
    def answer_seconds(self) -> int:
        """Return the working time to the first answer in seconds."""
        return self.answer_minutes * 60

    @property
    def resolution_seconds(self) -> int:
        """Return the working time to the resolution in seconds."""
        return self.resolution_minutes * 60


class SavedAnswer(models.Model):
    """A canned answer of the operator; `{code}`, `{customer}`, `{contact}` and `{author}` stand for the ticket's own words."""

    title = models.CharField(_("title"), max_length=80, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.title


class TicketRecipient(ScopedModel):
    """Who is told of a ticket: an address of a party, once per ticket; `ended_at` when it is told no more.

    `organisation` is the ticket's customer, `home` the organisation that the recipient belongs to. `bounced` is why mails do not
    arrive any more (a kept sentence).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="recipients")
    home = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    party = models.CharField(max_length=10, choices=Party)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=254)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    bounced = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "address"], name="ticket_recipient_once")]

    def __str__(self) -> str:
        return self.address


class AccessLink(ScopedModel):
    """A link that opens one ticket for one recipient without signing in; only the keyed hash of its token is kept (ABUSE E10).

    `made_for` is the place of the entry whose mail carries it; 0: the question at the end, which the link opens first.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(TicketRecipient, on_delete=models.PROTECT, related_name="links")
    made_for = models.PositiveIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "made_for"], name="access_link_once_an_entry")]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.made_at:%Y-%m-%d}"


class Wholesaler(models.Model):
    """A partner whose customers take no part in tickets («esclusi gli Utenti Finale dei nostri Wholesaler»); the operator says so.

    Outside of row-level security: a customer's query is bound by what its partner is, whose rows it does not reach.
    """

    partner = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="ticket_wholesaler")

    def __str__(self) -> str:
        return str(self.partner_id)


class TicketOptions(ScopedModel):
    """Where an organisation is told of its tickets, and of what. An address counts once it is confirmed by a link (ABUSE E28).

    `happenings` are those it wants mails about.
    """

    scope_person: ClassVar[str | None] = None

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="ticket_options")
    email = models.EmailField(blank=True)
    confirmed_at = models.DateTimeField(null=True)
    asked_email = models.EmailField(blank=True)
    asked_hash = models.CharField(max_length=64, blank=True)
    asked_until = models.DateTimeField(null=True)
    happenings = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.email}"
