"""E-mail by SMTP, through Django's backend with our own reading of the server's answers."""

import smtplib
from dataclasses import dataclass
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from sportello.messaging.channels.email.mime import to_mime
from sportello.messaging.channels.email.types import MailInDoubt, MailRefused, OutMail

_FINAL_FROM = 500


@dataclass(frozen=True)
class SmtpAccount:
    """Where mail goes out; `timeout` in seconds holds for each step of the conversation."""

    host: str
    port: int = 25
    username: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    timeout: float = 20.0

    def __repr__(self) -> str:
        return f"SmtpAccount({self.host}:{self.port})"


class _Answered:
    """Mixed into smtplib's classes: keep the server's last word, and tell a doubt from a refusal."""

    answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            code, answer = super().data(msg)  # type: ignore[misc]
        except smtplib.SMTPDataError:
            raise
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()  # type: ignore[attr-defined]  # no polite QUIT to a server that is gone
            raise MailInDoubt(f"No answer after the message was handed over ({type(error).__name__}).") from error
        self.answer = _shown(code, answer)
        return code, answer


class _Smtp(_Answered, smtplib.SMTP):
    """Plain or STARTTLS."""


class _SmtpSsl(_Answered, smtplib.SMTP_SSL):
    """TLS from the first octet."""


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SmtpSsl if self.use_ssl else _Smtp


class SmtpMailer:
    """Send each mail over a connection of its own; implements `Mailer`."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account

    def send(self, mail: OutMail) -> str:
        """Hand over one mail. Raises `MailRefused` (4xx and no connection: later; 5xx: final) and `MailInDoubt`."""
        message = to_mime(mail)
        backend = self._backend()
        try:
            backend.open()
            backend.send_messages([message])
            return str(getattr(backend.connection, "answer", ""))
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _refused(code, answer) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailRefused(f"The mail server cannot be reached ({type(error).__name__}).", later=True) from error
        finally:
            _close(backend)

    def _backend(self) -> _Backend:
        account = self._account
        return _Backend(
            host=account.host,
            port=account.port,
            username=account.username,
            password=account.password,
            use_tls=account.use_tls,
            use_ssl=account.use_ssl,
            timeout=account.timeout,
        )


def _close(backend: _Backend) -> None:
    sockets = [each for each in (backend.connection, backend._partial_connection) if each is not None]  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        backend.close()
    except (smtplib.SMTPException, OSError):
        # QUIT failed after the answer was given (or the refusal raised): nothing depends on it.
        return
    finally:
        for each in sockets:
            each.close()


def _refused(code: int, answer: bytes | str) -> MailRefused:
    # An authentication failure is 535, but the mail is not at fault: the operator corrects the account, the mail waits.
    later = code < _FINAL_FROM or code in {530, 534, 535}
    return MailRefused(_shown(code, answer), later=later)


def _shown(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", errors="replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"[:500]
