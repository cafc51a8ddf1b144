"""Inventory as a Django app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Agreements, lines and their history, SIMs, plans and options."""

    name = "sportello.inventory"
    label = "inventory"
