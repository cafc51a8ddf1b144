"""Enrolments: an employee's private traffic on one line, billed to the employee."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.dual_billing.states import OPEN, EndReason, EnrolmentState, PaymentMethod
from sportello.inventory.models import Line
from sportello.kernel.crypto import EncryptedTextField
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation


class Enrolment(ScopedModel):
    """Dual billing of one line for one person: asked for, accepted, active, ended.

    `start_date` is the day wished for, `active_from` the instant from which it counts (never before the signature), `active_to` exclusive.
    `person` is who held the line when it was asked. Tax code and IBAN lie encrypted and are shown to the person alone (ABUSE H06).
    `messages`, `roaming`, `data_apn` are the options of DOMAIN §5.
    """

    scope_person: ClassVar[str | None] = "person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(_("state"), max_length=10, choices=EnrolmentState, default=EnrolmentState.ASKED)
    tax_code = EncryptedTextField()
    address = models.CharField(_("address"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=10)
    city = models.CharField(_("city"), max_length=80)
    province = models.CharField(_("province"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"))
    payment_method = models.CharField(_("payment"), max_length=15, choices=PaymentMethod)
    iban = EncryptedTextField(blank=True, default="")
    card_reference = models.CharField(max_length=80, blank=True)
    messages = models.BooleanField(default=False)
    roaming = models.BooleanField(default=False)
    data_apn = models.BooleanField(default=False)
    start_date = models.DateField(_("start"))
    asked_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    terms_version = models.CharField(max_length=20, blank=True)
    active_from = models.DateTimeField(null=True)
    active_to = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(state__in=[state.value for state in OPEN]), name="one_open_enrolment"
            ),
            models.CheckConstraint(
                condition=Q(active_to=None) | Q(active_to__gte=F("active_from")), name="enrolment_ends_after_it_starts"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-asked_at", "id"], name="enrolment_by_age"),
            models.Index(fields=["state", "active_from"], name="enrolment_by_state"),
            models.Index(fields=["-asked_at", "id"], name="enrolment_by_age_anywhere"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.person_id}"

    @property
    def is_open(self) -> bool:
        """Tell whether it has not ended."""
        return self.state in OPEN


class ConsentDocument(ScopedModel):
    """The signed consent that the administration handed in; in the database, so that it shares its backups and has no address."""

    scope_person: ClassVar[str | None] = "enrolment__person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="consent")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    handed_in_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
