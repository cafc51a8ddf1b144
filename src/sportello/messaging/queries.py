"""Every read of messaging worth a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Max, Min, QuerySet
from django.db.models.functions import Now

from sportello.accounts.models import Person
from sportello.kernel.access import Profile, Reach
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.messaging import catalogue, rendering, rules
from sportello.messaging.incoming import deciding, keeping
from sportello.messaging.incoming.parsing import parse_mail
from sportello.messaging.models import (
    AddressStanding,
    Message,
    MessagePart,
    Preference,
    QuietHours,
    ReceivedMail,
    SenderLease,
    SimulatedMail,
    SimulatedText,
    SmsSpending,
    TemplateOverride,
)
from sportello.messaging.rendering import Portal, Rendered, Wording
from sportello.messaging.states import ALWAYS_ON, Channel, Kind, MailState
from sportello.messaging.types import MailKind, ParsedMail, Trust

_REASON = "the outbox serves every tenant"


def messages(actor: Actor) -> ScopedQuerySet[Message]:
    """Return the messages in the actor's reach, with person and organisation."""
    return Message.objects.for_(actor).select_related("person", "organisation").defer("secret")


def was_sent_again(message: Message) -> bool:
    """Tell whether somebody had a message sent once more already."""
    return Message.objects.across_tenants(reason=_REASON).filter(again_of=message).exists()


def parts(message: Message) -> list[MessagePart]:
    """Return the parts of a text in order, with their receipts."""
    return list(MessagePart.objects.filter(message=message).order_by("number").prefetch_related("receipts"))


def portal() -> Portal:
    """Return who speaks and from where; the address comes from the settings alone (ABUSE B10)."""
    return Portal(operator=settings.SPORTELLO["OPERATOR_NAME"], address=settings.SPORTELLO["PUBLIC_URL"])


def person(person_id: int) -> Person:
    """Return the person that a message goes to, whoever caused it. Raises `NotFound`."""
    return Person.objects.across_tenants(reason=_REASON).get_or_refuse(pk=person_id)


def operator_administrators() -> list[Person]:
    """Return the active administrators of the operator that have an e-mail address."""
    people = Person.objects.across_tenants(reason=_REASON).filter(
        memberships__profile=Profile.OPERATOR_ADMIN, memberships__ended_at=None, deactivated_at=None
    )
    return list(people.exclude(email="").distinct().order_by("pk"))


def mails_within_hour(thread: str, address: str, *, now: datetime) -> int:
    """Return how many mails of a thread were written to an address in the hour before an instant."""
    rows = Message.objects.across_tenants(reason=_REASON).filter(address=address, thread=thread)
    return rows.filter(channel=Channel.EMAIL, queued_at__gt=now - timedelta(hours=1)).count()


def lost_writer(mail_id: int) -> Person | None:
    """Return the active person who wrote a mail that came to no address of answers, when their domain confirms it; else None."""
    mail = ReceivedMail.objects.filter(
        pk=mail_id, kind=MailKind.PERSON, trust=Trust.PASS, reason=deciding.UNKNOWN
    ).first()
    if mail is None or not mail.sender:
        return None
    people = Person.objects.across_tenants(reason=_REASON).filter(email__iexact=mail.sender, deactivated_at=None)
    return people.order_by("pk").first()


def wording(template: str, language: str, channel: str) -> Wording:
    """Return the operator's own text of a template, or the one that comes with the portal."""
    own = TemplateOverride.objects.filter(template=template, language=language, channel=channel).first()
    return Wording(own.subject, own.text) if own else rendering.shipped(template, language, channel)


def overridden() -> set[tuple[str, str, str]]:
    """Return the (template, language, channel) that the operator wrote a text of its own for."""
    return set(TemplateOverride.objects.values_list("template", "language", "channel"))


def rendered(message: Message, values: dict[str, str], *, show_secrets: bool) -> Rendered:
    """Return what a message says, from its template as it is now; `values` are context and secrets together."""
    template = catalogue.find(message.template)
    name = message.person.given_name if message.person else ""
    filled = rendering.variables(template, values, portal=portal(), name=name, language=message.language)
    if not show_secrets:
        filled = rendering.masked(filled, template)
    chosen = wording(message.template, message.language, message.channel)
    answered = bool(message.thread and settings.SPORTELLO["MAIL_IN_ADDRESS"])
    return rendering.render(chosen, filled, channel=message.channel, language=message.language, answered=answered)


