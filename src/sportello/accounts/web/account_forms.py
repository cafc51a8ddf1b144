"""The forms of the own account."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sportello.accounts.web.sign_in_forms import NewPasswordForm

REGIONS = ("Europe/", "Atlantic/", "Africa/Ceuta", "America/", "Asia/", "Australia/", "Pacific/", "Africa/")


class ProfileForm(forms.Form):
    """Name, language, time zone."""

    given_name = forms.CharField(
        label=_("Given name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Family name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    language = forms.ChoiceField(label=_("Language"), help_text=_("Of the pages, and of the messages that you get."))
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Times on the pages are shown in it."))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Fill the choices."""
        super().__init__(*args, **options)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in time_zones()]  # type: ignore[attr-defined]


class ConfirmedForm(forms.Form):
    """A change that asks for the present password again."""

    current_password = forms.CharField(
        label=_("Your present password"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(ConfirmedForm, NewPasswordForm):
    """The present password and a new one."""

    field_order = ("current_password", "password", "again")


class MobileForm(ConfirmedForm):
    """A new mobile number."""

    destination = forms.CharField(
        label=_("New mobile number"),
        max_length=40,
        help_text=_("With its country code, as in +39 312 3456789. We send a code there to see that it is yours."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    field_order = ("destination", "current_password")


class EmailForm(ConfirmedForm):
    """A new e-mail address."""

    destination = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        help_text=_("We send a code there to see that it is yours."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("destination", "current_password")


class AuthenticatorForm(forms.Form):
    """A new authenticator app; the password is asked again unless it was just given."""

    name = forms.CharField(
        label=_("Name of the app or phone"),
        max_length=60,
        required=False,
        help_text=_("So that you recognise it later, such as “Work phone”."),
    )
    current_password = ConfirmedForm.base_fields["current_password"]

    def __init__(self, *args: Any, asks_password: bool, **options: Any) -> None:
        """Drop the password where it was just given."""
        super().__init__(*args, **options)
        if not asks_password:
            del self.fields["current_password"]


def time_zones() -> list[str]:
    """Return the IANA time zones of places, Europe first."""
    places = [zone for zone in available_timezones() if zone.startswith(REGIONS)]
    return sorted(places, key=lambda zone: (next(i for i, each in enumerate(REGIONS) if zone.startswith(each)), zone))
