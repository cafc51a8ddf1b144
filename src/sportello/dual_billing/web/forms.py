"""What people type about dual billing."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from sportello.dual_billing import rules
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import EnrolmentState, PaymentMethod
from sportello.dual_billing.types import Document, EnrolmentData

_CODE_ATTRS = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


class DataForm(forms.Form):
    """The data of an employee; `known` says what is kept already, whose secrets are never sent back."""

    tax_code = forms.CharField(label=_("Tax code"), max_length=20, widget=forms.TextInput(attrs=_CODE_ATTRS))
    email = forms.EmailField(label=_("E-mail"))
    address = forms.CharField(label=_("Address"), max_length=120)
    postcode = forms.CharField(label=_("Postcode"), max_length=10)
    city = forms.CharField(label=_("City"), max_length=80)
    province = forms.CharField(label=_("Province"), max_length=40, required=False)
    payment_method = forms.ChoiceField(label=_("Payment"), choices=PaymentMethod.choices)
    iban = forms.CharField(
        label=_("IBAN"), max_length=42, required=False, widget=forms.TextInput(attrs=_CODE_ATTRS),
        help_text=_("For a bank transfer or debit."),
    )  # fmt: skip
    card_reference = forms.CharField(
        label=_("Reference of the card"), max_length=80, required=False, widget=forms.TextInput(attrs=_CODE_ATTRS),
        help_text=_("For a card: what the payment service calls it. Never the number of the card."),
    )  # fmt: skip
    start_date = _day(_("First day"))
    messages = forms.BooleanField(label=_("All messages to numbers outside the agreement are private"), required=False)
    roaming = forms.BooleanField(label=_("All roaming is private"), required=False)
    data_apn = forms.BooleanField(label=_("Data by the private access point are private"), required=False)
    consent = forms.FileField(
        label=_("Consent document"), required=False, help_text=_("The signed consent, a PDF of up to 3 MB.")
    )

    def __init__(self, *args: Any, known: Enrolment | None = None, **options: Any) -> None:
        """Take what was posted, and what is known."""
        super().__init__(*args, **options)
        if known is None:
            return
        kept = _("%(masked)s is kept. Leave it empty to keep it.")
        for name in ("tax_code", "iban", "card_reference"):
            if getattr(known, name):
                self.fields[name].help_text = kept % {"masked": rules.masked(getattr(known, name))}
        self.fields["tax_code"].required = False
        if known.state != EnrolmentState.ASKED:
            for name in ("start_date", "messages", "roaming", "data_apn"):
                self.fields[name].disabled = True

    def entered(self) -> EnrolmentData:
        """Return what was entered."""
        cleaned = self.cleaned_data
        return EnrolmentData(**{name: cleaned[name] for name in cleaned if name not in {"consent", "number"}})

    def document(self) -> Document | None:
        """Return the consent that was handed in, or None."""
        file: UploadedFile[Any] | None = self.cleaned_data["consent"]
        if file is None:
            return None
        content = file.read(rules.LONGEST_DOCUMENT + 1)
        return Document(name=_shown_name(file.name or ""), content=content)


class AskForm(DataForm):
    """The data of an employee, and the line."""

    number = forms.CharField(
        label=_("Number of the line"), max_length=30, help_text=_("Its present user is the employee who will be asked.")
    )
    field_order = ("number",)


class CorrectionForm(forms.Form):
    """From when to when a signed dual billing counted."""

    active_from = forms.DateField(
        label=_("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    active_to = forms.DateField(
        label=_("First day on which it did not count"), required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, data: Any, *, known: Enrolment) -> None:
        """Take what was posted, and what is to be corrected."""
        zone = ZoneInfo(known.organisation.time_zone)
        days = {
            name: value.astimezone(zone).date() if value else None
            for name, value in (("active_from", known.active_from), ("active_to", known.active_to))
        }
        super().__init__(data, initial=days)
        self.zone, self.known = zone, known
        if known.state != EnrolmentState.ENDED:
            del self.fields["active_to"]

    def instants(self) -> tuple[datetime, datetime | None]:
        """Return the instants: midnights of the customer's zone, but a day that was left alone keeps its instant."""
        since = self._instant("active_from", self.known.active_from)
        assert since is not None  # noqa: S101 - the field is required
        return since, self._instant("active_to", self.known.active_to)

    def _instant(self, name: str, known: datetime | None) -> datetime | None:
        day = self.cleaned_data.get(name)
        if day is None:
            return known if name == "active_from" else None
        if known is not None and known.astimezone(self.zone).date() == day:
            return known
        midnight = datetime.combine(day, time(), self.zone).astimezone(UTC)
        signed = self.known.accepted_at
        same_day = signed is not None and signed.astimezone(self.zone).date() == day
        return max(midnight, signed) if signed is not None and same_day and name == "active_from" else midnight


class CodeForm(forms.Form):
    """The digits of the text message, under the terms."""

    code = forms.CharField(
        label=_("Code"), max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip
    agreed = forms.BooleanField(label=_("I have read the terms and accept them; my data are right."))


def _shown_name(name: str) -> str:
    """Return a file's name without what could mislead whoever sees it (ABUSE F01)."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*')
    return clean[-100:] or "consent.pdf"
