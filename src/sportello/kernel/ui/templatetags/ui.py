"""The page components as template tags and filters: `{% load ui %}`. All of them are shown on `/components/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sportello.kernel.sentences import told
from sportello.kernel.ui import fields, formats
from sportello.kernel.ui.charts import Chart, Sparkline, render_chart
from sportello.kernel.ui.types import STATE_TONES, Steps, Tab, TimelineEntry
from sportello.kernel.web.forms import refusal_of
from sportello.kernel.web.middleware import note_refused_form

# ruff: noqa: PLR0917 - template tags are called with names

register = template.Library()
Context = dict[str, Any]

register.filter("number", formats.number)
register.filter("money", formats.money)
register.filter("percent", formats.percent)
register.filter("volume", formats.volume)
register.filter("duration", formats.duration)
register.filter("day", formats.day)
register.filter("month", formats.month)
register.filter("phone", formats.phone)
register.filter("initials", formats.initials)


register.filter("told", told)


@register.filter
def rate(value: Decimal | None) -> str:
    """Write the amount of one usage record with the five decimals it is rated in."""
    return formats.money(value, places=5)


@register.filter
def instant(value: datetime | None) -> str | SafeString:
    """Write an instant in the person's time zone, with the machine-readable one in the markup."""
    return _time(value, formats.instant(value))


@register.filter
def exact_instant(value: datetime | None) -> str | SafeString:
    """Write an instant with its seconds."""
    return _time(value, formats.instant(value, seconds=True))


@register.filter
def ago(value: datetime | None) -> str | SafeString:
    """Write how long ago an instant was; the instant itself shows when the pointer rests on it."""
    return _time(value, formats.ago(value, now=timezone.now()))


def _time(value: date | None, text: str) -> str | SafeString:
    if value is None:
        return text
    shown = formats.instant(value) if isinstance(value, datetime) else text
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), shown, text)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label it is decoration and hidden from screen readers."""
    size_class = f" icon-{size}" if size else ""
    spoken = format_html(' role="img" aria-label="{}"', label) if label else SafeString(' aria-hidden="true"')
    source = static("vendor/icons.svg")
    return format_html('<svg class="icon{}"{}><use href="{}#{}"/></svg>', size_class, spoken, source, name)


@register.simple_tag
def pill(label: object, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """Draw a short status in a tone: good, warn, bad, info, accent, neutral or off."""
    drawn = icon(icon_name, "small") if icon_name else ""
    return format_html('<span class="pill tone-{}">{}{}</span>', tone, drawn, label)


@register.simple_tag
def state(value: str, label: object = "", tone: str = "") -> SafeString:
    """Draw a state as a pill; the tone of a usual state is known, the label is the state's words."""
    return pill(label or value, tone or STATE_TONES.get(str(value), "neutral"))


@register.simple_tag
def avatar(name: str) -> SafeString:
    """Draw the initials of a person, in a colour that stays with the name."""
    shade = sum(map(ord, name)) % 4
    return format_html('<span class="face face-{}" aria-hidden="true">{}</span>', shade, formats.initials(name))


@register.simple_tag(takes_context=True)
def acting_field(context: template.Context) -> SafeString:
    """Say in a form as which membership it was opened: a POST from another tab's membership is refused (ABUSE C12)."""
    actor = getattr(context.get("request"), "actor", None)
    if actor is None or actor.membership_id is None:
        return SafeString("")
    return format_html('<input type="hidden" name="_acting" value="{}">', actor.membership_id)


@register.simple_tag
def copy_button(text: str, label: str = "") -> str:
    """Draw a button that copies `text`."""
    return render_to_string("ui/copy.html", {"text": text, "label": label})


@register.inclusion_tag("ui/stat.html")
def stat(
    label: str,
    value: object,
    icon: str = "",
    url: str = "",
    note: str = "",
    delta: str = "",
    delta_tone: str = "",
    spark: Sparkline | None = None,
) -> Context:
    """Draw a figure with its label, how it moved (`delta` says it in words), and a small line of its past."""
    return {
        "label": label, "value": value, "icon": icon, "url": url, "note": note,
        "delta": delta, "delta_tone": delta_tone, "spark": render_chart(spark) if spark else "",
    }  # fmt: skip


