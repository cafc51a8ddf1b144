"""Thresholds, where their counters stand, and the steps of them that were passed."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedModel
from sportello.kernel.ui import formats
from sportello.parties.models import Organisation
from sportello.thresholds.models.profiles import LineProfile, ProfileTerm
from sportello.thresholds.states import FULL, Kind, Measure, Period, State, Traffic, Zone


def own(actor: Actor, of: str = "") -> Q:
    """Return the condition for a person's private thresholds, on a line that they hold; nobody's for whoever views as the person."""
    if not actor.sees_private:
        return Q(pk__in=())
    return Q(**{f"{of}owner_id": actor.person_id}, line__person_id=actor.person_id)


class Threshold(ScopedModel):
    """A limit on what a line uses in a period, with the steps at which somebody is told.

    `limit_units` is exact, in whole units of the measure (1e-5 EUR net of VAT, bytes, seconds, messages); `steps` are hundredths of it,
    ascending. `owner` is set on a private threshold of dual billing: it counts this person's personal traffic alone and nobody else
    sees it; without owner it is the administration's and never counts personal traffic (DOMAIN 3.3). `revision` grows with each
    change of limit or steps; passed steps belong to a revision. `counts_from` is the first day of the first period that is watched.
    `cut_off` is the day on which its bill periods begin. `profile` gave it to the line; `consent`: the line's user may lift its bar.
    """

    # The composite indexes below begin with these two; indexes of their own would only slow down loads.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="thresholds", db_index=False)
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
    cut_off = models.PositiveSmallIntegerField(default=1)
    profile = models.ForeignKey(LineProfile, null=True, blank=True, on_delete=models.PROTECT, related_name="thresholds")
    consent = models.BooleanField(default=False)

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
            return Q(organisation_id=actor.organisation_id) & own(actor)
        return super().within(actor) & Q(owner=None)

    @property
    def private(self) -> bool:
        """Tell whether it counts personal traffic, for its owner's eyes only."""
        return self.owner_id is not None

    @property
    def what(self) -> str:
        """Return what is watched, in words."""
        return watched(self)

    @property
    def by_days(self) -> bool:
        """Tell whether its periods are no calendar months, so that it is counted by days."""
        return self.period == Period.DAY or (self.period == Period.BILL and self.cut_off != 1)

    @property
    def enforcing(self) -> bool:
        """Tell whether it bars."""
        return self.kind == Kind.ENFORCING

    @property
    def limit_text(self) -> str:
        """Return the limit with its unit, in the reader's language."""
        return self.written(self.limit_units)

    def written(self, units: int) -> str:
        """Write so many units of its measure in the reader's language."""
        return Measure(self.measure).written(units)


def watched(row: Threshold | ProfileTerm) -> str:
    """Return what is watched, in words of the reader's language."""
    traffic, measure = Traffic(row.traffic_type).label, Measure(row.measure).label
    where = "" if row.zone == Zone.ANY else f", {Zone(row.zone).label}"
    private = gettext("private traffic alone")
    whose = f" ({private})" if getattr(row, "owner_id", None) else ""
    return f"{traffic}{where}{whose} · {measure}"


def written_period(threshold: Threshold, start: date) -> str:
    """Return a period of a threshold in the reader's language: `November 2026`, `20 November 2026`, `from 15 November 2026`."""
    if not threshold.by_days:
        return formats.month(start)
    if threshold.period == Period.DAY:
        return formats.day(start)
    return gettext("from %(day)s") % {"day": formats.day(start)}


class Tally(ScopedModel):
    """Where the counter of a threshold stands in its present period: written by each load that touches the line, read by every page.

    `period_at` and `period_to` (exclusive) are instants; `permille` is the used share of the limit, up to two million times of it, for
    sorting and for the forecast. A tally whose period is over is turned to the next by `operations.turn_periods`.
    """

    threshold = models.OneToOneField(Threshold, on_delete=models.PROTECT, related_name="tally", primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    period_at = models.DateTimeField()
    period_to = models.DateTimeField()
    used_units = models.BigIntegerField(default=0)
    permille = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "permille", "threshold"], name="tally_by_share"),
            models.Index(fields=["permille", "threshold"], name="tally_by_share_anywhere"),
            models.Index(fields=["period_to"], name="tally_to_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold_id} {self.period_start} {self.permille}"

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the condition for a reach: that of the threshold."""
        if actor.reach is Reach.OWN:
            return own(actor, "threshold__")
        return super().within(actor)


ALWAYS_TOLD: Final = Q(threshold__kind=Kind.ENFORCING, step__gte=FULL) | Q(threshold__consent=True)
"""Crossings that are told to who switched notices off, too: of a bar, and of a safeguard (`Crossing.always_told`)."""


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
            return own(actor, "threshold__")
        return super().within(actor) & Q(threshold__owner=None)

    @property
    def always_told(self) -> bool:
        """Tell whether its readers cannot switch it off: a traffic is being barred, or it is of a safeguard (EU 2022/612 art. 14)."""
        return self.threshold.consent or (self.threshold.enforcing and self.step >= FULL)

    @property
    def share(self) -> int:
        """Return how much of the limit was used at that moment, in whole hundredths: 585 where a step of 100 was passed by far."""
        return self.used_units * 100 // self.limit_units

    @property
    def period_text(self) -> str:
        """Return its period in the reader's language: a month, a day, or the day from which a bill period runs."""
        return written_period(self.threshold, self.period_start)

    @property
    def used_text(self) -> str:
        """Return the counter at that moment, in the reader's language."""
        return self.threshold.written(self.used_units)

    @property
    def limit_text(self) -> str:
        """Return the limit at that moment, in the reader's language."""
        return self.threshold.written(self.limit_units)
