"""What the example of a file shows: codes of the reader's own customers, so that it loads as it is."""

from __future__ import annotations

from django.db.models import Q

from sportello.accounts.models import Person
from sportello.inventory.models import Agreement, Line, Plan, Sim
from sportello.kernel.actor import Actor
from sportello.parties import queries as parties
from sportello.parties.models import CostCentre, Organisation, Site


def example_of_lines(actor: Actor) -> dict[str, str]:
    """Return codes of one of the actor's customers by the columns of a lines file; what the customer has none of is empty."""
    customer = parties.example_customer(actor)
    agreements = Agreement.objects.for_(actor).filter(organisation=customer).order_by("code")
    plans = Plan.objects.filter(kind="mobile").order_by("code")
    named = {
        "agreement_code": agreements.values_list("code", flat=True).first(),
        "plan": plans.values_list("code", flat=True).first(),
    }
    # Where there is none, the fixed example stands: it is created when new.
    return {
        "customer_code": customer.code,
        **_assigned(actor, customer),
        **{column: code for column, code in named.items() if code},
    }


def example_of_assignments(actor: Actor) -> dict[str, str]:
    """Return a line of the actor's and codes of its customer, by the columns of an assignments file."""
    current = Line.objects.for_(actor).filter(Q(active_to=None)).select_related("organisation")
    line = current.order_by("active_from", "pk").first()
    return {"number": line.number, **_assigned(actor, line.organisation)} if line else {"person_code": ""}


def number_is_taken(number: str) -> bool:
    """Tell whether anybody ever held a number (never whose it is, ABUSE C14)."""
    return Line.objects.across_tenants(reason="a number has one holder at one instant").filter(number=number).exists()


def sim_is_taken(iccid: str) -> bool:
    """Tell whether a SIM is there, whoever has it."""
    return Sim.objects.across_tenants(reason="an ICCID exists once, whoever has the card").filter(iccid=iccid).exists()


def _assigned(actor: Actor, customer: Organisation) -> dict[str, str]:
    people = Person.objects.for_(actor).filter(organisation=customer).exclude(code="").order_by("code")
    centres = CostCentre.objects.for_(actor).filter(organisation=customer).order_by("code")
    sites = Site.objects.for_(actor).filter(organisation=customer).order_by("name")
    return {
        "person_code": people.values_list("code", flat=True).first() or "",
        "cost_centre": centres.values_list("code", flat=True).first() or "CC10",
        "site": sites.values_list("name", flat=True).first() or "Sede centrale",
    }
