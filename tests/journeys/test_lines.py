"""An administrator's morning with the lines: find, keep, take along, look, assign."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrive, Visitor

ADA = "ada.administrator"


def numbers(page: Page) -> list[str]:
    """Return the numbers of the rows on screen, as written there."""
    return page.locator("#listing tbody tr td[data-label='Number']").all_inner_texts()


def bare(number: str) -> str:
    """Return a number without its blanks."""
    return re.sub(r"\s", "", number)


def rows_told(page: Page) -> int:
    """Return the total that the list tells."""
    return int(re.sub(r"\D", "", page.locator(".list-foot span").first.inner_text()))


def narrow_to_mobiles(visitor: Visitor) -> None:
    visitor.goto("/inventory/")
    every = rows_told(visitor.page)
    visitor.page.get_by_label("Kind").select_option(label="Mobile")
    visitor.page.wait_for_url("**kind=mobile**")
    expect(visitor.page.locator("td[data-label='Kind']").filter(has_not_text="Mobile")).to_have_count(0)
    assert 0 < rows_told(visitor.page) < every


def test_finding_a_line_by_number_by_person_and_by_filter(arrive: Arrive) -> None:
    ada = arrive(ADA)
    ada.goto("/inventory/")
    wanted = numbers(ada.page)[7]
    search = ada.page.get_by_label("Number, person or SIM")
    search.fill(wanted)
    expect(ada.page.locator("#listing tbody tr")).to_have_count(1)
    assert numbers(ada.page) == [wanted]
    search.fill("Bruno")
    expect(ada.page.locator("td[data-label='Person']").first).to_contain_text("Bruno")
    search.fill("nobody is called so")
    expect(ada.page.get_by_text("Nothing fits these filters")).to_be_visible()
    ada.press("Clear the filters")
    assert rows_told(ada.page) > 1
    narrow_to_mobiles(ada)


def test_sorting_turns_the_list_and_stays_in_the_address(arrive: Arrive) -> None:
    ada = arrive(ADA)
    ada.goto("/inventory/")
    assert numbers(ada.page) == sorted(numbers(ada.page))
    ada.page.get_by_role("columnheader", name="Number").get_by_role("link").click()
    ada.page.wait_for_url("**sort=-number**")
    turned = numbers(ada.page)
    assert turned == sorted(turned, reverse=True)
    ada.page.reload()
    assert numbers(ada.page) == turned
    if ada.page.get_by_role("link", name="Next").count():
        ada.page.get_by_role("link", name="Next").click()
        ada.page.wait_for_url("**after=**")
        assert numbers(ada.page)[0] < turned[-1]


def test_a_view_is_kept_used_and_removed(arrive: Arrive) -> None:
    ada = arrive(ADA)
    narrow_to_mobiles(ada)
    kept = rows_told(ada.page)
    ada.page.reload()
    ada.page.locator("summary", has_text="Views").click()
    ada.page.get_by_label("Keep these filters as").fill("Mobiles of the journey")
    ada.press("Save")
    ada.goto("/inventory/")
    ada.page.locator("summary", has_text="Views").click()
    ada.page.get_by_role("link", name="Mobiles of the journey").click()
    ada.page.wait_for_url("**kind=mobile**")
    assert rows_told(ada.page) == kept
    ada.page.locator("summary", has_text="Views").click()
    ada.page.get_by_role("button", name="Remove the view Mobiles of the journey").click()
    ada.page.locator("summary", has_text="Views").click()
    expect(ada.page.get_by_role("link", name="Mobiles of the journey")).to_have_count(0)


def test_the_export_holds_what_is_on_screen_and_is_on_record(arrive: Arrive, tmp_path: Path) -> None:
    ada = arrive(ADA)
    narrow_to_mobiles(ada)
    told, shown = rows_told(ada.page), numbers(ada.page)
    ada.page.reload()
    with ada.page.expect_download() as coming:
        ada.page.get_by_role("link", name="CSV", exact=True).click()
    file = tmp_path / "lines.csv"
    coming.value.save_as(file)
    assert coming.value.suggested_filename.endswith(".csv")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == told
    assert {row["Kind"] for row in rows} == {"Mobile"}
    assert [bare(row["Number"]).lstrip("'") for row in rows][: len(shown)] == [bare(number) for number in shown]
    ada.goto("/audit/")
    expect(ada.page.locator("#listing tbody tr").first).to_contain_text("Ada Amato")
    expect(ada.page.locator("#listing tbody")).to_contain_text("Took out")


def test_the_page_of_a_line_tells_how_it_stood_on_a_day(arrive: Arrive) -> None:
    ada = arrive(ADA)
    ada.goto("/inventory/?kind=mobile&status=active")
    number = numbers(ada.page)[0]
    ada.page.locator("#listing tbody a").first.click()
    expect(ada.page.get_by_role("heading", level=1)).to_have_text(number)
    expect(ada.page.get_by_role("heading", name="History")).to_be_visible()
    ada.page.get_by_label("Show how it stood at the end of").fill("2000-01-01")
    ada.page.get_by_role("button", name="Show", exact=True).click()
    assert "on=2000-01-01" in ada.page.url
    expect(ada.page.locator("main")).to_contain_text("did not")


def test_assigning_lines_in_bulk_tells_what_became_of_each(arrive: Arrive) -> None:
    ada = arrive(ADA)
    ada.goto("/inventory/?status=active&person=0")
    chosen = numbers(ada.page)[:3]
    for box in ada.page.locator("input[data-row]").all()[: len(chosen)]:
        box.check()
    expect(ada.page.locator(".bulk [data-chosen]")).to_have_text(str(len(chosen)))
    ada.page.locator(".bulk").get_by_role("button", name="Assign").click()
    ada.press("Assign them")
    expect(ada.page.get_by_role("alert").first).to_contain_text("Choose what to change")
    ada.page.get_by_label("Person's code or name").fill("Nobody Atall")
    ada.press("Assign them")
    expect(ada.page.locator("main")).to_contain_text("Nobody of this customer is called or coded like this.")
    ada.page.get_by_label("Person's code or name").fill("Flora Fontana")
    ada.press("Assign them")
    outcomes = ada.page.locator("main tbody tr").all_inner_texts()
    assert [words.split("\t")[0] for words in outcomes] == chosen
    assert all("assigned" in words for words in outcomes)
    for number in chosen:
        ada.goto(f"/inventory/?q={quote(number)}")
        expect(ada.page.locator("td[data-label='Person']")).to_have_text("Flora Fontana")
    ada.page.locator("#listing tbody a").first.click()
    expect(ada.page.locator("main")).to_contain_text("Flora Fontana")
