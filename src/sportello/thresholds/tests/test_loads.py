"""From a usage file to the warning on a phone."""

import pytest

from sportello.accounts.models import Membership
from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.thresholds import operations as thresholds
from sportello.thresholds.tests.factories import a_line, terms
from sportello.usage import operations as usage
from sportello.usage.tests.factories import NOW, row, usage_file

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test of thresholds")
NUMBER = "+393510000002"


@pytest.fixture
def line(world, ada):
    line = a_line(world.a, person=world.memberships["bo"].person, number=NUMBER)
    thresholds.set_threshold(actor=ada, line=line, terms=terms("1", traffic="all"), now=NOW)
    return line


def load(*rows):
    usage.load_file(actor=SYSTEM, path=usage_file(*rows), now=NOW)


def told():
    rows = Message.objects.across_tenants(reason="a test reads").order_by("pk")
    return [(row.channel, row.address, row.context["percent"], row.context["used"]) for row in rows]


def test_usage_file_sends_the_warning_once(line):
    first = row(record_id="1", msisdn=NUMBER, amount="0.6")
    load(first)
    load(first, row(record_id="2", msisdn=NUMBER, amount="0.1"))
    assert told() == [("sms", NUMBER, "60", "€0.60"), ("email", "ada@example.test", "60", "€0.60")]
    load(row(record_id="3", msisdn=NUMBER, amount="0.3"))
    assert told()[2:] == [("sms", NUMBER, "100", "€1.00"), ("email", "ada@example.test", "100", "€1.00")]


def test_personal_records_of_a_file_do_not_count(line, markers_count):
    load(row(record_id="1", msisdn=NUMBER, amount="5", personal="1"))
    assert told() == []


def test_reader_gets_the_warning_in_their_language(line, world):
    with arrange():
        ada = Membership.objects.for_(SYSTEM).get(pk=world.memberships["ada"].pk).person
        ada.language = "it"
        ada.save()
    load(row(record_id="1", msisdn=NUMBER, amount="1.5"))
    by_channel = {one.channel: one.context for one in Message.objects.across_tenants(reason="a test reads")}
    assert (by_channel["email"]["used"], by_channel["email"]["limit"]) == ("1,50 €", "1,00 €")
    assert (by_channel["sms"]["used"], by_channel["sms"]["period"]) == ("€1.50", "November 2026")
