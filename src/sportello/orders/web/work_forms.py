"""What is typed on an order that is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.accounts.models import Person
from sportello.kernel.refusals import InvalidInput
from sportello.orders import rules
from sportello.orders.models import OrderItem
from sportello.orders.states import Effect

WORDS: dict[str, Any] = {
    "number": _("Number"),
    "iccid": _("ICCID of the SIM"),
    "imsi": _("IMSI"),
    "puk": _("PUK"),
    "agreement": _("Agreement"),
    "device": _("Device"),
}


class NoteForm(forms.Form):
    """A few words: an answer, a question, a reason, a note."""

    note = forms.CharField(max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: Any, required: bool = True, **options: Any) -> None:
        """Take what the words are."""
        super().__init__(*args, **options)
        self.fields["note"].label, self.fields["note"].required = label, required


class HandForm(forms.Form):
    """To whom an order is handed over."""

    to = forms.ChoiceField(label=pgettext_lazy("a person", "To"), required=False)
    note = forms.CharField(label=_("Note"), max_length=4_000, required=False)

    def __init__(self, *args: Any, people: Sequence[Person], **options: Any) -> None:
        """Take the people to choose from."""
        super().__init__(*args, **options)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", _("Back to the queue")), *((str(one.pk), one.name) for one in people)]


class ResultForm(forms.Form):
    """What the work on one item brought."""

    def __init__(self, data: Any = None, *, item: OrderItem) -> None:
        """Take the item; it has the fields of its effect."""
        super().__init__(data, prefix=f"item{item.place}")
        self.item = item
        for key, must in rules.SPECS[Effect(item.effect)].brought.items():
            self.fields[key] = forms.CharField(label=WORDS[key], required=must, max_length=80)
        if item.effect == Effect.TAKEOVER and "agreement" in self.fields:
            self.fields["agreement"].help_text = _("Where the new holder is a customer: customer code/agreement code.")

    def result(self) -> dict[str, str]:
        """Return what was typed."""
        return {key: str(value) for key, value in self.cleaned_data.items()}


def chosen_places(given: Sequence[str]) -> list[int] | None:
    """Return the places that were ticked; None for all that are open. Raises `InvalidInput`."""
    if not given:
        return None
    if not all(one.isascii() and one.isdecimal() and len(one) < 7 for one in given):  # noqa: PLR2004 - places have up to four digits
        raise InvalidInput
    return [int(one) for one in given]
