"""The app of the page components: template tags, templates and plots. It has no models and knows no telecom."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Components of the pages."""

    name = "sportello.kernel.ui"
    label = "ui"
    verbose_name = "Page components"
