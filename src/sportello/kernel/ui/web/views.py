"""The component page: every piece that pages are put together from, in every state."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.ui.types import STATE_TONES
from sportello.kernel.ui.web import samples
from sportello.kernel.ui.web.forms import SampleFilter, SampleForm, SampleUpload
from sportello.kernel.web.pages import PageRequest, page

TONES = ("good", "warn", "bad", "info", "accent", "neutral", "off")


@page(section=Section.OPERATIONS)
def components(request: PageRequest) -> HttpResponse:
    """Show all components with invented facts."""
    now = timezone.now()
    context = {
        "title": _("Components"),
        "lead": _("What every page is put together from, in every state. Nothing here is a real customer."),
        "breadcrumbs": [(_("Start"), "/"), (_("Components"), "")],
        "tones": TONES,
        "states": sorted(STATE_TONES),
        "charts": samples.charts(),
        "spark": samples.spark(),
        "entries": samples.entries(now),
        "now": now,
        "tabs": samples.tabs(request.path),
        "work": samples.steps(),
        "lines": samples.lines(),
        "facts": {
            _("Number"): "+39 351 000 0012",
            _("Plan"): "Voce 500",
            _("Cost centre"): "",
            _("Activated"): now.date(),
        },
        "empty_form": SampleForm(initial={"channel": "sms", "steps": ["80", "100"]}, prefix="fresh"),
        "wrong_form": _wrong_form(),
        "filter_form": SampleFilter(request.GET or None),
        "upload_form": SampleUpload(),
        "page": Paginator(range(1284), 50).get_page(request.GET.get("page")),
    }
    return render(request, "ui/components.html", context)


def _wrong_form() -> SampleForm:
    typed = {
        "wrong-name": "",
        "wrong-email": "ada@",
        "wrong-kind": "mobile",
        "wrong-limit": "1e5x",
        "wrong-channel": "",
    }
    form = SampleForm(typed, prefix="wrong")
    form.add_error(None, _("The line is being ported: nothing on it can be changed before Friday."))
    return form
