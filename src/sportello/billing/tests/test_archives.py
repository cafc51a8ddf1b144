"""Archives of bills: one at a time for each membership, whole, with the rights of the moment, gone after their time."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from sportello.billing import tasks
from sportello.billing.models import BillArchive, BillFile
from sportello.billing.operations import remove_old_archives
from sportello.billing.operations.archives import file_of
from sportello.billing.tests.factories import (
    NOW,
    NUMBER,
    OFFICE_B,
    SYSTEM,
    VAT_B,
    customers,
    document,
    held_line,
    line,
    load,
    needs_schemas,
    xml,
)
from sportello.billing.web.archives import MOST_SHOWN
from sportello.kernel.access import Profile
from sportello.kernel.jobs.handling import handle_event
from sportello.kernel.models import Event, Job
from sportello.kernel.operations import in_operation
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationState

pytestmark = [needs_schemas, pytest.mark.django_db]


@pytest.fixture
def bill(world):
    customers(world)
    held_line(world)
    lines = (line("100.00", number=NUMBER, centre="CC1"), line("20.00", charge="TRAFFICO", centre="CC2"))
    return load(xml(*lines, split=True, agreement="AG9", cig="ABC1234567")).bills[0]


def of_b(**changes) -> bytes:
    from dataclasses import replace

    who = replace(document().customer, name="Beta S.r.l.", vat_number=VAT_B)
    return xml(customer=who, public=False, office_code=OFFICE_B, number="2026/B1", **changes)


def asked(browser):
    return browser.post(reverse("billing:archives"), {"first": "2026-01-01", "last": "2026-12-31"})


def test_c04_h01_archive_of_a_period_is_bound_to_the_membership_and_expires(bill, world, ada, signed_in):
    with arrange():
        world.memberships["ebe"] = new_member(world.a, "Ebe", Profile.EBILL_REFERENT)
    load(of_b(), name="b.xml")
    browser = signed_in("ada")
    assert asked(browser).status_code == 302
    row = BillArchive.objects.for_(ada).get()
    assert asked(browser).status_code == 422  # one is being made
    told = Event.append_only.get(kind="billing.archive_asked")
    handle_event.func(told.pk, "sportello.billing.handlers.make_archive")
    handle_event.func(told.pk, "sportello.billing.handlers.make_archive")
    tasks.make_archive.func(row.pk)
    tasks.make_archive.func(row.pk)
    address = reverse("billing:archive", args=[row.token])
    content = b"".join(browser.get(address).streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == [
            "A/2026-04/TD01-2026-1/2026-1.pdf", "A/2026-04/TD01-2026-1/IT12345678903_00001.xml", "bills.csv",
        ]  # fmt: skip
        assert archive.read("A/2026-04/TD01-2026-1/IT12345678903_00001.xml") == bytes(
            BillFile.objects.for_(SYSTEM).get(pk=bill.file_id).content
        )
    assert [signed_in(who).get(address).status_code for who in ("ebe", "cy", "olga")] == [404] * 3
    assert signed_in("bo").get(address).status_code == 404
    assert remove_old_archives(actor=SYSTEM, now=timezone.now()) == 0
    with arrange():
        BillArchive.objects.across_tenants(reason="a test").update(expires_at=timezone.now() - timedelta(minutes=1))
    assert browser.get(address).status_code == 404
    assert remove_old_archives(actor=SYSTEM, now=timezone.now()) == 1
    assert Job.objects.filter(task="sportello.billing.tasks.make_archive").count() == 1


def test_one_archive_of_a_membership_is_pending_whoever_asks_at_once(bill, ada, signed_in):
    assert asked(signed_in("ada")).status_code == 302
    row = BillArchive.objects.for_(ada).get()
    row.pk, row.token = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic(), arrange():
        row.save(force_insert=True)


def test_what_a_killed_job_left_of_an_archive_goes_with_it(bill, ada, signed_in, django_capture_on_commit_callbacks):
    asked(signed_in("ada"))
    row = BillArchive.objects.for_(ada).get()
    half = file_of(row).with_name(f"{row.token}.zip.part")
    half.write_bytes(b"bills")
    with arrange():
        BillArchive.objects.across_tenants(reason="a test").update(expires_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        remove_old_archives(actor=SYSTEM, now=timezone.now())
    assert half.exists() is False


def test_an_organisation_that_is_read_only_meanwhile_gets_no_archive(bill, world, ada, signed_in):
    asked(signed_in("ada"))
    with arrange():
        Organisation.objects.across_tenants(reason="a test").filter(pk=world.a.pk).update(
            state=OrganisationState.READ_ONLY
        )
    row = BillArchive.objects.for_(SYSTEM).get()
    tasks.make_archive.func(row.pk)
    row.refresh_from_db()
    assert (row.state, file_of(row).exists()) == ("failed", False)


def test_archives_beyond_the_shown_ones_are_counted(bill, world, signed_in):
    membership = world.memberships["ada"]
    facts = {"organisation": world.a, "membership": membership, "first": "2026-01-01", "last": "2026-01-31",
             "state": "expired", "asked_at": NOW, "expires_at": NOW}  # fmt: skip
    with arrange():
        rows = [BillArchive(token=f"t{place}", **facts) for place in range(MOST_SHOWN + 2)]
        BillArchive.objects.bulk_create(rows)
    page = signed_in("ada").get(reverse("billing:archives")).content.decode()
    assert "2 older archives are not shown." in page


def test_archive_is_written_while_others_may_write(bill, ada, signed_in):
    inside = []

    def watched(execute, sql, params, many, context):
        if 'FROM "billing_billline"' in sql:  # the lines of a bill are read for its PDF
            inside.append(in_operation())
        return execute(sql, params, many, context)

    asked(signed_in("ada"))
    with connection.execute_wrapper(watched):
        tasks.make_archive.func(BillArchive.objects.for_(ada).get().pk)
    assert (inside, BillArchive.objects.for_(ada).get().bills) == ([False], 1)


def test_c03_archive_is_made_with_the_rights_of_the_moment(bill, world, ada, signed_in):
    asked(signed_in("ada"))
    row = BillArchive.objects.for_(ada).get()
    with arrange():
        held = world.memberships["ada"]
        held.ended_at = timezone.now()
        held.save()
    tasks.make_archive.func(row.pk)
    assert (BillArchive.objects.for_(SYSTEM).get(pk=row.pk).state, file_of(row).exists()) == ("failed", False)


def test_archives_of_nothing_and_of_periods_upside_down_are_refused(bill, signed_in):
    browser = signed_in("ada")
    for first, last in (
        ("2020-01-01", "2020-12-31"),
        ("2026-12-31", "2026-01-01"),
        ("2000-01-01", "2026-12-31"),
        ("", ""),
    ):
        assert browser.post(reverse("billing:archives"), {"first": first, "last": last}).status_code == 422
    assert BillArchive.objects.for_(SYSTEM).count() == 0


def test_page_turns_by_itself_while_an_archive_is_being_made(bill, world, signed_in):
    browser, address = signed_in("ada"), reverse("billing:archives")
    assert "every 2s" not in browser.get(address).content.decode()
    asked(browser)
    assert 'hx-trigger="every 2s"' in browser.get(address).content.decode()
    part = browser.get(address, HTTP_HX_REQUEST="true").content.decode()
    assert (part.startswith('<div id="archives"'), "<form" in part) == (True, False)
