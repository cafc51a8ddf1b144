"""What inventory tells the pages below it: the lines that people hold, and figures of an organisation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sportello.accounts.lines_of_people import PersonLine
from sportello.accounts.models import Person
from sportello.inventory import queries
from sportello.inventory.models import Agreement, Line
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.finding import holds_number
from sportello.parties.figures import Figure
from sportello.parties.models import Organisation


class HeldLines:
    """The lines that people hold now."""

    def of(self, actor: Actor, person: Person) -> Sequence[PersonLine]:
        """Return the lines of a person in the actor's reach."""
        rows = queries.lines_of_person(actor, person).select_related("plan", "cost_centre")
        return [_line(row) for row in rows]

    def has_line(self, actor: Actor) -> Q:
        """Return the condition on people for holding a line that has not ended."""
        return Q(pk__in=Line.objects.for_(actor).filter(active_to=None).exclude(person=None).values("person_id"))

    def number_holds(self, actor: Actor, number: str) -> Q:
        """Return the condition on people for holding a line with this number, or with these digits as a part of it."""
        held = Line.objects.for_(actor).filter(holds_number("number", number)).exclude(person=None)
        return Q(pk__in=held.order_by().values("person_id"))


def agreement_figure(actor: Actor, organisation: Organisation) -> Figure:
    """Count the agreements of an organisation."""
    number = Agreement.objects.for_(actor).filter(organisation=organisation).count()
    return Figure(label=_("Agreements"), value=number, icon="file-text", url=_list("inventory:agreements", actor, organisation))


def line_figure(actor: Actor, organisation: Organisation) -> Figure:
    """Count the lines of an organisation that have not ended."""
    number = Line.objects.for_(actor).filter(organisation=organisation, active_to=None).count()
    return Figure(label=_("Lines"), value=number, icon="device-mobile", url=_list("inventory:lines", actor, organisation))


def _list(name: str, actor: Actor, organisation: Organisation) -> str:
    """Return the address of a list, narrowed to the organisation for who reaches several."""
    several = actor.reach in {Reach.ALL, Reach.PARTNER}
    return reverse(name) + (f"?{urlencode({'customer': organisation.code})}" if several else "")


def _line(row: Line) -> PersonLine:
    return PersonLine(
        number=row.number,
        kind=row.get_kind_display(),
        status=row.status,
        status_label=row.get_status_display(),
        plan=row.plan.name if row.plan else "",
        cost_centre=str(row.cost_centre or ""),
        dual_billing=row.dual_billing,
        url=reverse("inventory:line", args=[row.pk]),
    )
