"""A ticket as people live it: the partner opens it, the operator answers visibly, the customer is mailed and sees just that, the partner sees it live."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import Arrive, Visitor

CUSTOMER = "Unione dei comuni"
SUBJECT = "La linea cade ogni ora"


def opened(pia: Visitor, trace: Path) -> str:
    """Open an xDSL ticket with a file from the customer's record; return its path."""
    pia.goto("/organisations/")
    pia.page.locator("#listing tbody td a").filter(has_text=CUSTOMER).first.click()
    pia.press("New ticket")
    pia.page.get_by_role("link", name="xDSL").click()
    pia.page.get_by_label("Subject").fill(SUBJECT)
    pia.page.get_by_label("Problem", exact=True).select_option(label="The line drops")
    pia.page.get_by_label("Contract and site").select_option(index=1)
    pia.page.get_by_label("State of the line").select_option(label="Works now and then")
    pia.page.get_by_label("Person to call back").fill("Rita Conti")
    pia.page.get_by_label("Direct number").fill("055 264 5555")
    pia.page.get_by_label("Text").fill("Da lunedì la linea cade ogni ora.")
    pia.page.locator("input[type=file]").set_input_files(trace)
    pia.press("Open the ticket")
    expect(pia.page.get_by_text("is open.").first).to_be_visible()
    return pia.where


def answered_by_mail(reader: Visitor, to: str, text: str) -> None:
    """Answer the newest mail of the ticket to an address, in the demo's mailbox."""
    with reader.simulator() as tab:
        mails = tab.get_by_role("navigation", name="Mailbox").get_by_role("link").filter(has_text=SUBJECT)
        expect(mails.filter(has_text=to).first).to_be_visible(timeout=20_000)
        mails.filter(has_text=to).first.click()
        tab.get_by_role("link", name="Answer").click()
        tab.get_by_label("Your answer").fill(text)
        tab.get_by_role("button", name="Send the answer").click()
        expect(tab.get_by_text("Taken", exact=True)).to_be_visible()


def test_a_ticket_among_partner_operator_and_customer(arrive: Arrive, tmp_path: Path) -> None:
    trace = tmp_path / "modem-log.txt"
    trace.write_text("08:03 sync lost\n")
    pia, olga, ada = arrive("pia.partner"), arrive("olga.operator"), arrive("ada.administrator")
    path = opened(pia, trace)
    expect(pia.page.get_by_text("modem-log.txt")).to_be_visible()
    assert ada.status(path) == 404

    olga.goto(path)
    olga.press("Make the ticket visible")
    olga.page.get_by_label("Text").fill("Il tecnico arriva domani alle nove.")
    olga.page.get_by_label("Visible to the end customer").check()
    olga.press("Send")
    expect(olga.page.get_by_text("Your entry is in the ticket.")).to_be_visible()
    expect(pia.page.get_by_text("Il tecnico arriva domani alle nove.")).to_be_visible(
        timeout=20_000
    )  # without reloading

    olga.page.get_by_label("Internal note").check()
    olga.page.get_by_label("Text").fill("Cliente da trattare con cura.")
    olga.press("Send")
    expect(olga.page.get_by_text("Cliente da trattare con cura.")).to_be_visible()

    ada.goto(path)
    expect(ada.page.get_by_text("Il tecnico arriva domani alle nove.")).to_be_visible()
    expect(ada.page.get_by_text("Da lunedì la linea cade ogni ora.")).to_have_count(0)
    expect(ada.page.get_by_text("Cliente da trattare con cura.")).to_have_count(0)

    answered_by_mail(ada, "ada.administrator@", "Va bene, vi aspetto alle nove.")
    expect(pia.page.get_by_text("Va bene, vi aspetto alle nove.")).to_be_visible(timeout=20_000)  # without reloading
    pia.page.reload()
    expect(pia.page.get_by_text("Cliente da trattare con cura.")).to_have_count(0)


def test_an_employee_asks_for_help_and_the_operator_finds_it(arrive: Arrive) -> None:
    bo, olga = arrive("bo.employee"), arrive("olga.operator")
    bo.goto("/tickets/requests/")
    bo.press("Ask for help")
    bo.page.get_by_label("Subject").fill("Niente segnale in cantina")
    bo.page.get_by_label("What is the problem?").fill("Al piano interrato il telefono non prende.")
    bo.press("Send the request")
    expect(bo.page.get_by_text("The answer comes by e-mail.")).to_be_visible()
    olga.goto("/tickets/?q=cantina")
    expect(olga.page.get_by_role("link", name="Niente segnale in cantina")).to_be_visible()
