from __future__ import annotations

import pytest
from django.urls import reverse

from sportello.kernel.access import MATRIX, Profile
from sportello.kernel.actor import member_actor
from sportello.shell.navigation import PERSON_PLACES, PLACES, navigation, open_places


def actor(profile: Profile):
    return member_actor(person_id=1, organisation_id=1, profile=profile)


def names(profile: Profile) -> list[str]:
    return [place.name for place in open_places(actor(profile))]


def test_every_place_has_an_address() -> None:
    every = [place for _section, _title, places in PLACES for place in places] + list(PERSON_PLACES)
    frame = ["accounts:act_as", "accounts:sign_out", "accounts:stop_viewing", "shell:set_language", "shell:search"]
    assert [name for name in [place.name for place in every] + frame if not reverse(name).startswith("/")] == []


@pytest.mark.parametrize("profile", Profile)
def test_d08_only_sections_of_the_matrix_are_in_the_navigation(profile: Profile) -> None:
    open_names = {place.name for section, _title, places in PLACES if section in MATRIX[profile] for place in places}
    assert set(names(profile)) <= open_names


def test_an_employee_sees_what_is_their_own_and_nothing_of_administration() -> None:
    assert names(Profile.EMPLOYEE) == [
        *("shell:home", "usage:index", "billing:index", "thresholds:index"),
        "tickets:requests",  # technical assistance, of the own lines
    ]


def test_only_those_with_several_customers_see_a_list_of_customers() -> None:
    assert "parties:organisations" in names(Profile.PARTNER_ADMIN)
    assert "parties:organisations" not in names(Profile.ADMINISTRATOR)


def test_groups_are_named_by_their_section() -> None:
    titles = [group.title for group in navigation(actor(Profile.TRAFFIC_MANAGER), "/")]
    assert titles == ["", "Thresholds", "Technical assistance"]


@pytest.mark.parametrize(
    ("path", "active", "current"),
    [
        ("/", "/", True),
        ("/thresholds/", "/thresholds/", True),
        ("/thresholds/lines/7/", "/thresholds/", False),
        ("/search/", None, False),
    ],
)
def test_the_longest_address_that_the_path_begins_with_is_active(path: str, active: str | None, current: bool) -> None:
    items = [item for group in navigation(actor(Profile.TRAFFIC_MANAGER), path) for item in group.items]
    assert [item.url for item in items if item.active] == ([active] if active else [])
    assert any(item.current for item in items) is current
