"""From our mail to a MIME message: plain text, HTML beside it, and the headers that keep robots from answering."""

from typing import Final

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import BadHeaderError

from sportello.messaging.channels.email.types import MailRefused, OutMail

# RFC 3834 clause 5; the second is Microsoft's word for the same.
_NO_ANSWERS: Final = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
_LINE_BREAKS: Final = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0"


def to_mime(mail: OutMail) -> EmailMultiAlternatives:
    """Build the message. Raises `MailRefused` when an address or a header holds a line break (ABUSE E23)."""
    headers = {**_NO_ANSWERS, **mail.headers, "Message-ID": f"<{mail.message_id}>"}
    envelope = mail.envelope_from or mail.sender
    _check_single_lines(
        {"to": mail.to, "from": mail.sender, "subject": mail.subject, "reply-to": mail.reply_to, **headers}
    )
    if mail.envelope_from:
        _check_single_lines({"return-path": mail.envelope_from})
        headers["From"] = mail.sender  # what the reader sees; the other is of the SMTP conversation alone
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=envelope,
        to=[mail.to],
        headers=headers,
        reply_to=[mail.reply_to] if mail.reply_to else None,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        message.message()
    except (BadHeaderError, ValueError) as error:
        raise MailRefused(f"The mail cannot be written: {error}", later=False) from error
    return message


def _check_single_lines(values: dict[str, str]) -> None:
    for name, value in values.items():
        if any(char in value for char in _LINE_BREAKS):
            raise MailRefused(f"The field “{name}” holds a line break.", later=False)
