"""The network connector as a Django app."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Orders to the network, and what the network says of them."""

    name = "sportello.network"
    label = "network"

    def ready(self) -> None:
        """Register the handlers."""
        from sportello.network import handlers  # noqa: F401 - importing registers
