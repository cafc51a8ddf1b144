"""A signed-in browser: listed for its person, ended by them at once."""

from __future__ import annotations

from django.db import models

from sportello.accounts.models.people import Membership, Person
from sportello.kernel.crypto import EncryptedTextField


class Session(models.Model):
    """One signed-in browser. `key_hash` is SHA-256 of the cookie's value, which is stored nowhere.

    Ends after SESSION_IDLE without a request, SESSION_ABSOLUTE after `started_at`, or when `ended_at` is set. Half-signed-in
    browsers (password given, code not yet) have a `OneTimeCode` and no row here.
    """

    key_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sessions")
    membership = models.ForeignKey(Membership, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(help_text="when password and code were last given")
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    viewing_membership = models.ForeignKey(Membership, null=True, on_delete=models.SET_NULL, related_name="+")
    viewing_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "ended_at"], name="session_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.started_at:%Y-%m-%d %H:%M}"


class KeptForm(models.Model):
    """What somebody sent just after their session had ended: offered to them again once they are back (ABUSE B02).

    `fields` is a JSON list of [name, value], encrypted; passwords, codes and files are never kept. For `person` alone, and for the
    browser that holds the token of `token_hash`.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=2000)
    fields = EncryptedTextField()
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} {self.path}"
