"""The composition root as a Django app: its management commands are the words of `sportello`."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, urls, schedule, commands."""

    name = "sportello.config"
    label = "config"
