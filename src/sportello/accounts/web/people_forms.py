"""Forms of people and profiles. Choices of rows come from queries with the actor (ABUSE C06)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.accounts.rules.people import NO_PROFILE, PersonData, read_mobile
from sportello.kernel.access import Profile
from sportello.kernel.refusals import InvalidInput

LANGUAGES = (("it", _("Italian")), ("es", _("Spanish")), ("en", _("English")))
Choices = Sequence[tuple[str, str]]


class OrganisationForm(forms.Form):
    """Where a new person belongs."""

    organisation = forms.ChoiceField(label=_("Organisation"))

    def __init__(self, *args: Any, choices: Choices, **options: Any) -> None:
        """Take the organisations in reach."""
        super().__init__(*args, **options)
        _choose(self.fields["organisation"], [("", _("Choose")), *choices])


class PersonForm(forms.Form):
    """What is kept of a person."""

    given_name = forms.CharField(label=_("Given name"), max_length=80)
    family_name = forms.CharField(label=_("Family name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("The invitation goes here."))
    mobile = forms.CharField(
        label=_("Mobile"), max_length=30, required=False, help_text=_("One-time codes go here, once it is proved.")
    )
    code = forms.CharField(
        label=_("Person code"), max_length=40, required=False, help_text=_("Your own: the key of the people file.")
    )
    cost_centre = forms.ChoiceField(label=_("Cost centre"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def __init__(self, *args: Any, cost_centres: Choices, **options: Any) -> None:
        """Take the cost centres of the person's organisation."""
        super().__init__(*args, **options)
        _choose(self.fields["cost_centre"], [("", _("None")), *cost_centres])

    def clean_mobile(self) -> str:
        """Refuse what is no mobile number together with what is wrong elsewhere; a number that stands already is not examined again."""
        text: str = self.cleaned_data["mobile"]
        try:
            return text if text == self.initial.get("mobile") else read_mobile(text)
        except InvalidInput as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def data_of_person(self) -> PersonData:
        """Return what was entered."""
        return PersonData(**{name: self.cleaned_data[name] for name in PersonData.__dataclass_fields__})


class EditPersonForm(PersonForm):
    """What is kept of a person, with what the page showed when it was opened: somebody else may have changed it since."""

    shown = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, initial: dict[str, Any], **options: Any) -> None:
        """Take what stands now."""
        super().__init__(*args, initial={**initial, "shown": initial}, **options)

    def changed_by_reader(self) -> frozenset[str]:
        """Return the fields that differ from what the page showed; without word of what it showed, all of them."""
        shown = self.cleaned_data["shown"]
        before = shown if isinstance(shown, dict) else {}
        names = self.cleaned_data.keys() - {"shown"}
        return frozenset(name for name in names if name not in before or before[name] != self.cleaned_data[name])


class NewPersonForm(PersonForm):
    """A person to be, with profiles and an invitation."""

    profiles = forms.MultipleChoiceField(label=_("Profiles"), required=False, widget=forms.CheckboxSelectMultiple)
    invite = forms.BooleanField(
        label=_("Send the invitation now"),
        required=False,
        help_text=_("The person sets a password and proves the mobile."),
    )

    def __init__(self, *args: Any, profiles: Iterable[Profile], **options: Any) -> None:
        """Take the profiles that the actor may hand out."""
        super().__init__(*args, **options)
        _choose(self.fields["profiles"], profile_choices(profiles))

    def chosen_profiles(self) -> list[Profile]:
        """Return the profiles that were ticked."""
        return [Profile(name) for name in self.cleaned_data["profiles"]]

    def clean(self) -> dict[str, Any]:
        """Ask for an address and a profile when the invitation goes out now."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("invite") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("The invitation needs an e-mail address."))
        if cleaned.get("invite") and not cleaned.get("profiles") and "profiles" not in self.errors:
            self.add_error("profiles", NO_PROFILE)
        return cleaned


class GrantForm(forms.Form):
    """A profile to give; staff may give one in another organisation of their reach."""

    profile = forms.ChoiceField(label=_("Profile"))
    organisation = forms.CharField(
        label=_("In the organisation (code)"), max_length=40, required=False, help_text=_("Empty: the person's own.")
    )

    def __init__(self, *args: Any, profiles: Iterable[Profile], elsewhere: bool, **options: Any) -> None:
        """Take the profiles, and whether the actor reaches other organisations."""
        super().__init__(*args, **options)
        _choose(self.fields["profile"], profile_choices(profiles))
        if not elsewhere:
            del self.fields["organisation"]


class ViewAsForm(forms.Form):
    """Why staff look at the portal as somebody else."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("It stays on the customer's record and on yours.")
    )


def profile_choices(profiles: Iterable[Profile]) -> list[tuple[str, Any]]:
    """Return profiles as choices, in the order of the matrix."""
    wanted = set(profiles)
    return [(profile.value, profile.label) for profile in Profile if profile in wanted]


def person_initial(person: Person) -> dict[str, Any]:
    """Return what the form of a person begins with."""
    columns: dict[str, Any] = {name: getattr(person, name) for name in PersonData.__dataclass_fields__}
    return columns | {"cost_centre": str(person.cost_centre_id or "")}


def _choose(field: forms.Field, choices: Iterable[tuple[str, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
    field.choices = list(choices)
