"""Which ways mails come in by, from the settings."""

from __future__ import annotations

from django.conf import settings

from sportello.messaging.incoming.imap import ImapAccount

_SECURITIES = {"ssl": 993, "starttls": 143, "none": 143}


def imap_account() -> ImapAccount | None:
    """Return the mailbox that mails are fetched from, or None. Raises `ValueError` for settings that make no sense."""
    portal = settings.SPORTELLO
    if not portal.get("MAIL_IMAP_HOST"):
        return None
    _check_address()
    security = portal["MAIL_IMAP_SECURITY"]
    if security not in _SECURITIES:
        raise ValueError(f"SPORTELLO_MAIL_IMAP_SECURITY is ssl, starttls or none, not {security!r}")
    return ImapAccount(
        host=portal["MAIL_IMAP_HOST"],
        port=portal["MAIL_IMAP_PORT"] or _SECURITIES[security],
        username=portal["MAIL_IMAP_USER"],
        password=portal["MAIL_IMAP_PASSWORD"],
        security=security,
        folder=portal["MAIL_IMAP_FOLDER"],
        done=portal["MAIL_IMAP_DONE_FOLDER"],
    )


def lmtp_place() -> tuple[str, int] | None:
    """Return where to listen for the mail server (host, port), or None. Raises `ValueError` for settings that make no sense."""
    listen = settings.SPORTELLO.get("MAIL_LMTP_LISTEN", "")
    if not listen:
        return None
    _check_address()
    host, _colon, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"SPORTELLO_MAIL_LMTP_LISTEN is an address and a port (127.0.0.1:2424), not {listen!r}")
    return host, int(port)


def most_octets() -> int:
    """Return how large a mail may be at all; what is larger the mail server keeps and tells its sender."""
    return int(settings.SPORTELLO["MAIL_MOST_OCTETS"])


def mail_comes_in() -> bool:
    """Say whether this installation takes mails."""
    portal = settings.SPORTELLO
    return bool(portal.get("MAIL_IMAP_HOST") or portal.get("MAIL_LMTP_LISTEN"))


def _check_address() -> None:
    address = settings.SPORTELLO.get("MAIL_IN_ADDRESS", "")
    local, _at, domain = address.rpartition("@")
    if not local or "+" in local or len(local) > 24 or not domain:  # noqa: PLR2004 - 64 are allowed with the secret
        raise ValueError(
            f"SPORTELLO_MAIL_IN_ADDRESS is the address that answers come to (tickets@reply.example), not {address!r}"
        )
