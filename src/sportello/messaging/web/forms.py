"""The forms of messaging."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.messaging.catalogue import ALWAYS_TOLD, IN_THE_PORTAL, TEMPLATES
from sportello.messaging.models import QuietHours
from sportello.messaging.rendering import Wording
from sportello.messaging.states import ALWAYS_ON, Channel, Kind
from sportello.messaging.types import Way


class WordingForm(forms.Form):
    """The operator's own text of one message."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(
        label=_("Text"),
        max_length=10_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "true"}),
    )

    def __init__(self, *args: Any, channel: str, **options: Any) -> None:
        super().__init__(*args, **options)
        if channel == Channel.SMS:
            del self.fields["subject"]

    def wording(self) -> Wording:
        """Return what was typed, lines ended as everywhere else."""
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        return Wording(self.cleaned_data.get("subject", "").strip(), text)


class AnswerForm(forms.Form):
    """What a reader of the demo's mailbox answers."""

    text = forms.CharField(label=_("Your answer"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 6}))


def choosable() -> list[tuple[Kind, Way]]:
    """Return the pairs that a person can switch off: kinds that may be, on the channels that their messages use, and in the portal."""
    pairs = {(template.kind, Way(channel)) for template in TEMPLATES.values() for channel in template.channels}
    pairs |= {(kind, Way.PORTAL) for kind in IN_THE_PORTAL}
    return [(kind, way) for kind in Kind for way in Way if (kind, way) in pairs and kind not in ALWAYS_ON]


class PreferencesForm(forms.Form):
    """What a person wants to be told, and when the phone stays silent."""

    quiet_from = forms.TimeField(
        label=_("Silent from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=_("Silent until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_(
            "Texts wait until then. One-time codes, security notices, bars and the roaming safeguard always come at once."
        ),
    )

    def __init__(self, *args: Any, unwanted: set[tuple[str, str]], hours: QuietHours | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["quiet_from"].initial = hours.starts if hours else None
        self.fields["quiet_to"].initial = hours.ends if hours else None
        for kind, channel in choosable():
            wanted = (kind.value, channel.value) not in unwanted
            self.fields[_name(kind, channel)] = forms.BooleanField(label=channel.label, required=False, initial=wanted)

    @property
    def kinds(self) -> list[tuple[str, list[forms.BoundField], str | Promise]]:
        """Return each kind with its check boxes, and what of it is told though they are off."""
        found: dict[Kind, list[forms.BoundField]] = {}
        for kind, channel in choosable():
            found.setdefault(kind, []).append(self[_name(kind, channel)])
        return [(str(kind.label), boxes, ALWAYS_TOLD.get(kind, "")) for kind, boxes in found.items()]

    def unwanted(self) -> set[tuple[Kind, Way]]:
        """Return what was switched off."""
        return {(kind, channel) for kind, channel in choosable() if not self.cleaned_data[_name(kind, channel)]}


def _name(kind: Kind, channel: Way) -> str:
    return f"{kind.value}_{channel.value}"