def preview(template: catalogue.Template, draft: Wording, *, language: str, channel: str) -> Rendered:
    """Return how a wording looks with the template's sample values."""
    filled = rendering.variables(template, template.sample, portal=portal(), name="Ada", language=language)
    return rendering.render(draft, filled, channel=channel, language=language)


def wants(person_id: int, kind: Kind, channel: str) -> bool:
    """Say whether a person wants to be told of this kind on this way (`types.Way`); what is always on cannot be refused."""
    if kind in ALWAYS_ON:
        return True
    rows = Preference.objects.across_tenants(reason=_REASON)
    return not rows.filter(person_id=person_id, kind=kind, channel=channel, wanted=False).exists()


def unwanted(person_id: int) -> set[tuple[str, str]]:
    """Return the (kind, channel) pairs that a person switched off."""
    rows = Preference.objects.across_tenants(reason=_REASON).filter(person_id=person_id, wanted=False)
    return set(rows.values_list("kind", "channel"))


def quiet_hours(person_id: int) -> QuietHours | None:
    """Return a person's quiet hours, if any."""
    rows = QuietHours.objects.across_tenants(reason=_REASON)
    return rows.select_related("person").filter(person_id=person_id).first()


def earliest(person_id: int, *, now: datetime) -> datetime:
    """Return the first moment from `now` on at which the person's phone may ring."""
    hours = quiet_hours(person_id)
    if hours is None:
        return now
    return rules.end_of_quiet(now, starts=hours.starts, ends=hours.ends, zone=hours.person.time_zone)


def allowed_prefixes() -> list[str]:
    """Return the international prefixes that text messages may go to (SMS_ALLOWED_PREFIXES; `EU` stands for all of it)."""
    configured = settings.SPORTELLO["SMS_ALLOWED_PREFIXES"]
    return sorted({prefix for word in configured for prefix in (rules.EU_PREFIXES if word == "EU" else [word])})


def sms_limits(*, organisation_id: int | None, number: str) -> dict[str, int]:
    """Return the daily limits (parts) of the buckets that a text counts into, by bucket."""
    portal_settings = settings.SPORTELLO
    limits = {
        "all": portal_settings["SMS_DAILY_BUDGET"],
        f"number:{number}": portal_settings.get("SMS_DAILY_BUDGET_PER_NUMBER", 60),
    }
    if organisation_id is not None:
        limits[f"organisation:{organisation_id}"] = portal_settings["SMS_DAILY_BUDGET_PER_CUSTOMER"]
    return limits


def spent_bucket(limits: dict[str, int], *, now: datetime) -> str | None:
    """Return the first bucket whose limit of the day is reached already, or None. The day is the installation's own."""
    rows = SmsSpending.objects.filter(day=sms_day(now), bucket__in=list(limits))
    full = {row.bucket for row in rows if row.parts >= limits[row.bucket]}
    return next((bucket for bucket in limits if bucket in full), None)


