"""Traffic as people use it: the administrator from a cost centre down to the record, out of the portal, and by schedule; an employee's own numbers."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyzipper
from playwright.sync_api import Download, Locator, expect

from tests.journeys.conftest import Arrive, Visitor, wait_until
from tests.journeys.test_first_slice import euro

OTHER_PARTY = 4
"""Its column: what is prepared in the background speaks the person's language, not the browser's."""
MASKED = re.compile(r"\+?\d+\*\*\*")


def test_an_administrator_goes_from_the_total_of_a_cost_centre_down_to_a_record(arrive: Arrive) -> None:
    ada = arrive("ada.administrator")
    ada.goto("/traffic/")
    ada.press("Analysis")
    month, before = last_months(2)
    ada.page.get_by_label("From").fill(f"{month:%Y-%m}")
    ada.page.get_by_label("To", exact=True).fill(f"{month:%Y-%m}")
    ada.page.get_by_label("To", exact=True).press("Enter")
    ada.page.wait_for_url(f"**from={month:%Y-%m}**")
    expect(ada.page.locator(".listing thead")).to_contain_text(f"{before:%B %Y}")

    amounts = ada.page.locator("tbody td[data-label='Amount']").all_inner_texts()
    total = euro(ada.page.locator("tfoot td[data-label='Amount']").inner_text())
    assert abs(sum(map(euro, amounts)) - total) <= len(amounts) * Decimal("0.01")
    ada.page.locator("summary", has_text="Show the numbers").first.click()
    plotted = ada.page.locator("details[open] table tbody tr").all_inner_texts()
    assert [amounts[0] in plotted[0], len(plotted)] == [True, min(len(amounts), 10)]

    centre, spent = ada.page.locator(".listing tbody tr td:first-child a").first.inner_text(), euro(amounts[0])
    ada.page.locator(".listing tbody tr td:first-child a").first.click()
    expect(ada.page.get_by_label("Cost centre").locator("option:checked")).to_contain_text(centre)
    assert euro(ada.page.locator("tfoot td[data-label='Amount']").inner_text()) == spent
    ada.page.locator(".listing tbody tr td:first-child a").first.click()
    ada.page.wait_for_url("**/records/**")
    called = ada.page.locator("main tbody td:nth-child(3)").all_inner_texts()
    assert called
    assert [number for number in called if re.search(r"\d{6}", number) and not MASKED.fullmatch(number)] == []
    expect(ada.page.get_by_role("button", name="Show whole numbers")).to_have_count(0)


def test_an_administrator_takes_traffic_out_at_once_in_the_background_encrypted_and_by_schedule(
    arrive: Arrive, tmp_path: Path
) -> None:
    ada = arrive("ada.administrator")
    last, _second, first = last_months(3)
    ada.goto(f"/traffic/analysis/?by=cost_centre&from={first:%Y-%m}&to={last:%Y-%m}")
    total = euro(ada.page.locator("tfoot td[data-label='Amount']").inner_text())
    with ada.page.expect_download() as small:
        ada.page.get_by_role("form", name="Totals").get_by_role("button", name="CSV").click()
    with ada.page.expect_download() as other:  # the page stays as it was: another form of file is no second click
        ada.page.get_by_role("form", name="Totals").get_by_role("button", name="PDF").click()
    assert other.value.suggested_filename.endswith(".pdf")
    rows = table(small.value, tmp_path)
    assert sum(Decimal(row["Amount"]) for row in rows).quantize(Decimal("0.01")) == total

    records = int(re.sub(r"\D", "", ada.page.locator("tfoot td[data-label='Records']").inner_text()))
    ada.page.get_by_role("form", name="Records").get_by_role("button", name="CSV").click()
    expect(ada.page.get_by_text("it is being prepared in the background")).to_be_visible()
    made = table(taken(ada, ada.page.locator("#exports tbody tr").first), tmp_path)
    assert len(made) == records
    assert [row for row in made if re.search(r"\d{6}$", list(row.values())[OTHER_PARTY])] == []

    ada.goto(f"/traffic/analysis/?by=line&from={last:%Y-%m}&to={last:%Y-%m}")
    ada.page.locator(".listing tbody tr td:first-child a").first.click()
    ada.page.get_by_role("link", name="The month").click()
    line = bare(ada.page.get_by_role("heading", level=1).inner_text())
    ada.press("Traffic documentation")
    ada.page.get_by_label("First day").fill(f"{last:%Y-%m}-01")
    ada.page.get_by_label("Last day").fill(f"{last:%Y-%m}-28")
    ada.page.get_by_label("Purpose").select_option(label="Contested charges")
    ada.press("Ask for it")
    expect(ada.page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    ada.page.get_by_label("Reason").fill("The holder contests the calls of these weeks.")
    ada.press("Ask for it")
    expect(ada.page.get_by_text("Its password comes to you by SMS")).to_be_visible()
    archive = tmp_path / "documentation.zip"
    taken(ada, ada.page.locator("#documentation tbody tr").first).save_as(archive)
    wait_until(lambda: password(ada, line) != "", what="the password on the phone")
    with pyzipper.AESZipFile(archive) as found:
        found.setpassword(password(ada, line).encode())
        said = list(csv.DictReader(io.StringIO(found.read(found.namelist()[0]).decode("utf-8-sig"))))
    assert any(re.search(r"\d{6}$", list(row.values())[OTHER_PARTY]) for row in said)

    ada.goto("/traffic/reports/new/")
    ada.page.get_by_label("Name").fill("Costs for the council")
    ada.page.get_by_label("Day of the month").fill("31")
    ada.press("Save")
    expect(ada.page.get_by_label("Day of the month")).to_have_attribute("aria-invalid", "true")
    ada.page.get_by_label("Day of the month").fill("5")
    ada.press("Save")
    report = ada.page.locator("tbody tr").filter(has_text="Costs for the council")
    expect(report).to_contain_text("day 5 of each month")
    report.get_by_role("button", name="Suspend").click()
    expect(report).to_contain_text("Suspended")
    report.get_by_role("button", name="End").click()
    expect(report.get_by_role("button")).to_have_count(0)


def test_an_employee_sees_the_own_called_numbers_whole_after_a_fresh_code_and_takes_them_out(
    arrive: Arrive, tmp_path: Path
) -> None:
    bo = arrive("bo.employee")
    bo.goto("/traffic/")
    if bo.where == "/traffic/":
        bo.page.locator("main a[href$='/']").filter(has_text="312").first.click()
    expect(bo.page.get_by_role("link", name="Exports")).to_be_visible()
    expect(bo.page.get_by_role("link", name="Documentation", exact=True)).to_be_visible()
    bo.page.get_by_role("link", name="All records of the month").click()
    where = bo.page.url
    name = bo.portal.logins["bo.employee"]["name"]
    bo.press("Show whole numbers")
    code = bo.code(name)
    assert any("confermare che è lei" in text for text in bo.texts(name)[:2])
    bo.page.get_by_label("Code").fill("000000" if code != "000000" else "111111")
    bo.press("Show whole numbers")
    expect(bo.page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    bo.page.get_by_label("Code").fill(code)
    bo.press("Show whole numbers")
    expect(bo.page.get_by_text("Called numbers are shown whole until")).to_be_visible()
    assert bo.page.url == where
    called = bo.page.locator("main tbody td:nth-child(3)").all_inner_texts()
    assert [number for number in called if "*" in number] == []
    with bo.page.expect_download() as coming:
        bo.page.get_by_role("button", name="CSV").click()
    others = [row["Other party"] for row in table(coming.value, tmp_path)]
    assert any(re.search(r"\d{6}$", other) for other in others), others[:20]


def last_months(count: int) -> list[date]:
    """Return the first days of the months that are over, the latest first."""
    year, month, found = date.today().year, date.today().month, []  # noqa: DTZ011 - the browser's months are local too
    for _each in range(count):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        found.append(date(year, month, 1))
    return found


def table(coming: Download, folder: Path) -> list[dict[str, str]]:
    """Return the rows of a downloaded CSV."""
    path = folder / coming.suggested_filename
    coming.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def taken(visitor: Visitor, row: Locator) -> Download:
    """Wait until the file of a row is prepared, and take it; the page says so by itself."""
    expect(row.get_by_role("link", name="Take it")).to_be_visible(timeout=60_000)
    with visitor.page.expect_download() as coming:
        row.get_by_role("link", name="Take it").click()
    return coming.value


def bare(words: str) -> str:
    """Return the number of a heading, as messages write it."""
    return re.sub(r"[^\d+]", "", words)


def password(visitor: Visitor, line: str) -> str:
    """Return the password of a line's documentation from the visitor's phone, or nothing while it has not come."""
    mine = [text for text in visitor.texts(visitor.portal.logins["ada.administrator"]["name"]) if "password" in text]
    return mine[0].rpartition(" ")[2].strip() if mine and line in bare(mine[0]) else ""
