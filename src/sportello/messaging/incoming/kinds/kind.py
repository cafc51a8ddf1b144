"""Telling a mail of a person from those of machines, by its headers first (RFC 3834, 3464, 8098) and its words after.

A person's mail taken for a machine's is lost to the ticket until the operator looks, a machine's taken for a person's may start a
loop: headers decide where they speak; words alone decide only where they stand where no person puts them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sportello.messaging.incoming.kinds import failures, words
from sportello.messaging.incoming.kinds.failures import Failure
from sportello.messaging.incoming.parsing.headers import Headers, params, split_headers
from sportello.messaging.incoming.replies import split_reply
from sportello.messaging.types import MailKind, ParsedMail

INSTANCE_HEADER: Final = "X-Sportello-Instance"
_AUTO_HEADERS: Final = re.compile(
    r"(?!.*suppress)(?:x-)?(?:mail-|[a-z]{2,12}-)?auto-?(?:reply|respon[ds]|generated|mated)[a-z-]*|x-(?:vacation|ooo|away|fc-machinegenerated|spam-?arrest)[a-z-]*|x-loop|"
    r"x-[a-z]{2,12}-loop(?:-prevention)?|x-ms-exchange-inbox-rules-loop|x-ms-exchange-generated-message-source"
)
"""Headers that only machines write: each vendor has its own."""
_AUTO_PROGRAM: Final = re.compile(r"autorespon|auto-?repl|vacation|\botrs\b|risponditore", re.IGNORECASE)
_LIST_HEADERS: Final = (
    "list-id",
    "list-post",
    "list-help",
    "x-mailing-list",
    "mailing-list",
    "x-listserver",
    "x-mailman-version",
    "x-beenthere",
)
_BULK: Final = ("list-unsubscribe", "feedback-id", "x-campaign", "x-campaignid", "x-mailchimp-id", "x-csa-complaints")
_CUT: Final = 3_000
_LONGEST_AUTOMATIC: Final = 2_500
_PREFIX: Final = re.compile(r"^\s*(?:(?:re|r|rif|aw|sv|antw?|odp|vs|tr)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_TAIL: Final = re.compile(r"[(\[]([^()\[\]]{3,60})[)\]]\s*$|\s[-\u2013\u2014]\s([^-\u2013\u2014]{3,60})$")
_ANSWERS: Final = re.compile(r"\b(?:re|r|aw|sv|rif)\s?:", re.IGNORECASE)
WORDS_ALONE: Final = "words alone"
"""The sign of a verdict that nothing but the mail's own words speaks for: a person may have written it after all."""


@dataclass(frozen=True)
class Verdict:
    """What a mail is, by what sign, and what became of which address (reports alone). `original_id` is the mail that a report is about."""

    kind: MailKind
    sign: str = ""
    failures: tuple[Failure, ...] = ()
    original_id: str = ""


