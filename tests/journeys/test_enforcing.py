"""An enforcing threshold from the traffic manager's form to the network and back: asked, confirmed, shown, lifted."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import Locator, expect

from sportello.kernel.access import Profile
from tests.journeys.conftest import Arrive, Visitor, wait_until
from tests.journeys.test_first_slice import drop_by_command, quiet_line


def network(visitor: Visitor, behaviour: str) -> None:
    """Let the simulated network behave in another way."""
    tab = visitor.context.new_page()
    tab.goto(f"{visitor.portal.address}/simulator/network/")
    tab.get_by_role("button", name=behaviour).click()
    expect(tab.get_by_role("button", name=behaviour)).to_have_attribute("aria-pressed", "true")
    tab.close()


def kept(visitor: Visitor, number: str) -> list[str]:
    """Return what the network has on and off for a number."""
    tab = visitor.context.new_page()
    tab.goto(f"{visitor.portal.address}/simulator/network/")
    found = tab.locator("table").first.locator("tbody tr").filter(has_text=number).all_inner_texts()
    tab.close()
    return [re.split(r"\s+", row.strip())[-1] for row in found]


def bar_of(visitor: Visitor, number: str) -> Locator:
    visitor.goto(f"/thresholds/bars/?q={quote(number)}")
    return visitor.page.locator("#listing tbody tr").first


def test_traffic_manager_bars_by_a_threshold_sees_what_the_network_says_and_lifts_it(arrive: Arrive) -> None:
    ada, tito = arrive("ada.administrator"), arrive("tito.traffic")
    tito.goto("/act-as/")
    tito.act_as(Profile.TRAFFIC_MANAGER)
    assert tito.status("/traffic/") == 403
    line = quiet_line(ada)

    tito.goto(f"/thresholds/new/?q={line.bare}")
    tito.page.locator("main tbody a").first.click()
    tito.page.get_by_label("What to watch").select_option(label="Voice, in euro")
    tito.page.get_by_label("When the limit is reached").select_option(label="Tell, and bar the traffic")
    tito.page.get_by_label(re.compile("^Limit per")).fill("0")
    tito.press("Set the threshold")
    expect(tito.page.get_by_label(re.compile("^Limit per"))).to_have_attribute("aria-invalid", "true")
    tito.page.get_by_label(re.compile("^Limit per")).fill("2")
    tito.press("Set the threshold")
    expect(tito.page.locator("main")).to_contain_text("2.00")

    network(tito, "Is away")
    drop_by_command(tito.portal, line.bare, "3.00")
    expect(bar_of(tito, line.bare)).to_contain_text("Bar asked of the network")
    assert kept(tito, line.bare) == []
    network(tito, "Works well")

    def says(word: str) -> bool:
        return word in bar_of(tito, line.bare).inner_text()

    wait_until(lambda: says("Barred"), seconds=60, what="the network confirms the bar")
    assert kept(tito, line.bare) == ["On"]
    wait_until(
        lambda: any("Blocco in corso" in text for text in tito.texts(line.holder)),
        what=f"the text on the phone of {line.holder}",
    )

    bar_of(tito, line.bare).get_by_role("link").first.click()
    expect(tito.page.locator("main")).to_contain_text("Barred")
    tito.page.get_by_role("button", name=re.compile("^Lift the bar")).first.click()
    tito.page.get_by_role("dialog").get_by_role("button", name="Lift the bar").click()
    wait_until(lambda: says("Lifted"), seconds=60, what="the network confirms the lift")
    assert kept(tito, line.bare) == ["Off"]
