"""The operator's own wordings of messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from sportello.kernel.actor import Actor
from sportello.kernel.models import Event
from sportello.kernel.refusals import NotPermitted
from sportello.messaging import operations, queries
from sportello.messaging.models import Message
from sportello.messaging.rendering import Wording, WordingInvalid
from sportello.messaging.states import Channel
from sportello.messaging.tests.conftest import THRESHOLD

Send = Callable[..., Message]


def test_the_operators_own_wording_is_used_until_it_is_reset(send: Send, olga: Actor, now: datetime) -> None:
    own = Wording("Soglia {{ percent }}", "{{ greeting }}\n\n{{ line }} <b>")
    given = {"template": "threshold_warning", "language": "en", "channel": Channel.EMAIL}
    operations.set_wording(actor=olga, wording=own, now=now, **given)  # type: ignore[arg-type]
    rendered = queries.rendered(send(), THRESHOLD, show_secrets=True)
    assert (rendered.subject, rendered.text) == ("Soglia 80", "Hello,\n\n+39 351 000 0002 <b>")
    assert "+39 351 000 0002 &lt;b&gt;" in rendered.html
    operations.reset_wording(actor=olga, **given)  # type: ignore[arg-type]
    assert queries.rendered(send(), THRESHOLD, show_secrets=True).subject == "+39 351 000 0002: 80% of the threshold"
    kinds = (
        Event.append_only.filter(kind__startswith="messaging.template").order_by("id").values_list("kind", flat=True)
    )
    assert list(kinds) == ["messaging.template_changed", "messaging.template_reset"]


@pytest.mark.parametrize(
    ("template", "channel", "wording", "sentence"),
    [
        ("threshold_warning", Channel.EMAIL, Wording("", "x"), "A mail needs a subject."),
        ("threshold_warning", Channel.EMAIL, Wording("x", " "), "The text is empty."),
        ("threshold_warning", Channel.SMS, Wording("", "{{ nobody }}"), "{{ nobody }} does not exist here."),
        ("threshold_warning", Channel.SMS, Wording("", "{% load x %}"), "other braces cannot be used"),
        ("threshold_warning", Channel.SMS, Wording("", "{{ line|upper }}"), "other braces cannot be used"),
        ("threshold_warning", Channel.SMS, Wording("", "{{ line.__class__ }}"), "other braces cannot be used"),
        ("invitation", Channel.EMAIL, Wording("x", "no link"), "The text must contain {{ link }}"),
        ("sign_in_code", Channel.SMS, Wording("", "Your code: {{ code }}"), "must start with {{ code }}"),
        ("sign_in_code", Channel.SMS, Wording("", "{{ code }} is it"), "its last line must be"),
    ],
)
def test_a_wording_that_breaks_the_message_is_refused(  # noqa: PLR0917
    olga: Actor, now: datetime, template: str, channel: Channel, wording: Wording, sentence: str
) -> None:
    with pytest.raises(WordingInvalid) as refused:
        operations.set_wording(actor=olga, template=template, language="en", channel=channel, wording=wording, now=now)
    assert sentence in str(refused.value)


def test_only_the_operator_changes_wordings(ada: Actor, now: datetime) -> None:
    with pytest.raises(NotPermitted):
        operations.set_wording(
            actor=ada,
            template="invitation",
            language="en",
            channel=Channel.EMAIL,
            wording=Wording("x", "{{ link }}"),
            now=now,
        )
