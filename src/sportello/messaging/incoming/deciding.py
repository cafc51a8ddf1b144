"""What becomes of a mail: facts in, decision out, no database (ABUSE E16 to E20, E29)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop

from sportello.messaging.incoming import addresses
from sportello.messaging.incoming.parsing.addresses import same_address
from sportello.messaging.states import MailState
from sportello.messaging.types import MailKind, ParsedMail, Trust

UNKNOWN: Final = gettext_noop("It came to no address that answers are taken at.")
WITHDRAWN: Final = gettext_noop("The address that it came to was withdrawn.")
FORGED: Final = gettext_noop("The sender is not the person whom the reply address was made for.")
SEVERAL: Final = gettext_noop("The mail names more than one sender.")
CONTRADICTED: Final = gettext_noop("The sender's domain denies having sent it (SPF, DKIM or DMARC).")
UNCONFIRMED: Final = gettext_noop("The sender could not be confirmed (no SPF, DKIM or DMARC).")
TOO_MANY: Final = gettext_noop(
    "Too many mails of this sender came within an hour: perhaps two machines answer each other."
)
LIKE_A_MACHINE: Final = gettext_noop("It reads like an automatic reply, but nothing else says so.")
NO_SENDER: Final = gettext_noop("The mail names no sender.")


@dataclass(frozen=True)
class Decision:
    """The state that a mail goes to (`STORED`: it is handed over) with a kept sentence why."""

    state: MailState
    reason: str = ""


def decide(
    mail: ParsedMail,
    kind: MailKind,
    *,
    recipient: str | None,
    withdrawn: bool,
    trust: Trust,
    within_hour: int,
    most_per_hour: int,
    take_unconfirmed: bool,
    in_doubt: bool = False,
) -> Decision:
    """Decide on a mail; `recipient` is whom the reply address was made for, None when it came to no such address.

    `in_doubt`: the kind is told by the mail's own words alone, so that a person may have written it: the operator decides.
    """
    if in_doubt:
        return Decision(MailState.QUARANTINED, LIKE_A_MACHINE)
    if kind is not MailKind.PERSON:
        return Decision(MailState.IGNORED)
    reason = _doubt(mail, recipient, trust, withdrawn=withdrawn, take_unconfirmed=take_unconfirmed)
    if not reason and within_hour >= most_per_hour:
        reason = TOO_MANY
    return Decision(MailState.QUARANTINED, reason) if reason else Decision(MailState.STORED)


def _doubt(mail: ParsedMail, recipient: str | None, trust: Trust, *, withdrawn: bool, take_unconfirmed: bool) -> str:
    if recipient is None or withdrawn:
        return WITHDRAWN if withdrawn else UNKNOWN
    if mail.sender is None:
        return NO_SENDER
    if len({each.address.lower() for each in mail.senders}) > 1:
        return SEVERAL
    if not same_address(mail.sender.address, recipient):
        return FORGED
    if trust is Trust.FAIL:
        return CONTRADICTED
    return UNCONFIRMED if trust is Trust.NONE and not take_unconfirmed else ""


def tokens_of(mail: ParsedMail) -> addresses.Found:
    """Return the secrets in the addresses that a mail came to; in those that it names, where the server wrote down none (ABUSE E29)."""
    delivered = addresses.find(addressed_to(mail))
    return delivered if delivered.replies or delivered.messages else addresses.find(named_addresses(mail))


def addressed_to(mail: ParsedMail) -> tuple[str, ...]:
    """Return the addresses that tell where a mail belongs: what the receiving server wrote down, else what the mail says.

    A server's word goes first: a copy of a mail to several threads belongs to the one whose address it was delivered to.
    """
    return mail.delivered_to or tuple(each.address for each in (*mail.to, *mail.cc))


def named_addresses(mail: ParsedMail) -> tuple[str, ...]:
    """Return every address of a mail's To and Cc: asked where the receiving server rewrote or left out the token."""
    return tuple(each.address for each in (*mail.to, *mail.cc))
