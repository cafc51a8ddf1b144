"""Background work of messaging: ids in, one step of delivery."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sportello.kernel.jobs import job
from sportello.kernel.jobs.declare import URGENT
from sportello.messaging import queries
from sportello.messaging.channels import choice
from sportello.messaging.delivery import mail, simulated, texts
from sportello.messaging.incoming import taking


@job(retries=3, pause=timedelta(seconds=5), priority=URGENT)
def deliver_mail(message_id: int) -> str:
    """Deliver one mail; a refusal for now puts it back into the outbox, where `deliver_due` finds it. Return its state."""
    now = timezone.now()
    mailer = simulated.mailer(now=now) if choice.mail_is_simulated() else choice.smtp_mailer()
    return mail.deliver(message_id, mailer=mailer, now=now).value


@job(retries=3, pause=timedelta(seconds=5), priority=URGENT)
def deliver_simulated_texts() -> int:
    """Bring due texts to the simulator's phones; a real centre is served by `sportello sms`. Return how many parts went."""
    return simulated.deliver_texts(now=timezone.now()) if choice.sms_is_simulated() else 0


@job(retries=0)
def hand_over_mails() -> int:
    """Hand over the mails that were kept and not yet taken (a process was killed, an app failed). Return how many there were."""
    now = timezone.now()
    due = queries.due_mails(now=now, most=200)
    for mail_id in due:
        taking.hand_over(mail_id, now=now)
    return len(due)


@job(retries=0)
def deliver_due() -> int:
    """Look after the outbox: hand due mails to workers, take over what a dead worker left. Return how many there were."""
    now = timezone.now()
    due = queries.due_emails(now=now, most=500)
    for message_id in due:
        deliver_mail.enqueue(message_id)
    if choice.sms_is_simulated():
        texts.recover(now=now)
        deliver_simulated_texts.enqueue()
    texts.match_receipts(now=now)
    return len(due)
