"""Switches of the network (wanted and actual), and the orders that move them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.kernel.scope import ScopedModel
from sportello.network.states import State
from sportello.parties.models import Organisation


class Switch(ScopedModel):
    """One feature of one number: what is wanted, and what the network last said is so (`actual`; None: it never said).

    `revision` grows with each wish. `state` is that of the last wish. `external_id` is the network's own id of it. `busy_until`: a worker
    is talking to the network about it, so that two orders never overtake each other on the way.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    resource = models.CharField(_("number"), max_length=40)
    feature = models.CharField(_("feature"), max_length=60)
    category = models.CharField(max_length=30, default="barring")
    wanted = models.BooleanField(_("wanted"))
    actual = models.BooleanField(_("actual"), null=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ASKED)
    revision = models.PositiveIntegerField(default=1)
    external_id = models.CharField(max_length=120, blank=True)
    problem = models.CharField(_("answer"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    settled_at = models.DateTimeField(_("answered"), null=True)
    busy_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "resource", "feature"], name="switch_once"),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="switch_by_state")]

    def __str__(self) -> str:
        return f"{self.feature} {self.resource}"

    @property
    def on(self) -> bool:
        """Tell whether the network has confirmed that it is on."""
        return self.actual is True


class Order(ScopedModel):
    """One order to the network. `key` is sent with every try, so that what was done already is not done again (ABUSE G18)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    switch = models.ForeignKey(Switch, on_delete=models.CASCADE, related_name="orders")
    revision = models.PositiveIntegerField()
    wanted = models.BooleanField()
    key = models.UUIDField(unique=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ASKED)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    tried_at = models.DateTimeField(_("last try"), null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["switch", "revision"], name="order_once")]
        indexes = [
            models.Index(fields=["state", "asked_at"], name="network_order_by_state"),
            models.Index(fields=["-asked_at"], name="network_order_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.switch_id} {self.revision}"
