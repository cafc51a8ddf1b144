"""From a usage file to the warning on a phone: what a newcomer tries first, and what the operator sees of it."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from sportello.config.demo_base.usage_file import HEADER
from tests.journeys.conftest import Arrive, Portal, Visitor, wait_until

ADA = "ada.administrator"
ADAS_MAIL = "ada.administrator@"


@dataclass(frozen=True)
class Held:
    """A line with its holder and what it has cost so far this month."""

    number: str
    holder: str
    amount: Decimal

    @property
    def bare(self) -> str:
        return re.sub(r"\s", "", self.number)


def euro(words: str) -> Decimal:
    """Read an amount as the English pages write it."""
    return Decimal(re.sub(r"[^\d.-]", "", words))


def standing(visitor: Visitor, number: str) -> Decimal:
    """Return what a line has cost this month, as the page of the customer's traffic says."""
    visitor.goto(f"/traffic/?q={quote(number)}")
    cell = visitor.page.locator("#listing tbody td[data-label='Amount']")
    return euro(cell.inner_text()) if cell.count() else Decimal(0)


def quiet_line(ada: Visitor) -> Held:
    """Find a mobile line with a holder that has cost nearly nothing this month and has no threshold."""
    watched = ada.goto("/thresholds/") or ada.page.locator("#listing tbody td:first-child").all_inner_texts()
    ada.goto("/traffic/?sort=amount")
    for row in ada.page.locator("#listing tbody tr").all():
        number, holder, amount = (row.locator(f"td[data-label='{name}']").inner_text() for name in ("Line", "Person", "Amount"))
        if holder and number not in watched and euro(amount) < Decimal("0.40"):
            return Held(number, holder, euro(amount))
    pytest.fail("every line of the demo has cost something")


def drop_by_command(portal: Portal, number: str, amount: str) -> Path:
    """Let the portal write a usage file, and wait until the running portal has taken it."""
    told = portal.command("demo_usage_file", "--number", number, "--amount", amount)
    path = Path(told.splitlines()[0])
    return taken(portal, path.name)


def taken(portal: Portal, name: str, *, folder: str = "taken") -> Path:
    """Wait until a dropped file was put away, and return where it lies."""
    found = portal.drop / folder / name
    wait_until(found.exists, seconds=60, what=f"{name} is in {folder}/")
    return found


def test_a_file_moves_the_counters_and_the_next_one_warns_the_right_phone_once(arrive: Arrive) -> None:
    ada = arrive(ADA)
    portal, line = ada.portal, quiet_line(ada)
    number, bare = line.number, line.bare

    def warnings() -> list[str]:
        return [text for text in ada.texts(line.holder) if bare in re.sub(r"\s", "", text) and "%" in text]

    def mails() -> list[str]:
        return [subject for subject in ada.mails(ADAS_MAIL) if bare in re.sub(r"\s", "", subject)]

    drop_by_command(portal, bare, "0.05")
    assert standing(ada, number) == line.amount + Decimal("0.05")

    ada.goto("/thresholds/")
    ada.press("New threshold")
    ada.page.get_by_label("Number or holder of the line").fill(number)
    ada.press("Find")
    ada.page.locator("main tbody a").first.click()
    ada.page.get_by_label(re.compile("^Limit per")).fill("one")
    ada.press("Set the threshold")
    expect(ada.page.get_by_label(re.compile("^Limit per"))).to_have_attribute("aria-invalid", "true")
    ada.page.get_by_label(re.compile("^Limit per")).fill("1")
    ada.press("Set the threshold")
    expect(ada.page.locator("main")).to_contain_text("1.00")
    assert (warnings(), mails()) == ([], [])

    file = drop_by_command(portal, bare, "5.00")
    wait_until(lambda: bool(warnings() and mails()), what=f"the warnings about {number}")
    assert standing(ada, number) == line.amount + Decimal("5.05")
    assert (len(warnings()), len(mails())) == (1, 1)
    ada.page.reload()

    again = f"again-{file.name}"
    shutil.copy(file, portal.drop / again)
    shutil.copy(f"{file}.manifest.json", portal.drop / f"{again}.manifest.json")
    taken(portal, again)
    time.sleep(3)  # what would be told twice is told within this time
    assert standing(ada, number) == line.amount + Decimal("5.05")
    assert (len(warnings()), len(mails())) == (1, 1)

    ada.goto(f"/thresholds/?q={quote(bare)}")
    mine = ada.page.locator("#listing tbody tr").filter(has_text="€1.00")  # the line's other thresholds come from its profile
    expect(mine).to_have_count(1)
    mine.locator("a").first.click()
    expect(ada.page.locator("main")).to_contain_text("100% passed")


