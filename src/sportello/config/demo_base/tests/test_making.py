from collections import Counter as Count
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from sportello.accounts.models import Invitation
from sportello.config.demo_base.making import deliver
from sportello.config.demo_base.tickets import OLD_A_MONTH, OLD_MONTHS, TOLD
from sportello.config.demo_base.usage_file import line_of
from sportello.config.demo_base.watching import EXECUTIVES, WATCHES
from sportello.inventory.models import Line
from sportello.kernel import audit
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event
from sportello.kernel.sentences import in_english
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message, ReceivedMail, SimulatedMail, SimulatedText
from sportello.messaging.states import MailKind, MailState
from sportello.thresholds.models import Crossing, Threshold
from sportello.thresholds.states import State
from sportello.tickets import queries as tickets
from sportello.tickets.models import Interaction, Ticket
from sportello.usage.models import Counter, CustomerMonth, LineMonth, UsageLoad, UsagePart
from sportello.usage.operations import load_file
from sportello.usage.states import LoadState

REASON = "looking at the demo base"


def rows(model: Any) -> Any:
    return model.objects.across_tenants(reason=REASON)


SMS_OF_CROSSINGS = {"threshold_warning", "threshold_enforcing", "threshold_barred"}
FOLDERS = {"DATA_FOLDER": "", "USAGE_FOLDER": "usage", "USAGE_DROP_FOLDER": "drop"}
# One base serves all tests of this module, so they have to run in one process; the mark has a database made when they run alone.
pytestmark = [pytest.mark.xdist_group("demo_base"), pytest.mark.django_db]


def settle(patch: pytest.MonkeyPatch, folder: Path) -> None:
    for name, below in FOLDERS.items():
        patch.setitem(settings.SPORTELLO, name, folder / below)
    patch.setitem(settings.SPORTELLO, "MAIL_IN_ADDRESS", "tickets@reply.example")
    patch.setitem(settings.SPORTELLO, "MAIL_AUTHSERV_IDS", ["mx.example"])


