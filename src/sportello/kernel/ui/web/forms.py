"""A form with a field of every kind, to look at."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

KINDS = (("mobile", _("Mobile")), ("fixed", _("Fixed")), ("data", _("Data")))


class SampleForm(forms.Form):
    """Every kind of field, some with a help text."""

    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), help_text=_("We write here only about this request."))
    kind = forms.ChoiceField(label=_("Kind of line"), choices=KINDS)
    limit = forms.DecimalField(label=_("Limit in EUR"), required=False, decimal_places=2, localize=True)
    starts_on = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    channel = forms.ChoiceField(
        label=_("Tell me by"), choices=(("sms", "SMS"), ("email", _("E-mail"))), widget=forms.RadioSelect
    )
    steps = forms.MultipleChoiceField(
        label=_("Warn at"),
        choices=(("50", "50%"), ("80", "80%"), ("100", "100%")),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    active = forms.BooleanField(label=_("Active at once"), required=False, help_text=_("You can switch it on later."))


class SampleFilter(forms.Form):
    """The filters of a list."""

    q = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(label=_("Kind of line"), choices=(("", _("All")), *KINDS), required=False)


class SampleUpload(forms.Form):
    """A file."""

    file = forms.FileField(label=_("Inventory file"), help_text=_("CSV, XLSX or Parquet, at most 20 MB."))
