# ruff: noqa: RUF001 - dashes and signs as people read them

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from sportello.config.assets import PACKAGE, TARGET, icon_names
from sportello.kernel.refusals import WrongState
from sportello.kernel.ui.types import Tab


class Small(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the contract")
    channel = forms.ChoiceField(label="Channel", choices=[("sms", "SMS")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False)


def drawn(source: str, address: str = "/lines/", **context: object) -> str:
    return Template(source).render(Context({"request": RequestFactory().get(address), **context}))


def test_a_field_names_its_help_and_its_error_to_screen_readers() -> None:
    markup = drawn("{% field form.name %}", form=Small({"channel": "sms"}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in markup
    assert 'aria-invalid="true"' in markup
    assert 'id="id_name_helptext"' in markup
    assert 'id="id_name_error"' in markup
    assert '<label class="form-label" for="id_name">' in markup


def test_a_field_without_trouble_mentions_none() -> None:
    markup = drawn("{% field form.note %}", form=Small())
    assert "aria-describedby" not in markup
    assert "aria-invalid" not in markup
    assert "(optional)" in markup


@pytest.mark.parametrize(
    ("choices", "said"), [([("a", "A"), ("b", "B")], False), ([("", "---------"), ("a", "A")], True)]
)
def test_a_choice_that_is_always_taken_is_not_called_optional(choices: list[tuple[str, str]], said: bool) -> None:
    class Chosen(forms.Form):
        kind = forms.ChoiceField(choices=choices, required=False)

    assert ("(optional)" in drawn("{% field form.kind %}", form=Chosen())) is said


def test_choices_stand_in_a_fieldset_that_says_what_they_are() -> None:
    markup = drawn("{% field form.channel %}", form=Small({"name": "x"}))
    assert '<fieldset aria-describedby="id_channel_error">' in markup
    assert '<legend class="form-label">Channel</legend>' in markup
    assert '<label class="form-check-label" for="id_channel_0">SMS</label>' in markup


def test_what_was_typed_is_shown_again_escaped() -> None:
    markup = drawn("{% field form.name %}", form=Small({"name": '"><b>'}))
    assert 'value="&quot;&gt;&lt;b&gt;"' in markup


def test_error_summary_links_each_error_to_its_field() -> None:
    form = Small({"name": ""})
    form.add_error(None, "Not now.")
    markup = drawn("{% error_summary form %}", form=form)
    assert "<li>Not now.</li>" in markup
    assert '<a href="#id_name">Name</a>: This field is required.' in markup
    assert 'role="alert"' in markup


def test_error_summary_of_a_good_form_is_empty() -> None:
    assert drawn("{% error_summary form %}", form=Small({"name": "x", "channel": "sms"})) == "\n"


def test_a_refused_button_is_disabled_and_says_why() -> None:
    markup = drawn('{% submit "Close" refusal=refusal %}', refusal=WrongState("An order is open."))
    assert "disabled" in markup
    assert "An order is open." in markup
    assert 'type="submit"' not in markup


def test_a_button_without_refusal_submits() -> None:
    markup = drawn('{% submit "Close" refusal=refusal %}', refusal=None)
    assert '<button type="submit" class="btn btn-primary">' in markup
    assert "disabled" not in markup


@pytest.mark.parametrize(
    ("address", "url", "direction"),
    [
        ("/lines/?kind=mobile&page=4", "?kind=mobile&amp;sort=number", None),
        ("/lines/?sort=number&after=x", "?sort=-number", "ascending"),
        ("/lines/?sort=-number", "?sort=number", "descending"),
    ],
)
def test_sort_header_turns_the_order_and_starts_paging_anew(address: str, url: str, direction: str | None) -> None:
    markup = drawn('{% sort_header "number" "Number" %}', address=address)
    assert f'href="{url}"' in markup
    assert (f'aria-sort="{direction}"' in markup) is (direction is not None)


def test_pages_keep_the_filters() -> None:
    markup = drawn("{% pages page %}", address="/lines/?kind=mobile", page=Paginator(range(95), 10).page(2))
    assert 'href="?kind=mobile&amp;page=3"' in markup
    assert "11–20 of 95" in markup
    assert 'aria-current="page">2<' in markup


def test_filter_bar_keeps_sort_and_offers_to_clear_only_what_is_chosen() -> None:
    chosen = drawn("{% filter_bar %}x{% endfilter_bar %}", address="/lines/?kind=mobile&sort=-total")
    fresh = drawn("{% filter_bar %}x{% endfilter_bar %}", address="/lines/?sort=-total")
    assert '<input type="hidden" name="sort" value="-total">' in chosen
    assert 'href="/lines/"' in chosen
    assert 'href="/lines/"' not in fresh
    assert (" checked>" in chosen, " checked>" in fresh) == (True, False)  # on a phone, what narrows is in sight


def test_blocks_escape_their_titles_but_not_their_content() -> None:
    markup = drawn(
        "{% card title=title %}<p>In</p>{% endcard %}{% alert title=title %}<p>In</p>{% endalert %}", title="<b>"
    )
    assert markup.count("&lt;b&gt;") == 2
    assert markup.count("<p>In</p>") == 2


def test_tabs_say_which_one_is_open() -> None:
    items = [Tab(label="Now", url="/a/", active=True), Tab(label="Past", url="/b/", count=1200)]
    markup = drawn("{% tabs items %}", items=items)
    assert '<a href="/a/" aria-current="page">Now</a>' in markup
    assert '<span class="count">1,200</span>' in markup


def test_facts_show_nothing_as_a_dash_and_zero_as_zero() -> None:
    markup = drawn("{% facts items %}", items=[("Plan", ""), ("Calls", 0)])
    assert "<dd>–</dd>" in markup
    assert "<dd>0</dd>" in markup


@pytest.mark.parametrize(
    ("share", "width", "tone"), [(24, "24.0", "good"), (80, "80.0", "warn"), (122, "100.0", "bad"), (-3, "0.0", "good")]
)
def test_meter_is_never_wider_than_its_track(share: int, width: str, tone: str) -> None:
    markup = drawn("{% meter share %}", share=share)
    assert f'class="meter {tone}"' in markup
    assert f'width="{width}"' in markup


def test_an_unusual_state_is_neutral_and_a_usual_one_knows_its_tone() -> None:
    assert drawn('{% state "active" "Attiva" %}') == '<span class="pill tone-good">Attiva</span>'
    assert drawn('{% state "odd" %}') == '<span class="pill tone-neutral">odd</span>'


def test_icons_are_hidden_from_screen_readers_unless_they_speak() -> None:
    assert 'aria-hidden="true"' in drawn('{% icon "lock" %}')
    assert 'role="img" aria-label="Locked"' in drawn('{% icon "lock" "" "Locked" %}')


def test_no_template_has_inline_script_style_or_handler() -> None:
    wrong = [
        str(path)
        for path in PACKAGE.rglob("templates/**/*.html")
        if path.name != "mail.html"  # mail programs know no style sheets; no browser gets it under our policy
        and any(
            word in path.read_text()
            for word in (' style="', "<style", "onclick=", "javascript:", "<script>", "data-bs-toggle")
        )
    ]
    assert wrong == []


def test_a_key_in_the_markup_is_never_written_with_thousand_separators() -> None:
    """`{{ row.pk }}` would say `1.234` from the thousandth row on; keys pass through `stringformat`."""
    bare = re.compile(r"{{ ?[a-z_.]*\b(?:pk|id) ?}}")
    found = {
        str(path.relative_to(PACKAGE)): bare.findall(path.read_text()) for path in PACKAGE.rglob("templates/**/*.html")
    }
    assert {name: those for name, those in found.items() if those} == {}


def test_every_named_icon_is_in_the_sprite() -> None:
    if not (TARGET / "icons.svg").exists():
        pytest.skip("python -m sportello.config.assets was not run")
    sprite = (TARGET / "icons.svg").read_text()
    assert [name for name in icon_names(PACKAGE) if f'id="{name}"' not in sprite] == []


def test_icon_names_are_found_in_templates_and_code(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% icon "phone" "large" %}{% empty title=x icon="bell" %}{% icon icon "small" %}'
    )
    (tmp_path / "views.py").write_text('Item(icon="users")\ndef x(icon: str = "inbox"): ...')
    assert icon_names(tmp_path) == ["bell", "inbox", "phone", "users"]


def test_instants_and_rates_are_written_for_people_and_machines() -> None:
    at = datetime(2026, 11, 22, 13, 5, 7, tzinfo=UTC)
    markup = drawn(
        "{{ at|instant }}|{{ at|exact_instant }}|{{ none|instant }}|{{ rate|rate }}",
        at=at,
        none=None,
        rate=Decimal("0.12345"),
    )
    assert markup.replace("\N{NO-BREAK SPACE}", " ").split("|") == [
        '<time datetime="2026-11-22T13:05:07+00:00" title="22 Nov 2026, 14:05">22 Nov 2026, 14:05</time>',
        '<time datetime="2026-11-22T13:05:07+00:00" title="22 Nov 2026, 14:05">22 Nov 2026, 14:05:07</time>',
        "\N{EN DASH}",
        "€0.12345",
    ]
    assert 'title="22 Nov 2020, 14:05"' in drawn("{{ at|ago }}", at=at.replace(year=2020)).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_a_form_says_as_which_membership_it_was_opened_when_there_is_one() -> None:
    request = RequestFactory().get("/")
    assert drawn("{% acting_field %}", request=request) == ""
    request.actor = SimpleNamespace(membership_id=None)
    assert drawn("{% acting_field %}", request=request) == ""
    request.actor = SimpleNamespace(membership_id=1234)
    assert drawn("{% acting_field %}", request=request) == '<input type="hidden" name="_acting" value="1234">'


def test_previous_and_next_are_there_when_there_is_a_page() -> None:
    markup = drawn('{% keyset previous_url="?before=1" next_url="" shown="1 to 25" %}')
    assert ('href="?before=1"' in markup, "1 to 25" in markup) == (True, True)
