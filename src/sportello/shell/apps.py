"""The shell as a Django app."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """Navigation, dashboard, search-anything."""

    name = "sportello.shell"
    label = "shell"
