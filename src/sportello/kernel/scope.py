"""Scope: rows answer only to an actor. `Model.objects.for_(actor)` is the only door; anything else raises `Unscoped`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Q

from sportello.kernel import row_security
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotFound

M = TypeVar("M", bound=models.Model)


class Unscoped(RuntimeError):
    """A query on scoped rows that names no actor: a defect of the code, never shown as an empty list."""


class OutsideOperation(RuntimeError):
    """A write to scoped rows outside an operation: a defect of the code."""


class ScopedQuerySet(models.QuerySet[M]):
    """Rows inside somebody's reach. Writes are refused outside an operation."""

    def get_or_refuse(self, **lookup: Any) -> M:
        """Return the one row, or raise `NotFound`: not there and not yours look the same."""
        try:
            return self.get(**lookup)
        except (ObjectDoesNotExist, ValueError, OverflowError) as missing:
            raise NotFound from missing

    def create(self, **values: Any) -> M:
        """Insert one row (inside an operation)."""
        require_operation(self.model)
        return super().create(**values)

    def bulk_create(self, *args: Any, **options: Any) -> list[M]:
        """Insert many rows (inside an operation)."""
        require_operation(self.model)
        return super().bulk_create(*args, **options)

    def update(self, **values: Any) -> int:
        """Update rows (inside an operation)."""
        require_operation(self.model)
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows (inside an operation)."""
        require_operation(self.model)
        return super().delete()


class ScopedManager(models.Manager[M], Generic[M]):
    """The only door to scoped rows: `for_(actor)`, or `across_tenants(reason)` said aloud."""

    def get_queryset(self) -> NoReturn:
        """Refuse: a query names an actor."""
        msg = f"{self.model.__name__}.objects answers only to .for_(actor) or .across_tenants(reason=…)"
        raise Unscoped(msg)

    def for_(self, actor: Actor) -> ScopedQuerySet[M]:
        """Return the rows inside `actor`'s reach."""
        row_security.widen(actor)
        rows = self._rows()
        if actor.reach is Reach.ALL:
            return rows
        if actor.reach is Reach.NOTHING:
            return rows.none()
        return rows.filter(self.model.within(actor))  # type: ignore[attr-defined]

    def across_tenants(self, *, reason: str, opens_wall: bool = True) -> ScopedQuerySet[M]:
        """Return all rows of the installation, for work that is not one tenant's; `reason` says which.

        `opens_wall=False` leaves PostgreSQL's row-level security as it is: for tables outside it (parties, people, memberships).
        """
        if not reason:
            msg = "work across tenants states its reason"
            raise Unscoped(msg)
        if opens_wall:
            row_security.widen(None)
        return self._rows()

    def _rows(self) -> ScopedQuerySet[M]:
        rows: ScopedQuerySet[M] = ScopedQuerySet(self.model, using=self._db)
        # A reverse relation (`customer.lines`) is a subclass of this manager: it narrows to its own instance.
        narrow = getattr(self, "_apply_rel_filters", None)
        return narrow(rows) if narrow else rows

    def create(self, **values: Any) -> M:
        """Insert one row (inside an operation)."""
        return ScopedQuerySet(self.model, using=self._db).create(**values)

    def bulk_create(self, *args: Any, **options: Any) -> list[M]:
        """Insert many rows (inside an operation)."""
        return ScopedQuerySet(self.model, using=self._db).bulk_create(*args, **options)


class ScopedModel(models.Model):
    """A row that belongs to an organisation.

    `scope_organisation` is the lookup path to it (`"organisation"`; `"self"` for the organisation itself), `scope_person` the
    path to the person whose own row it is (None: employees never see such rows). A model whose reach is not a plain path
    overrides `within`.
    """

    scope_organisation: ClassVar[str] = "organisation"
    scope_person: ClassVar[str | None] = None

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        abstract = True

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the condition for rows inside a reach that is neither everything nor nothing."""
        path = "pk" if cls.scope_organisation == "self" else cls.scope_organisation
        partner = "partner" if cls.scope_organisation == "self" else f"{cls.scope_organisation}__partner"
        mine = Q(**{path: actor.organisation_id})
        if actor.reach is Reach.PARTNER:
            return mine | Q(**{partner: actor.organisation_id})
        if actor.reach is Reach.CUSTOMER:
            return mine
        if cls.scope_person is None:
            return Q(pk__in=())
        return mine & Q(**{cls.scope_person: actor.person_id})

    def save(self, *args: Any, **options: Any) -> None:
        """Save (inside an operation)."""
        require_operation(type(self))
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete (inside an operation)."""
        require_operation(type(self))
        return super().delete(*args, **options)


_partner_customers: list[Callable[[int | None], models.QuerySet[Any]]] = []


def register_partner_customers(find: Callable[[int | None], models.QuerySet[Any]]) -> None:
    """Let `parties` say which organisations a partner reaches (its id → a queryset of ids), for rows with no foreign key."""
    _partner_customers[:] = [find]


def organisations_of_partner(actor: Actor) -> models.QuerySet[Any]:
    """Return the ids of the organisations that a partner's actor reaches."""
    return _partner_customers[0](actor.organisation_id)


def require_operation(model: type[models.Model]) -> None:
    from sportello.kernel.operations import in_operation

    if not in_operation():
        msg = f"{model.__name__} is written inside an operation only"
        raise OutsideOperation(msg)