@register.inclusion_tag("ui/empty.html")
def empty(title: str, text: str = "", icon: str = "inbox", action: str = "", url: str = "", level: int = 2) -> Context:
    """Draw an empty state: what is not there, and what to do next."""
    return {"title": title, "text": text, "icon": icon, "action": action, "url": url, "level": level}


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, width: str = "", **attributes: Any) -> Context:
    """Draw a form field; `width` is `half` or `third` inside `<div class="fields">`."""
    return {"field": fields.drawn(bound, width=width, **attributes), "bound": bound}


@register.inclusion_tag("ui/form_fields.html")
def form_fields(form: BaseForm) -> Context:
    """Draw all fields of a form, hidden ones first."""
    return {"form": form}


@register.inclusion_tag("ui/error_summary.html", takes_context=True)
def error_summary(context: template.Context, form: BaseForm) -> Context:
    """Draw the errors of a form at its top, each a link to its field; nothing when there are none.

    Every form that was refused passes here: what refused it is noted for the record (ABUSE.md, conventions).
    """
    refusal, request = refusal_of(form), context.get("request")
    if refusal and request is not None:
        note_refused_form(request, refusal)
    found = [(form[name], list(texts)) for name, texts in form.errors.items() if name in form.fields]
    return {"form": form, "found": found, "general": form.non_field_errors()}


@register.inclusion_tag("ui/submit.html")
def submit(
    label: str, tone: str = "primary", icon: str = "", refusal: object = None, name: str = "", value: str = ""
) -> Context:
    """Draw a submit button; with a `refusal` it is disabled and says why, in the rule's own sentence."""
    sentence = getattr(refusal, "sentence", refusal) or ""
    return {"label": label, "tone": tone, "icon": icon, "refusal": sentence, "name": name, "value": value}


@register.inclusion_tag("ui/drop_zone.html")
def drop_zone(bound: BoundField, text: str = "") -> Context:
    """Draw a file field as a zone to drop files on."""
    return {"field": fields.drawn(bound), "bound": bound, "text": text}


@register.inclusion_tag("ui/pages.html", takes_context=True)
def pages(context: template.Context, page: Any) -> Context:
    """Draw the page numbers of a Django `Page`; the filters stay in the addresses."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "numbers": list(numbers), "request": context.get("request"), "gap": page.paginator.ELLIPSIS}


@register.inclusion_tag("ui/keyset.html")
def keyset(previous_url: str = "", next_url: str = "", shown: str = "") -> Context:
    """Draw previous and next of a list that is paged by key; `shown` says what is on screen."""
    return {"previous_url": previous_url, "next_url": next_url, "shown": shown}


@register.inclusion_tag("ui/sort_header.html", takes_context=True)
def sort_header(context: template.Context, key: str, label: str, numeric: bool = False) -> Context:  # noqa: FBT001, FBT002
    """Draw a column header that sorts by `key` (`?sort=key`, again for `?sort=-key`); paging starts anew."""
    request = context["request"]
    now = request.GET.get("sort", context.get("default_sort", ""))
    direction = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    query = request.GET.copy()
    for name in ("page", "after", "before"):
        query.pop(name, None)
    query["sort"] = f"-{key}" if direction == "ascending" else key
    return {"label": label, "direction": direction, "numeric": numeric, "url": f"?{query.urlencode()}"}


@register.inclusion_tag("ui/tabs.html")
def tabs(items: Sequence[Tab], label: str = "") -> Context:
    """Draw links to the parts of one thing."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/facts.html")
def facts(items: Sequence[tuple[object, object]] | Mapping[object, object]) -> Context:
    """Draw names with their values; an empty value shows as a dash."""
    return {"items": list(items.items()) if isinstance(items, Mapping) else items}


@register.inclusion_tag("ui/timeline.html")
def timeline(entries: Sequence[TimelineEntry]) -> Context:
    """Draw what happened, newest first as given."""
    return {"entries": entries}


