"""What those concerned say of a ticket once it has ended."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.tickets import visibility
from sportello.tickets.models.around import TicketRecipient
from sportello.tickets.models.tickets import Ticket
from sportello.tickets.states import Score


class TicketFeedback(ScopedModel):
    """The question that a recipient was asked when its ticket ended, and the answer: one per recipient, changed until `answers_until`.

    `asked_for` is the place of the entry that ended the ticket; opened again and ended again, it moves on.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="feedback")
    recipient = models.OneToOneField(TicketRecipient, on_delete=models.PROTECT, related_name="feedback")
    asked_for = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    answers_until = models.DateTimeField()
    score = models.PositiveSmallIntegerField(null=True, choices=Score)
    words = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None, answered_at=None) | Q(score__range=(1, 5), answered_at__isnull=False),
                name="feedback_is_a_score_of_five",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.score}"

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return what an actor sees: of its tickets all, an end customer's people what they said themselves."""
        seen = visibility.tickets_seen(actor, path="ticket__")
        if visibility.audience_of(actor) is visibility.Audience.CUSTOMER:
            return seen & Q(recipient__home=actor.organisation_id, recipient__person=actor.person_id or 0)
        return seen


class FeedbackWish(models.Model):
    """Whether the operator asks how satisfied people are, and for how many days an answer may be given and changed; one row at most."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    asks = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField(default=7, validators=[MinValueValidator(1), MaxValueValidator(14)])

    def __str__(self) -> str:
        return f"{self.asks} {self.days}"