def sms_day(now: datetime) -> date:
    """Return the local day that a text counts into."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def for_delivery(message_id: int, *, lock: bool = False) -> Message:
    """Return a message with its person, for the outbox; `lock` keeps others off to the end of the transaction."""
    rows = Message.objects.across_tenants(reason=_REASON)
    rows = rows.select_for_update() if lock else rows.select_related("person")
    return rows.defer("secret").get_or_refuse(pk=message_id)


def due_emails(*, now: datetime, most: int) -> list[int]:
    """Return the ids of the mails to deliver: due ones, and those whose worker died while sending."""
    rows = Message.objects.across_tenants(reason=_REASON).filter(channel=Channel.EMAIL)
    waiting = rows.filter(state="queued", next_try_at__lte=now)
    abandoned = rows.filter(state="sending", leased_until__lt=now)
    return list((waiting | abandoned).order_by("-urgent", "next_try_at").values_list("pk", flat=True)[:most])


def next_due_at(*, until: datetime) -> datetime | None:
    """Return when the first of the messages that wait is due, when that is by `until`; None when none is."""
    rows = Message.objects.across_tenants(reason=_REASON).filter(state="queued", next_try_at__lte=until)
    due: datetime | None = rows.aggregate(due=Min("next_try_at"))["due"]
    return due


def failed_since(since: datetime) -> int:
    """Return how many messages failed since an instant."""
    return Message.objects.across_tenants(reason=_REASON).filter(state="failed", ended_at__gte=since).count()


def is_paused(address: str) -> bool:
    """Say whether nothing is sent to an address because mails to it came back for good (ABUSE E21)."""
    return AddressStanding.objects.filter(address=address.lower()).exclude(paused_at=None).exists()


def paused_addresses() -> list[AddressStanding]:
    """Return the addresses that nothing is sent to, the newest first."""
    return list(AddressStanding.objects.exclude(paused_at=None).order_by("-paused_at"))


def received_mails(actor: Actor) -> QuerySet[ReceivedMail]:
    """Return the mails that came in, for the operator's people alone (none for others), the newest first."""
    rows = ReceivedMail.objects.order_by("-received_at", "-id")
    return rows if actor.reach is Reach.ALL else rows.none()


def original_of(mail: ReceivedMail) -> bytes | None:
    """Return the original of a mail as it came in, None when its file is gone."""
    path = keeping.path_of(mail.fingerprint)
    return path.read_bytes() if path.exists() else None


def content_of(mail: ReceivedMail) -> ParsedMail | None:
    """Return what a mail says, read anew from its original; None when its file is gone."""
    octets = original_of(mail)
    return None if octets is None else parse_mail(octets)


def due_mails(*, now: datetime, most: int) -> list[int]:
    """Return the ids of the mails that were kept and not yet handed over."""
    due = ReceivedMail.objects.filter(state=MailState.STORED, next_try_at__lte=now)
    return list(due.order_by("next_try_at", "id").values_list("pk", flat=True)[:most])


def waiting_texts() -> int:
    """Return how many texts wait to go out."""
    return Message.objects.across_tenants(reason=_REASON).filter(channel=Channel.SMS, state="queued").count()


def oldest_waiting_at() -> datetime | None:
    """Return since when the oldest message that is due has waited to go out; None when nothing waits."""
    rows = Message.objects.across_tenants(reason=_REASON).filter(state__in=["queued", "sending"])
    oldest: datetime | None = rows.filter(next_try_at__lte=Now()).aggregate(oldest=Min("next_try_at"))["oldest"]
    return oldest


def sender() -> SenderLease | None:
    """Return the process that holds the bind to the SMS centre, with what it last said of the link."""
    return SenderLease.objects.order_by(F("leased_until").desc()).first()


@dataclass(frozen=True)
class Phone:
    """One of the demo's phones: its number, whose it is, and its newest text."""

    number: str
    owner: str
    last: SimulatedText


def simulated_phones() -> list[Phone]:
    """Return the demo's phones that got a text, the one with the newest first."""
    newest: dict[str, SimulatedText] = {}
    for text in SimulatedText.objects.order_by("-id")[:500]:
        newest.setdefault(text.number, text)
    people = Person.objects.across_tenants(reason="the demo's phones show whose they are").filter(mobile__in=newest)
    owners = {person.mobile: person.name for person in people}
    return [Phone(number, owners.get(number, ""), last) for number, last in newest.items()]


def simulated_texts(number: str) -> list[SimulatedText]:
    """Return the last hundred texts of one of the demo's phones, newest first."""
    return list(SimulatedText.objects.filter(number=number).order_by("-id")[:100])


def simulated_mails() -> list[SimulatedMail]:
    """Return the last hundred mails of the demo's mailbox, newest first."""
    return list(SimulatedMail.objects.order_by("-id")[:100])


def simulator_mark() -> str:
    """Return a word that changes whenever something arrives on the demo's phones or in its mailbox."""
    text = SimulatedText.objects.aggregate(last=Max("id"))["last"] or 0
    mail = SimulatedMail.objects.aggregate(last=Max("id"))["last"] or 0
    return f"{text}-{mail}"
