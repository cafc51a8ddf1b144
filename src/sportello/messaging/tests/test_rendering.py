"""The texts that come with the portal, in every language, and the one construct that they know."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from itertools import product

import pytest
from django.template.utils import get_app_template_dirs
from hypothesis import given
from hypothesis import strategies as st

from sportello.messaging import catalogue, rendering, rules
from sportello.messaging.channels.sms.segmentation import GSM_7BIT, segment
from sportello.messaging.rendering import ContextIncomplete, Portal, Rendered, Wording
from sportello.messaging.states import Channel, PartState, State

PORTAL = Portal(operator="Sportello", address="https://portal.example.test")
SHIPPED = [
    (template.name, language, channel.value)
    for template in catalogue.TEMPLATES.values()
    for language, channel in product(catalogue.LANGUAGES, template.channels)
]


def sample(name: str, language: str, channel: str) -> Rendered:
    template = catalogue.find(name)
    values = rendering.variables(template, template.sample, portal=PORTAL, name="Ada", language=language)
    return rendering.render(rendering.shipped(name, language, channel), values, channel=channel, language=language)


@pytest.mark.parametrize(("name", "language", "channel"), SHIPPED)
def test_every_shipped_text_is_one_that_an_operator_could_save(name: str, language: str, channel: str) -> None:
    rendering.check_wording(catalogue.find(name), rendering.shipped(name, language, channel), channel=channel)
    rendered = sample(name, language, channel)
    assert "{{" not in rendered.subject + rendered.text + rendered.html
    assert bool(rendered.subject) == bool(rendered.html) == (channel == Channel.EMAIL)


def test_no_text_lies_around_that_no_template_uses() -> None:
    texts = (path for folder in get_app_template_dirs("templates") for path in folder.glob("messaging/*/*.txt"))
    found = {(path.parent.name, *path.name.split(".")[:2]) for path in texts}
    assert found == set(SHIPPED)


@pytest.mark.parametrize(("name", "language", "channel"), [each for each in SHIPPED if each[2] == Channel.SMS])
def test_shipped_texts_for_phones_fit_the_gsm_alphabet_and_two_parts(name: str, language: str, channel: str) -> None:
    segments = segment(sample(name, language, channel).text, reference=1)
    assert (segments.data_coding, len(segments.parts) <= 2) == (GSM_7BIT, True)


@pytest.mark.parametrize("name", sorted(catalogue.CODE_TEXTS))
@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_the_code_stands_first_and_last_as_phones_look_for_it(name: str, language: str) -> None:
    text = sample(name, language, "sms").text
    assert re.fullmatch(r"482913 .+\n\n@portal\.example\.test #482913", text, re.DOTALL)


def test_the_html_escapes_what_the_text_says() -> None:
    template = catalogue.find("invitation")
    values = {**template.sample, "organisation": '<script>"&'}
    filled = rendering.variables(template, values, portal=PORTAL, name="<b>", language="en")
    rendered = rendering.render(rendering.shipped("invitation", "en", "email"), filled, channel="email", language="en")
    assert '<script>"& has opened' in rendered.text
    assert "&lt;script&gt;&quot;&amp; has opened" in rendered.html
    assert "<script>" not in rendered.html
    assert "Hello &lt;b&gt;," in rendered.html


def test_a_value_is_never_read_as_a_template() -> None:
    template = catalogue.find("invitation")
    values = {**template.sample, "organisation": "{{ link }}{% debug %}"}
    filled = rendering.variables(template, values, portal=PORTAL, name="", language="en")
    rendered = rendering.render(rendering.shipped("invitation", "en", "email"), filled, channel="email", language="en")
    assert "{{ link }}{% debug %} has opened" in rendered.text


def test_a_name_without_value_is_an_error_not_a_gap() -> None:
    with pytest.raises(ContextIncomplete):
        rendering.render(Wording("", "Hello {{ nobody }}"), {}, channel="sms", language="en")


@given(st.text(max_size=60))
def test_e23_no_value_brings_a_line_break_into_a_subject(value: str) -> None:
    wording = Wording("Hello {{ name }}", "x")
    values = {"name": rendering._clean(value), "portal": PORTAL.address, "operator": "S"}
    rendered = rendering.render(wording, values, channel="email", language="en")
    assert len(rendered.subject.splitlines()) == 1


@pytest.mark.parametrize(
    ("wanted", "language"), [("it", "it"), ("es-ES", "es"), ("", "en"), ("fr", "en"), ("EN", "en")]
)
def test_language_of_falls_back_to_one_that_exists(wanted: str, language: str) -> None:
    assert rendering.language_of(wanted) == language


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-22T20:59:00", "2026-11-22T20:59:00"),
        ("2026-11-22T21:00:00", "2026-11-23T06:30:00"),
        ("2026-11-23T03:00:00", "2026-11-23T06:30:00"),
        ("2026-11-23T06:30:00", "2026-11-23T06:30:00"),
        ("2026-03-28T22:30:00", "2026-03-29T05:30:00"),  # the clocks go forward that night
    ],
)
def test_quiet_hours_over_midnight_in_rome(at: str, until: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    end = rules.end_of_quiet(moment, starts=time(22), ends=time(7, 30), zone="Europe/Rome")
    assert end == datetime.fromisoformat(until).replace(tzinfo=UTC)


def test_quiet_hours_of_no_length_are_none() -> None:
    moment = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert rules.end_of_quiet(moment, starts=time(8), ends=time(8), zone="Europe/Rome") == moment


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        (["ready"], State.QUEUED),
        (["handed", "failed"], State.SENDING),
        (["ready", "failed"], State.FAILED),
        (["submitted", "ready"], State.QUEUED),
        (["submitted", "in_doubt"], State.UNKNOWN),
        (["submitted", "delivered"], State.SENT),
        (["delivered", "delivered"], State.DELIVERED),
    ],
)
def test_a_text_is_as_far_as_its_worst_part(parts: list[str], state: State) -> None:
    assert rules.state_of([PartState(part) for part in parts]) == state


def test_pauses_grow_to_an_hour() -> None:
    assert [int(rules.pause_after(tries).total_seconds()) for tries in (0, 1, 2, 3, 9, 10, 60)] == [
        10, 10, 20, 40, 2560, 3600, 3600,
    ]  # fmt: skip


def test_a_mail_says_whether_replies_to_it_are_read() -> None:
    values = {"operator": "Telefonia", "portal": "https://portal.example.test"}
    wording = Wording("Subject", "Text")
    for answered, words in ((True, "To answer, reply to it"), (False, "nobody reads replies")):
        assert words in rendering.render(wording, values, channel="email", language="en", answered=answered).html
