"""Which connectors this installation uses, from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from sportello.messaging.channels.email.smtp import SmtpAccount, SmtpMailer
from sportello.messaging.channels.email.types import Mailer

if TYPE_CHECKING:
    from sportello.messaging.channels.sms.smpp import SmppAccount

SIMULATOR = "simulator"


def refuse_simulators_in_production() -> None:
    """Stop the start when messages would end on the simulator page of an installation that is not a demo."""
    portal = settings.SPORTELLO
    simulated = [name for name in ("SMS_TRANSPORT", "EMAIL_TRANSPORT") if portal[name] == SIMULATOR]
    if settings.MODE == "production" and (simulated or portal["DEMO"]):
        raise ImproperlyConfigured(
            f"{', '.join(simulated) or 'DEMO'}: the mailbox and phone simulator shows one-time codes to everybody and "
            "cannot be used with production settings."
        )


def sms_is_simulated() -> bool:
    """Say whether texts end on the simulator's phones."""
    return bool(settings.SPORTELLO["SMS_TRANSPORT"] == SIMULATOR)


def mail_is_simulated() -> bool:
    """Say whether mails end in the simulator's mailbox."""
    return bool(settings.SPORTELLO["EMAIL_TRANSPORT"] == SIMULATOR)


def smtp_mailer() -> Mailer:
    """Return the mailer of the SMTP settings."""
    return SmtpMailer(
        SmtpAccount(
            host=settings.EMAIL_HOST,
            port=settings.EMAIL_PORT,
            username=settings.EMAIL_HOST_USER,
            password=settings.EMAIL_HOST_PASSWORD,
            use_tls=settings.EMAIL_USE_TLS,
            use_ssl=settings.EMAIL_USE_SSL,
            timeout=float(settings.EMAIL_TIMEOUT),
        )
    )


def smpp_account() -> SmppAccount:
    """Return the account of the SMPP settings. Raises `ValueError` for what the protocol cannot carry."""
    from sportello.messaging.channels.sms.smpp import SmppAccount  # the protocol takes a tenth of a second to import

    portal = settings.SPORTELLO
    return SmppAccount(
        host=portal["SMPP_HOST"],
        port=portal["SMPP_PORT"],
        system_id=portal["SMPP_SYSTEM_ID"],
        password=portal["SMPP_PASSWORD"],
        system_type=portal.get("SMPP_SYSTEM_TYPE", ""),
        window=portal.get("SMPP_WINDOW", 10),
        answer_id_base=portal.get("SMPP_ANSWER_ID_BASE"),
        receipt_id_base=portal.get("SMPP_RECEIPT_ID_BASE"),
    )
