"""Loads, parts of the record store, counters, and what people ask to have prepared of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Membership, Person, Session
from sportello.inventory.models import Line, LinePeriod
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.money import AmountField
from sportello.kernel.scope import ScopedModel
from sportello.parties.models import Organisation
from sportello.usage.states import (
    DocumentationPurpose,
    ExportContent,
    ExportForm,
    LoadState,
    PreparedState,
    ReportContent,
    ReportState,
    TrafficType,
    Zone,
)
from sportello.usage.types import PartKind


class UsageLoad(models.Model):
    """One usage file: what came in, what became of it. The operator's alone.

    `sha256` of the content is unique among loaded files: the same content under another name is `known`, as its row says. `reasons`
    say why a file was refused; its `sha256` is then that of the file as it lay there, empty where it could not be taken.
    """

    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=LoadState, default=LoadState.LOADING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    loaded = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    reject_file = models.CharField(max_length=400, blank=True)
    reasons = models.JSONField(default=list)
    notes = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256"], condition=Q(state="loaded"), name="content_loaded_once")
        ]
        indexes = [models.Index(fields=["-started_at"], name="load_by_age")]

    def __str__(self) -> str:
        return self.file_name


class UsagePart(models.Model):
    """One file of the record store that readers may open. `name` is relative to the store's folder; `month` is None for ids.

    `late`: its records were loaded when their month was over.

    A part replaced by a merged one is retired first and removed from disk later, so that a reader in the middle of it can finish.
    """

    load = models.ForeignKey(UsageLoad, null=True, on_delete=models.PROTECT, related_name="parts")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in PartKind])
    name = models.CharField(max_length=200, unique=True)
    month = models.DateField(null=True)
    rows = models.BigIntegerField()
    size = models.BigIntegerField()
    late = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "month"], condition=Q(retired_at=None), name="part_by_month")]

    def __str__(self) -> str:
        return self.name


class _Sums(ScopedModel):
    """Exact sums: `amount` in EUR net of VAT; durations in seconds; the `_in` columns are the incoming part of the whole."""

    records = models.BigIntegerField(default=0)
    records_in = models.BigIntegerField(default=0)
    duration_s = models.BigIntegerField(default=0)
    duration_in_s = models.BigIntegerField(default=0)
    volume_bytes = models.BigIntegerField(default=0)
    units = models.BigIntegerField(default=0)
    amount = AmountField(default=0)

    class Meta:
        abstract = True


class Counter(_Sums):
    """The sums of one line period, local month (its first day), traffic type, zone and payer.

    `personal`: the employee pays, and alone sees them.
    """

    scope_person: ClassVar[str | None] = "period__person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="counters", db_index=False)
    period = models.ForeignKey(LinePeriod, on_delete=models.PROTECT, related_name="counters", db_index=False)
    month = models.DateField()
    traffic_type = models.CharField(max_length=8, choices=TrafficType)
    zone = models.CharField(max_length=8, choices=Zone)
    personal = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "month", "traffic_type", "zone", "personal"], name="one_counter")
        ]
        indexes = [models.Index(fields=["line", "month"], name="counter_by_line")]

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """Return the condition for rows inside a reach: what employees pay themselves is in no customer's or partner's (ABUSE G14)."""
        rows = super().within(actor)
        return rows & Q(personal=False) if actor.reach in {Reach.CUSTOMER, Reach.PARTNER} else rows

    def __str__(self) -> str:
        return f"{self.line_id} {self.month} {self.traffic_type} {self.zone}"


class LineMonth(ScopedModel):
    """What one line used in one local month at the company's charge, one column a traffic type, for lists of many lines.

    Outgoing and incoming together; `voice_s` in seconds, `data_bytes` in bytes; `voice_amount`, `messages_amount` and `data_amount` are the
    parts of `amount`. Employees are shown their own `Counter`s instead.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="months")
    month = models.DateField()
    records = models.BigIntegerField(_("records"), default=0)
    voice_s = models.BigIntegerField(_("voice"), default=0)
    sms = models.BigIntegerField(default=0)
    mms = models.BigIntegerField(default=0)
    data_bytes = models.BigIntegerField(_("data"), default=0)
    roaming_amount = AmountField(_("roaming"), default=0)
    voice_amount = AmountField(default=0, db_default=0)
    messages_amount = AmountField(default=0, db_default=0)
    data_amount = AmountField(default=0, db_default=0)
    amount = AmountField(_("amount"), default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "month"], name="one_line_month")]
        indexes = [
            models.Index(fields=["organisation", "month", "amount", "id"], name="line_month_by_amount"),
            # With the parts behind the order, so that those above an amount of one part are found in the index alone.
            models.Index(
                fields=["month", "amount", "id", "voice_amount", "messages_amount", "data_amount"],
                name="line_month_by_amount_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.month}"


class PeriodMonth(ScopedModel):
    """What one line period used in one local month at the company's charge: the ground of every analysis.

    Narrow and one row a period and month, so that the totals of 20,000 lines by cost centre, person or agreement *of that time* are added
    up in one pass. One amount a traffic type and zone (`voice_eu`), so that filters cost nothing; `amount` is their sum.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.ForeignKey(LinePeriod, on_delete=models.PROTECT, related_name="months", db_index=False)
    month = models.DateField()
    records = models.BigIntegerField(default=0)
    voice_s = models.BigIntegerField(default=0)
    sms_count = models.BigIntegerField(default=0)
    mms_count = models.BigIntegerField(default=0)
    data_bytes = models.BigIntegerField(default=0)
    voice_national = AmountField(default=0)
    voice_eu = AmountField(default=0)
    voice_extra_eu = AmountField(default=0)
    sms_national = AmountField(default=0)
    sms_eu = AmountField(default=0)
    sms_extra_eu = AmountField(default=0)
    mms_national = AmountField(default=0)
    mms_eu = AmountField(default=0)
    mms_extra_eu = AmountField(default=0)
    data_national = AmountField(default=0)
    data_eu = AmountField(default=0)
    data_extra_eu = AmountField(default=0)
    amount = AmountField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "month"], name="one_period_month")]
        indexes = [models.Index(fields=["organisation", "month"], name="period_month_by_month")]

    def __str__(self) -> str:
        return f"{self.period_id} {self.month}"


class CustomerMonth(_Sums):
    """The sums of one customer, local month, traffic type and zone at the company's charge."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    traffic_type = models.CharField(max_length=8, choices=TrafficType)
    zone = models.CharField(max_length=8, choices=Zone)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month", "traffic_type", "zone"], name="one_customer_month")
        ]
        indexes = [models.Index(fields=["month"], name="customer_month_by_month")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.month} {self.traffic_type} {self.zone}"


class _Prepared(ScopedModel):
    """A file prepared in the background for one person, who takes it until `expires_at`; nobody else ever does (ABUSE C04).

    `membership` says as whom it was asked for: the work asks anew what that opens (C03). `rows_total` None = not known yet. `file_token`
    names the file in the folder of prepared files; `note` says why it failed.
    """

    scope_person: ClassVar[str | None] = "person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=PreparedState, default=PreparedState.ASKED)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(null=True)
    file_token = models.CharField(max_length=40, blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    size = models.BigIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class TrafficExport(_Prepared):
    """A large export: `content` says of what, `asked` holds the words of the address that asked for it."""

    content = models.CharField(max_length=10, choices=ExportContent)
    form = models.CharField(max_length=4, choices=ExportForm)
    asked = models.JSONField(default=dict)
    line = models.ForeignKey(Line, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "-asked_at"], name="export_by_person")]

    def __str__(self) -> str:
        return self.file_name or f"{self.content} {self.form}"


