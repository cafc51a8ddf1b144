"""The navigation: what the matrix opens to the actor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame needs."""
    return {"actor": getattr(request, "actor", None), "navigation": []}
