"""Forms of organisations. Choices of rows come from queries with the actor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sportello.parties.models import Organisation
from sportello.parties.parts import PartKind
from sportello.parties.rules import Registry
from sportello.parties.states import OrganisationState

COUNTRIES = (("IT", _("Italy")), ("ES", _("Spain")))
TIME_ZONES = (
    ("Europe/Rome", _("Italy (Rome)")),
    ("Europe/Madrid", _("Spain (Madrid)")),
    ("Atlantic/Canary", _("Canary Islands")),
)
Choices = Sequence[tuple[str, str]]


class RegistryForm(forms.Form):
    """What is registered of an organisation."""

    legal_name = forms.CharField(label=_("Legal name"), max_length=200)
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRIES)
    vat_number = forms.CharField(label=_("VAT number"), max_length=20, required=False)
    tax_code = forms.CharField(label=_("Tax code"), max_length=20, required=False)
    public_administration = forms.BooleanField(label=_("Public administration"), required=False)
    ipa_code = forms.CharField(
        label=_("IPA/SdI code"),
        max_length=7,
        required=False,
        help_text=_("Where e-invoices go: six characters (IPA) for a public administration, seven (SdI) for others."),
    )
    province = forms.CharField(label=_("Province"), max_length=4, required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=TIME_ZONES, help_text=_("It decides when a month begins and ends.")
    )
    email = forms.EmailField(label=_("E-mail for messages"), required=False)

    def registry(self) -> Registry:
        """Return what was entered."""
        return Registry(**{name: self.cleaned_data[name] for name in Registry.__dataclass_fields__})


class NewCustomerForm(RegistryForm):
    """A customer to be; the operator chooses its code and the partner it hangs on."""

    code = forms.CharField(
        label=_("Customer code"), max_length=40, required=False, help_text=_("Left empty, the portal makes one.")
    )
    partner = forms.ChoiceField(label=_("Partner"), required=False)

    field_order = ("code", "legal_name", "partner")

    def __init__(self, *args: Any, partners: Choices = (), **options: Any) -> None:
        """Take the partners to choose from; none = a partner's own customer, with neither code nor choice."""
        super().__init__(*args, **options)
        if not partners:
            del self.fields["code"], self.fields["partner"]
            return
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", _("None: a customer of the operator")), *partners]


class NewPartnerForm(RegistryForm):
    """A partner to be."""

    code = forms.CharField(
        label=_("Partner code"), max_length=40, required=False, help_text=_("Left empty, the portal makes one.")
    )

    field_order = ("code",)


class ContactForm(forms.Form):
    """What a customer's administrator changes of the organisation itself."""

    email = forms.EmailField(label=_("E-mail for messages"), required=False)


class MoveForm(forms.Form):
    """Where a customer goes."""

    partner = forms.ChoiceField(label=_("New partner"), required=False)

    def __init__(self, *args: Any, partners: Choices, **options: Any) -> None:
        """Take the partners to choose from."""
        super().__init__(*args, **options)
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", _("None: a customer of the operator")), *partners]


class StateForm(forms.Form):
    """A new state, and why."""

    state = forms.ChoiceField(label=_("State"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("It stays on record."))

    def __init__(self, *args: Any, states: Sequence[OrganisationState], **options: Any) -> None:
        """Take the states that the organisation can go to."""
        super().__init__(*args, **options)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(state.value, STATE_WORDS[state]) for state in states]


STATE_WORDS = {
    OrganisationState.ACTIVE: _("Active: its people work as usual"),
    OrganisationState.READ_ONLY: _("Read only: its people look, and change nothing"),
    OrganisationState.CLOSED: _("Closed: nobody comes in, sessions end at once"),
}


def part_form(kind: PartKind, data: Any = None, *, initial: dict[str, str] | None = None) -> forms.Form:
    """Return the form of a site, cost centre, contact or brand: its model's own texts, nothing else (ABUSE D05)."""
    form = forms.Form(data, initial=initial)
    for name in kind.fields:
        column = kind.model._meta.get_field(name)  # noqa: SLF001 - the documented door to a model's fields
        form.fields[name] = forms.CharField(
            label=_PART_LABELS.get(name, _("Name")),
            max_length=getattr(column, "max_length", None),
            required=name in kind.required,
        )
    return form


_PART_LABELS = {
    "name": _("Name"),
    "code": _("Code"),
    "address": _("Address"),
    "postcode": _("Postcode"),
    "city": _("City"),
    "province": _("Province"),
    "role": _("Role"),
    "email": _("E-mail"),
    "phone": _("Phone"),
}


def registry_initial(organisation: Organisation) -> dict[str, Any]:
    """Return what a registry form begins with."""
    return {name: getattr(organisation, name) for name in Registry.__dataclass_fields__}
