"""The forms of thresholds: what is typed, made into terms by the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sportello.kernel.money import from_units
from sportello.kernel.ui import formats
from sportello.thresholds import rules
from sportello.thresholds.models import Threshold
from sportello.thresholds.states import DEFAULT_STEPS, Kind, Measure, Period, Traffic, Zone
from sportello.thresholds.types import Terms

WATCHED: Final[dict[str, tuple[Traffic, Measure, str]]] = {
    "all:eur": (Traffic.ALL, Measure.AMOUNT, "eur"),
    "data:eur": (Traffic.DATA, Measure.AMOUNT, "eur"),
    "voice:eur": (Traffic.VOICE, Measure.AMOUNT, "eur"),
    "sms:eur": (Traffic.SMS, Measure.AMOUNT, "eur"),
    "data:GB": (Traffic.DATA, Measure.VOLUME, "GB"),
    "data:MB": (Traffic.DATA, Measure.VOLUME, "MB"),
    "voice:min": (Traffic.VOICE, Measure.MINUTES, "min"),
    "sms:count": (Traffic.SMS, Measure.MESSAGES, ""),
}
"""What can be watched, with the unit that the limit is typed in: no choice that does not fit another."""

WATCH_CHOICES: Final = [
    (_("In euro, net of VAT"), [
        ("all:eur", _("All traffic, in euro")),
        ("data:eur", _("Data, in euro")),
        ("voice:eur", _("Voice, in euro")),
        ("sms:eur", _("Messages, in euro")),
    ]),
    (_("By quantity"), [
        ("data:GB", _("Data, in GB")),
        ("data:MB", _("Data, in MB")),
        ("voice:min", _("Voice, in minutes")),
        ("sms:count", _("Messages, by number")),
    ]),
]  # fmt: skip

KINDS: Final = [
    (Kind.INFORMATIONAL, _("Tell only")),
    (Kind.ENFORCING, _("Tell, and bar the traffic")),
]
LARGEST_TEXT: Final = 40


class StepsField(forms.CharField):
    """Warning steps as a person writes them: `50, 80, 100`."""

    def __init__(self, **options: Any) -> None:
        """Take a field's options."""
        super().__init__(
            label=_("Warn at (% of the limit)"),
            help_text=_("Percentages in ascending order. Each is told once in a period."),
            max_length=80,
            **options,
        )


class ThresholdForm(forms.Form):
    """A new threshold. An employee's form has no choice of kind: what else than an informational one is posted, the rules refuse."""

    watch = forms.ChoiceField(label=_("What to watch"), choices=WATCH_CHOICES)
    zone = forms.ChoiceField(label=_("Where"), choices=Zone.choices, initial=Zone.ANY)
    limit = forms.CharField(
        label=_("Limit per period"),
        help_text=_("In the unit chosen above: 10 or 10.50."),
        max_length=LARGEST_TEXT,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    steps = StepsField(initial=", ".join(map(str, DEFAULT_STEPS)))
    period = forms.ChoiceField(label=_("Period"), choices=Period.choices, initial=Period.MONTH, required=False)
    kind = forms.ChoiceField(
        label=_("When the limit is reached"), choices=KINDS, initial=Kind.INFORMATIONAL, required=False
    )

    def __init__(self, data: Any = None, *, own: bool = False, **options: Any) -> None:
        """Take what was posted; `own`: an employee's form."""
        super().__init__(data, **options)
        if own:
            self.fields["kind"] = forms.CharField(
                required=False, initial=Kind.INFORMATIONAL, max_length=20, widget=forms.HiddenInput
            )

    def terms(self) -> Terms:
        """Return the terms that were typed. Raises `InvalidInput` with the field."""
        typed = self.cleaned_data
        traffic, measure, unit = WATCHED[typed["watch"]]
        return Terms(
            traffic_type=traffic,
            measure=measure,
            zone=typed["zone"],
            limit=rules.limit_units(typed["limit"], measure=measure, unit=unit, language=_language()),
            steps=rules.parse_steps(typed["steps"]),
            period=typed["period"] or Period.MONTH,
            kind=typed["kind"] or Kind.INFORMATIONAL,
        )


class ChangeForm(forms.Form):
    """The limit and the steps of a threshold; `revision` is what the person saw."""

    limit = forms.CharField(
        max_length=LARGEST_TEXT, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    steps = StepsField()
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Any, threshold: Threshold) -> None:
        """Take what was posted and the threshold as it stands."""
        self.threshold = threshold
        text, self.unit = typed_limit(threshold)
        steps = ", ".join(map(str, threshold.steps))
        super().__init__(data, initial={"limit": text, "steps": steps, "revision": threshold.revision})
        self.fields["limit"].label = _LIMIT_IN[self.unit]

    def limit_units(self) -> int:
        """Return the limit in whole units. Raises `InvalidInput` on `limit`."""
        measure, text = self.threshold.measure, self.cleaned_data["limit"]
        return rules.limit_units(text, measure=measure, unit=self.unit, language=_language())

    def chosen_steps(self) -> tuple[int, ...]:
        """Return the steps. Raises `InvalidInput` on `steps`."""
        return rules.parse_steps(self.cleaned_data["steps"])


class LimitForm(forms.Form):
    """One limit for many thresholds of one measure, in its unit."""

    limit = forms.CharField(
        label=_("Limit per period"),
        max_length=LARGEST_TEXT,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, data: Any, measures: set[str]) -> None:
        """Take what was posted, and the measures of the chosen thresholds."""
        super().__init__(data)
        self.measures = measures
        if len(measures) == 1:
            self.fields["limit"].label = _LIMIT_IN[_UNIT_OF[Measure(next(iter(measures)))]]

    def terms(self) -> dict[str, Any]:
        """Return the limit in whole units of its measure. Raises `InvalidInput` on `limit`."""
        measure = Measure(rules.only_measure(self.measures))
        unit = _UNIT_OF[measure]
        limit = rules.limit_units(self.cleaned_data["limit"], measure=measure, unit=unit, language=_language())
        rules.check_limit(measure, limit)
        return {"limit": limit, "measure": measure.value}


class FindLineForm(forms.Form):
    """Which line to watch."""

    q = forms.CharField(
        label=_("Number or holder of the line"),
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


_UNIT_OF: Final = {Measure.AMOUNT: "eur", Measure.VOLUME: "GB", Measure.MINUTES: "min", Measure.MESSAGES: ""}
_LIMIT_IN: Final = {
    "eur": _("Limit per period, in euro"),
    "GB": _("Limit per period, in GB"),
    "MB": _("Limit per period, in MB"),
    "min": _("Limit per period, in minutes"),
    "": _("Limit per period, number of messages"),
}


def typed_limit(threshold: Threshold) -> tuple[str, str]:
    """Return the limit as a person would type it, in their language, and its unit."""
    units = threshold.limit_units
    if threshold.measure == Measure.AMOUNT:
        return formats.number(from_units(units), 2), "eur"
    if threshold.measure == Measure.MINUTES:
        return _plain(Decimal(units) / 60), "min"
    if threshold.measure == Measure.MESSAGES:
        return _plain(Decimal(units)), ""
    unit, factor = ("GB", 10**9) if units % 10**7 == 0 and units >= 10**9 else ("MB", 10**6)
    return _plain(Decimal(units) / factor), unit


def _plain(value: Decimal) -> str:
    exponent = value.normalize().as_tuple().exponent
    return formats.number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def _language() -> str:
    return get_language() or "en"
