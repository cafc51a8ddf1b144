"""From octets to a `ParsedMail`, without a database and without trust: whatever comes in, a value comes out."""

from sportello.messaging.incoming.parsing.limits import Limits
from sportello.messaging.incoming.parsing.mail import parse_mail

__all__ = ["Limits", "parse_mail"]
