"""Messages of signing in, handed to whatever messaging registered, in the transaction of their cause."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from sportello.accounts.models import Person
from sportello.accounts.types import MessageTo, message_sender
from sportello.kernel.actor import Actor


def tell(
    *,
    actor: Actor,
    person: Person,
    template: str,
    key: str,
    context: Mapping[str, str] | None = None,
    secret: Mapping[str, str] | None = None,
    email: str = "",
    mobile: str = "",
    urgent: bool = False,
) -> bool:
    """Send one message to an address, a number, or both; tell whether each that is given could be queued.

    `key` makes it go out once.
    """
    queued = [
        message_sender()(
            actor=actor,
            recipient=MessageTo(person_id=person.pk, language=person.language, **{field: address}),
            template=template,
            context=dict(context or {}),
            secret=dict(secret or {}),
            channel=channel,
            organisation_id=person.organisation_id,
            idempotency_key=f"{key}:{channel}",
            urgent=urgent,
        )
        for channel, field, address in (("email", "email", email), ("sms", "mobile", mobile))
        if address
    ]
    return all(message.state != "failed" for message in queued)


def tell_of_change(*, actor: Actor, person: Person, what: str | Promise, key: str, by_sms: bool = True) -> None:
    """Tell that something about signing in was changed, in the person's language.

    `person` is the row as it was read before the change: the former addresses are told.
    """
    with translation.override(person.language):
        words = str(what)
    tell(
        actor=actor,
        person=person,
        template="contact_changed",
        key=key,
        context={"what": words},
        email=person.email,
        mobile=verified_mobile(person) if by_sms else "",
    )


def verified_mobile(person: Person) -> str:
    """Return the number that is proved to be the person's, or ""."""
    return person.mobile if person.mobile_verified_at else ""


def link(path: str) -> str:
    """Return the full address of a page for a message; its host is the installation's own, never the request's (ABUSE B10)."""
    return f"{settings.SPORTELLO['PUBLIC_URL']}{path}"
