"""What events hold, as people read it."""

from __future__ import annotations

from django.utils import translation

from sportello.kernel.sentences import kept
from sportello.kernel.ui import telling


def test_amounts_are_written_as_the_readers_language_writes_them():
    with translation.override("it"):
        assert [telling.read(text) for text in ("1923.85", "-0.12345", "10.0.0.1", "3.4")] == [
            "1.923,85", "-0,12345", "10.0.0.1", "3.4",
        ]  # fmt: skip


def test_kept_sentences_in_a_list_are_told_in_the_readers_language():
    reasons = [kept("record count differs: the manifest says %(said)d, the file has %(found)d", said=4, found=3)]
    assert telling.read(reasons) == "record count differs: the manifest says 4, the file has 3"
    with translation.override("it"):
        assert telling.read(reasons) == "il numero di record è diverso: il manifesto dice 4, il file ne ha 3"
