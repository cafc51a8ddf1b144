"""Every event is told in words that its payload can fill, and every list has a name for the record of exports."""

from __future__ import annotations

import dataclasses
import re

from django.urls import get_resolver

from sportello.accounts.web.audit_words import AREAS
from sportello.kernel.events import EVENT_KINDS, DomainEvent
from sportello.kernel.ui.export import LISTINGS
from sportello.kernel.ui.listing import Listing

OUTER = {field.name for field in dataclasses.fields(DomainEvent)}


def events() -> list[type[DomainEvent]]:
    """Return the portal's events, without those of tests."""
    assert get_resolver().url_patterns  # reads every page, and so every operation and its events
    return [event for event in EVENT_KINDS.values() if ".tests." not in event.__module__]


def listings(base: type = Listing) -> list[type]:
    found = [each for sub in base.__subclasses__() for each in (sub, *listings(sub))]
    return [each for each in found if ".tests." not in each.__module__ and each.__dict__.get("name")]


def test_every_event_has_a_sentence_that_its_payload_fills():
    wrong = {}
    for event in events():
        own = {field.name for field in dataclasses.fields(event)} - OUTER
        asked = set(re.findall(r"%\((\w+)\)s", str(event.sentence)))
        if not event.sentence or not asked <= own or not set(event.words) <= own:
            wrong[event.kind] = sorted((asked | set(event.words)) - own) or "no sentence"
    assert wrong == {}


def test_every_event_is_about_something_that_the_filter_names():
    assert sorted({event.kind.partition(".")[0] for event in events()} - set(AREAS)) == []


def test_every_list_has_a_name_for_the_record_of_exports():
    assert sorted({each.name for each in listings()} - set(LISTINGS)) == []
