"""Bill periods, and profiles of lines with the thresholds that they give."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Agreement, Line
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.thresholds.states import Kind, Measure, Period, Traffic, Zone
from sportello.thresholds.types import Terms


class CutOff(ScopedModel):
    """The day of the month on which bill periods begin: of an agreement, or of all agreements of a customer that have none of their own."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    day = models.PositiveSmallIntegerField(_("day of the month"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "agreement"], condition=Q(agreement__isnull=False), name="cut_off_of_agreement"
            ),
            models.UniqueConstraint(fields=["organisation"], condition=Q(agreement=None), name="cut_off_of_customer"),
            models.CheckConstraint(condition=Q(day__gte=1, day__lte=28), name="cut_off_that_every_month_has"),
        ]

    def __str__(self) -> str:
        return str(self.day)


class LineProfile(ScopedModel):
    """A named set of thresholds that lines have ("executives: 50 EUR data roaming"); `default` ones are given to new lines that can roam.

    `safeguard` marks the one of the portal itself (EU 2022/612, Delibera 326/10/CONS): its figures are the regulation's.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    default = models.BooleanField(_("new mobile lines have it"), default=False)
    safeguard = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], condition=Q(ended_at=None), name="line_profile_once"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ended_at=None, default=True), name="one_default_profile"
            ),
            models.UniqueConstraint(fields=["organisation"], condition=Q(safeguard=True), name="one_safeguard"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """Return its name, that of the safeguard in the reader's language."""
        return str(_("Safeguard: data and roaming")) if self.safeguard else self.name


class ProfileTerm(ScopedModel):
    """One threshold of a profile, as each of its lines has it. `consent`: the line's own user may lift its bar by consenting."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    profile = models.ForeignKey(LineProfile, on_delete=models.CASCADE, related_name="terms")
    traffic_type = models.CharField(max_length=10, choices=Traffic)
    zone = models.CharField(max_length=10, choices=Zone, default=Zone.ANY)
    measure = models.CharField(max_length=10, choices=Measure)
    limit_units = models.BigIntegerField()
    steps = models.JSONField()
    period = models.CharField(max_length=10, choices=Period, default=Period.MONTH)
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.INFORMATIONAL)
    consent = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "traffic_type", "zone", "measure", "period", "kind"], name="profile_term_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.limit_text}"

    @property
    def what(self) -> str:
        """Return what is watched, in words."""
        from sportello.thresholds.models.watching import watched  # it names thresholds, which name profiles

        return watched(self)

    @property
    def terms(self) -> Terms:
        """Return the terms that the profile gives to each of its lines."""
        return Terms(
            traffic_type=self.traffic_type, zone=self.zone, measure=self.measure, limit=self.limit_units,
            steps=tuple(self.steps), period=self.period, kind=self.kind,
        )  # fmt: skip

    @property
    def limit_text(self) -> str:
        """Return the limit with its unit, in the reader's language."""
        return Measure(self.measure).written(self.limit_units)


class Enrolment(ScopedModel):
    """Which profile a line has; without one (`profile` None) somebody took it out, and no default is given to it again."""

    line = models.OneToOneField(Line, on_delete=models.PROTECT, related_name="enrolment", primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    profile = models.ForeignKey(LineProfile, null=True, on_delete=models.PROTECT, related_name="enrolments")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.line_id} {self.profile_id}"
