"""Every write that a person or another app asks of messaging. Bringing messages out is in `delivery/`."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.states import advance
from sportello.messaging import catalogue, outbox, queries, rendering, rules
from sportello.messaging.events import (
    MailSettled,
    MessageQueued,
    MessageSentAgain,
    PreferencesChanged,
    RecipientResumed,
    ReplyAddressesWithdrawn,
    TemplateChanged,
    TemplateReset,
    loop_stopped,
)
from sportello.messaging.incoming.taking import hand_over_once, mail_actor
from sportello.messaging.models import (
    AddressStanding,
    Message,
    Preference,
    QuietHours,
    ReceivedMail,
    ReplyAddress,
    TemplateOverride,
)
from sportello.messaging.rendering import Wording
from sportello.messaging.states import ALWAYS_ON, MAIL_TRANSITIONS, Channel, Kind, MailState, State
from sportello.messaging.types import Recipient, Way


@operation(
    section=None, why="whoever may make the change may have its message sent: the calling operation was permitted"
)
def send_message(
    *,
    actor: Actor,  # noqa: ARG001 - read by `operation`
    recipient: Recipient,
    template: str,
    context: dict[str, str],
    channel: Channel | None = None,
    organisation_id: int | None,
    idempotency_key: str,
    secret: dict[str, str] | None = None,
    urgent: bool = False,
    always: bool = False,
    thread: str = "",
    now: datetime | None = None,
) -> Message:
    """Write one message to the outbox, in the caller's transaction; it goes out after the commit, or not at all.

    The same `idempotency_key` gives the same row. Without a `channel` the first that the template, the person's wishes
    and the known addresses allow. `secret` is kept encrypted and erased once handed over. The row comes back `failed`
    (with the reason in `answer`) when the number may not be texted or a day's budget is spent, `withheld` when the
    person switched this kind off: nothing is raised for these, so that the caller's change stands. `always`: nobody can
    switch this message off nor let it wait for the end of quiet hours (`catalogue.register_notices` says why). A mail of a `thread`
    (`ticket:1042`) can be answered: the answer goes to who registered for that word (`types.MailReceiver`). Raises
    `UnknownTemplate`, `ContextIncomplete`, `ForeignLink`, `NoAddress`.
    """
    known = Message.objects.across_tenants(reason="one message per key").filter(idempotency_key=idempotency_key).first()
    if known is not None:
        return known
    plan: Any = outbox.plan(
        recipient=recipient,
        template=catalogue.find(template),
        values=context | (secret or {}),
        channel=channel,
        organisation_id=organisation_id,
        urgent=urgent,
        always=always,
        now=now or timezone.now(),
    )
    before = queries.mails_within_hour(thread, plan["address"], now=plan["queued_at"]) if thread else 0
    most = settings.SPORTELLO["MAIL_MOST_OUT_PER_HOUR"]
    if before >= most and plan["state"] == State.QUEUED:
        plan = outbox.stopped(plan, now=plan["queued_at"])
    try:
        with transaction.atomic():
            message = Message.objects.create(idempotency_key=idempotency_key, thread=thread, **plan)
    except IntegrityError:  # somebody else wrote this key a moment ago
        return Message.objects.across_tenants(reason="one message per key").get(idempotency_key=idempotency_key)
    _announce(message)
    if message.answer == outbox.TOO_MANY:
        publish(
            loop_stopped(
                "message", message.pk, thread=thread, address=message.address, limit=most, now=message.queued_at
            )
        )
    return message


@operation(section=Section.OPERATIONS)
def send_again(
    *,
    actor: Actor,
    message: Message,
    now: datetime,
) -> Message:
    """Send a message that has ended once more, as a new one to the same address.

    Raises `SecretErased`, `StillOnItsWay`, and `SentAgainAlready` to the second of two clicks.
    """
    message = Message.objects.for_(actor).select_for_update(of=("self",)).get_or_refuse(pk=message.pk)
    repeated = queries.was_sent_again(message)
    rules.check_can_send_again(state=message.state, template=catalogue.find(message.template), repeated=repeated)
    again = Message.objects.create(
        organisation_id=message.organisation_id,
        person_id=message.person_id,
        channel=message.channel,
        address=message.address,
        language=message.language,
        template=message.template,
        context=message.context,
        idempotency_key=f"again:{message.pk}:{now.timestamp()}",
        again_of=message,
        thread=message.thread,
        queued_at=now,
        next_try_at=now,
        expires_at=now + catalogue.find(message.template).lives,
    )
    publish(
        MessageSentAgain(
            organisation_id=message.organisation_id,
            subject_type="message",
            subject_id=message.pk,
            new_message_id=again.pk,
        )
    )
    return again


@operation(section=Section.OPERATIONS)
def release_mail(*, actor: Actor, mail: ReceivedMail, now: datetime) -> MailState:  # noqa: ARG001 - read by `operation`
    """Hand a mail from quarantine to the app of its thread, as not verified. Raises `WrongState` for one that belongs to no thread."""
    rules.check_can_release(state=mail.state, thread=mail.thread)
    return hand_over_once(actor=mail_actor(), mail_id=mail.pk, verified=False, now=now)


@operation(section=Section.OPERATIONS)
def drop_mail(*, actor: Actor, mail: ReceivedMail, now: datetime) -> None:  # noqa: ARG001 - read by `operation`
    """Leave a mail from quarantine aside; the original is kept. Raises `WrongState` when it is not there any more."""
    advance(mail, MailState.IGNORED, transitions=MAIL_TRANSITIONS, handled_at=now)
    publish(
        MailSettled(organisation_id=None, subject_type="received_mail", subject_id=mail.pk, state=MailState.IGNORED)
    )


@operation(section=Section.OPERATIONS)
def resume_address(*, actor: Actor, address: str) -> None:  # noqa: ARG001 - read by `operation`
    """Let mails go to an address again that was paused because they came back (ABUSE E21)."""
    AddressStanding.objects.filter(address=address.lower()).update(failures=0, paused_at=None)
    publish(RecipientResumed(organisation_id=None, subject_type="address", subject_id=address, address=address))


@operation(section=None, why="the operation of the app that owns the thread was permitted")
def withdraw_reply_addresses(*, actor: Actor, thread: str, recipient: str = "", now: datetime) -> None:  # noqa: ARG001
    """Take no more answers to a thread (from one recipient, or from all): mails that come go into quarantine."""
    rows = ReplyAddress.objects.filter(thread=thread, withdrawn_at=None)
    rows = rows.filter(recipient=recipient.lower()) if recipient else rows
    rows.update(withdrawn_at=now)
    publish(
        ReplyAddressesWithdrawn(
            organisation_id=None, subject_type="thread", subject_id=thread, thread=thread, recipient=recipient
        )
    )


@operation(section=Section.OPERATIONS)
def set_wording(
    *, actor: Actor, template: str, language: str, channel: Channel, wording: Wording, now: datetime
) -> TemplateOverride:
    """Put the operator's own text in the place of the one that comes with the portal. Raises `WordingInvalid`."""
    described = catalogue.find(template)
    rendering.check_wording(described, wording, channel=channel)
    before = queries.wording(template, language, channel)
    row, _created = TemplateOverride.objects.update_or_create(
        template=template,
        language=language,
        channel=channel,
        defaults={"subject": wording.subject, "text": wording.text, "changed_at": now},
    )
    publish(
        TemplateChanged(
            organisation_id=actor.organisation_id,
            subject_type="template",
            subject_id=f"{template}.{language}.{channel}",
            changes=changed(
                {"subject": before.subject, "text": before.text}, {"subject": wording.subject, "text": wording.text}
            ),
        )
    )
    return row


