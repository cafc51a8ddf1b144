"""E-mail without a network: the demo's mailbox."""

from collections.abc import Callable

from django.utils.translation import gettext_noop

from sportello.messaging.channels.email.mime import to_mime
from sportello.messaging.channels.email.types import OutMail


class SimulatedMailer:
    """Put each mail into `mailbox`; implements `Mailer`."""

    def __init__(self, mailbox: Callable[[OutMail], None]) -> None:
        self._mailbox = mailbox

    def send(self, mail: OutMail) -> str:
        """Deliver at once. Raises `MailRefused` for what no server could take, as the SMTP one does."""
        to_mime(mail)
        self._mailbox(mail)
        return gettext_noop("250 in the simulated mailbox")
