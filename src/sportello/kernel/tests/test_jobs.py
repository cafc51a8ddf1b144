import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks.exceptions import TaskResultDoesNotExist

from sportello.kernel.events import HANDLERS
from sportello.kernel.jobs import worker
from sportello.kernel.jobs.operations import JobHasNotFailed, try_again
from sportello.kernel.jobs.scheduler import Every, Scheduler, enqueue_due
from sportello.kernel.models import Event, Job, JobState
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.refused import record_refusal
from sportello.kernel.tasks import purge_done_jobs
from sportello.kernel.testing import in_threads
from sportello.kernel.tests.tasks_for_tests import RAN, note, robbed, stumble

NOTE = "sportello.kernel.tests.tasks_for_tests.note"


@pytest.fixture(autouse=True)
def _forget():
    RAN.clear()


@pytest.mark.django_db
def test_job_runs_once_and_keeps_its_result():
    result = note.enqueue("a")
    assert worker.run_due() == 1
    assert worker.run_due() == 0
    result.refresh()
    assert (RAN, result.status, result.return_value) == (["a"], "SUCCESSFUL", "a")


@pytest.mark.django_db
def test_job_of_a_rolled_back_change_never_runs():
    with pytest.raises(RuntimeError), transaction.atomic():
        note.enqueue("a")
        raise RuntimeError
    assert (worker.run_due(), RAN) == (0, [])


@pytest.mark.django_db
def test_failing_job_is_retried_with_growing_pauses_and_then_failed():
    result = stumble.enqueue("x")
    now, pauses = timezone.now(), []
    for _try in range(3):
        row = worker.take(worker="w", now=now)
        worker.run(row)
        row.refresh_from_db()
        pauses.append(round((row.run_after - timezone.now()).total_seconds()))
        now = row.run_after
    row.refresh_from_db()
    assert (row.state, row.attempts, len(RAN)) == (JobState.FAILED, 3, 3)
    assert pauses[:2] == [10, 15]  # twice the pause, at most `longest`
    assert "ValueError: stumbled" in row.error
    result.refresh()
    assert result.errors[0].exception_class_path == "ValueError"
    assert worker.take(worker="w", now=now + timedelta(days=1)) is None


@pytest.mark.django_db
def test_job_of_a_dead_worker_is_taken_over_when_its_lease_ran_out():
    note.enqueue("a")
    now = timezone.now()
    dead = worker.take(worker="dead", now=now, lease=timedelta(seconds=30))
    assert worker.take(worker="other", now=now + timedelta(seconds=29)) is None
    taken = worker.take(worker="other", now=now + timedelta(seconds=31))
    assert (taken.pk, taken.worker, taken.attempts) == (dead.pk, "other", 2)
    worker.run(taken)
    worker.run(dead)  # the dead one wakes up: its result is not kept over the other's
    taken.refresh_from_db()
    assert (taken.state, taken.worker) == (JobState.SUCCEEDED, "other")


@pytest.mark.django_db
def test_job_that_kills_its_worker_each_time_fails_in_the_end():
    note.enqueue("poison")
    now = timezone.now()
    for _death in range(4):
        assert worker.take(worker="w", now=now) is not None
        now += timedelta(minutes=5)
    assert worker.run(worker.take(worker="w", now=now)) == JobState.FAILED
    assert RAN == []


def running_job() -> Job:
    now = timezone.now()
    return Job.objects.create(
        task=NOTE, state=JobState.RUNNING, worker="w", attempts=1, enqueued_at=now, run_after=now, args=[1]
    )


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_lease_is_renewed_while_a_job_runs():
    row = running_job()
    with worker._Heartbeat(row, lease=timedelta(seconds=0.15)) as heartbeat:
        time.sleep(0.3)
    first = Job.objects.get(pk=row.pk).leased_until
    assert first is not None
    assert not heartbeat.lost


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_lost_lease_is_noticed_and_the_result_not_kept(caplog):
    row = running_job()
    heartbeat = worker._Heartbeat(Job(pk=row.pk, worker="other", attempts=1), lease=timedelta(seconds=0.03))
    with heartbeat:
        time.sleep(0.2)
    assert heartbeat.lost


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_job_that_outlives_its_lease_says_so(caplog):
    robbed.enqueue()
    worker.run(worker.take(worker="slow", now=timezone.now()), lease=timedelta(seconds=0.03))
    assert "ended after its lease was lost" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_heartbeat_survives_a_database_that_is_away(caplog):
    beat = worker._Heartbeat(Job(pk="not a uuid", worker="w", attempts=1), lease=timedelta(seconds=0.03))
    with beat:
        time.sleep(0.1)
    assert "could not be renewed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_loops_survive_what_they_cannot_do(caplog):
    note.enqueue("never taken")
    running = worker.Worker(threads=1, lease=None)
    scheduler = Scheduler([Every("no.such.task", period=timedelta(seconds=1))])
    running.start()
    scheduler.start()
    for _wait in range(100):
        if "could not reach its queue" in caplog.text and "could not write its jobs" in caplog.text:
            break
        time.sleep(0.05)
    running.stop(wait=5)
    scheduler.stop()
    assert "could not reach its queue" in caplog.text
    assert "could not write its jobs" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_scheduler_writes_from_its_thread():
    scheduler = Scheduler([Every(NOTE, period=timedelta(days=1), args=("by thread",))])
    scheduler.start()
    for _wait in range(100):
        if Job.objects.exists():
            break
        time.sleep(0.05)
    scheduler.stop()
    assert Job.objects.get().args == ["by thread"]


@pytest.mark.django_db
def test_key_makes_enqueueing_idempotent():
    first, second = note.enqueue_once("k", 1), note.enqueue_once("k", 2)
    assert (first is not None, second, worker.run_due(), RAN) == (True, None, 1, [1])


