"""Mails that tests of reading write, and what reading says of them."""

from sportello.kernel.sentences import in_english
from sportello.messaging.incoming.parsing import Limits, parse_mail
from sportello.messaging.types import ParsedMail


def mail(headers: str, body: bytes | str = "", *, limits: Limits | None = None) -> ParsedMail:
    octets = body.encode() if isinstance(body, str) else body
    raw = headers.strip("\n").encode() + b"\n\n" + octets
    return parse_mail(raw, limits=limits or Limits())


def notices(parsed: ParsedMail) -> list[str]:
    return [in_english(each) for each in parsed.notices]
