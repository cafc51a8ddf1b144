"""What tests of thresholds share."""

import pytest

from sportello.usage import types as usage_types


@pytest.fixture
def markers_count(monkeypatch):
    """Let the marker of a file alone say what is private, as where the app of dual billing is left out."""
    monkeypatch.setattr(usage_types, "_terms_sources", [])
