"""What people type to ask for something: the questions of a type as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sportello.kernel.crypto import new_token
from sportello.orders import queries, rules
from sportello.orders.models import OrderForm
from sportello.orders.operations.drafting import MOST_ROWS
from sportello.orders.rules.answers import LOOKED_UP, NO, YES
from sportello.orders.states import Effect, FieldKind, Subject
from sportello.orders.types import HandedIn, Question, in_words

PREFIX = "answer_"
NONE = ("", "\N{EM DASH}")
_ATTRS: dict[FieldKind, dict[str, str]] = {
    FieldKind.PHONE: {"type": "tel"},
    FieldKind.EMAIL: {"type": "email"},
    FieldKind.ICCID: {"inputmode": "numeric"},
    FieldKind.TAX_CODE: {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    FieldKind.IBAN: {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    FieldKind.DAY: {"type": "date"},
}


class AnswersForm(forms.Form):
    """The answers that hold for all items of an order. `kept` are the names of documents handed in before."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, asked: OrderForm, lookups: queries.Lookups, kept: dict[str, str], **options: Any
    ) -> None:
        """Take the form of the type, what can be chosen, and what is there already."""
        super().__init__(*args, **options)
        self.initial.setdefault("key", new_token())
        self.questions = asked.questions
        spec = rules.SPECS[Effect(asked.effect)]
        if spec.subject is Subject.NEW and "number" not in spec.asked:
            self.fields["quantity"] = forms.IntegerField(
                label=_("How many"), min_value=1, max_value=MOST_ROWS, initial=1
            )
        for question in self.questions:
            self.fields[PREFIX + question.key] = _field(question, lookups, kept)

    def answers(self) -> dict[str, str]:
        """Return the answers in text, by the keys of their questions; documents apart."""
        read = {
            one.key: self.cleaned_data.get(PREFIX + one.key) for one in self.questions if one.kind is not FieldKind.FILE
        }
        return {key: str(value) for key, value in read.items() if value not in {None, ""}}

    def documents(self) -> dict[str, HandedIn]:
        """Return the documents handed in now."""
        given = {
            one.key: self.cleaned_data.get(PREFIX + one.key) for one in self.questions if one.kind is FieldKind.FILE
        }
        limit = rules.LONGEST_FILE + 1
        return {key: HandedIn(name=one.name or "", content=one.read(limit)) for key, one in given.items() if one}

    def count(self) -> int:
        """Return how many lines are wanted."""
        return int(self.cleaned_data.get("quantity") or 1)


def initial_of(answers: dict[str, str], count: int) -> dict[str, Any]:
    """Return what a form begins with, of answers that were given before."""
    return {PREFIX + key: value for key, value in answers.items()} | {"quantity": count}


def _field(question: Question, lookups: queries.Lookups, kept: dict[str, str]) -> forms.Field:
    kind = question.kind
    said: dict[str, Any] = {
        "label": in_words(question.label),
        "help_text": in_words(question.help),
        "required": question.required,
    }
    if kind is FieldKind.FILE:
        if question.key in kept:
            said |= {"required": False, "help_text": _("%(name)s is kept.") % {"name": kept[question.key]}}
        return forms.FileField(**said)
    if kind is FieldKind.CHOICE:
        return forms.ChoiceField(
            choices=[NONE, *((code, in_words(labels)) for code, labels in question.choices)], **said
        )
    if kind is FieldKind.YES_NO:
        return forms.ChoiceField(choices=[NONE, (YES, _("Yes")), (NO, _("No"))], **said)
    if kind in LOOKED_UP and kind is not FieldKind.PERSON:
        return forms.ChoiceField(choices=[NONE, *lookups.choices(kind).items()], **said)
    if kind is FieldKind.LONG_TEXT:
        return forms.CharField(max_length=rules.LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **said)
    return forms.CharField(max_length=rules.LONGEST_LINE, widget=forms.TextInput(attrs=_ATTRS.get(kind, {})), **said)


class CustomerForm(forms.Form):
    """For which customer, by who reaches several."""

    customer = forms.CharField(label=_("Customer code"), max_length=40)


class CodeForm(forms.Form):
    """The code that proves a number."""

    number = forms.CharField(max_length=20, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class OptionsForm(forms.Form):
    """What a customer chooses about its orders."""

    approval = forms.BooleanField(
        label=_("A second administrator approves each order before it is sent"),
        required=False,
        help_text=_("You can switch it on; to switch it off, ask the operator."),
    )