@dataclass(frozen=True)
class Facts:
    """What kinds are told by: headers, the parsed mail, and the octets of the parts that machines write."""

    headers: Headers
    mail: ParsedMail
    instance: str = ""

    @property
    def subject(self) -> str:
        """Return the subject as one line."""
        return self.mail.subject

    @property
    def bare_subject(self) -> str:
        """Return the subject without “Re:” and the like."""
        return _PREFIX.sub("", self.subject)

    @property
    def tail(self) -> str:
        """Return what stands at the end of the subject in brackets or after a dash: some programs put their word there."""
        found = _TAIL.search(self.subject)
        return next(filter(None, found.groups())) if found else ""

    def says_subject(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether the subject, with or without “Re:”, begins as a pattern does, or says it at its end."""
        return any(pattern.match(each) for each in (self.subject, self.bare_subject, self.tail) if each)

    @property
    def text(self) -> str:
        """Return the beginning of the text: what machines say stands there."""
        return self.mail.text[:_CUT]

    @property
    def local(self) -> str:
        """Return the part of the sender's address before the @."""
        return self.mail.sender.address.rpartition("@")[0].lower() if self.mail.sender else ""

    @property
    def is_daemon(self) -> bool:
        """Tell whether the sender is a mail system by its name."""
        name = self.mail.sender.name.lower() if self.mail.sender else ""
        return (
            bool(words.DAEMON.match(self.local))
            or "mail delivery" in name
            or name.startswith(("mailer-daemon", "system administrator", "postmaster"))
        )

    @property
    def null_sender(self) -> bool:
        """Tell whether the mail says that nothing must ever be answered to it (RFC 5321 4.5.5)."""
        return self.mail.envelope_from == ""

    def part(self, *kinds: str) -> bytes | None:
        """Return the octets of the first file of one of these content types."""
        return next((each.content for each in self.mail.files if each.content_type in kinds), None)


def classify(raw: bytes, mail: ParsedMail, *, instance: str = "") -> Verdict:
    """Tell the kind of a mail; `instance` is the value of our own header, by which our mails coming back are known."""
    headers, _body = split_headers(raw, most=256 * 1024)
    facts = Facts(headers, mail, instance)
    for tell in (_own, _report, _certified, _failure, _receipt, _automatic, _mass):
        verdict = tell(facts)
        if verdict is not None:
            return verdict
    return Verdict(MailKind.PERSON)


def _own(facts: Facts) -> Verdict | None:
    value = facts.headers.text(INSTANCE_HEADER.lower())
    return Verdict(MailKind.OWN, INSTANCE_HEADER) if facts.instance and value == facts.instance else None


def _report(facts: Facts) -> Verdict | None:
    """Read reports in the standard form."""
    kind = facts.headers.kind()
    report = params(facts.headers.first("content-type")).get("report-type", "").lower()
    if report == "disposition-notification" or (
        kind == "multipart/report" and facts.part("message/disposition-notification")
    ):
        return Verdict(MailKind.RECEIPT, "disposition-notification", original_id=_original(facts))
    if report == "feedback-report" or facts.part("message/feedback-report"):
        return Verdict(MailKind.AUTO_REPLY, "feedback-report")
    status = facts.part("message/delivery-status", "message/global-delivery-status")
    is_report = kind == "multipart/report" or report == "delivery-status" or facts.is_daemon or facts.null_sender
    if status is None or not is_report:
        return _bare_report(facts) if report == "delivery-status" else None
    found = failures.of_report(status)
    if found and all(each.action in {"delivered", "relayed", "expanded"} for each in found):
        return Verdict(MailKind.RECEIPT, "delivery-status", found, _original(facts))
    if found and not any(each.recipient for each in found):
        found = failures.of_text(facts.text) or found
    return Verdict(MailKind.BOUNCE, "delivery-status", found or failures.of_text(facts.text), _original(facts))


def _bare_report(facts: Facts) -> Verdict:
    return Verdict(MailKind.BOUNCE, "delivery-status", failures.of_text(facts.text), _original(facts))


def _certified(facts: Facts) -> Verdict | None:
    """Read the receipts of Italian certified mail (PEC): each says in a header what it is."""
    receipt_of_pec = facts.headers.text("x-ricevuta").lower()
    if not receipt_of_pec:
        return None
    is_failure = any(word in receipt_of_pec for word in ("mancata", "non-accettazione", "preavviso", "errore", "virus"))
    kind = MailKind.BOUNCE if is_failure else MailKind.RECEIPT
    return Verdict(kind, "x-ricevuta", failures.of_text(facts.text) if is_failure else ())


def _failure(facts: Facts) -> Verdict | None:
    """Find delivery failures in no standard form: qmail, Exim, old Exchange, webmail systems."""
    failed = facts.headers.text("x-failed-recipients")
    if failed:
        found = tuple(
            failures.Failure(each.strip().lower(), permanent=failures.is_permanent(facts.text))
            for each in failed.split(",")
            if "@" in each
        )
        return Verdict(MailKind.BOUNCE, "x-failed-recipients", found, _original(facts))
    says_subject, says_text = (
        bool(words.BOUNCE_SUBJECT.match(facts.subject)),
        bool(words.BOUNCE_TEXT.search(facts.text)),
    )
    is_machine = facts.is_daemon or facts.null_sender or "x-ms-exchange-message-is-ndr" in dict(facts.headers.fields)
    if words.RECEIPT_SUBJECT.match(facts.subject) and not says_text:
        return None
    if facts.says_subject(words.AUTO_SUBJECT) or facts.says_subject(words.AWAY_SUBJECT):
        return None
    found = failures.of_text(facts.text)
    has_status = any(each.status for each in found)
    by_machine = is_machine and (says_subject or says_text or (has_status and any(each.recipient for each in found)))
    by_nobody = says_subject and says_text and has_status and not facts.mail.in_reply_to and "?" not in facts.text
    return Verdict(MailKind.BOUNCE, "words", found, _original(facts)) if by_machine or by_nobody else None


def _receipt(facts: Facts) -> Verdict | None:
    if not words.RECEIPT_SUBJECT.match(facts.subject):
        return None
    short = len(facts.mail.text) < 1_500  # noqa: PLR2004 - a receipt says little
    is_machine = facts.is_daemon or facts.null_sender or facts.headers.first("auto-submitted") not in {"", "no"}
    says = words.RECEIPT_TEXT.search(facts.text)
    return Verdict(MailKind.RECEIPT, "words") if is_machine or (short and says) else None


def _automatic(facts: Facts) -> Verdict | None:
    sign = _automatic_sign(facts)
    if not sign:
        return None
    is_away = (
        facts.says_subject(words.AWAY_SUBJECT)
        or words.AWAY_OF.match(facts.subject)
        or words.AWAY_TEXT.search(facts.text)
        or words.AWAY_STATE.search(facts.text)
    )
    return Verdict(MailKind.OUT_OF_OFFICE if is_away else MailKind.AUTO_REPLY, sign)


def _automatic_sign(facts: Facts) -> str:
    """Return by what a mail shows that no person wrote it for this occasion, or nothing."""
    sign = _automatic_header(facts.headers)
    if not sign and facts.says_subject(words.AUTO_SUBJECT):
        sign = "subject"
    return sign or _weak_sign(facts) or (WORDS_ALONE if _says_itself(facts) else "")


def _automatic_header(headers: Headers) -> str:
    submitted = headers.first("auto-submitted").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "auto-submitted"
    for name, value in headers.fields:
        if _AUTO_HEADERS.fullmatch(name) and value.strip().lower() not in {"", "no", "false", "0"}:
            return name
    if _AUTO_PROGRAM.search(headers.first("x-mailer")):
        return "x-mailer"
    precedences = {headers.first("precedence").strip().lower(), headers.first("preference").strip().lower()}
    if precedences & {"auto_reply", "auto-reply", "autoreply"}:
        return "precedence"
    return "x-post-messageclass" if headers.first("x-post-messageclass").startswith("9") else ""


def _weak_sign(facts: Facts) -> str:
    """Return a sign of words that counts only because something else points to a machine too."""
    is_away = facts.says_subject(words.AWAY_SUBJECT)
    says_so = words.AWAY_TEXT.search(facts.text) or words.AUTO_TEXT.search(facts.text)
    is_whole_tail = facts.subject.endswith((")", "]")) and _whole(words.AWAY_SUBJECT, facts.tail)
    is_before_re = bool(words.AWAY_SUBJECT.match(facts.subject) and _ANSWERS.search(facts.subject))
    if is_away and (says_so or is_whole_tail or is_before_re):
        return "subject and text"
    if words.AWAY_OF.match(facts.subject) and (says_so or words.AWAY_STATE.search(facts.text)):
        return "subject and text"
    if re.match(r"\s*auto(?:matic)?\s?:", facts.subject, re.IGNORECASE) and says_so:
        return "subject and text"
    is_machine = facts.null_sender or facts.is_daemon or bool(words.NO_REPLY.match(facts.local))
    suppresses = re.search(r"\b(?:oof|autoreply|all)\b", facts.headers.first("x-auto-response-suppress"), re.IGNORECASE)
    is_bulk = facts.headers.first("precedence").strip().lower() in {"bulk", "junk"}
    if (is_machine or suppresses or is_bulk) and (is_away or says_so):
        return "words of a machine"
    if facts.null_sender:
        return "null sender"
    return "no-reply sender" if is_machine and suppresses else ""


def _whole(pattern: re.Pattern[str], text: str) -> bool:
    found = pattern.match(text)
    return found is not None and found.end() >= len(text.strip())


def _says_itself(facts: Facts) -> bool:
    """Tell whether the writer's own words, without quotes, are those of a machine: it says so, or it is an absence from end to end."""
    if not (words.DECLARES.search(facts.text) or words.AWAY_STATE.search(facts.text)):
        return False
    own = split_reply(facts.mail.text, facts.mail.marked).own
    if len(own) > _LONGEST_AUTOMATIC or "?" in own:
        return False
    return bool(words.DECLARES.search(own) or (words.AWAY_STATE.search(own) and words.AWAY_PROMISE.search(own)))


def _mass(facts: Facts) -> Verdict | None:
    for name in _LIST_HEADERS:
        if facts.headers.first(name):
            return Verdict(MailKind.LIST, name)
    if facts.headers.first("precedence").strip().lower() in {"bulk", "junk", "list"}:
        return Verdict(MailKind.LIST, "precedence")
    for name in _BULK:
        if facts.headers.first(name):
            return Verdict(MailKind.LIST, name)
    if facts.is_daemon and words.DAEMON.match(facts.local):
        return Verdict(MailKind.AUTO_REPLY, "sender")
    return Verdict(MailKind.AUTO_REPLY, "sender") if words.NO_REPLY.match(facts.local) else None


def _original(facts: Facts) -> str:
    copy = facts.part(
        "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers"
    )
    if copy is not None:
        return failures.original_id(copy)
    return failures.original_id(facts.mail.text.encode("utf-8", "replace"))
