"""Forms of tickets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.kernel import phones
from sportello.kernel.crypto import new_token
from sportello.kernel.refusals import InvalidInput
from sportello.tickets.models import TicketForm, TicketGroup
from sportello.tickets.rules.opening import LONGEST_LINE, LONGEST_TEXT
from sportello.tickets.states import FieldKind, Happening, Priority
from sportello.tickets.types import Callback, Contract, FormField, NewFile, in_words

Choices = Iterable[tuple[str, Any]]
PREFIX = "answer_"
AS_WHAT = (("answer", _("Answer to all")), ("note", _("Internal note")), ("supplier", _("What the supplier said")))


class ManyFiles(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A field of any number of files; its value is a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files; what each may be is for the rules."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given if one]


class WithKey(forms.Form):
    """A form that says which one it is, so that sending it twice does nothing twice."""

    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give a new form its key."""
        super().__init__(*args, **options)
        self.initial.setdefault("key", new_token())

    def files_given(self) -> list[NewFile]:
        """Return the files handed in."""
        return [
            NewFile(name=one.name or "", content=one.read(), content_type=one.content_type or "")
            for one in self.cleaned_data.get("attachments") or ()
        ]


class OpeningForm(WithKey):
    """A new ticket: the type's questions stand between subject and text, in the order of the source's form."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    contact_name = forms.CharField(label=_("Person to call back"), max_length=120)
    contact_phone = forms.CharField(
        label=_("Direct number"),
        max_length=30,
        help_text=_("A mobile if possible."),
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    text = forms.CharField(label=_("Text"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 7}))
    attachments = FilesField(
        label=_("Files"), required=False, help_text=_("A screenshot, a SIP trace, anything that helps.")
    )
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    shown = forms.BooleanField(
        label=_("Visible to the end customer"),
        required=False,
        help_text=_("Counts once the operator has made the ticket visible."),
    )

    def __init__(
        self,
        *args: Any,
        asked: TicketForm,
        contracts: Mapping[str, Contract],
        operator: bool,
        country: str,
        **options: Any,
    ) -> None:
        """Take the form of the type, the contracts to choose from, and whether its reader is the operator."""
        super().__init__(*args, **options)
        self.country = country
        self.initial["version"] = asked.version
        self.questions = asked.questions
        for question in self.questions:
            self.fields[f"{PREFIX}{question.key}"] = question_field(question, contracts)
        if not operator:
            del self.fields["priority"]

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        """Return the fields of the type's questions."""
        return [self[f"{PREFIX}{question.key}"] for question in self.questions]

    def answers(self) -> dict[str, Any]:
        """Return the answers by the keys of their questions."""
        return {question.key: self.cleaned_data.get(f"{PREFIX}{question.key}") for question in self.questions}

    def clean_contact_phone(self) -> str:
        """Return the number as it is dialled from anywhere."""
        try:
            return phones.normalise(self.cleaned_data["contact_phone"], self.country)
        except InvalidInput as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def contact(self) -> Callback:
        """Return the person to call back."""
        return Callback(name=self.cleaned_data["contact_name"], phone=self.cleaned_data["contact_phone"])


def question_field(question: FormField, contracts: Mapping[str, Contract]) -> forms.Field:
    """Return the field of a question."""
    said: dict[str, Any] = {
        "label": in_words(question.label),
        "help_text": in_words(question.help),
        "required": question.required,
    }
    none = [("", "\N{EM DASH}")]
    if question.kind is FieldKind.CHOICE:
        return forms.ChoiceField(
            choices=[*none, *((code, in_words(labels)) for code, labels in question.choices)], **said
        )
    if question.kind is FieldKind.CONTRACT:
        return forms.ChoiceField(choices=[*none, *((one.value, one.shown) for one in contracts.values())], **said)
    if question.kind is FieldKind.LONG_TEXT:
        return forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **said)
    kinds = {FieldKind.PHONE: {"type": "tel"}, FieldKind.IMEI: {"inputmode": "numeric"}}
    return forms.CharField(max_length=LONGEST_LINE, widget=forms.TextInput(attrs=kinds.get(question.kind, {})), **said)


class WritingForm(WithKey):
    """A new entry. `seen` is the last entry that its writer had before their eyes."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Text"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    attachments = FilesField(label=_("Files"), required=False)
    shown = forms.BooleanField(label=_("Visible to the end customer"), required=False)
    as_what = forms.ChoiceField(
        label=_("As"),
        choices=AS_WHAT,
        widget=forms.RadioSelect,
        initial="answer",
    )

    def __init__(self, *args: Any, operator: bool, may_show: bool, **options: Any) -> None:
        """Take whether the writer is the operator, and whether the entry could be shown to the customer."""
        super().__init__(*args, **options)
        if not operator:
            del self.fields["as_what"]
        if not may_show:
            del self.fields["shown"]


class WorkForm(forms.Form):
    """What the operator sets on a ticket: priority, assignment, tags."""

    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices)
    assignee = forms.ChoiceField(label=_("Person"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=400,
        help_text=_("Separated by commas. Only the operator sees them."),
    )

    def __init__(self, *args: Any, people: Sequence[Person], groups: Sequence[TicketGroup], **options: Any) -> None:
        """Take the people and groups to choose from."""
        super().__init__(*args, **options)
        none = ("", _("Nobody"))
        _choose(self, "assignee", [none, *((str(one.pk), one.name) for one in people)])
        _choose(self, "group", [("", _("None")), *((str(one.pk), one.name) for one in groups)])
        if not groups:
            del self.fields["group"]


class OtherTicketForm(forms.Form):
    """Another ticket, by its code."""

    other = forms.CharField(label=_("Code of the other ticket"), max_length=24)


class HappeningsForm(forms.Form):
    """What an organisation is mailed about."""

    happenings = forms.MultipleChoiceField(
        label=_("Send an e-mail when"), choices=Happening.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, operator: bool, **options: Any) -> None:
        """Take whether it is the operator that chooses: it asks, and is not asked."""
        super().__init__(*args, **options)
        if operator:
            _choose(self, "happenings", [one for one in Happening.choices if one[0] != Happening.ASKED])


class AddressForm(forms.Form):
    """Where an organisation is told of its tickets."""

    email = forms.EmailField(
        label=_("Address for tickets"),
        required=False,
        help_text=_("A link is sent there; the address counts once somebody has opened it and confirmed."),
    )


def _choose(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField | forms.MultipleChoiceField)  # noqa: S101 - for the type checker
    field.choices = list(choices)
