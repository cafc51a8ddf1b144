"""From the octets of a mail to a value, whatever they are."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
from sportello.messaging.incoming.parsing.addresses import addresses, message_ids, moment, plain_address
from sportello.messaging.incoming.parsing.bodies import ENCRYPTED, read_body
from sportello.messaging.incoming.parsing.charsets import decoded
from sportello.messaging.incoming.parsing.headers import Headers
from sportello.messaging.incoming.parsing.limits import Limits
from sportello.messaging.incoming.parsing.parts import take_apart
from sportello.messaging.types import ParsedMail

logger = logging.getLogger(__name__)

TOO_LARGE: Final = gettext_noop("The mail is larger than %(most)d MB and was read up to there. The original is kept.")
PARTS_LEFT: Final = gettext_noop("The mail has too many parts. What was left out is in the original, which is kept.")
NO_TEXT: Final = gettext_noop("The mail has no text.")
UNREADABLE: Final = gettext_noop("The mail could not be read. The original is kept.")
PGP: Final = "-----BEGIN PGP MESSAGE-----"
_DELIVERED: Final = ("delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "x-real-to", "x-rcpt-to")
STANDARD: Final = Limits()


def parse_mail(
    raw: bytes, *, limits: Limits = STANDARD, envelope_from: str | None = None, envelope_to: tuple[str, ...] = ()
) -> ParsedMail:
    """Read a mail. Never raises: what cannot be read gives an empty value with a notice (ABUSE E22, E23, E25).

    `envelope_from` and `envelope_to` are what the SMTP conversation said, where there was one; they go before the headers.
    """
    try:
        return _parsed(raw, limits, envelope_from, envelope_to)
    except Exception:
        logger.exception("a mail of %d octets could not be read", len(raw))
        text = decoded(raw[: limits.text])[0]
        return ParsedMail(envelope_from=envelope_from, delivered_to=envelope_to, text=text, notices=(UNREADABLE,))


def _parsed(raw: bytes, limits: Limits, envelope_from: str | None, envelope_to: tuple[str, ...]) -> ParsedMail:
    taken = take_apart(raw[: limits.octets], limits)
    body = read_body(taken.parts, limits)
    notices = list(body.notices)
    if len(raw) > limits.octets:
        notices.insert(0, kept(TOO_LARGE, most=limits.octets // 1024 // 1024))
    if taken.left_out:
        notices.append(PARTS_LEFT)
    if not body.text.strip():
        notices.append(NO_TEXT)
    elif PGP in body.text and ENCRYPTED not in notices:
        notices.append(ENCRYPTED)
    mail = _from_headers(taken.headers, limits)
    return replace(
        mail,
        envelope_from=_return_path(taken.headers) if envelope_from is None else envelope_from,
        delivered_to=tuple(dict.fromkeys([*envelope_to, *mail.delivered_to])),
        text=body.text,
        html=body.html,
        marked=body.marked,
        files=tuple(body.files),
        notices=tuple(notices),
    )


def _from_headers(headers: Headers, limits: Limits) -> ParsedMail:
    senders = addresses(headers.all("from"), most=limits.addresses)
    delivered = [plain_address(value) for name in _DELIVERED for value in headers.all(name)]
    ids = message_ids(headers.first("message-id"), most=1)
    return ParsedMail(
        subject=headers.text("subject"),
        sender=senders[0] if senders else None,
        senders=senders,
        reply_to=addresses(headers.all("reply-to"), most=limits.addresses),
        to=addresses(headers.all("to"), most=limits.addresses),
        cc=addresses(headers.all("cc"), most=limits.addresses),
        delivered_to=tuple(dict.fromkeys(each for each in delivered if each))[: limits.addresses],
        message_id=ids[0] if ids else "",
        in_reply_to=message_ids(headers.first("in-reply-to"), most=limits.references),
        references=message_ids(" ".join(headers.all("references")), most=limits.references),
        sent_at=moment(headers.first("date")),
    )


def _return_path(headers: Headers) -> str | None:
    value = headers.first("return-path")
    if re.fullmatch(r"\s*<\s*>\s*", value):
        return ""
    return plain_address(value) or None
