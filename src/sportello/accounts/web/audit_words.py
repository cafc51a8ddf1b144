"""The record of what happened in words: sentences (each event's own), who, from where, what changed, what it is about."""

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
from sportello.kernel.ui import telling

DASH: Final = "–"  # noqa: RUF001 - a dash as people read it
AREAS: Final[Mapping[str, str | Promise]] = {
    "access": gettext_lazy("Refusals"),
    "audit": gettext_lazy("Record of what happened"),
    "contact": gettext_lazy("Contact data"),
    "customer": gettext_lazy("Organisations"),
    "demo": gettext_lazy("Demo base"),
    "dual_billing": gettext_lazy("Dual billing"),
    "export": gettext_lazy("Exports"),
    "billing": gettext_lazy("Bills"),
    "imports": gettext_lazy("Imports"),
    "inventory": gettext_lazy("Inventory"),
    "invitation": gettext_lazy("Invitations"),
    "jobs": gettext_lazy("Background jobs"),
    "membership": gettext_lazy("Profiles"),
    "messaging": gettext_lazy("Messages"),
    "mobile": gettext_lazy("Contact data"),
    "network": gettext_lazy("Network"),
    "orders": gettext_lazy("Orders"),
    "organisation": gettext_lazy("Organisations"),
    "otp": gettext_lazy("One-time codes"),
    "password": gettext_lazy("Passwords"),
    "person": gettext_lazy("People"),
    "profile": gettext_lazy("Profiles"),
    "recovery_codes": gettext_lazy("Recovery codes"),
    "session": gettext_lazy("Sessions"),
    "sign_in": gettext_lazy("Signing in"),
    "thresholds": gettext_lazy("Thresholds"),
    "tickets": gettext_lazy("Tickets"),
    "totp": gettext_lazy("Authenticator apps"),
    "usage": gettext_lazy("Usage files"),
    "viewing": gettext_lazy("View as"),
}
"""What the first word of a kind is about."""

