"""What pages tell in words has words: every event, every list in the record of exports, every background task."""

from __future__ import annotations

import dataclasses
import re
from importlib import import_module

from django.urls import get_resolver

from sportello.accounts.web.audit_words import AREAS
from sportello.config.web.job_words import TASKS
from sportello.kernel.events import EVENT_KINDS, DomainEvent
from sportello.kernel.jobs.declare import JobTask
from sportello.kernel.ui.export import LISTINGS
from sportello.kernel.ui.listing import Listing
from tests.architecture.test_code import modules

OUTER = {field.name for field in dataclasses.fields(DomainEvent)}


def events() -> list[type[DomainEvent]]:
    """Return the portal's events, without those of tests."""
    assert get_resolver().url_patterns  # reads every page, and so every operation and its events
    return [event for event in EVENT_KINDS.values() if ".tests." not in event.__module__]


def listings(base: type = Listing) -> list[type]:
    found = [each for sub in base.__subclasses__() for each in (sub, *listings(sub))]
    return [each for each in found if ".tests." not in each.__module__ and each.__dict__.get("name")]


def tasks() -> set[str]:
    """Return the path of every background task in the code, without the portal's name."""
    found = set()
    for path, _tree in modules():
        if path.stem.startswith("tasks") or path.parts[:2] == ("kernel", "jobs"):
            module = import_module(f"sportello.{'.'.join(path.with_suffix('').parts)}")
            found |= {value.module_path for value in vars(module).values() if isinstance(value, JobTask)}
    return {path.removeprefix("sportello.") for path in found}


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


def test_every_background_task_says_what_it_does():
    assert sorted(tasks() - set(TASKS)) == []
