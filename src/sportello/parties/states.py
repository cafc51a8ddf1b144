"""Kinds and states of parties."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class OrganisationKind(TextChoices):
    """What an organisation is to the operator."""

    OPERATOR = "operator", _("Operator")
    PARTNER = "partner", _("Partner")
    CUSTOMER = "customer", _("Customer")


class OrganisationState(TextChoices):
    """Whether the organisation's people may come in."""

    ACTIVE = "active", _("Active")
    READ_ONLY = "read_only", _("Read only")
    CLOSED = "closed", _("Closed")


TRANSITIONS: Final[Mapping[str, AbstractSet[str]]] = {
    OrganisationState.ACTIVE: {OrganisationState.READ_ONLY, OrganisationState.CLOSED},
    OrganisationState.READ_ONLY: {OrganisationState.ACTIVE, OrganisationState.CLOSED},
    OrganisationState.CLOSED: {OrganisationState.ACTIVE},
}
