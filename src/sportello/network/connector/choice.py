"""Which way leads to the network: the installation's settings say."""

from __future__ import annotations

from django.conf import settings

from sportello.network.connector.tmf702 import MOST_REQUESTS, ResourceActivation
from sportello.network.types import NetworkAway, NetworkConnector

__all__ = ["MOST_REQUESTS", "connector"]


def connector() -> NetworkConnector:
    """Return the connector to the configured network. Raises `NetworkAway` where there is none."""
    chosen = settings.SPORTELLO
    if not chosen["NETWORK_URL"]:
        raise NetworkAway("no network is configured (SPORTELLO_NETWORK_URL)")
    return ResourceActivation(chosen["NETWORK_URL"], token=chosen["NETWORK_TOKEN"], timeout=chosen["NETWORK_TIMEOUT"])
