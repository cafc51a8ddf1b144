"""Forms of the operator's set-up of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory.states import LineKind
from sportello.tickets import rules
from sportello.tickets.models import TicketType
from sportello.tickets.states import FieldKind, Priority
from sportello.tickets.types import FormField, Labels, in_words

NAMES = {"it": _("Italian"), "es": _("Spanish"), "en": _("English")}


class TypeForm(forms.Form):
    """What a type is called, and whether tickets are opened of it."""

    name_it = forms.CharField(label=_("Name in Italian"), max_length=60, required=False)
    name_es = forms.CharField(label=_("Name in Spanish"), max_length=60, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=9999, initial=100)
    active = forms.BooleanField(label=_("Tickets are opened of this type"), required=False, initial=True)

    def names(self) -> Labels:
        """Return the names by language."""
        return {
            one: self.cleaned_data[f"name_{one}"].strip() for one in NAMES if self.cleaned_data[f"name_{one}"].strip()
        }


class NewTypeForm(TypeForm):
    """A type to be: its code and prefix stay as they are afterwards."""

    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("Capital letters, digits, hyphens."))
    code_prefix = forms.CharField(
        label=_("Prefix of its codes"), max_length=10, help_text=_("“XDSL” makes TCKXDSL0000001. It never changes.")
    )
    field_order = ("code", "code_prefix")


class QuestionForm(forms.Form):
    """One question of a form, in three languages."""

    key = forms.CharField(
        label=_("Key"), max_length=40, required=False, help_text=_("Left empty, it is made from the words.")
    )
    kind = forms.ChoiceField(label=_("Asks for"), choices=FieldKind.choices)
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    label_it = forms.CharField(label=_("Question in Italian"), max_length=120, required=False)
    label_es = forms.CharField(label=_("Question in Spanish"), max_length=120, required=False)
    label_en = forms.CharField(label=_("Question in English"), max_length=120, required=False)
    help_it = forms.CharField(label=_("Help in Italian"), max_length=200, required=False)
    help_es = forms.CharField(label=_("Help in Spanish"), max_length=200, required=False)
    help_en = forms.CharField(label=_("Help in English"), max_length=200, required=False)
    choices = forms.CharField(
        label=_("Answers to choose from"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line: code | English | Italian | Spanish"),
    )
    lines = forms.MultipleChoiceField(
        label=_("Lines to choose a contract from"),
        choices=LineKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was asked."""
        return not any(self.cleaned_data.get(f"label_{one}", "").strip() for one in NAMES)

    def question(self) -> FormField:
        """Return the question that was written."""
        given = self.cleaned_data
        labels = {one: given[f"label_{one}"].strip() for one in NAMES if given[f"label_{one}"].strip()}
        helps = {one: given[f"help_{one}"].strip() for one in NAMES if given[f"help_{one}"].strip()}
        first = labels.get("en") or next(iter(labels.values()), "")
        return FormField(
            key=given["key"].strip() or slugify(first).replace("-", "_")[:40],
            kind=FieldKind(given["kind"]),
            label=labels,
            help=helps,
            required=given["required"],
            choices=rules.read_choices(given["choices"]) if given["kind"] == FieldKind.CHOICE else (),
            lines=tuple(given["lines"]) if given["kind"] == FieldKind.CONTRACT else (),
        )


QuestionForms = forms.formset_factory(QuestionForm, extra=2, can_delete=True, can_order=True, max_num=60)


def questions_of(fields: Sequence[FormField]) -> list[dict[str, Any]]:
    """Return questions as the forms begin with them."""
    return [
        {
            "shown": in_words(one.label),
            "key": one.key,
            "kind": one.kind.value,
            "required": one.required,
            "choices": rules.written_choices(one.choices),
            "lines": list(one.lines),
            **{f"label_{language}": one.label.get(language, "") for language in NAMES},
            **{f"help_{language}": one.help.get(language, "") for language in NAMES},
        }
        for one in fields
    ]


class GroupForm(forms.Form):
    """A group of the operator's people."""

    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=_("Without a name the group is dissolved.")
    )
    people = forms.MultipleChoiceField(label=_("People"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Sequence[Person], **options: Any) -> None:
        """Take the people to choose from."""
        super().__init__(*args, **options)
        field = self.fields["people"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(str(one.pk), one.name) for one in people]


class AnswerForm(forms.Form):
    """A saved answer."""

    title = forms.CharField(label=_("Title"), max_length=80)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "{code}, {customer}, {contact} and {author} stand for the ticket's own words. Without a text the answer is removed."
        ),
    )


class FeedbackWishForm(forms.Form):
    """Whether people are asked at the end of tickets."""

    asks = forms.BooleanField(
        label=_("Ask how satisfied they are"),
        required=False,
        help_text=_("Partner and customer are asked by mail once a ticket is resolved or closed."),
    )
    days = forms.IntegerField(
        label=_("Days for an answer"),
        min_value=1,
        max_value=rules.MOST_DAYS,
        help_text=_("So long an answer can be given and changed."),
    )


class LevelsForm(forms.Form):
    """Service levels of a type in hours of working time, by priority."""

    kind = forms.ChoiceField(label=_("Type"), required=False)

    def __init__(self, *args: Any, types: Sequence[TicketType], **options: Any) -> None:
        """Take the types to choose from."""
        super().__init__(*args, **options)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", _("All types without their own")), *((str(one.pk), str(one)) for one in types)]
        for priority in Priority:
            for what, label in (("answer", _("First answer")), ("resolution", _("Resolution"))):
                self.fields[f"{what}_{priority.value}"] = forms.DecimalField(
                    label=label, min_value=0, max_value=2160, decimal_places=2, required=False, localize=True
                )

    @property
    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return each priority with its two fields."""
        return [(str(one.label), self[f"answer_{one.value}"], self[f"resolution_{one.value}"]) for one in Priority]

    def minutes(self) -> dict[Priority, tuple[int, int] | None]:
        """Return minutes by priority; nothing where both fields are empty."""
        found: dict[Priority, tuple[int, int] | None] = {}
        for one in Priority:
            pair = [self.cleaned_data.get(f"{what}_{one.value}") for what in ("answer", "resolution")]
            found[one] = (int((pair[0] or 0) * 60), int((pair[1] or 0) * 60)) if any(pair) else None
        return found
