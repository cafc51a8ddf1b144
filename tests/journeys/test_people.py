"""An administrator takes somebody on: written down, invited, in; many by file; all of it on record."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Arrive, Visitor

ADA = "ada.administrator"
PASSWORD = "six-turtles-walk-home-42"


def a_name() -> str:
    """Return a family name that nobody of the demo bears."""
    return "Nuovo" + "".join(secrets.choice("aeiounrstl") for _ in range(6))


def write_down(ada: Visitor, name: str, mobile: str) -> str:
    """Take on an employee called Nina, send the invitation, return the username."""
    ada.goto("/people/")
    ada.press("New person")
    ada.page.get_by_label("Given name").fill("Nina")
    ada.page.get_by_label("Family name").fill(name)
    ada.page.get_by_label("E-mail").fill(f"{name.lower()}@journey.example")
    ada.page.get_by_label("Mobile").fill(mobile)
    ada.page.get_by_label("Employee").check()
    ada.page.get_by_label("Send the invitation now").check()
    ada.press("Save")
    told = ada.page.get_by_text("was added, with the username").inner_text()
    return re.search(r"username (\S+?)\.?$", told.strip())[1]


def a_mobile() -> str:
    """Return a number of the demo's range for fiction that nobody bears."""
    return f"+39312{secrets.randbelow(9_000_000) + 1_000_000}"


def test_somebody_new_is_written_down_invited_and_signs_in(arrive: Arrive) -> None:
    ada, nina, name, mobile = arrive(ADA), arrive(), a_name(), a_mobile()
    username = write_down(ada, name, mobile)
    link = nina.mail_link(f"{name.lower()}@journey.example", "/invitation/")

    nina.page.goto(link)
    expect(nina.page.locator("main")).to_contain_text(username)
    nina.page.get_by_label("New password", exact=True).fill("short")
    nina.page.get_by_label("New password again").fill("short")
    nina.press("Continue")
    expect(nina.page.get_by_label("New password", exact=True)).to_have_attribute("aria-invalid", "true")
    nina.page.get_by_label("New password", exact=True).fill(PASSWORD)
    nina.page.get_by_label("New password again").fill(PASSWORD)
    nina.press("Continue")
    first = nina.code(name)
    nina.page.get_by_label("Code").fill(first)
    nina.press("Finish and sign in")
    expect(nina.page.get_by_role("heading", level=1)).to_contain_text("Nina")

    again = arrive()
    again.page.goto(link)
    expect(again.page.get_by_label("New password", exact=True)).to_have_count(0)
    again.goto("/sign-in/")
    again.page.get_by_label("Username").fill(username)
    again.page.get_by_label("Password", exact=True).fill(PASSWORD)
    again.press("Continue")
    again.page.get_by_label("Code").fill(again.code(name, other_than=first))
    again.press("Sign in")
    assert again.where == "/"

    ada.goto("/audit/")
    told = ada.page.locator("#listing tbody").inner_text()
    assert f"Nina {name}" in told
    assert "Signed in" in told


def test_a_person_who_was_deactivated_is_out_at_once(arrive: Arrive) -> None:
    ada, nina, name = arrive(ADA), arrive(), a_name()
    write_down(ada, name, a_mobile())
    nina.page.goto(nina.mail_link(f"{name.lower()}@journey.example", "/invitation/"))
    nina.page.get_by_label("New password", exact=True).fill(PASSWORD)
    nina.page.get_by_label("New password again").fill(PASSWORD)
    nina.press("Continue")
    nina.page.get_by_label("Code").fill(nina.code(name))
    nina.press("Finish and sign in")
    nina.goto("/account/")

    ada.page.locator("summary", has_text="More").click()
    ada.press("Deactivate")
    ada.page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(ada.page.locator("main")).to_contain_text("was deactivated; all sessions ended")
    nina.page.goto(f"{nina.portal.address}/account/")
    assert nina.where == "/sign-in/"


def preview(ada: Visitor, file: Path) -> Locator:
    """Hand a people file in and return the preview's rows."""
    ada.goto("/people/import/")
    ada.page.get_by_label("File").set_input_files(file)
    ada.press("Check the file")
    ada.page.wait_for_url(re.compile(r"/people/import/.+"))
    return ada.page.locator("main tbody tr")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def test_a_people_file_writes_nothing_until_every_row_is_right(arrive: Arrive, file: Path) -> None:
    ada, name = arrive(ADA), a_name()
    ada.goto("/organisation/")
    customer = re.search(r"\bC\d{5}\b", ada.page.locator("main").inner_text())[0]
    head = "customer_code,person_code,given_name,family_name,email,mobile,profiles\n"
    right = f"{customer},{name}-1,Rosa,{name},,,employee\n"
    file.write_text(f"{head}{right}{customer},{name}-2,Remo,{name},not an address,,employee\n")

    rows = preview(ada, file)
    expect(rows).to_have_count(1)  # the wrong ones are shown first
    expect(rows.filter(has_text=f"{name}-2")).to_contain_text("email")
    expect(ada.page.locator("main")).to_contain_text("1 row is wrong. Nothing is written until all rows are right.")
    assert ada.page.get_by_role("button", name=re.compile("^Write")).is_disabled()
    ada.press("Throw the file away")
    ada.goto(f"/people/?q={name}")
    expect(ada.page.get_by_text("Nothing fits these filters")).to_be_visible()

    file.write_text(f"{head}{right}{customer},{name}-2,Remo,{name},remo.{name.lower()}@journey.example,,employee\n")
    expect(preview(ada, file)).to_have_count(2)
    ada.press("Write 2 rows")
    ada.goto(f"/people/?q={name}")
    expect(ada.page.locator("#listing tbody tr")).to_have_count(2)
    preview(ada, file)
    expect(ada.page.locator("main")).to_contain_text("This very file was applied before")

    ada.goto("/audit/")
    expect(ada.page.locator("#listing tbody")).to_contain_text("people.csv")


def test_viewing_as_somebody_changes_nothing_and_both_have_it_on_record(arrive: Arrive) -> None:
    olga = arrive()
    olga.sign_in("olga.operator")  # a session of her own: it goes to look through other eyes
    olga.goto("/people/?q=ada.administrator")
    olga.page.locator("#listing tbody a").first.click()
    olga.page.get_by_role("link", name=re.compile("^View as")).first.click()
    olga.press("View as")
    expect(olga.page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    reason = f"The customer asked what Ada sees, call {secrets.randbelow(10**6)}"
    olga.page.get_by_label("Reason").fill(reason)
    olga.press("View as")

    banner = olga.page.locator(".view-as")
    expect(banner).to_contain_text("You are viewing the portal as Ada Amato")
    assert olga.status("/account/") == 403
    assert olga.status("/messages/") == 403
    name = a_name()
    olga.goto("/people/new/")
    olga.page.get_by_label("Given name").fill("Nobody")
    olga.page.get_by_label("Family name").fill(name)
    olga.press("Save")
    expect(banner).to_be_visible()
    expect(olga.page.locator("main")).to_contain_text("you can look, but not change anything")
    olga.goto(f"/people/?q={name}")
    expect(olga.page.get_by_text("Nothing fits these filters")).to_be_visible()
    olga.goto("/")
    olga.press("Stop viewing")
    expect(banner).to_have_count(0)
    olga.goto("/messages/")

    for reader in (arrive(ADA), olga):
        reader.goto("/audit/")
        expect(reader.page.locator("#listing tbody")).to_contain_text(reason)
