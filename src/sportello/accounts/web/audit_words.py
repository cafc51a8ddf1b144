"""What happened, in sentences: an event's own, or one of those here for events that bring none; unknown kinds show as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.accounts.queries.audit import Names
from sportello.kernel.access import Profile
from sportello.kernel.actor import Via
from sportello.kernel.events import EVENT_KINDS
from sportello.kernel.models import Event

DASH: Final = "–"  # noqa: RUF001 - a dash as people read it
AREAS: Final[Mapping[str, str | Promise]] = {
    "access": gettext_lazy("Refusals"),
    "audit": gettext_lazy("Record of what happened"),
    "contact": gettext_lazy("Contact data"),
    "customer": gettext_lazy("Organisations"),
    "export": gettext_lazy("Exports"),
    "imports": gettext_lazy("Imports"),
    "inventory": gettext_lazy("Inventory"),
    "invitation": gettext_lazy("Invitations"),
    "membership": gettext_lazy("Profiles"),
    "messaging": gettext_lazy("Messages"),
    "mobile": gettext_lazy("Contact data"),
    "organisation": gettext_lazy("Organisations"),
    "otp": gettext_lazy("One-time codes"),
    "password": gettext_lazy("Passwords"),
    "person": gettext_lazy("People"),
    "profile": gettext_lazy("Profiles"),
    "recovery_codes": gettext_lazy("Recovery codes"),
    "session": gettext_lazy("Sessions"),
    "sign_in": gettext_lazy("Signing in"),
    "thresholds": gettext_lazy("Thresholds"),
    "totp": gettext_lazy("Authenticator apps"),
    "usage": gettext_lazy("Usage files"),
    "viewing": gettext_lazy("View as"),
}
"""What the first word of a kind is about."""

SENTENCES: Final[Mapping[str, str | Promise]] = {
    "access.refused": gettext_lazy("Refused: %(method)s %(path)s (%(status)s)"),
    "export.made": gettext_lazy("Exported %(rows)s rows of %(listing)s as %(format)s"),
    "imports.handed_in": gettext_lazy("Handed in the file %(name)s for a preview"),
    "imports.applied": gettext_lazy("Applied the file %(name)s"),
    "imports.discarded": gettext_lazy("Threw the file %(name)s away"),
    "sign_in.first_step": gettext_lazy("Gave username and password"),
    "sign_in.failed": gettext_lazy("A sign-in failed: %(failure)s"),
    "sign_in.locked": gettext_lazy("Signing in was locked until %(until)s"),
    "sign_in.succeeded": gettext_lazy("Signed in"),
    "otp.sent": gettext_lazy("A one-time code was sent to %(to)s"),
    "otp.wrong": gettext_lazy("A wrong one-time code: %(outcome)s"),
    "otp.replay": gettext_lazy("A one-time code was used again, and refused"),
    "otp.frozen": gettext_lazy("One-time codes were paused: %(why)s"),
    "otp.unfrozen": gettext_lazy("One-time codes were let through again"),
    "mobile.verified": gettext_lazy("The mobile number was proved"),
    "mobile.unbound": gettext_lazy("The mobile number was taken off the sign-in: %(why)s"),
    "password.confirmed": gettext_lazy("Gave the password again before a change"),
    "password.changed": gettext_lazy("The password was set"),
    "password.reset_asked": gettext_lazy("A link for a new password was asked for"),
    "contact.changed": gettext_lazy("Changed the own e-mail address or mobile number"),
    "profile.changed": gettext_lazy("Changed the own name, language or time zone"),
    "totp.started": gettext_lazy("Began to set up an authenticator app"),
    "totp.added": gettext_lazy("Added the authenticator app %(name)s"),
    "totp.removed": gettext_lazy("Removed the authenticator app %(name)s"),
    "recovery_codes.made": gettext_lazy("Made new recovery codes"),
    "recovery_codes.used": gettext_lazy("Used a recovery code"),
    "invitation.sent": gettext_lazy("An invitation was sent"),
    "invitation.revoked": gettext_lazy("The invitation was taken back"),
    "invitation.accepted": gettext_lazy("The invitation was accepted"),
    "membership.chosen": gettext_lazy("Chose to act as %(profile)s"),
    "session.ended": gettext_lazy("%(number)s sessions ended"),
}
"""Sentences of events that bring none of their own."""

VIAS: Final[Mapping[str, str | Promise]] = {
    Via.SESSION: gettext_lazy("browser"),
    Via.API: gettext_lazy("API"),
    Via.MAIL: gettext_lazy("mail"),
    Via.JOB: gettext_lazy("background job"),
    Via.COMMAND: gettext_lazy("command line"),
}
PAGES: Final = {"person": "accounts:person", "organisation": "parties:organisation", "line": "inventory:line"}
"""The page of a subject, by its type."""


class _Known(dict[str, object]):
    """The payload of an event for its sentence; what an older event did not carry reads as a dash."""

    def __missing__(self, _name: str) -> str:
        return DASH


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event as people read it."""

    row: Event
    at: datetime
    sentence: str
    who: str
    profile: str
    changes: list[tuple[str, str, str]]
    subject_url: str