@pytest.mark.django_db
def test_so_many_jobs_are_run_and_no_more():
    note.enqueue(1)
    note.enqueue(2)
    assert (worker.run_due(most=1), RAN) == (1, [1])


@pytest.mark.django_db
def test_priority_and_due_time_order_the_queue():
    note.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("later")
    note.enqueue("normal")
    note.using(priority=50).enqueue("urgent")
    note.using(queue_name="other").enqueue("elsewhere")
    worker.run_due(queues=["default"])
    assert RAN == ["urgent", "normal"]


@pytest.mark.django_db
def test_unknown_result_is_said():
    with pytest.raises(TaskResultDoesNotExist):
        note.get_backend().get_result("no-such-id")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_g04_twenty_workers_take_each_job_once():
    for number in range(30):
        note.enqueue(number)

    def work(_place: int) -> list[object]:
        taken = []
        while row := worker.take(worker=worker.worker_name(), now=timezone.now()):
            taken.append(row.pk)
        return taken

    taken = [pk for some in in_threads(20, work) for pk in some]
    assert len(taken) == len(set(taken)) == 30


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_g04_control_reading_first_and_marking_later_takes_jobs_twice():
    """The naive worker: look for a waiting job, then mark it."""
    for number in range(10):
        note.enqueue(number)

    def naive(_place: int) -> list[object]:
        taken = []
        while row := Job.objects.filter(state=JobState.READY).first():
            time.sleep(0.01)
            Job.objects.filter(pk=row.pk).update(state=JobState.RUNNING)
            taken.append(row.pk)
        return taken

    taken = [pk for some in in_threads(20, naive) for pk in some]
    assert len(taken) > len(set(taken))


@pytest.mark.django_db
def test_scheduler_writes_each_slot_once_and_days_after_their_time():
    schedule = [
        Every(NOTE, period=timedelta(minutes=5), args=("often",)),
        Every(NOTE, at=clock_time(4, 0), args=("daily",)),
    ]
    at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 2:30 in Rome for the second time
    assert enqueue_due(schedule, now=at) == 1
    assert enqueue_due(schedule, now=at) == 0
    assert enqueue_due(schedule, now=at + timedelta(hours=2)) == 2
    assert enqueue_due(schedule, now=at + timedelta(hours=3)) == 1
    scheduler = Scheduler(schedule)
    scheduler._look(at + timedelta(hours=4))
    scheduler._look(at + timedelta(hours=4, seconds=1))
    assert Job.objects.count() == 5


def never() -> bool:
    return False


@pytest.mark.django_db
def test_scheduler_asks_first_where_it_is_told_to():
    here = "sportello.kernel.tests.test_jobs"
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert enqueue_due([Every(NOTE, period=timedelta(seconds=1), args=("x",), when=f"{here}.never")], now=at) == 0


def handler_for_tests(event: Event) -> None:
    RAN.append((event.kind, event.payload["status"]))


@pytest.fixture
def handled():
    HANDLERS["access.refused"].append(handler_for_tests)
    yield
    HANDLERS["access.refused"].remove(handler_for_tests)


@pytest.mark.django_db
def test_events_reach_their_handlers_once(ada, handled):
    record_refusal(actor=ada, method="GET", path="/x", status=403, name="NotPermitted")
    assert Event.append_only.get(kind="access.refused").handled_at is None
    assert worker.run_due() == 1
    assert worker.run_due() == 0
    assert RAN == [("access.refused", 403)]
    assert worker.relay_events() == 0


@pytest.mark.django_db
def test_events_without_handler_are_not_relayed(ada):
    record_refusal(actor=ada, method="GET", path="/x", status=403, name="NotPermitted")
    assert worker.relay_events() == 0


@pytest.mark.django_db
def test_failed_job_is_tried_again_by_the_operator_only(olga, ada):
    row = Job.objects.create(
        task=NOTE,
        state=JobState.FAILED,
        attempts=3,
        enqueued_at=timezone.now(),
        run_after=timezone.now(),
        args=["again"],
    )
    with pytest.raises(NotPermitted):
        try_again(actor=ada, job=row, now=timezone.now())
    try_again(actor=olga, job=row, now=timezone.now())
    assert (worker.run_due(), RAN) == (1, ["again"])
    with pytest.raises(JobHasNotFailed):
        try_again(actor=olga, job=row, now=timezone.now())


@pytest.mark.django_db
def test_old_jobs_are_purged_and_failed_ones_stay():
    now = timezone.now()
    old = {"task": NOTE, "enqueued_at": now, "run_after": now}
    Job.objects.create(state=JobState.SUCCEEDED, finished_at=now - timedelta(days=8), **old)
    Job.objects.create(state=JobState.FAILED, finished_at=now - timedelta(days=80), **old)
    Job.objects.create(state=JobState.SUCCEEDED, finished_at=now - timedelta(hours=1), key="schedule:x:12345", **old)
    Job.objects.create(
        state=JobState.SUCCEEDED, finished_at=now - timedelta(hours=1), key="schedule:x:2026-11-22", **old
    )
    assert purge_done_jobs.func() == 2
    assert sorted(Job.objects.values_list("state", "key")) == [("failed", None), ("succeeded", "schedule:x:2026-11-22")]


@pytest.mark.django_db(transaction=True)
def test_worker_threads_run_jobs_and_stop():
    note.enqueue("from a thread")
    running = worker.Worker(threads=2)
    running.start()
    for _wait in range(100):
        if RAN:
            break
        time.sleep(0.05)
    running.stop(wait=5)
    assert RAN == ["from a thread"]
    assert not any(thread.is_alive() for thread in running._running)
