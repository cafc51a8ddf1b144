"""What happened to orders. The words of an order stand in its own history; a tax code or an IBAN nowhere here."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sportello.kernel.events import DomainEvent
from sportello.orders.states import State


@dataclass(frozen=True, kw_only=True)
class OrderDrafted(DomainEvent):
    """An order was begun, or what it asks for was changed before it was sent."""

    kind = "orders.drafted"
    sentence = _("Began an order: %(type)s")
    news = False
    type: str


@dataclass(frozen=True, kw_only=True)
class DraftDiscarded(DomainEvent):
    """An order that was never sent was thrown away."""

    kind = "orders.discarded"
    sentence = _("Threw away an order that was not sent: %(type)s")
    news = False
    type: str


@dataclass(frozen=True, kw_only=True)
class OrderMoved(DomainEvent):
    """A step of an order: it was asked for, worked on, or ended."""

    kind = "orders.moved"
    sentence = _("Order %(code)s (%(type)s): %(state)s")
    words = {"state": dict(State.choices)}
    code: str
    type: str
    state: str
    step: int


@dataclass(frozen=True, kw_only=True)
class OrderNoted(DomainEvent):
    """A step that the operator's people alone see: an order was taken, handed over, or noted on."""

    kind = "orders.noted"
    sentence = _("Worked on the order %(code)s")
    news = False
    code: str
    step: int


@dataclass(frozen=True, kw_only=True)
class NumberCodeSent(DomainEvent):
    """A code that proves a number was sent to it."""

    kind = "orders.number_code_sent"
    sentence = _("A code for an order was sent to %(number)s")
    news = False
    number: str
    queued: bool


@dataclass(frozen=True, kw_only=True)
class NumberCodeTried(DomainEvent):
    """A code that proves a number was typed."""

    kind = "orders.number_code_tried"
    sentence = _("A code for the number %(number)s was typed; right: %(right)s")
    news = False
    number: str
    right: bool


@dataclass(frozen=True, kw_only=True)
class ResultsLoaded(DomainEvent):
    """A file of results of the provisioning system was taken whole."""

    kind = "orders.results_loaded"
    sentence = _("A file of results for orders was taken: %(rows)s rows")
    rows: int


@dataclass(frozen=True, kw_only=True)
class OrderTypeEdited(DomainEvent):
    """The operator edited a type of orders."""

    kind = "orders.type"
    sentence = _("The type of orders %(type)s was edited, version %(version)s")
    type: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderQueueEdited(DomainEvent):
    """The operator edited a queue of orders."""

    kind = "orders.queue"
    sentence = _("The queue of orders %(queue)s was edited")
    queue: str


@dataclass(frozen=True, kw_only=True)
class ApprovalSet(DomainEvent):
    """Approval of orders inside a customer was switched on or off."""

    kind = "orders.approval"
    sentence = _("Orders need the approval of a second administrator: %(on)s")
    on: bool


@dataclass(frozen=True, kw_only=True)
class FileTaken(DomainEvent):
    """Somebody took a document of an order out of the portal."""

    kind = "orders.file_taken"
    sentence = _("The document %(name)s of the order %(code)s was taken")
    news = False
    name: str
    code: str