def told(rows: Iterable[Event]) -> list[Told]:
    """Return events as people read them."""
    events, names = list(rows), Names()
    names.read(events)
    return [tell(row, names) for row in events]


def tell(row: Event, names: Names) -> Told:
    """Return one event as people read it."""
    return Told(
        row=row,
        at=row.at,
        sentence=sentence_of(row),
        who=who_of(row, names),
        profile=profile_of(row),
        changes=changes_of(row),
        subject_url=subject_url(row),
    )


def sentence_of(row: Event) -> str:
    """Return what happened, in the reader's language; a kind that nobody put into words shows as it is."""
    declared = EVENT_KINDS[row.kind].sentence if row.kind in EVENT_KINDS else ""
    sentence = str(declared or SENTENCES.get(row.kind, ""))
    return sentence % _Known(_worded(row.payload)) if sentence else row.kind


def who_of(row: Event, names: Names) -> str:
    """Return who did it: a person, a person as viewed by another, or the portal itself with its reason."""
    name = names.person(row.person_id)
    if row.viewer_id:
        return _("%(viewer)s, viewing as %(name)s") % {"viewer": names.person(row.viewer_id), "name": name or DASH}
    return name or (_("The portal: %(reason)s") % {"reason": row.reason} if row.reason else DASH)


def profile_of(row: Event) -> str:
    """Return the profile that was acted as, in words."""
    return str(Profile(row.profile).label) if row.profile in Profile.values else ""


def via_of(row: Event) -> str:
    """Return the door and the address it came from."""
    door = str(VIAS.get(row.via, row.via))
    return f"{row.address} ({door})" if row.address else door


def changes_of(row: Event) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of what changed."""
    changes: Mapping[str, Any] = row.payload.get("changes") or {}
    pairs = [(field, pair) for field, pair in changes.items() if isinstance(pair, list) and len(pair) == 2]  # noqa: PLR2004
    return [(field, _text(before), _text(after)) for field, (before, after) in pairs]


def subject_url(row: Event) -> str:
    """Return the address of the subject's page, or nothing."""
    name = PAGES.get(row.subject_type)
    return reverse(name, args=[int(row.subject_id)]) if name and row.subject_id.isdigit() else ""


def area_of(kind: str) -> str:
    """Return what a kind of event is about, in words."""
    first = kind.partition(".")[0]
    return str(AREAS.get(first, first))


def kind_choices() -> list[tuple[str, str]]:
    """Return the areas of what can happen as choices of a filter: the first words of the kinds, grouped by their words."""
    by_words: dict[str, set[str]] = {}
    for kind in EVENT_KINDS:
        by_words.setdefault(area_of(kind), set()).add(kind.partition(".")[0])
    return sorted(((",".join(sorted(words)), label) for label, words in by_words.items()), key=lambda pair: pair[1])


def _worded(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return the payload with profiles in words."""
    return {name: _profile_words(value) if name == "profile" else value for name, value in payload.items()}


def _profile_words(value: object) -> object:
    return Profile(value).label if value in Profile.values else value


def _text(value: object) -> str:
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(_profile_words(value))
