"""Customers that a file of bills may be of, as the operator looks for them."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties import queries as parties
from sportello.parties.models import Organisation

MOST_FOUND: Final = 20


def customers_like(actor: Actor, text: str) -> list[Organisation]:
    """Return the first customers by name that a text may mean: a part of the name, a VAT number, tax code, office code or own code."""
    return list(_meant(actor, text.strip())[:MOST_FOUND])


def customer_meant(actor: Actor, text: str) -> Organisation:
    """Return the one customer that a text means: by its whole code or name, else the only one that it may mean. Raises `InvalidInput`."""
    wanted = text.strip()
    whole = parties.customers(actor).filter(Q(code__iexact=wanted) | Q(legal_name__iexact=wanted))
    found = list(whole[:2]) or list(_meant(actor, wanted)[:2])
    if not found:
        raise InvalidInput(_("No customer has this name, number or code."), field="customer")
    if len(found) > 1:
        raise InvalidInput(_("Several customers may be meant: choose one by its code."), field="customer")
    return found[0]


def _meant(actor: Actor, text: str) -> ScopedQuerySet[Organisation]:
    meant = (
        Q(legal_name__icontains=text) | Q(code__istartswith=text) | Q(ipa_code__iexact=text) | Q(tax_code__iexact=text)
    )
    if text[-1:].isdigit():
        meant |= Q(vat_number__icontains=text.upper().removeprefix("IT"))
    return parties.customers(actor).filter(meant)
