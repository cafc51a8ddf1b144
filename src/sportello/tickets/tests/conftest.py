"""What tests of tickets share."""

import pytest

from sportello.tickets.tests.factories import TEXT_FILE, recent, told


@pytest.fixture
def opened(world, pia, olga):
    """A ticket of A that is visible, with its opening shown, and the mails of its opening."""
    ticket = recent(pia, world.a, visible_by=olga, shown=True, files=[TEXT_FILE])
    return ticket, told(ticket, 1) | told(ticket, 2)
