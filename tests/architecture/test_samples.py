"""Tests that are skipped since official files are missing are not skipped in silence."""

from __future__ import annotations

from types import SimpleNamespace

from conftest import pytest_terminal_summary

from tests.samples import NEEDED, missing, unchecked


def test_each_missing_file_is_named_with_what_is_lost(tmp_path):
    assert len(missing(tmp_path)) == len(NEEDED)
    (tmp_path / "mail").mkdir()
    assert [str(tmp_path / "mail") in line for line in missing(tmp_path)] == [False, False]
    for name in NEEDED:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    assert missing(tmp_path) == []


def test_skips_for_want_of_files_are_counted_by_reason():
    reasons = [
        "Skipped: the samples are not there: /x",
        "Skipped: runs on PostgreSQL",
        "Skipped: the samples are not there: /x",
    ]
    assert unchecked(reasons) == ["2 skipped: the samples are not there: /x"]


def test_summary_of_a_run_says_what_was_not_checked():
    said: list[str] = []
    skipped = [SimpleNamespace(longrepr=("test_x.py", 3, "Skipped: the folder shared/data/mail is not here"))]
    reporter = SimpleNamespace(
        stats={"skipped": skipped},
        section=lambda title, **_marks: said.append(title),
        line=said.append,
    )
    pytest_terminal_summary(reporter)
    assert said == ["NOT CHECKED", "1 skipped: the folder shared/data/mail is not here"]
    reporter.stats, said[:] = {}, []
    pytest_terminal_summary(reporter)
    assert said == []