@pytest.fixture(scope="module")
def home(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            settle(patch, folder)
            call_command("demo_base", months=2)
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def made(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settle(monkeypatch, home)
    mark = transaction.savepoint()
    yield
    transaction.savepoint_rollback(mark)


def test_command_makes_the_base_once_and_says_why_not_twice(made: None) -> None:
    with pytest.raises(CommandError, match="empty installation"):
        call_command("demo_base")
    assert rows(Line).count() == 400


def test_nothing_of_the_demo_is_empty_and_all_of_it_is_on_record(made: None) -> None:
    scoped = (Message, Threshold, Crossing, Counter, CustomerMonth, LineMonth)
    assert [model.__name__ for model in scoped if not rows(model).exists()] == []
    plain = (Invitation, UsageLoad, UsagePart, SimulatedMail, SimulatedText)
    assert [model.__name__ for model in plain if not model.objects.exists()] == []
    kinds = set(Event.append_only.values_list("kind", flat=True))
    expected = {"demo.base_made", "person.created", "invitation.sent", "inventory.lines_assigned", "usage.loaded"}
    assert expected | {"usage.refused", "thresholds.set", "thresholds.crossed"} <= kinds
    assert list(audit.verify()) == []
    assert list(Path(settings.SPORTELLO["DATA_FOLDER"]).glob("demo-usage-*")) == []


def test_usage_was_loaded_by_the_real_pipeline_with_one_file_rejecting_rows_and_one_refused(made: None) -> None:
    loads = UsageLoad.objects.exclude(file_name__startswith="usage-2")
    assert {load.file_name: (load.state, load.loaded, load.rejected) for load in loads} == {
        "usage-with-rejects.csv": (LoadState.LOADED, 1, 4),
        "usage-cut-off.csv": (LoadState.REFUSED, 0, 0),
    }
    regular = UsageLoad.objects.filter(file_name__startswith="usage-2")
    assert set(regular.values_list("state", "rejected", "duplicates")) == {(LoadState.LOADED, 0, 0)}
    loaded = UsageLoad.objects.aggregate(total=Sum("loaded"))["total"]
    assert rows(Counter).aggregate(total=Sum("records"))["total"] == loaded
    assert loaded > 4_800


def test_thresholds_of_administrators_and_an_employee_are_passed_and_told(made: None) -> None:
    by_hand = rows(Threshold).filter(profile=None)
    assert Count(by_hand.values_list("state", flat=True)) == {State.ACTIVE: len(WATCHES), State.SUSPENDED: 1}
    assert rows(Threshold).exclude(profile=None).filter(state=State.ACTIVE).count() > EXECUTIVES
    assert rows(Threshold).exclude(owner=None).get().owner.username == "bo.employee"
    told = rows(Crossing).filter(told=True).count()
    assert 1 <= told == rows(Message).filter(template__in=SMS_OF_CROSSINGS, channel="sms").count()


def test_what_was_told_came_when_it_was_due_and_none_of_it_too_late(made: None) -> None:
    texts = rows(Message).filter(channel="sms")
    assert texts.exclude(state="delivered").count() == 0
    late = [one.pk for one in texts if one.ended_at is None or one.ended_at - one.next_try_at > timedelta(minutes=1)]
    assert late == []


def test_a_text_that_fell_into_the_quiet_hours_came_in_the_morning(made: None) -> None:
    written = timezone.now() - timedelta(days=30)
    message = rows(Message).filter(channel="sms").order_by("pk")[0]
    morning = written + timedelta(hours=8)
    with arrange():
        message.pk, message.idempotency_key, message.state, message.secret = None, "quiet hours", "queued", None
        message.queued_at, message.next_try_at, message.expires_at = written, morning, written + timedelta(days=3)
        message.ended_at = message.sent_at = None
        message.save(force_insert=True)
    assert deliver(timezone.now()).startswith("1 texts")
    brought = rows(Message).get(idempotency_key="quiet hours")
    assert (brought.state, brought.ended_at) == ("delivered", morning)


def test_file_of_a_newcomer_counts_when_it_is_loaded(made: None, tmp_path: Path) -> None:
    line = rows(Line).get(number=line_of("bo.employee"), active_to=None)

    def amount() -> Any:
        return rows(Counter).filter(line=line).aggregate(total=Sum("amount"))["total"]

    before = amount()
    call_command("demo_usage_file", "--amount", "5.00", "--records", "3", "--folder", str(tmp_path))
    (file,) = tmp_path.glob("*.csv")
    taken = load_file(actor=system_actor(reason=REASON), path=file, now=timezone.now())
    assert (taken.load.state, taken.load.loaded, amount() - before) == (LoadState.LOADED, 3, 5)


def test_tickets_of_the_demo_prove_themselves(made: None) -> None:
    assert (rows(Ticket).count(), list(tickets.walk())) == (len(TOLD) + OLD_MONTHS * OLD_A_MONTH, [])
    assert rows(Ticket).get(code="TCKXDSL0000001").visible_to_customer


def test_mails_that_came_in_show_what_becomes_of_each(made: None) -> None:
    mails = ReceivedMail.objects.order_by("received_at")
    assert list(mails.values_list("kind", "state")) == [
        (MailKind.BOUNCE, MailState.IGNORED),
        (MailKind.PERSON, MailState.HANDED_OVER),
        (MailKind.OUT_OF_OFFICE, MailState.IGNORED),
        (MailKind.PERSON, MailState.HANDED_OVER),
        (MailKind.PERSON, MailState.QUARANTINED),
        (MailKind.PERSON, MailState.QUARANTINED),
    ]
    assert [in_english(reason) for reason in mails.exclude(reason="").values_list("reason", flat=True)] == [
        "The sender is not the person whom the reply address was made for.",
        "It came to no address that answers are taken at.",
    ]
    assert rows(Interaction).filter(channel="mail", kind="message").count() == 2
