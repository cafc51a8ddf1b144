"""Bars, consents, what was read, and changes of many."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.kernel.scope import ScopedModel
from sportello.network.models import Switch
from sportello.network.states import State as NetworkState
from sportello.parties.models import Organisation
from sportello.thresholds.models.watching import Threshold
from sportello.thresholds.states import BulkState, BulkWhat, Lifted, Stage
from sportello.thresholds.types import bulk_job_key


class Bar(ScopedModel):
    """A traffic that an enforcing threshold has barred in one period, from the wish to the network's word that it is lifted.

    One per threshold, revision and period: a bar that was lifted does not come back in the period unless the limit is changed.
    Several bars may hold one switch of the network; it is turned off when the last of them ends.
    """

    scope_person = "line__person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="bars")
    threshold = models.ForeignKey(Threshold, on_delete=models.PROTECT, related_name="bars", db_index=False)
    switch = models.ForeignKey(Switch, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    period_start = models.DateField()
    ends_at = models.DateTimeField(_("until"))
    used_units = models.BigIntegerField()
    limit_units = models.BigIntegerField()
    asked_at = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted = models.CharField(max_length=10, choices=Lifted, blank=True)
    lifted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["threshold", "revision", "period_start"], name="bar_once")]
        indexes = [
            # A load asks for thousands of bars at one instant: the key is in the index, so that a page needs no sorting of them.
            models.Index(fields=["organisation", "-asked_at", "-id"], name="bar_by_organisation"),
            models.Index(fields=["-asked_at", "-id"], name="bar_by_age"),
            models.Index(fields=["ends_at"], condition=Q(lifted_at=None), name="bar_to_end"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold_id} {self.period_start}"

    @property
    def stage(self) -> Stage:
        """Return what the network says, of a row read with its `switch`."""
        switch = self.switch
        if self.lifted_at is None:
            if switch.state == NetworkState.FAILED:
                return Stage.FAILED
            return Stage.BARRED if switch.state == NetworkState.CONFIRMED and switch.on else Stage.ASKED
        if switch.wanted:
            return Stage.HELD
        if switch.state == NetworkState.CONFIRMED:
            return Stage.LIFTED
        return Stage.LIFT_FAILED if switch.state == NetworkState.FAILED else Stage.LIFTING


class Consent(ScopedModel):
    """The word of a line's user to go on beyond a safeguard in one period: who, when, at what counter; written once, never changed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    threshold = models.ForeignKey(Threshold, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    used_units = models.BigIntegerField()
    limit_units = models.BigIntegerField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["threshold", "period_start", "person"], name="consent_once")]

    def __str__(self) -> str:
        return f"{self.threshold_id} {self.period_start} {self.person_id}"


class NoticeReader(ScopedModel):
    """How far a person has read the notices of an organisation in the portal, and whether they want them there."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    seen_until = models.DateTimeField()

    scope_person = "person"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "person"], name="notice_reader_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.seen_until}"


class BulkChange(ScopedModel):
    """One change of many lines or thresholds (`ids`), chosen in a list, then started once however often its form is sent (ABUSE G19).

    `terms` say what is done; `done` counts those gone through, `left` those of them left as they were; `skipped` holds (what, why) of
    the first of these. `problem` is a kept sentence: why it stopped. `crossed` holds the first and last id of each run of crossings that
    it brought about, of which the managers are told when it ends.
    """

    scope_person = "person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    token = models.UUIDField(unique=True)
    membership_id = models.BigIntegerField(null=True)
    what = models.CharField(max_length=20, choices=BulkWhat)
    terms = models.JSONField(default=dict)
    ids = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=BulkState, default=BulkState.DRAFT)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=list)
    left = models.PositiveIntegerField(default=0, db_default=0)
    crossed = models.JSONField(default=list, db_default=[])
    problem = models.CharField(max_length=300, blank=True, default="", db_default="")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.what} {self.total}"

    @property
    def job_key(self) -> str:
        """Return the key of its background job: there is never a second one."""
        return bulk_job_key(self.pk)

    @property
    def of_lines(self) -> bool:
        """Tell whether `ids` are lines, and not thresholds."""
        return self.what in {BulkWhat.SET, BulkWhat.PROFILE}
