"""Actors for rules, which need no rows."""

from __future__ import annotations

import pytest

from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, member_actor


@pytest.fixture
def ada_like() -> Actor:
    return member_actor(person_id=1, organisation_id=1, profile=Profile.ADMINISTRATOR, name="ada")


@pytest.fixture
def olga_like() -> Actor:
    return member_actor(person_id=2, organisation_id=2, profile=Profile.OPERATOR_AGENT, name="olga")
