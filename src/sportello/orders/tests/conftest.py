"""Actors for rules, which need no rows."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, member_actor
from sportello.orders.models import OrderType


@pytest.fixture(autouse=True)
def _shipped(request: pytest.FixtureRequest) -> None:
    """Write the types that come with the portal again: a test that really commits leaves empty tables behind it."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        return
    request.getfixturevalue("transactional_db")
    if not OrderType.objects.exists():
        import_module("sportello.orders.migrations.0003_shipped_types").ship(apps, None)


@pytest.fixture
def ada_like() -> Actor:
    return member_actor(person_id=1, organisation_id=1, profile=Profile.ADMINISTRATOR, name="ada")


@pytest.fixture
def olga_like() -> Actor:
    return member_actor(person_id=2, organisation_id=2, profile=Profile.OPERATOR_AGENT, name="olga")
