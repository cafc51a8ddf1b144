"""Rows of signing in: one-time codes, authenticator apps, recovery codes, invitations, resets, and the guards against guessing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sportello.accounts.models.people import Person
from sportello.accounts.states import CodePurpose
from sportello.kernel.crypto import EncryptedTextField


class OneTimeCode(models.Model):
    """A code sent by SMS (or mail, for a new address) to one browser. `code_hash` is a keyed HMAC bound to person and browser.

    Live = not used, not superseded, not dead, not expired (half-open: good before `expires_at`, by the database's clock); one live row a
    person and purpose (partial unique index). Use is one conditional UPDATE. `destination` is where it went: for MOBILE and EMAIL the
    number or address to be proved. `device` is set when a trusted device asked for it: its sends are counted apart (ABUSE A11).
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=CodePurpose, default=CodePurpose.SIGN_IN)
    browser_hash = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=64)
    destination = models.CharField(max_length=254)
    device = models.ForeignKey("TrustedDevice", null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(used_at=None, superseded_at=None), name="one_live_code"
            )
        ]
        indexes = [models.Index(fields=["person", "-sent_at"], name="code_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.purpose} {self.sent_at:%Y-%m-%d %H:%M}"


class TotpDevice(models.Model):
    """An authenticator app (RFC 6238). `last_step` refuses the replay of a code."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    secret = EncryptedTextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """One of ten codes for the day the phone is lost; good once, stored as a keyed hash."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"


class Invitation(models.Model):
    """A link that lets one person set the first password and verify the mobile. Good once, until `expires_at`, for `email` alone.

    `password` (a hash) and `mobile` are what the person chose in its first step; they count when its second step is done.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    password = models.CharField(max_length=128, blank=True)
    mobile = models.CharField(max_length=20, blank=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.person_id}"


class PasswordReset(models.Model):
    """A link to set a new password; good once, void when the person's mail changes. The one-time code is still asked afterwards."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.person_id}"


class SignInGuard(models.Model):
    """A counter against guessing: `bucket` names what is counted (`code:42`, `password:42`, `address:192.0.2.7`).

    `failures` since the last lock; `locks` so far, which double the next one.
    """

    bucket = models.CharField(max_length=120, unique=True)
    failures = models.PositiveIntegerField(default=0)
    locks = models.PositiveSmallIntegerField(default=0)
    window_started_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.bucket} {self.failures}"


class TrustedDevice(models.Model):
    """A browser that signed in before: it keeps its own failure bucket, so that strangers cannot lock its person out."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id}"
