"""Forms of bills."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MultipleFiles(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A field of one or more files; its value is a list."""

    widget = MultipleFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files, each checked as one."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class BillFilesForm(forms.Form):
    """Files of bills and messages of SdI."""

    documents = FilesField(label=_("Bills or SdI messages"), help_text=_("XML or .p7m, up to 50 files of 10 MB."))

    def clean_documents(self) -> list[Any]:
        """Bound how many come at once."""
        files: list[Any] = self.cleaned_data["documents"]
        if len(files) > 50:  # noqa: PLR2004 - a request is no batch
            raise forms.ValidationError(_("Hand in 50 files at most; more go by the drop folder or the command."))
        return files


class AssignForm(forms.Form):
    """Whose a waiting file is, and why."""

    customer = forms.CharField(
        label=_("Customer"),
        max_length=200,
        help_text=_("Write a part of the name, the VAT number or the code, and choose."),
        widget=forms.TextInput(
            attrs={
                "list": "customers-found",
                "autocomplete": "off",
                "hx-get": "",
                "hx-trigger": "input changed delay:250ms",
                "hx-target": "#customers-found",
                "hx-swap": "outerHTML",
            }
        ),
    )
    why = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    beside = forms.BooleanField(
        label=_("Take it beside the bill that has its number"),
        required=False,
        help_text=_("SdI refuses a second document of the same number (00404), unless it discarded the first."),
    )

    def __init__(self, data: Any = None, *, number_taken: bool = False) -> None:
        """Ask about the number only where it is, or may turn out to be, taken."""
        super().__init__(data)
        if data is None and not number_taken:
            del self.fields["beside"]


class DisputeForm(forms.Form):
    """What is wrong with a line."""

    reason = forms.CharField(label=_("What is wrong?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))


class ArchiveForm(forms.Form):
    """The days of an archive."""

    first = forms.DateField(label=_("Issued from"), widget=DAY)
    last = forms.DateField(label=_("to"), widget=DAY)


class PaymentForm(forms.Form):
    """Money that came in."""

    reference = forms.CharField(
        label=_("Reference"), max_length=60, help_text=_("Of the bank or of your books: it counts once.")
    )
    amount = forms.DecimalField(label=_("Amount in EUR"), max_digits=14, decimal_places=2, localize=True)
    paid_date = forms.DateField(label=_("Day"), widget=DAY)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class ReversalForm(forms.Form):
    """A payment that is taken back."""

    reference = forms.CharField(label=_("Reference of the reversal"), max_length=60)
    paid_date = forms.DateField(label=_("Day"), widget=DAY)
    note = forms.CharField(label=_("Why"), max_length=200)


class RunForm(forms.Form):
    """The month of a bill run."""

    month = forms.CharField(
        label=_("Month"),
        widget=forms.DateInput(attrs={"type": "month"}),
        help_text=_("A month that is over, like 2026-03."),
    )
