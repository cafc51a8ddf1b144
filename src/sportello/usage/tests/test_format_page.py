"""The page for who makes usage files says what the load takes, and its example is one."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import sportello
from sportello.usage.pipeline.columns import CODES, COLUMNS

PAGE = (Path(sportello.__file__).parents[2] / "docs" / "how-to" / "usage-file.md").read_text(encoding="utf-8")


def test_page_names_every_column_in_order_and_every_word_of_the_short_ones() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| .*\|$", PAGE, re.MULTILINE)
    assert [name for name, _what in rows] == list(COLUMNS)
    told = dict(rows)
    missing = [
        word for name in CODES if name != "country" for word in CODES[name] if f"`{word}`" not in told[name]
    ]  # fmt: skip
    assert missing == []


def test_example_of_the_page_agrees_with_its_manifest() -> None:
    (example,) = re.findall(r"```\n(record_id,.*?)```", PAGE, re.DOTALL)
    (manifest,) = re.findall(r"```\n(\{\"records\".*?\})\n```", PAGE)
    rows = list(csv.DictReader(io.StringIO(example)))
    assert list(rows[0]) == list(COLUMNS)
    said = json.loads(manifest)
    assert (said["records"], Decimal(said["amount"])) == (len(rows), sum(Decimal(row["amount"]) for row in rows))
    assert {name for row in rows for name in CODES if row[name] not in CODES[name]} == set()


def test_list_of_usage_files_says_what_one_holds(world, signed_in) -> None:
    page = signed_in("olga").get("/traffic/files/").content.decode()
    assert [name for name in COLUMNS if f"<code>{name}</code>" not in page] == []
    assert "<code>.manifest.json</code>" in page
