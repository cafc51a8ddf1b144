"""Background jobs as who runs the portal reads them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from sportello.config.schedule import SCHEDULE
from sportello.config.web import job_words
from sportello.kernel.jobs.worker import DIED
from sportello.kernel.models import Event, Job

MAIL, EVENT = "sportello.messaging.tasks.deliver_mail", "sportello.kernel.jobs.handling.handle_event"
PURGE = "sportello.kernel.tasks.purge_done_jobs"


def a_job(task: str = MAIL, **values: object) -> Job:
    now = timezone.now()
    return Job.objects.create(**{"task": task, "enqueued_at": now, "run_after": now, "state": "succeeded"} | values)


def failed(last_line: str) -> Job:
    return Job(task=MAIL, state="failed", error=f"Traceback (most recent call last):\n  File …\n{last_line}\n")


def shown(answer: object) -> list[str]:
    return [job_words.title_of(row.task) for row in answer.context["listing"].rows]


def test_every_period_is_told():
    said = {job_words.rhythm(one) for one in SCHEDULE}
    assert {
        "every second, when there is something to do",
        "every 20 seconds",
        "every 10 minutes",
        "every day at 04:00",
    } <= said


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Job(), ""),
        (Job(error=DIED), "The worker died in every try."),
        (
            failed("django.db.utils.OperationalError: the connection is lost"),
            "The database was not to be reached, or broke off.",
        ),
        (failed("ConnectionRefusedError: [Errno 111]"), "The other side was not to be reached, or hung up."),
        (failed("sportello.kernel.refusals.NotPermitted: No."), "Your profile does not allow this."),
        (failed("sportello.kernel.models.Event.DoesNotExist: no row"), "Something unexpected: DoesNotExist"),
        (failed("sportello.messaging.nowhere.Gone: no row"), "Something unexpected: Gone"),
        (failed("ZeroDivisionError: division by zero"), "Something unexpected: ZeroDivisionError"),
    ],
)
def test_errors_are_told_in_words(row, words):
    assert job_words.error_of(row) == words


def test_stored_sentences_are_told_in_the_readers_language():
    with translation.override("it"):
        assert job_words.error_of(failed("sportello.kernel.refusals.NotFound: Not found.")) == "Non trovato."


@pytest.mark.django_db
def test_periodic_work_that_went_well_is_folded(signed_in):
    a_job()
    a_job(EVENT, key="event:1:x", state="ready")
    a_job("sportello.messaging.tasks.deliver_simulated_texts")
    a_job(PURGE, key=f"schedule:{PURGE}:1")
    a_job(PURGE, key=f"schedule:{PURGE}:2", state="failed", error=DIED)
    browser = signed_in("olga")
    page = browser.get("/operations/jobs/")
    mail, event, purge = (job_words.title_of(task) for task in (MAIL, EVENT, PURGE))
    assert sorted(shown(page)) == sorted([mail, event, purge])
    assert sorted(shown(browser.get("/operations/jobs/?work=periodic"))) == [purge, purge]
    assert len(shown(browser.get("/operations/jobs/?work=all"))) == 5
    assert shown(browser.get("/operations/jobs/?work=else")) == []
    assert shown(browser.get("/operations/jobs/?state=failed")) == [purge]
    assert shown(browser.get("/operations/jobs/?q=e-mail")) == [mail]
    assert b"sportello.kernel" not in page.content
    assert b"The worker died in every try." in page.content


@pytest.mark.django_db
@pytest.mark.parametrize("runs", [1, 3])
def test_periodic_tasks_show_their_last_run_in_the_same_queries(signed_in, runs, django_assert_num_queries):
    for number in range(runs):
        at = timezone.now() - timedelta(minutes=number)
        a_job(PURGE, key=f"schedule:{PURGE}:{number}", enqueued_at=at, state="failed" if number else "succeeded")
    with django_assert_num_queries(2):
        found = {one.title: one.last and one.last.state for one in job_words.periodic()}
    assert len(found) == len(SCHEDULE)
    assert {title: state for title, state in found.items() if state} == {job_words.title_of(PURGE): "succeeded"}


@pytest.mark.django_db
def test_a_failed_job_is_told_in_words_and_tried_again(signed_in):
    row = a_job(state="failed", error=failed("ConnectionResetError: gone").error, worker="machine:1")
    browser = signed_in("olga")
    page = browser.get(f"/operations/jobs/{row.pk}/").content.decode()
    visible, _fold, technical = page.partition("For the technician")
    assert ("The other side was not to be reached" in visible, "Traceback" in visible, "Traceback" in technical) == (
        True,
        False,
        True,
    )
    assert browser.post(f"/operations/jobs/{row.pk}/retry/").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.error) == ("ready", "")
    assert browser.post(f"/operations/jobs/{row.pk}/retry/").status_code == 409
    assert Event.append_only.filter(kind="jobs.tried_again").count() == 1
