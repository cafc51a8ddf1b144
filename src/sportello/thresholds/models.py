"""Thresholds, and the steps of them that were passed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.thresholds.states import Kind, Measure, Period, State, Traffic, Zone


class Threshold(ScopedModel):
    """A limit on what a line uses in a period, with the steps at which somebody is told.

    `limit_units` is exact, in whole units of the measure (1e-5 EUR net of VAT, bytes, seconds, messages); `steps` are hundredths of it,
    ascending. `owner` is set on a private threshold of dual billing: it counts this person's personal traffic alone and nobody else
    sees it; without owner it is the administration's and never counts personal traffic (DOMAIN 3.3). `revision` grows with each
    change of limit or steps; passed steps belong to a revision. `counts_from` is the first day of the first period that is watched.
    """

    # The composite indexes below begin with these two; indexes of their own would only slow down loads.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="thresholds", db_index=False
    )
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="thresholds", db_index=False)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    traffic_type = models.CharField(_("traffic"), max_length=10, choices=Traffic)
    zone = models.CharField(_("where"), max_length=10, choices=Zone, default=Zone.ANY)
    measure = models.CharField(_("measure"), max_length=10, choices=Measure)
    limit_units = models.BigIntegerField(_("limit"))
    period = models.CharField(_("period"), max_length=10, choices=Period, default=Period.MONTH)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.INFORMATIONAL)
    steps = models.JSONField(_("warning steps"))
    first_step = models.PositiveSmallIntegerField()
    last_step = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    set_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)
    counts_from = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(limit_units__gt=0), name="threshold_limit_above_zero"),
            models.UniqueConstraint(
                fields=["line", "traffic_type", "zone", "measure", "period", "kind"],
                condition=Q(owner=None) & ~Q(state="cancelled"),
                name="threshold_once",
            ),
            models.UniqueConstraint(
                fields=["line", "traffic_type", "zone", "measure", "period", "kind", "owner"],
                condition=Q(owner__isnull=False) & ~Q(state="cancelled"),
                name="private_threshold_once",
            ),
        ]
        indexes = [
            models.Index(fields=["line", "state"], name="threshold_by_line"),
            models.Index(fields=["organisation", "state"], name="threshold_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.limit_text}"

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the condition for a reach: the administration's of the customer, or the person's own on a line they hold."""
        if actor.reach is Reach.OWN:
            mine = Q(organisation_id=actor.organisation_id)
            return mine & Q(owner_id=actor.person_id, line__person_id=actor.person_id)
        return super().within(actor) & Q(owner=None)

    @property
    def private(self) -> bool:
        """Tell whether it counts personal traffic, for its owner's eyes only."""
        return self.owner_id is not None

    @property
    def what(self) -> str:
        """Return what is watched, in words."""
        traffic, measure = self.get_traffic_type_display(), self.get_measure_display()
        where = "" if self.zone == Zone.ANY else f", {self.get_zone_display()}"
        return f"{traffic}{where} · {measure}"

    @property
    def limit_text(self) -> str:
        """Return the limit with its unit, in the reader's language."""
        return self.written(self.limit_units)

    def written(self, units: int) -> str:
        """Write so many units of its measure in the reader's language."""
        return Measure(self.measure).written(units)


class Crossing(ScopedModel):
    """A step of a threshold that the counter passed in one period; written once, never changed.

    Unique per threshold, revision, period and step, so that loads at the same instant cross once (ABUSE G05). Of several steps
    passed at once, only the highest is `told`; the lower ones stand here as passed. `used_units` is the counter at that moment,
    `limit_units` the limit it was held against.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    threshold = models.ForeignKey(Threshold, on_delete=models.PROTECT, related_name="crossings", db_index=False)
    revision = models.PositiveIntegerField()
    period_start = models.DateField()
    step = models.PositiveSmallIntegerField()
    used_units = models.BigIntegerField()
    limit_units = models.BigIntegerField()
    told = models.BooleanField()
    crossed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["threshold", "revision", "period_start", "step"], name="crossing_once")
        ]
        indexes = [
            models.Index(fields=["line", "-crossed_at"], name="crossing_by_line"),
            models.Index(fields=["organisation", "period_start", "step"], name="crossing_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold_id} {self.period_start} {self.step}%"

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the condition for a reach: that of the threshold."""
        if actor.reach is Reach.OWN:
            return Q(threshold__owner_id=actor.person_id, line__person_id=actor.person_id)
        return super().within(actor) & Q(threshold__owner=None)

    @property
    def used_text(self) -> str:
        """Return the counter at that moment, in the reader's language."""
        return self.threshold.written(self.used_units)

    @property
    def limit_text(self) -> str:
        """Return the limit at that moment, in the reader's language."""
        return self.threshold.written(self.limit_units)
