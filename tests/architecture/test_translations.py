"""Every string on screen is there in Italian and Spanish, whole, with its placeholders."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parents[2] / "src" / "sportello"
pytestmark = pytest.mark.xdist_group("translations")  # collecting the strings is dear: once, in one process
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory):
    """Collect the strings of a copy of the code into a copy of the catalogues, as `make messages` does."""
    if shutil.which("xgettext") is None:
        pytest.fail("gettext is not on this machine: tests/machine.py installs it")
    copy = tmp_path_factory.mktemp("messages") / "sportello"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("vendor", "__pycache__", "tests", "testing", "*.mo"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "sportello",
            "makemessages",
            "--locale",
            "it",
            "--locale",
            "es",
            "--no-wrap",
            "--no-location",
        ],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy.parent), "SPORTELLO_MODE": "test"},
        check=True,
        capture_output=True,
    )
    found = {}
    for language in ("it", "es"):
        with (copy / "config" / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
            found[language] = read_po(file, locale=language)
    return found


def pairs(message):
    """Return (source, translation) of each form of a message."""
    if isinstance(message.id, tuple):
        return [(message.id[min(form, 1)], text) for form, text in enumerate(message.string)]
    return [(message.id, message.string)]


@pytest.mark.parametrize("language", ["it", "es"])
def test_every_string_is_translated(catalogues, language):
    missing = [
        str(message.id)
        for message in catalogues[language]
        if message.id and (message.fuzzy or not all(text for _source, text in pairs(message)))
    ]
    assert missing == []
    assert sum(1 for message in catalogues[language] if message.id) > 500


@pytest.mark.parametrize("language", ["it", "es"])
def test_translations_keep_placeholders_and_markup(catalogues, language):
    wrong = []
    for message in catalogues[language]:
        for source, text in pairs(message) if message.id else []:
            plural_of_one = isinstance(message.id, tuple)
            placeholders = (sorted(set(PLACEHOLDER.findall(source))), sorted(set(PLACEHOLDER.findall(text))))
            if TAG.findall(source) != TAG.findall(text) or (placeholders[0] != placeholders[1] and not plural_of_one):
                wrong.append((source, text))
    assert wrong == []


@pytest.mark.parametrize("language", ["it", "es"])
def test_nothing_is_left_in_english(catalogues, language):
    """A long sentence that reads the same in both languages was not translated."""
    same = [
        message.id
        for message in catalogues[language]
        if isinstance(message.id, str) and message.id == message.string and message.id.count(" ") > 3
    ]
    assert same == []


def test_strings_are_marked_by_names_that_the_collector_knows():
    """What xgettext does not know by name it does not collect, and no test above would miss it: `gettext as _now` hides its strings."""
    renamed = re.compile(r"\b(?:n|p|np)?gettext(?:_lazy|_noop)? as (?!_\b)\w+")
    found = {
        f"{path.relative_to(SOURCE)}: {match[0]}"
        for path in SOURCE.rglob("*.py")
        for match in renamed.finditer(path.read_text("utf-8"))
    }
    assert {one for one in found if "/tests/" not in one} == set()