@operation(section=Section.OPERATIONS)
def reset_wording(*, actor: Actor, template: str, language: str, channel: Channel) -> None:
    """Go back to the text that comes with the portal."""
    catalogue.find(template)
    before = queries.wording(template, language, channel)
    TemplateOverride.objects.filter(template=template, language=language, channel=channel).delete()
    after = queries.wording(template, language, channel)
    publish(
        TemplateReset(
            organisation_id=actor.organisation_id,
            subject_type="template",
            subject_id=f"{template}.{language}.{channel}",
            changes=changed({"text": before.text}, {"text": after.text}),
        )
    )


@operation(section=Section.OWN_ACCOUNT)
def set_preferences(
    *,
    actor: Actor,
    unwanted: set[tuple[Kind, Way]],
    quiet_from: time | None,
    quiet_to: time | None,
) -> None:
    """Set what the acting person does not want on which way, and when the phone stays silent (both times or none, own time zone).

    Raises `InvalidInput` for a kind that is always on, and for half a pair of hours.
    """
    person_id = actor.person_id
    if person_id is None:
        raise InvalidInput(_("Only a person has preferences."))
    if any(kind in ALWAYS_ON for kind, _channel in unwanted):
        raise InvalidInput(_("Messages about security cannot be switched off."))
    if (quiet_from is None) != (quiet_to is None):
        raise InvalidInput(_("Quiet hours need a beginning and an end."), field="quiet_to")
    before = sorted("/".join(pair) for pair in queries.unwanted(person_id))
    _write_preferences(person_id, unwanted)
    _write_quiet_hours(person_id, quiet_from, quiet_to)
    publish(
        PreferencesChanged(
            organisation_id=actor.organisation_id,
            subject_type="person",
            subject_id=person_id,
            changes=changed(
                {"unwanted": before},
                {
                    "unwanted": sorted(f"{kind.value}/{channel.value}" for kind, channel in unwanted),
                    "quiet": f"{quiet_from:%H:%M}-{quiet_to:%H:%M}" if quiet_from and quiet_to else "",
                },
            ),
        )
    )


def _announce(message: Message) -> None:
    publish(
        MessageQueued(
            organisation_id=message.organisation_id,
            subject_type="message",
            subject_id=message.pk,
            template=message.template,
            channel=message.channel,
            state=message.state,
        )
    )


def _write_preferences(person_id: int, unwanted: set[tuple[Kind, Way]]) -> None:
    Preference.objects.across_tenants(reason="a person's own").filter(person_id=person_id).delete()
    Preference.objects.bulk_create(
        Preference(person_id=person_id, kind=kind, channel=channel, wanted=False) for kind, channel in sorted(unwanted)
    )


def _write_quiet_hours(person_id: int, quiet_from: time | None, quiet_to: time | None) -> None:
    QuietHours.objects.across_tenants(reason="a person's own").filter(person_id=person_id).delete()
    if quiet_from is not None and quiet_to is not None:
        QuietHours.objects.create(person_id=person_id, starts=quiet_from, ends=quiet_to)