@register.inclusion_tag("ui/meter.html")
def meter(share: Decimal | int, label: str = "", text: str = "", tone: str = "") -> Context:
    """Draw a bar filled to `share` hundredths, with its words; full and bad from 100 on unless a tone is named."""
    bounded = max(Decimal(0), min(Decimal(100), Decimal(share)))
    judged = tone or ("bad" if share >= 100 else "warn" if share >= 80 else "good")  # noqa: PLR2004 - default steps
    return {
        "width": f"{bounded:.1f}", "percent": formats.share(share), "label": label, "text": text, "tone": judged,
        "now": f"{bounded:.0f}",
    }  # fmt: skip


@register.inclusion_tag("ui/steps.html")
def steps(items: Steps) -> Context:
    """Draw the steps of a piece of work and where it is."""
    return {"items": [(index, label) for index, label in enumerate(items.labels, 1)], "current": items.current}


@register.simple_tag
def chart(plot: Chart) -> SafeString:
    """Draw a plot with its legend and the table of its numbers."""
    return render_chart(plot)


@register.simple_block_tag
def card(content: str, title: str = "", lead: str = "", url: str = "", more: str = "", flush: bool = False) -> str:  # noqa: FBT001, FBT002
    """Draw a card around `content`; `flush` for tables that reach its edges; `url` with `more` links onward."""
    return render_to_string(
        "ui/card.html",
        {"content": content, "title": title, "lead": lead, "url": url, "more": more, "flush": flush},
    )


@register.simple_block_tag
def alert(content: str, tone: str = "info", title: str = "", icon: str = "", live: bool = False) -> str:  # noqa: FBT001, FBT002
    """Draw a note in a tone; `live` makes a screen reader say it at once."""
    return render_to_string(
        "ui/alert.html", {"content": content, "tone": tone, "title": title, "icon": icon, "live": live}
    )


@register.simple_block_tag
def data_table(content: str, label: str) -> str:
    """Draw a table that scrolls sideways on its own when the screen is narrow, reachable by keyboard."""
    return render_to_string("ui/data_table.html", {"content": content, "label": label})


@register.simple_block_tag(takes_context=True)
def filter_bar(context: template.Context, content: str, target: str = "", label: str = "") -> str:
    """Draw the filters of a list as a GET form that sends itself; the sort stays. `target` swaps that id by htmx."""
    request = context["request"]
    chosen = {name: value for name, value in request.GET.items() if value and name not in {"sort", "page", "size"}}
    return render_to_string(
        "ui/filter_bar.html",
        {"content": content, "target": target, "label": label, "chosen": chosen, "request": request},
    )


@register.simple_block_tag
def bulk_bar(content: str, count: int = 0) -> str:
    """Draw the bar of bulk actions: put it in the form whose rows have `<input type=checkbox data-row>`."""
    return render_to_string("ui/bulk_bar.html", {"content": content, "count": count})


@register.simple_block_tag
def menu(content: str, label: str, icon: str = "dots", tone: str = "", start: bool = False) -> str:  # noqa: FBT001, FBT002
    """Draw a button that opens a list of `<a class="menu-item">`; works without JavaScript."""
    return render_to_string(
        "ui/menu.html", {"content": content, "label": label, "icon": icon, "tone": tone, "start": start}
    )


@register.simple_block_tag(takes_context=True)
def confirm(
    context: template.Context,
    content: str,
    key: str,
    title: str,
    action: str,
    label: str,
    tone: str = "danger",
    dismiss: str = "",
) -> str:
    """Draw a dialog that posts to `action`; any `<button command="show-modal" commandfor="key">` opens it.

    `dismiss` names the button that leaves all as it is, where "Cancel" could be taken for what the dialog does.
    """
    # The token and the actor are handed on: a second run of the context processors would read the navigation again.
    handed = {name: context.get(name) for name in ("csrf_token", "actor", "request")}
    return render_to_string(
        "ui/confirm.html",
        {
            **handed,
            "content": content,
            "key": key,
            "title": title,
            "action": action,
            "label": label,
            "tone": tone,
            "dismiss": dismiss,
        },
    )
