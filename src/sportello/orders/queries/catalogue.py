"""Types, queues, the operator's calendar and people, and what a customer chose."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, Subquery

from sportello.accounts.models import Person
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import WorkingCalendar
from sportello.kernel.refusals import NotFound
from sportello.orders import rules
from sportello.orders.models import OrderForm, OrderOptions, OrderQueue, OrderType
from sportello.orders.states import Effect, Subject

WORKERS: Final = (Profile.OPERATOR_ADMIN, Profile.OPERATOR_AGENT)


def newest_forms() -> QuerySet[OrderForm]:
    """Return the newest form of each type, in the order of the types."""
    newest = OrderForm.objects.filter(type=OuterRef("type")).order_by("-version").values("pk")[:1]
    rows = OrderForm.objects.annotate(newest=Subquery(newest)).filter(pk=F("newest"))
    return rows.select_related("type", "queue").order_by("type__position", "type__code")


def newest_form(kind: OrderType) -> OrderForm:
    """Return the newest form of a type."""
    return OrderForm.objects.filter(type=kind).select_related("type", "queue").latest("version")


def open_forms(actor: Actor) -> list[OrderForm]:
    """Return the newest forms of the types in use that the actor may ask for."""
    return [form for form in newest_forms().filter(type__active=True) if rules.may_ask(actor, form)]


def form_to_ask(actor: Actor, code: str) -> OrderForm:
    """Return the newest form of a type in use that the actor may ask for. Raises `NotFound`."""
    form = newest_forms().filter(type__active=True, type__code=code).first()
    if form is None or not rules.may_ask(actor, form):
        raise NotFound
    return form


def subject_of(form: OrderForm) -> Subject:
    """Return what the items of a form are about."""
    return rules.SPECS[Effect(form.effect)].subject


def types_of() -> list[OrderType]:
    """Return all types in their order."""
    return list(OrderType.objects.order_by("position", "code"))


def queues() -> list[OrderQueue]:
    """Return all queues in their order."""
    return list(OrderQueue.objects.order_by("position", "code"))


def calendar() -> WorkingCalendar:
    """Return the operator's working calendar: country and patron saint of the settings."""
    saint: str = settings.SPORTELLO["PATRON_SAINT"]
    month, _dash, day = saint.partition("-")
    patron = (int(month), int(day)) if saint else None
    return WorkingCalendar(
        country=settings.SPORTELLO["COUNTRY"], patron_saint=patron, time_zone=ZoneInfo(settings.TIME_ZONE)
    )


def people_to_work() -> list[Person]:
    """Return the operator's people who work on orders."""
    rows = Person.objects.across_tenants(reason="the operator's own people", opens_wall=False)
    held = rows.filter(memberships__profile__in=WORKERS, memberships__ended_at=None, deactivated_at=None)
    return list(held.distinct().order_by("family_name", "given_name", "pk"))


def administrators_of(organisation_id: int) -> list[Person]:
    """Return a customer's active administrators."""
    rows = Person.objects.across_tenants(reason="who approves a customer's orders", opens_wall=False)
    held = rows.filter(
        memberships__organisation=organisation_id,
        memberships__profile=Profile.ADMINISTRATOR,
        memberships__ended_at=None,
        deactivated_at=None,
    )
    return list(held.distinct().order_by("pk"))


def needs_approval(organisation_id: int) -> bool:
    """Tell whether a second administrator of a customer approves its orders."""
    rows = OrderOptions.objects.across_tenants(reason="what holds for an order, whoever asks")
    return rows.filter(organisation=organisation_id, approval=True).exists()
