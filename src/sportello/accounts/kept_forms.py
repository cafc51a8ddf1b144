"""What somebody sent just after their session had ended is kept for them, encrypted, until they are back (ABUSE B02)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from sportello.accounts.models import KeptForm, Session
from sportello.kernel.crypto import keyed_hash, keyed_hashes, new_token

KEEP = timedelta(hours=2)
LARGEST = 200_000
"""Characters of one form; what is larger was a file's content, not somebody's typing."""
NEVER = ("password", "csrfmiddlewaretoken", "code", "secret", "_acting")
"""Parts of names whose values are never kept."""


@dataclass(frozen=True)
class Kept:
    """A kept form: where it was going, and its fields in order."""

    row_id: int
    path: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest, session: Session, *, now: datetime) -> str | None:
    """Keep the form of a POST for the person of an ended session; return the token that gives it back, None for nothing to keep."""
    pairs = [(name, text) for name, texts in request.POST.lists() for text in texts if _may_keep(name)]
    fields = json.dumps(pairs)
    if not pairs or len(fields) > LARGEST or request.FILES:
        return None
    token = new_token(256)
    KeptForm.objects.create(
        token_hash=keyed_hash("kept", token),
        person=session.person,
        path=request.get_full_path()[:2000],
        fields=fields,
        kept_at=now,
    )
    return token


def find(token: str, person_id: int, *, now: datetime) -> Kept | None:
    """Return the form kept under a token for this person, or None."""
    rows = KeptForm.objects.filter(
        token_hash__in=keyed_hashes("kept", token), person_id=person_id, kept_at__gt=now - KEEP
    )
    row = rows.first()
    if row is None:
        return None
    return Kept(row_id=row.pk, path=row.path, fields=[(name, text) for name, text in json.loads(row.fields)])


def forget(row_id: int) -> None:
    """Remove a kept form."""
    KeptForm.objects.filter(pk=row_id).delete()


def _may_keep(name: str) -> bool:
    return not any(part in name.lower() for part in NEVER)
