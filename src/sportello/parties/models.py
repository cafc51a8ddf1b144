"""Operator, partners and customers, with their sites, cost centres and contacts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.kernel.scope import ScopedModel
from sportello.parties.states import OrganisationKind, OrganisationState


class Organisation(ScopedModel):
    """A party: the operator (one per installation), a partner, or a customer.

    `code` is the operator's own code (`customer_code` of the inventory files), unique. `partner` is set for a partner's customers.
    `time_zone` decides the customer's local months and days (Europe/Rome, Atlantic/Canary …).
    """

    scope_organisation: ClassVar[str] = "self"

    kind = models.CharField(max_length=10, choices=OrganisationKind)
    code = models.CharField(max_length=40, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=200)
    partner = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="customers")
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    tax_code = models.CharField(_("tax code"), max_length=20, blank=True)
    public_administration = models.BooleanField(_("public administration"), default=False)
    ipa_code = models.CharField(_("IPA/SdI code"), max_length=7, blank=True)
    province = models.CharField(_("province"), max_length=4, blank=True)
    country = models.CharField(max_length=2, default="IT")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Rome")
    email = models.EmailField(blank=True)
    state = models.CharField(max_length=10, choices=OrganisationState, default=OrganisationState.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "legal_name"], name="organisation_by_name"),
            models.Index(fields=["partner", "legal_name"], name="organisation_by_partner"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="operator"), name="one_operator"),
            models.CheckConstraint(condition=Q(partner=None) | Q(kind="customer"), name="only_customers_hang_on_partners"),
        ]

    def __str__(self) -> str:
        return self.legal_name


class Site(ScopedModel):
    """A place of an organisation: address and province."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=200, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    province = models.CharField(max_length=4, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="site_once")]

    def __str__(self) -> str:
        return self.name


class CostCentre(ScopedModel):
    """A cost centre of a customer; `code` is unique in the organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cost_centres")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="cost_centre_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Contact(ScopedModel):
    """A contact of an organisation that is not necessarily a person with a sign-in: name, role, mail, phone."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=80, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Brand(ScopedModel):
    """A brand under which a customer appears."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="brands")
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="brand_once")]

    def __str__(self) -> str:
        return self.name
