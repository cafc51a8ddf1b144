"""Forms of the operator's set-up of orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Profile
from sportello.kernel.refusals import InvalidInput
from sportello.orders import queries, rules
from sportello.orders.models import OrderForm, OrderQueue
from sportello.orders.states import Check, Effect, FieldKind
from sportello.orders.types import LANGUAGES, Labels, Question, in_words


class NamesForm(forms.Form):
    """A name in three languages."""

    name_it = forms.CharField(label=_("Name in Italian"), max_length=60)
    name_es = forms.CharField(label=_("Name in Spanish"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60)

    def names(self) -> Labels:
        """Return the names by language."""
        return {one: self.cleaned_data[f"name_{one}"].strip() for one in LANGUAGES}


class NewTypeForm(NamesForm):
    """A type to be: its code stays as it is afterwards."""

    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("Capital letters, digits, hyphens."))
    effect = forms.ChoiceField(label=_("What its completion does"), choices=Effect.choices)
    queue = forms.ChoiceField(label=_("Queue"))
    field_order = ("code",)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take the queues to choose from."""
        super().__init__(*args, **options)
        _choose(self, "queue", [(one.code, str(one)) for one in queries.queues()])


class TypeForm(NamesForm):
    """What a type is called, what it does, who asks and who works on it."""

    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=9999)
    active = forms.BooleanField(label=_("Can be asked for"), required=False)
    effect = forms.ChoiceField(label=_("What its completion does"), choices=Effect.choices)
    queue = forms.ChoiceField(label=_("Queue"))
    expected_days = forms.IntegerField(label=_("Expected working days"), min_value=0, max_value=250)
    checks = forms.MultipleChoiceField(
        label=_("Checks"), choices=Check.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    asked_by = forms.MultipleChoiceField(label=_("Who may ask"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any, *, known: OrderForm) -> None:
        """Take what was posted, and the newest version of the type."""
        names = {f"name_{one}": known.type.names.get(one, "") for one in LANGUAGES}
        facts = {name: getattr(known, name) for name in ("effect", "expected_days", "checks", "asked_by")}
        own = {"position": known.type.position, "active": known.type.active, "queue": known.queue.code}
        super().__init__(data, initial=names | facts | own)
        _choose(self, "queue", [(one.code, str(one)) for one in queries.queues()])
        _choose(self, "asked_by", [(one.value, str(one.label)) for one in Profile if one in rules.ASKERS])


class QueueForm(NamesForm):
    """A queue; its code stays as it is afterwards."""

    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("Capital letters, digits, hyphens."))
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=9999)
    field_order = ("code",)

    def __init__(self, data: Any, *, known: OrderQueue | None) -> None:
        """Take what was posted, and what is known."""
        initial: dict[str, Any] = {"position": 100}
        if known is not None:
            names = {f"name_{one}": known.names.get(one, "") for one in LANGUAGES}
            initial = names | {"code": known.code, "position": known.position}
        super().__init__(data, initial=initial)
        self.fields["code"].disabled = known is not None


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

    def clean_choices(self) -> str:
        """Refuse answers that cannot be read, where they stand."""
        text = str(self.cleaned_data["choices"])
        try:
            rules.read_choices(text)
        except InvalidInput as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        return text

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was asked."""
        return not any(self.cleaned_data.get(f"label_{one}", "").strip() for one in LANGUAGES)

    def question(self) -> Question:
        """Return the question that was written."""
        given = self.cleaned_data
        labels = {one: given[f"label_{one}"].strip() for one in LANGUAGES if given[f"label_{one}"].strip()}
        helps = {one: given[f"help_{one}"].strip() for one in LANGUAGES if given[f"help_{one}"].strip()}
        first = labels.get("en") or next(iter(labels.values()), "")
        return Question(
            key=given["key"].strip() or slugify(first).replace("-", "_")[:40],
            kind=FieldKind(given["kind"]),
            label=labels,
            help=helps,
            required=given["required"],
            choices=tuple(rules.read_choices(given["choices"])) if given["kind"] == FieldKind.CHOICE else (),
        )


QuestionForms = forms.formset_factory(QuestionForm, extra=2, can_delete=True, can_order=True, max_num=60)


def questions_of(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return questions as the forms begin with them."""
    return [
        {
            "shown": in_words(one.label),
            "key": one.key,
            "kind": one.kind.value,
            "required": one.required,
            "choices": rules.written_choices(one.choices),
            **{f"label_{language}": one.label.get(language, "") for language in LANGUAGES},
            **{f"help_{language}": one.help.get(language, "") for language in LANGUAGES},
        }
        for one in questions
    ]


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
    field.choices = choices
