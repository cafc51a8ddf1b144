"""The lists of customers and partners."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Reach
from sportello.kernel.ui.filters import Choice, Search, YesNo
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state
from sportello.kernel.web import PageRequest
from sportello.parties.models import Organisation
from sportello.parties.queries import partner_choices
from sportello.parties.states import OrganisationState

SEARCHED = ("legal_name__icontains", "code__istartswith", "vat_number__startswith", "tax_code__istartswith")


def _page(row: Organisation) -> str:
    return reverse("parties:organisation", args=[row.pk])


def _public(row: Organisation) -> object:
    return _("Yes") if row.public_administration else ""


def _state(row: Organisation) -> object:
    return state(row.state, row.get_state_display(), "warn" if row.state == OrganisationState.READ_ONLY else "")


class CustomerList(Listing[Organisation]):
    """Customers in reach."""

    name = "parties.customers"
    columns = (
        Column("legal_name", _("Legal name"), sort="legal_name", link=_page),
        Column("code", _("Code"), sort="code"),
        Column("vat_number", _("VAT number")),
        Column("tax_code", _("Tax code"), shown=False),
        Column("ipa_code", _("IPA/SdI code"), shown=False),
        Column("public_administration", _("Public administration"), cell=_public),
        Column("province", _("Province"), sort="province"),
        Column("partner", _("Partner"), value=lambda row: str(row.partner or "")),
        Column("email", _("E-mail"), shown=False),
        Column("state", _("State"), value=lambda row: str(row.get_state_display()), cell=_state),
        Column("created_at", _("Since"), sort="created_at", kind=Kind.DAY),
    )  # fmt: skip
    default_sort = "legal_name"

    def __init__(self, request: PageRequest, rows: QuerySet[Organisation]) -> None:
        """Add the filter by partner for who reaches several."""
        super().__init__(request, rows)
        filters: list[Any] = [
            Search(SEARCHED),
            Choice("state", _("State"), OrganisationState.choices),
            YesNo("pa", _("Public administration"), Q(public_administration=True)),
        ]
        if request.actor.reach is Reach.ALL:
            choices: list[tuple[str, str | Promise]] = [("none", _("None")), *partner_choices(request.actor)]
            filters.append(Choice("partner", _("Partner"), choices, apply=_of_partner))
        self.filters = filters


def _of_partner(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(partner=None) if value == "none" else rows.filter(partner=value)


class PartnerList(Listing[Organisation]):
    """Partners of the operator."""

    name = "parties.partners"
    columns = (
        Column("legal_name", _("Legal name"), sort="legal_name", link=_page),
        Column("code", _("Code"), sort="code"),
        Column("vat_number", _("VAT number")),
        Column("province", _("Province"), sort="province"),
        Column("customer_count", _("Customers"), kind=Kind.NUMBER),
        Column("state", _("State"), value=lambda row: str(row.get_state_display()), cell=_state),
    )
    filters = (Search(SEARCHED), Choice("state", _("State"), OrganisationState.choices))
    default_sort = "legal_name"