def test_an_employee_sees_the_own_traffic_and_nobody_elses(arrive: Arrive) -> None:
    bo, ada = arrive("bo.employee"), arrive(ADA)
    ada.goto("/traffic/")
    others = [link.get_attribute("href") for link in ada.page.locator("#listing tbody tr").filter(has_not_text="Bo Bruno").locator("a").all()[:5]]
    assert {path: bo.status(path) for path in others} == dict.fromkeys(others, 404)

    before = own_amount(bo)
    number = bo.page.get_by_role("heading", level=1).inner_text().removeprefix("Traffic of ")
    drop_by_command(bo.portal, re.sub(r"\s", "", number), "0.35")
    assert own_amount(bo) == before + Decimal("0.35")
    bo.page.get_by_role("link", name="All records of the month").click()
    called = bo.page.locator("main tbody td:nth-child(3)").all_inner_texts()
    assert [number for number in called if re.search(r"\d{4}$", number)] == []
    assert any(number.endswith("***") for number in called)


def own_amount(bo: Visitor) -> Decimal:
    """Open the own mobile's traffic and return what it has cost; who holds one line alone comes to it at once."""
    bo.goto("/traffic/")
    if bo.where == "/traffic/":
        bo.page.locator("main a[href*='/traffic/lines/']").filter(has_text="312").first.click()
    return euro(bo.page.locator(".stat-value").first.inner_text())


def written(path: Path, rows: list[dict[str, object]], *, told: int | None = None) -> None:
    """Write a usage file and its manifest, both old enough to be taken for whole."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    manifest = {
        "records": len(rows) if told is None else told,
        "amount": str(sum((Decimal(str(row["amount"])) for row in rows), Decimal(0))),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    ready = path.with_name(f"{path.name}.manifest.json.part")
    ready.write_text(json.dumps(manifest))
    long_ago = time.time() - 60
    for each in (path, ready):
        os.utime(each, (long_ago, long_ago))
    ready.rename(path.with_name(f"{path.name}.manifest.json"))


def record(number: str, **other: object) -> dict[str, object]:
    return {
        "record_id": f"J-{secrets.token_hex(6)}", "msisdn": number, "started_at": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
        "traffic_type": "voice", "direction": "out", "other_party": "+447700900123", "duration_s": 60, "volume_bytes": 0, "units": 1,
        "amount": "0.01000", "vat_class": "standard", "zone": "national", "country": "IT", "personal": 0, "apn": "", "corrects": "",
    } | other  # fmt: skip


def load_page(olga: Visitor, name: str) -> Page:
    """Open the page of a usage file from the list."""
    olga.goto(f"/traffic/files/?q={quote(name)}")
    olga.page.locator("#listing tbody a").first.click()
    return olga.page


def test_the_operator_sees_a_file_its_rejected_rows_and_why(arrive: Arrive, tmp_path: Path) -> None:
    olga = arrive("olga.operator")
    name = f"journey-{secrets.token_hex(4)}.csv"
    good = record("+393120000006")
    written(olga.portal.drop / name, [good, record("+393129999999"), record("+393120000006", traffic_type="telegraph")])
    taken(olga.portal, name)
    page = load_page(olga, name)
    facts = dict(zip(page.locator("dl.facts dt").all_inner_texts(), page.locator("dl.facts dd").all_inner_texts(), strict=True))
    assert {word: facts[word] for word in ("Rows", "Loaded", "Known already", "Rejected")} == {
        "Rows": "3", "Loaded": "1", "Known already": "0", "Rejected": "2",
    }  # fmt: skip
    with page.expect_download() as coming:
        page.get_by_role("link", name="Rejected rows").click()
    rejected = tmp_path / "rejected.csv"
    coming.value.save_as(rejected)
    with rejected.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["line"] for row in rows] == ["3", "4"]
    assert "telegraph" in "".join(rows[1].values())
    olga.goto("/audit/")
    expect(olga.page.locator("#listing tbody")).to_contain_text("Rejected usage records")


def test_the_operator_sees_why_a_file_was_refused_whole(arrive: Arrive) -> None:
    olga = arrive("olga.operator")
    name = f"journey-{secrets.token_hex(4)}.csv"
    written(olga.portal.drop / name, [record("+393120000006")], told=2)
    refused = taken(olga.portal, name, folder="refused")
    page = load_page(olga, name)
    expect(page.get_by_text("This file was refused whole")).to_be_visible()
    reasons = page.locator(".note li").all_inner_texts()
    assert reasons
    assert any(re.search(r"\b2\b", reason) for reason in reasons)
    assert refused.with_name(f"{name}.reasons.txt").exists()
