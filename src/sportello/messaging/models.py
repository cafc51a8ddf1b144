"""The outbox, the parts and receipts of texts, the operator's own wording, people's choices, the demo's phones and mailbox."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.kernel.crypto import EncryptedTextField
from sportello.kernel.scope import ScopedModel
from sportello.messaging.states import Channel, Kind, MailKind, MailState, PartState, State, Trust
from sportello.messaging.types import Way
from sportello.parties.models import Organisation


class Message(ScopedModel):
    """One message to one address: written in the transaction of its cause, delivered afterwards, on record for ever.

    `context` holds what the text says, `secret` what is erased once it is handed over (encrypted JSON). `subject` and
    `text` are what went out, secrets masked. `answer` is the provider's last word. Unique per `idempotency_key`.
    """

    scope_person: ClassVar[str | None] = "person"

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="messages")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    address = models.CharField(_("to"), max_length=254)
    language = models.CharField(max_length=5)
    template = models.CharField(_("message"), max_length=60)
    context = models.JSONField(default=dict)
    secret = EncryptedTextField(null=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    urgent = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    answer = models.CharField(max_length=500, blank=True)
    idempotency_key = models.CharField(max_length=200, unique=True)
    thread = models.CharField(max_length=80, blank=True, db_default="", default="")
    again_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    queued_at = models.DateTimeField(_("queued"))
    next_try_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["channel", "-urgent", "next_try_at"], condition=Q(state="queued"), name="message_due"),
            models.Index(fields=["channel", "leased_until"], condition=Q(state="sending"), name="message_leased"),
            models.Index(fields=["-queued_at", "-id"], name="message_by_age"),
            models.Index(fields=["state", "-queued_at"], name="message_by_state"),
            models.Index(fields=["address", "-queued_at"], name="message_by_address"),
            models.Index(fields=["organisation", "-queued_at"], name="message_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.channel} {self.pk}"


class MessagePart(models.Model):
    """One short message of a text. `octets` (encrypted, hexadecimal) are erased once the centre took it or refused it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    data_coding = models.PositiveSmallIntegerField()
    esm_class = models.PositiveSmallIntegerField()
    octets = EncryptedTextField(blank=True)
    state = models.CharField(max_length=10, choices=PartState, default=PartState.READY)
    provider_id = models.CharField(max_length=80, blank=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="part_once")]
        indexes = [
            models.Index(fields=["provider_id", "-id"], condition=~Q(provider_id=""), name="part_by_provider_id")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.number} {self.state}"


class StoredReceipt(models.Model):
    """A delivery receipt as it came; it may come before the answer that names its message: `part` is then set later."""

    provider_id = models.CharField(max_length=80)
    state = models.CharField(max_length=10)
    error = models.CharField(max_length=20, blank=True)
    received_at = models.DateTimeField()
    part = models.ForeignKey(MessagePart, null=True, on_delete=models.CASCADE, related_name="receipts")

    class Meta:
        indexes = [models.Index(fields=["provider_id"], condition=Q(part=None), name="receipt_unmatched")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.state}"


class ReceivedText(models.Model):
    """A text that a phone sent to one of our numbers, or one part of it."""

    sender = models.CharField(max_length=25)
    to = models.CharField(max_length=25)
    text = models.TextField()
    reference = models.PositiveIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(default=1)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sender} {self.received_at:%Y-%m-%d %H:%M}"


class SmsSpending(models.Model):
    """How many parts went out on one day for one bucket: `all`, `organisation:7`, `number:+39…` (ABUSE A13)."""

    day = models.DateField()
    bucket = models.CharField(max_length=60)
    parts = models.PositiveIntegerField(default=0)
    alerted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "bucket"], name="spending_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.bucket} {self.parts}"


class SenderLease(models.Model):
    """Which process holds the bind to the SMS centre: one at a time, the next when it stops renewing."""

    name = models.CharField(max_length=40, unique=True)
    worker = models.CharField(max_length=80)
    leased_until = models.DateTimeField()
    link = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.worker}"


class TemplateOverride(models.Model):
    """The operator's own wording of one template in one language and channel."""

    template = models.CharField(max_length=60)
    language = models.CharField(max_length=5)
    channel = models.CharField(max_length=10, choices=Channel)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "language", "channel"], name="override_once"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.language} {self.channel}"


class Preference(ScopedModel):
    """One person's choice for one kind of event on one way of being told; without a row it is on."""

    scope_organisation: ClassVar[str] = "person__organisation"
    scope_person: ClassVar[str | None] = "person"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    channel = models.CharField(max_length=10, choices=Way)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "channel"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.channel} {self.wanted}"


class QuietHours(ScopedModel):
    """When a person's phone stays silent, in the person's own time zone; `starts` after `ends` means over midnight."""

    scope_organisation: ClassVar[str] = "person__organisation"
    scope_person: ClassVar[str | None] = "person"

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    starts = models.TimeField()
    ends = models.TimeField()

    def __str__(self) -> str:
        return f"{self.person_id} {self.starts:%H:%M}-{self.ends:%H:%M}"


class SimulatedText(models.Model):
    """A text on one of the demo's phones."""

    number = models.CharField(max_length=25)
    sender = models.CharField(max_length=25)
    text = EncryptedTextField()
    arrived_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["number", "-id"], name="simulated_text_by_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.arrived_at:%Y-%m-%d %H:%M}"


class SimulatedMail(models.Model):
    """A mail in the demo's mailbox."""

    to = models.CharField(max_length=254)
    sender = models.CharField(max_length=254)
    subject = EncryptedTextField()
    text = EncryptedTextField()
    html = EncryptedTextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    arrived_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["to", "-id"], name="simulated_mail_by_address")]

    def __str__(self) -> str:
        return f"{self.to} {self.arrived_at:%Y-%m-%d %H:%M}"


class ReplyAddress(models.Model):
    """The address that answers of one recipient to one thread come back to; of its secret only the hash is kept (ABUSE E16)."""

    thread = models.CharField(max_length=80)
    recipient = models.CharField(max_length=254)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["thread"], name="reply_address_by_thread")]

    def __str__(self) -> str:
        return f"{self.thread} {self.recipient}"


class ReceivedMail(models.Model):
    """A mail that came in, once per content and way (`fingerprint`); the original is the file of that name in the mail folder.

    `sign` is what its kind was told by, `reason` a kept sentence why it is not taken, `reference` what it became.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    octets = models.PositiveBigIntegerField()
    received_at = models.DateTimeField(_("received"))
    envelope_from = models.CharField(max_length=254, null=True)  # noqa: DJ001 - the null sender is empty, an unknown one null
    envelope_to = models.JSONField(default=list)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    message_id = models.CharField(max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=MailKind)
    sign = models.CharField(max_length=60, blank=True)
    trust = models.CharField(max_length=10, choices=Trust)
    thread = models.CharField(max_length=80, blank=True)
    recipient = models.CharField(max_length=254, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=MailState)
    reason = models.TextField(blank=True)
    reference = models.CharField(max_length=80, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="stored"), name="received_mail_due"),
            models.Index(fields=["state", "-received_at"], name="received_mail_by_state"),
            models.Index(fields=["thread", "recipient", "-received_at"], name="received_mail_by_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.sender} {self.received_at:%Y-%m-%d %H:%M}"


class AddressStanding(models.Model):
    """How mails to an address fared of late: after several that failed for good nothing more goes there (ABUSE E21)."""

    address = models.CharField(max_length=254, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_failed_at = models.DateTimeField(null=True)
    last_message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True)
    paused_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.address} {self.failures}"