class DocumentationRequest(_Prepared):
    """The full records of a line over days (`since` to `until`, both inside), asked for with a reason and delivered encrypted.

    `clear_numbers`: called numbers whole, where the purpose allows (DOMAIN §6.4: contested charges, an authority's request, one's own).
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    purpose = models.CharField(max_length=12, choices=DocumentationPurpose)
    reason = models.CharField(max_length=500)
    clear_numbers = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-asked_at"], name="documentation_by_age")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=models.F("since")), name="documentation_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.since} {self.until}"


class ReportSchedule(ScopedModel):
    """A report that a person gets word of each month, on `day` of the month after (their customer's calendar).

    `last_month` is the month last reported. `note` says why it is suspended, where the portal itself did that.
    """

    scope_person: ClassVar[str | None] = "person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    content = models.CharField(max_length=12, choices=ReportContent)
    form = models.CharField(max_length=4, choices=ExportForm)
    day = models.PositiveSmallIntegerField(default=3)
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.ACTIVE)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    last_month = models.DateField(null=True)
    last_run_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "last_month"], name="report_by_state")]

    def __str__(self) -> str:
        return self.name


class UnusualRule(ScopedModel):
    """From when on a line's month is unusual to a customer: `factor` times its usual, and `at_least` EUR above it."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    factor = models.DecimalField(max_digits=4, decimal_places=1)
    at_least = AmountField()

    def __str__(self) -> str:
        return f"{self.factor} {self.at_least}"


class ClearNumbers(ScopedModel):
    """For a session, until an instant: its person typed a fresh code and sees the called numbers of the own traffic whole."""

    scope_person: ClassVar[str | None] = "person"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} {self.until:%Y-%m-%d %H:%M}"
