from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse


def test_component_page_shows_every_plot_and_state(signed_in: Callable[[str], Client]) -> None:
    response = signed_in("olga").get(reverse("shell:components"))
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count('<figure class="chart">') == 10
    assert "style=" not in page


def test_component_page_is_for_those_who_run_the_portal(signed_in: Callable[[str], Client]) -> None:
    assert signed_in("ada").get(reverse("shell:components")).status_code == 403
