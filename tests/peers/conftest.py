"""What the tests with real servers share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.mailserver import MailServers


@pytest.fixture(scope="session")
def servers() -> Iterator[MailServers]:
    """Start Postfix and Dovecot once for all tests; not in pytest's own folder, which is closed to the users that they change to."""
    folder = Path(tempfile.mkdtemp(prefix="mailservers-"))
    with MailServers(folder) as found:
        yield found
    shutil.rmtree(folder, ignore_errors=True)
