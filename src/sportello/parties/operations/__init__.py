"""Every write to organisations and what belongs to them."""

from sportello.parties.operations.loading import load_customers
from sportello.parties.operations.organisations import (
    change_contact_email,
    change_registry,
    create_customer,
    create_partner,
    move_customer,
    set_state,
)
from sportello.parties.operations.parts import add_part, change_part, remove_part

__all__ = [
    "add_part",
    "change_contact_email",
    "change_part",
    "change_registry",
    "create_customer",
    "create_partner",
    "load_customers",
    "move_customer",
    "remove_part",
    "set_state",
]
