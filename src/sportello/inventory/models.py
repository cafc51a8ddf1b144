"""Agreements, lines and their history, SIMs, plans and options."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.crypto import EncryptedTextField
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import CostCentre, Organisation, Site


class Plan(models.Model):
    """A tariff plan of the operator's catalogue; open to everybody's eyes."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=LineKind)

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """An option that can be added to a line (data bundle, roaming pack); open to everybody's eyes."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Agreement(ScopedModel):
    """What a customer signed; `convention` names the public-sector convention that many customers join."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreements")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    convention = models.CharField(_("convention"), max_length=120, blank=True)
    active_from = models.DateField(null=True, blank=True)
    active_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="agreement_once")]

    def __str__(self) -> str:
        return self.name or self.code


class Line(ScopedModel):
    """A number or access that is billed, as it stands now. Its past is in `LinePeriod`.

    `number` is E.164, or the access code of an xDSL. The same number may be another line at another time: `active_from`
    inclusive, `active_to` exclusive (None = open). At most one line holds a number at one instant.
    """

    scope_person: ClassVar[str | None] = "person"

    # No index of their own: one that begins with them is named below, and each that is written costs a file of lines its time.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="lines", db_index=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="lines")
    number = models.CharField(_("number"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=LineKind)
    status = models.CharField(_("status"), max_length=12, choices=LineStatus)
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    cost_centre = models.ForeignKey(CostCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    sim = models.ForeignKey("Sim", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    device = models.CharField(_("device"), max_length=80, blank=True)
    dual_billing = models.BooleanField(_("dual billing"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(active_to=None), name="number_open_once"),
            models.UniqueConstraint(fields=["number", "active_from"], name="number_from_once"),
            models.CheckConstraint(
                condition=Q(active_to=None) | Q(active_to__gt=models.F("active_from")), name="line_ends_after_it_starts"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "number"], name="line_by_number"),
            models.Index(fields=["organisation", "status", "kind"], name="line_by_status"),
            models.Index(fields=["person"], name="line_by_person"),
            models.Index(fields=["organisation", "active_from", "id"], name="line_by_start"),
            models.Index(fields=["active_from", "id"], name="line_by_start_anywhere"),
            # For counting over all customers.
            models.Index(fields=["status", "kind", "plan"], name="line_by_sort"),
            models.Index(fields=["kind", "active_from", "active_to"], name="line_by_kind_and_time"),
            # For searches by the start of a number, which PostgreSQL cannot answer from an index in the language's order.
            models.Index(fields=["number"], opclasses=["varchar_pattern_ops"], name="line_by_number_start"),
        ]

    def __str__(self) -> str:
        return self.number


class LinePeriod(ScopedModel):
    """How a line stood from `active_from` (inclusive) to `active_to` (exclusive, None = now): who held it, plan, SIM, cost centre.

    A line's periods follow each other without gap or overlap from its start to its end. Usage hangs on the period, so that totals by
    person, cost centre, agreement and plan are those of then, and an employee sees a line's traffic only for the time they held it.
    """

    scope_person: ClassVar[str | None] = "person"

    # No index of their own, as of lines: what stands below begins with them.
    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="periods", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=40)
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=LineStatus)
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    cost_centre = models.ForeignKey(CostCentre, null=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    sim = models.ForeignKey("Sim", null=True, on_delete=models.PROTECT, related_name="+")
    dual_billing = models.BooleanField(default=False)
    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(active_to=None), name="one_open_period_a_line"),
            models.UniqueConstraint(fields=["line", "active_from"], name="period_from_once"),
        ]
        indexes = [
            models.Index(fields=["number", "active_from"], name="period_by_number"),
            models.Index(fields=["organisation", "active_from"], name="period_by_organisation"),
            models.Index(fields=["person", "active_from"], name="period_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.active_from:%Y-%m-%d}"


class Sim(ScopedModel):
    """A SIM card. The PUK is shown on request only, and each look is on record."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sims")
    iccid = models.CharField(max_length=22, unique=True)
    imsi = models.CharField(max_length=15, blank=True)
    puk = EncryptedTextField(blank=True, default="")

    def __str__(self) -> str:
        return self.iccid


class LineOption(ScopedModel):
    """An option active on a line from `active_from` (inclusive) to `active_to` (exclusive, None = now)."""

    scope_person: ClassVar[str | None] = "line__person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="options")
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="+")
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "option"], condition=Q(active_to=None), name="option_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.option_id}"
