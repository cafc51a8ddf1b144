"""What people type about lines."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.inventory import queries
from sportello.inventory.models import Agreement, Line, Option, Plan
from sportello.inventory.operations import LineChanges
from sportello.inventory.states import TRANSITIONS, LineKind, LineStatus
from sportello.kernel.actor import Actor
from sportello.parties.models import CostCentre, Organisation, Site

AS_IS: Final = "as-is"
NONE: Final = "none"
Choices = list[tuple[str, Any]]


def day_field(label: Any, *, help_text: Any = "") -> forms.DateField:
    """Return a field for a day, shown as the browser's calendar."""
    return forms.DateField(label=label, help_text=help_text, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


def instant_of(day: date, zone: str, now: datetime) -> datetime:
    """Return the instant at which a change of that day takes effect: at once when it is today, else at its local midnight."""
    if day == now.astimezone(ZoneInfo(zone)).date():
        return now
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


class PersonField(forms.CharField):
    """A person of one organisation by code, user name or whole name: what fits one person only."""

    def find(self, actor: Actor, organisation_id: int, text: str) -> Person:
        """Return the person. Raises `ValidationError` when nobody or more than one fits."""
        found = queries.people_named(actor, organisation_id, text)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(_("Nobody of this customer is called or coded like this."))
        names = ", ".join(f"{person.name} ({person.code or person.username})" for person in found[:5])
        raise forms.ValidationError(_("Several people fit: write one's code. %(names)s") % {"names": names})


class AssignmentForm(forms.Form):
    """Person, cost centre and site of one or many lines of one customer. What is left «as it is» does not change."""

    person_choice = forms.ChoiceField(
        label=_("Person"),
        choices=((AS_IS, _("Leave as it is")), (NONE, _("Nobody")), ("one", _("This person:"))),
        widget=forms.RadioSelect,
        initial=AS_IS,
    )
    person = PersonField(
        label=_("Person's code or name"), required=False, max_length=160,
        help_text=_("Their person code, user name, or given and family name."),
    )  # fmt: skip
    cost_centre = forms.ChoiceField(label=_("Cost centre"))
    site = forms.ChoiceField(label=_("Site"))

    def __init__(self, data: Any, *, actor: Actor, organisation_id: int) -> None:
        """Take who assigns, and the customer whose people, cost centres and sites there are (ABUSE C06)."""
        super().__init__(data)
        self.actor, self.organisation_id = actor, organisation_id
        ends: Choices = [(AS_IS, _("Leave as it is")), (NONE, _("None"))]
        self._fill("cost_centre", ends + queries.cost_centre_choices(actor, [organisation_id]))
        self._fill("site", ends + queries.site_choices(actor, [organisation_id]))

    def _fill(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices, field.initial = choices, AS_IS

    def clean(self) -> dict[str, Any]:
        """Find the person, and refuse a form that changes nothing."""
        cleaned = super().clean() or {}
        if cleaned.get("person") and cleaned.get("person_choice") == AS_IS:
            cleaned["person_choice"] = "one"  # a name was typed: that is what is meant
        if cleaned.get("person_choice") == "one":
            self._find_person(cleaned)
        if not self.errors and not self.changes():
            raise forms.ValidationError(_("Choose what to change."))
        return cleaned

    def _find_person(self, cleaned: dict[str, Any]) -> None:
        field = self.fields["person"]
        assert isinstance(field, PersonField)  # noqa: S101 - declared above
        if not cleaned.get("person"):
            self.add_error("person", _("Write who it is."))
            return
        try:
            cleaned["found"] = field.find(self.actor, self.organisation_id, cleaned["person"])
        except forms.ValidationError as nobody:
            self.add_error("person", nobody)

    def changes(self) -> LineChanges:
        """Return what is to change."""
        changes: LineChanges = {}
        cleaned = self.cleaned_data
        if cleaned.get("person_choice", AS_IS) != AS_IS:
            changes["person"] = cleaned.get("found")
        centre, site = cleaned.get("cost_centre", AS_IS), cleaned.get("site", AS_IS)
        if centre != AS_IS:
            changes["cost_centre"] = None if centre == NONE else CostCentre.objects.for_(self.actor).get_or_refuse(pk=centre)
        if site != AS_IS:
            changes["site"] = None if site == NONE else Site.objects.for_(self.actor).get_or_refuse(pk=site)
        return changes


class NetworkForm(forms.Form):
    """What the operator changes about a line."""

    plan = forms.ChoiceField(label=_("Plan"), required=False)
    status = forms.ChoiceField(label=_("Status"))
    dual_billing = forms.BooleanField(label=_("Dual billing"), required=False)
    device = forms.CharField(label=_("Device"), required=False, max_length=80)
    at = day_field(_("From"), help_text=_("Not in the future; today means from now on."))

    def __init__(self, data: Any, *, line: Line, now: datetime) -> None:
        """Take the line as it stands."""
        zone = line.organisation.time_zone
        initial = {
            "plan": str(line.plan_id or ""), "status": line.status, "dual_billing": line.dual_billing,
            "device": line.device, "at": now.astimezone(ZoneInfo(zone)).date(),
        }  # fmt: skip
        super().__init__(data, initial=initial)
        self.line, self.now = line, now
        reachable = (TRANSITIONS[LineStatus(line.status)] | {LineStatus(line.status)}) - {LineStatus.TERMINATED}
        _offer(self, "status", [choice for choice in LineStatus.choices if choice[0] in reachable])
        _offer(self, "plan", [("", _("None")), *queries.plan_choices(kind=line.kind, also=line.plan)])

    def changes(self) -> LineChanges:
        """Return what differs from how the line stands."""
        cleaned, line = self.cleaned_data, self.line
        changes: LineChanges = {}
        if cleaned["plan"] != str(line.plan_id or ""):
            changes["plan"] = Plan.objects.get(pk=cleaned["plan"]) if cleaned["plan"] else None
        if cleaned["status"] != line.status:
            changes["status"] = cleaned["status"]
        if cleaned["dual_billing"] != line.dual_billing:
            changes["dual_billing"] = cleaned["dual_billing"]
        if cleaned["device"] != line.device:
            changes["device"] = cleaned["device"]
        return changes

    def takes_effect_at(self) -> datetime:
        """Return from when on the line stands so."""
        return instant_of(self.cleaned_data["at"], self.line.organisation.time_zone, self.now)


class SimForm(forms.Form):
    """Another SIM for a line."""

    iccid = forms.CharField(label=_("ICCID"), max_length=30, help_text=_("The 19 or 20 digits printed on the card."))
    imsi = forms.CharField(label=_("IMSI"), required=False, max_length=15)
    puk = forms.CharField(label=_("PUK"), required=False, max_length=8)
    at = day_field(_("From"))


class EndForm(forms.Form):
    """The end of a line."""

    at = day_field(_("Ends on"), help_text=_("The first day on which the number is not this line's any more; it may lie ahead."))


class OptionForm(forms.Form):
    """An option for a line."""

    option = forms.ChoiceField(label=_("Option"))
    at = day_field(_("From"))

    def __init__(self, data: Any, *, initial: dict[str, Any]) -> None:
        """Offer the catalogue."""
        super().__init__(data, initial=initial)
        _offer(self, "option", [(str(pk), name) for pk, name in Option.objects.order_by("name").values_list("pk", "name")])


class AddLineForm(forms.Form):
    """A new line of an agreement."""

    number = forms.CharField(label=_("Number"), max_length=40, help_text=_("With its country code, or the access code of an xDSL."))
    kind = forms.ChoiceField(label=_("Kind"), choices=LineKind.choices)
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    status = forms.ChoiceField(
        label=_("Status"), choices=[one for one in LineStatus.choices if one[0] != LineStatus.TERMINATED], initial=LineStatus.ACTIVE
    )
    active_from = day_field(_("Active from"))
    person = PersonField(label=_("Person's code or name"), required=False, max_length=160)
    cost_centre = forms.ChoiceField(label=_("Cost centre"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    dual_billing = forms.BooleanField(label=_("Dual billing"), required=False)

    def __init__(self, data: Any, *, actor: Actor, agreement: Agreement, today: date) -> None:
        """Take the agreement: its customer's people, cost centres and sites are offered."""
        super().__init__(data, initial={"active_from": today})
        self.actor, self.agreement = actor, agreement
        organisation = [agreement.organisation_id]
        _offer(self, "plan", [("", _("None")), *queries.plan_choices()])
        _offer(self, "cost_centre", [("", _("None")), *queries.cost_centre_choices(actor, organisation)])
        _offer(self, "site", [("", _("None")), *queries.site_choices(actor, organisation)])

    def clean_person(self) -> Person | None:
        """Find the person."""
        text, field = self.cleaned_data["person"], self.fields["person"]
        assert isinstance(field, PersonField)  # noqa: S101 - declared above
        return field.find(self.actor, self.agreement.organisation_id, text) if text else None

    def values(self, now: datetime) -> dict[str, Any]:
        """Return what `add_line` takes."""
        cleaned = self.cleaned_data
        own = {"cost_centre": CostCentre, "site": Site}
        organisation: Organisation = self.agreement.organisation
        return {
            **{name: cleaned[name] for name in ("number", "kind", "status", "person", "dual_billing")},
            **{
                name: model.objects.for_(self.actor).get_or_refuse(pk=cleaned[name]) if cleaned[name] else None
                for name, model in own.items()
            },
            "plan": Plan.objects.get(pk=cleaned["plan"]) if cleaned["plan"] else None,
            "active_from": instant_of_start(cleaned["active_from"], organisation.time_zone),
            "agreement": self.agreement,
            "now": now,
        }


def instant_of_start(day: date, zone: str) -> datetime:
    """Return the local midnight at which a day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared in the class
    field.choices = choices