FIELDS: Final[Mapping[str, str | Promise]] = {
    "active": gettext_lazy("Active"),
    "active_from": gettext_lazy("From"),
    "active_to": gettext_lazy("Until"),
    "address": gettext_lazy("Address"),
    "agreement": gettext_lazy("Agreement"),
    "channels": gettext_lazy("Channels"),
    "city": gettext_lazy("City"),
    "code": gettext_lazy("Code"),
    "cost_centre": gettext_lazy("Cost centre"),
    "country": gettext_lazy("Country"),
    "dual_billing": gettext_lazy("Dual billing"),
    "email": gettext_lazy("E-mail"),
    "duplicates": gettext_lazy("Known already"),
    "family_name": gettext_lazy("Family name"),
    "feature": gettext_lazy("Feature"),
    "file_name": gettext_lazy("File"),
    "form": gettext_lazy("Format"),
    "format": gettext_lazy("Format"),
    "given_name": gettext_lazy("Given name"),
    "ipa_code": gettext_lazy("IPA code"),
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Language"),
    "legal_name": gettext_lazy("Legal name"),
    "limit": gettext_lazy("Limit"),
    "line_id": gettext_lazy("Line"),
    "lines": gettext_lazy("Lines"),
    "listing": gettext_lazy("List"),
    "load_id": gettext_lazy("Usage file"),
    "loaded": gettext_lazy("Loaded"),
    "mobile": gettext_lazy("Mobile"),
    "name": gettext_lazy("Name"),
    "number": gettext_lazy("Number"),
    "partner": gettext_lazy("Partner"),
    "person": gettext_lazy("Person"),
    "phone": gettext_lazy("Phone"),
    "plan": gettext_lazy("Plan"),
    "postcode": gettext_lazy("Postcode"),
    "profile": gettext_lazy("Profile"),
    "province": gettext_lazy("Province"),
    "public_body": gettext_lazy("Public administration"),
    "private": gettext_lazy("Private"),
    "purpose": gettext_lazy("Purpose"),
    "reason": gettext_lazy("Reason"),
    "reasons": gettext_lazy("Reasons"),
    "rejected": gettext_lazy("Rejected"),
    "resource": gettext_lazy("Number"),
    "role": gettext_lazy("Role"),
    "rows": gettext_lazy("Rows"),
    "sdi_code": gettext_lazy("SdI code"),
    "sim": gettext_lazy("SIM card"),
    "site": gettext_lazy("Site"),
    "state": gettext_lazy("State"),
    "status": gettext_lazy("State"),
    "steps": gettext_lazy("Warn at"),
    "tax_code": gettext_lazy("Tax code"),
    "text": gettext_lazy("Text"),
    "thresholds": gettext_lazy("Thresholds"),
    "time_zone": gettext_lazy("Time zone"),
    "total": gettext_lazy("Total"),
    "username": gettext_lazy("Username"),
    "vat_number": gettext_lazy("VAT number"),
    "verified": gettext_lazy("Proved"),
}
"""Names of fields that change, in words; others show with spaces."""
SUBJECTS: Final[Mapping[str, str | Promise]] = {
    "bill": gettext_lazy("Bill"),
    "bill_archive": gettext_lazy("Archive of bills"),
    "bill_file": gettext_lazy("File of bills"),
    "brand": gettext_lazy("Brand"),
    "contact": gettext_lazy("Contact"),
    "cost_centre": gettext_lazy("Cost centre"),
    "job": gettext_lazy("Background job"),
    "line": gettext_lazy("Line"),
    "message": gettext_lazy("Message"),
    "network": gettext_lazy("Network"),
    "organisation": gettext_lazy("Organisation"),
    "person": gettext_lazy("Person"),
    "site": gettext_lazy("Site"),
    "switch": gettext_lazy("Network feature"),
    "template": gettext_lazy("Text of a message"),
    "threshold": gettext_lazy("Threshold"),
    "upload": gettext_lazy("File"),
    "usage_load": gettext_lazy("Usage file"),
}
"""What events are about, in words."""

VIAS: Final[Mapping[str, str | Promise]] = {
    Via.SESSION: gettext_lazy("browser"),
    Via.API: gettext_lazy("API"),
    Via.MAIL: gettext_lazy("mail"),
    Via.JOB: gettext_lazy("background job"),
    Via.COMMAND: gettext_lazy("command line"),
}
PAGES: Final = {"person": "accounts:person", "organisation": "parties:organisation", "line": "inventory:line"}
"""The page of a subject, by its type."""


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
    """Return what happened, in the reader's language; a kind that this version does not know shows as it is."""
    return telling.sentence(row.kind, row.payload)


def subject_of(row: Event) -> str:
    """Return what the event is about: the kind of thing in words, and its number."""
    return f"{SUBJECTS.get(row.subject_type, row.subject_type)} {row.subject_id}".strip()


def who_of(row: Event, names: Names) -> str:
    """Return who did it: a person, a person as viewed by another, or the portal itself (its reason stands on the entry's page)."""
    name = names.person(row.person_id)
    if row.viewer_id:
        return _("%(viewer)s, viewing as %(name)s") % {"viewer": names.person(row.viewer_id), "name": name or DASH}
    return name or (_("The portal") if row.reason else DASH)


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
    return [
        (_field(field), str(telling.worded(row.kind, field, before)), str(telling.worded(row.kind, field, after)))
        for field, (before, after) in pairs
    ]


def details_of(row: Event) -> list[tuple[str, str]]:
    """Return what the entry holds besides its changes, each field in words."""
    return [
        (_field(name), str(telling.worded(row.kind, name, value)))
        for name, value in row.payload.items()
        if name not in {"changes", "content_hash", "sha256"} and not isinstance(value, dict) and value not in ("", None)
    ]


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


def _field(name: str) -> str:
    return str(FIELDS.get(name, name.replace("_", " ")))
