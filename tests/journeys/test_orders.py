"""An order as people live it: the administrator asks and checks, the agent takes it, asks back and completes it, the line has changed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.conftest import Arrive


def test_an_order_from_the_choice_of_lines_to_the_changed_inventory(arrive: Arrive) -> None:
    ada, otto = arrive("ada.administrator"), arrive("otto.agent")
    ada.goto("/orders/new/")
    ada.page.get_by_role("link", name="Cost centre", exact=False).first.click()
    ada.page.locator("input[data-row]").nth(3).check()
    ada.press("Order for these lines")
    ada.page.get_by_label("Cost centre").select_option(index=2)
    ada.press("Check")
    expect(ada.page.get_by_role("heading", name="Check the order")).to_be_visible()
    ada.press("Send the order")
    expect(ada.page.get_by_text("The order has the code").first).to_be_visible()
    path = ada.where

    otto.goto(path)
    otto.press("Take")
    otto.page.locator("summary", has_text="Ask the customer").click()
    otto.page.get_by_label("Question to the customer").fill("Da quale giorno?")
    otto.press("Ask")
    expect(otto.page.get_by_text("Waiting for the customer").first).to_be_visible()

    ada.goto(path)
    expect(ada.page.get_by_text("Da quale giorno?").first).to_be_visible()
    ada.page.get_by_label("Your answer").fill("Da subito.")
    ada.press("Answer")
    otto.goto(path)
    expect(otto.page.get_by_text("Da subito.").first).to_be_visible()
    otto.press("Complete")
    expect(otto.page.get_by_text("Completed: the inventory is changed.")).to_be_visible()

    ada.goto(path)
    expect(ada.page.get_by_text("Completed", exact=True).first).to_be_visible()
    ada.page.locator("tbody a").first.click()
    expect(ada.page.get_by_role("link", name="ORD-").first).to_be_visible()
