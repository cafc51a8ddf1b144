"""Tickets, articles and users of Zammad as JSON: lists, or the `assets` that its own addresses answer with (full or expanded)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.imports import Faults, first_of_each, noted
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.tabular import TableRefused
from sportello.tickets.old_bases.shapes import (
    CustomerHints,
    OldEntry,
    OldFile,
    OldTicket,
    id_of,
    instant_of,
    shortened,
    word_of,
    words_of_html,
)
from sportello.tickets.states import Party, Priority, State

MOST_BYTES: Final = 200 * 1024 * 1024
_NO_EXPORT: Final = gettext_lazy(
    "This is no export of Zammad: a JSON object with “tickets” and “articles” is expected."
)
STATES: Final[Mapping[str, State]] = {
    "new": State.OPEN,
    "open": State.IN_PROGRESS,
    "pending reminder": State.WAITING_CUSTOMER,
    "pending close": State.WAITING_CUSTOMER,
    "closed": State.CLOSED,
    "merged": State.CLOSED,
    # the numbers of a base as it is installed
    "1": State.OPEN,
    "2": State.IN_PROGRESS,
    "3": State.WAITING_CUSTOMER,
    "4": State.CLOSED,
    "5": State.CLOSED,
    "7": State.WAITING_CUSTOMER,
}
PRIORITIES: Final[Mapping[str, Priority]] = {
    "1 low": Priority.LOW,
    "2 normal": Priority.NORMAL,
    "3 high": Priority.HIGH,
    "1": Priority.LOW,
    "2": Priority.NORMAL,
    "3": Priority.HIGH,
}
SENDERS: Final[Mapping[str, Party]] = {
    "agent": Party.OPERATOR,
    "customer": Party.CUSTOMER,
    "system": Party.SYSTEM,
    "1": Party.OPERATOR,
    "2": Party.CUSTOMER,
    "3": Party.SYSTEM,
}
_HTML: Final = re.compile(r"<(?:/?(?:p|div|br|span|blockquote|table|html|body)\b)", re.IGNORECASE)


@dataclass(frozen=True)
class _Base:
    """The records of an export by their ids."""

    tickets: Sequence[Mapping[str, Any]]
    articles: Mapping[str, Sequence[Mapping[str, Any]]]
    users: Mapping[str, Mapping[str, Any]]
    organisations: Mapping[str, Mapping[str, Any]]

    def user(self, mark: Any) -> Mapping[str, Any]:
        """Return a user by id, login or address; a record of nothing when the export does not hold it."""
        return self.users.get(_text(mark).casefold(), {})


def read_zammad(path: Path, name: str) -> list[OldTicket]:  # noqa: ARG001 - the readers have one signature
    """Return the tickets of an export. Raises `TableRefused`."""
    base, now = _base(_document(path)), timezone.now()
    return [_ticket(one, place, base, now) for place, one in enumerate(base.tickets, 1)]


def _document(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > MOST_BYTES:
        raise TableRefused(_("The file is too large."))
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as wrong:
        line = getattr(wrong, "lineno", None)
        raise TableRefused(_("The file is not JSON: %(why)s") % {"why": str(wrong)[:200]}, line=line) from wrong
    if isinstance(found, list):
        found = {"tickets": found}
    if not isinstance(found, dict):
        raise TableRefused(_NO_EXPORT)
    return found


def _base(document: Mapping[str, Any]) -> _Base:
    assets = document.get("assets") if isinstance(document.get("assets"), dict) else {}
    tickets = _records(document, assets, "tickets", "Ticket")
    if not tickets:
        raise TableRefused(_NO_EXPORT)
    articles: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in _records(document, assets, "articles", "TicketArticle"):
        articles[_text(one.get("ticket_id"))].append(one)
    for one in tickets:
        inside = one.get("articles")
        if isinstance(inside, list):
            articles[_text(one.get("id"))] += [each for each in inside if isinstance(each, dict)]
    users: dict[str, Mapping[str, Any]] = {}
    for one in _records(document, assets, "users", "User"):
        users |= {_text(one.get(key)).casefold(): one for key in ("id", "login", "email") if one.get(key)}
    organisations = _records(document, assets, "organizations", "Organization")
    return _Base(tickets, articles, users, {_text(one.get("id")): one for one in organisations})


def _records(document: Mapping[str, Any], assets: Any, name: str, asset: str) -> list[Mapping[str, Any]]:
    given = document.get(name, assets.get(asset, []))
    rows = list(given.values()) if isinstance(given, dict) else given
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []


def _ticket(one: Mapping[str, Any], place: int, base: _Base, now: datetime) -> OldTicket:
    faults: Faults = []
    entries = [_entry(article, faults, base, now) for article in base.articles.get(_text(one.get("id")), ())]
    state = noted(faults, lambda: _state(one), State.OPEN)
    low = _text(one.get("priority") or one.get("priority_id"))
    priority = noted(
        faults, lambda: word_of(PRIORITIES, low, name="priority", otherwise=Priority.NORMAL), Priority.NORMAL
    )
    user = base.user(one.get("customer_id") or one.get("customer"))
    return OldTicket(
        line=place,
        id=noted(faults, lambda: id_of(_text(one.get("id")), name="id"), ""),
        number=_text(one.get("number")),
        subject=_text(one.get("title")),
        type=_text(one.get("group")),
        state=state,
        priority=priority,
        customer=_customer(one, user, base),
        contact=_name(user),
        opened_at=_instant(one, "created_at", faults, now),
        ended_at=_instant(one, "close_at", faults, now),
        entries=tuple(sorted(entries, key=lambda entry: entry.at)),
        faults=first_of_each(faults),
    )


def _state(one: Mapping[str, Any]) -> State:
    word = _text(one.get("state") or one.get("state_id"))
    if word.casefold() in {"removed", "6"}:
        raise InvalidInput(_("was deleted in the old base"), field="state")
    return word_of(STATES, word, name="state", otherwise=State.CLOSED)


def _customer(one: Mapping[str, Any], user: Mapping[str, Any], base: _Base) -> CustomerHints:
    organisation = base.organisations.get(_text(one.get("organization_id") or user.get("organization_id")), {})
    name = _text(organisation.get("name") or one.get("organization") or user.get("organization"))
    said = _text(one.get("customer"))
    email = _text(user.get("email")) or (said if "@" in said else "")
    return CustomerHints(code=name, name=name, email=email.lower())


def _entry(article: Mapping[str, Any], faults: Faults, base: _Base, now: datetime) -> OldEntry:
    sender = _text(article.get("sender") or article.get("sender_id"))
    party = noted(faults, lambda: word_of(SENDERS, sender, name="sender", otherwise=Party.SYSTEM), Party.SYSTEM)
    name, address = parseaddr(_text(article.get("from")))
    user = base.user(article.get("created_by_id") or article.get("created_by"))
    body = _text(article.get("body"))
    is_html = "html" in _text(article.get("content_type")) or (not article.get("content_type") and _HTML.search(body))
    at = _instant(article, "created_at", faults, now)
    if at is None:
        faults.append(("created_at", _("is no instant: write it like 2024-03-31 14:05")))
    return OldEntry(
        id=noted(faults, lambda: id_of(_text(article.get("id")), name="article"), ""),
        at=at or now,
        party=party,
        text=shortened(words_of_html(body) if is_html else body),
        author=name or _name(user) or address,
        address=(address if "@" in address else _text(user.get("email"))).lower(),
        note=article.get("internal") is True,
        way=_text(article.get("type") or article.get("type_id")),
        files=tuple(_file(each) for each in article.get("attachments") or () if isinstance(each, dict)),
    )


def _file(attachment: Mapping[str, Any]) -> OldFile:
    try:
        content = base64.b64decode(_text(attachment.get("data")), validate=True) or None
    except (binascii.Error, ValueError):
        content = None
    return OldFile(name=_text(attachment.get("filename")) or "file", content=content)


def _instant(one: Mapping[str, Any], name: str, faults: Faults, now: datetime) -> datetime | None:
    text = _text(one.get(name))
    return noted(faults, lambda: instant_of(text, now=now, name=name), None) if text else None


def _name(user: Mapping[str, Any]) -> str:
    return " ".join(filter(None, [_text(user.get("firstname")), _text(user.get("lastname"))]))


def _text(value: Any) -> str:
    """Return what a record says as text; lists, objects and nothing say nothing."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
