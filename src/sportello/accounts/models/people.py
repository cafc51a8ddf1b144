"""A person, and the profiles that a person holds in organisations."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Profile, Reach
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedManager, ScopedModel
from sportello.parties.models import CostCentre, Organisation


class Person(AbstractBaseUser, ScopedModel):
    """Somebody who can come in, or whose line is managed here; belongs to one home organisation.

    `username` is unique in the installation, lower case. `mobile` is E.164 and receives the one-time codes once
    `mobile_verified_at` is set. A person without `password` was never invited or did not answer yet. Never deleted while
    others refer to it: `deactivated_at`. `given_key` and `family_key` are the names in small letters: people are found by them.
    """

    scope_person: ClassVar[str | None] = "pk"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    code = models.CharField(_("person code"), max_length=40, blank=True)
    username = models.CharField(_("username"), max_length=150, unique=True)
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    given_key = models.GeneratedField(
        expression=Lower("given_name"), output_field=models.CharField(max_length=80), db_persist=True
    )
    family_key = models.GeneratedField(
        expression=Lower("family_name"), output_field=models.CharField(max_length=80), db_persist=True
    )
    email = models.EmailField(_("e-mail"), blank=True)
    mobile = models.CharField(_("mobile"), max_length=20, blank=True)
    mobile_verified_at = models.DateTimeField(null=True, blank=True)
    codes_frozen_until = models.DateTimeField(null=True, blank=True)
    cost_centre = models.ForeignKey(CostCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    language = models.CharField(_("language"), max_length=5, default="it")
    time_zone = models.CharField(max_length=40, default="Europe/Rome")
    deactivated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    last_login = None  # sign-ins are in the audit trail

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "family_name", "given_name", "id"], name="person_by_name"),
            models.Index(fields=["family_name", "given_name", "id"], name="person_by_name_anywhere"),
            models.Index(fields=["mobile"], name="person_by_mobile"),
            models.Index(fields=["email"], name="person_by_email"),
            models.Index(fields=["given_key"], name="person_by_given_key"),
            models.Index(fields=["family_key"], name="person_by_family_key"),
            models.Index(fields=["code"], name="person_by_code"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], condition=~Q(code=""), name="person_code_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return given and family name."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Tell whether the person may come in."""
        return self.deactivated_at is None

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the people of the organisations in reach: at home there, or member there."""
        if actor.reach is Reach.OWN:
            return Q(pk=actor.person_id)
        members = Membership.objects.for_(actor).values("person_id")
        if actor.reach is Reach.PARTNER:  # a list of homes, not a join: with OR, a join cannot use the index of people
            return Q(organisation__in=Organisation.objects.for_(actor).values("pk")) | Q(pk__in=members)
        return super().within(actor) | Q(pk__in=members)


class Membership(ScopedModel):
    """One profile of one person in one organisation. A partner's or operator's agent may hold one in a customer (client manager)."""

    scope_person: ClassVar[str | None] = "person"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    profile = models.CharField(_("profile"), max_length=30, choices=Profile)
    granted_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "profile"], condition=Q(ended_at=None), name="profile_held_once"
            )
        ]
        indexes = [models.Index(fields=["organisation", "profile"], name="membership_by_profile")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.profile}"
