"""Where a session comes from: addresses behind proxies, and what browsers are called."""

from __future__ import annotations

import pytest

from sportello.accounts.tests.conftest import Browser
from sportello.accounts.web.browser_names import browser_name, is_phone
from sportello.kernel.models import Event


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "192.0.2.9", "127.0.0.1"),
        (1, "192.0.2.9", "192.0.2.9"),
        (1, "10.9.9.9, 192.0.2.9", "192.0.2.9"),
        (2, "10.9.9.9, 192.0.2.9, 192.0.2.10", "192.0.2.9"),
        (3, "192.0.2.9", "192.0.2.9"),
        (1, "not an address", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_a10_the_clients_address_is_what_trusted_proxies_saw(world, outbox, settings, proxies, header, address):  # noqa: PLR0917
    settings.SPORTELLO = settings.SPORTELLO | {"TRUSTED_PROXIES": proxies}
    Browser(HTTP_X_FORWARDED_FOR=header).first("nobody")
    assert Event.append_only.get(kind="sign_in.failed").address == address


def test_session_shows_browser_and_address(world, outbox):
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    one = Browser(HTTP_USER_AGENT=agent, REMOTE_ADDR="192.0.2.44")
    one.first()
    one.second(outbox.codes()[0])
    page = one.get("/account/sessions/").content.decode()
    assert "Firefox · Linux" in page
    assert "192.0.2.44" in page


@pytest.mark.parametrize(
    ("header", "name", "phone"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0",
            "Edge · Windows",
            False,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
            True,
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36",
            "Chrome · Android",
            True,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/17.5 Safari/605.1.15",
            "Safari · macOS",
            False,
        ),
        ("curl/8.5.0", "curl/8.5.0", False),
        ("", "", False),
    ],
)
def test_browsers_are_called_what_people_call_them(header, name, phone):
    assert (browser_name(header), is_phone(header)) == (name, phone)
