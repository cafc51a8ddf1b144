"""Usage as a Django app."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    """Usage records, counters and itemised traffic."""

    name = "sportello.usage"
    label = "usage"
