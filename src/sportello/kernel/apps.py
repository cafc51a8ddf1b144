"""The kernel as a Django app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Actor and scope, operations, events, jobs, and the components of the pages. Knows no telecom."""

    name = "sportello.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the lookup `among` known to all models."""
        from sportello.kernel import among  # noqa: F401 - it registers itself
