"""The audit trail: a hash chain per organisation, each row carrying the hash of the one before it.

The head of each chain is one row that a writer locks for the few milliseconds at the end of its transaction; chains are locked
in the order of their ids, so that two writers never wait for each other.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_noop

from sportello.kernel.actor import Actor
from sportello.kernel.events import HANDLERS, DomainEvent
from sportello.kernel.sentences import kept

if TYPE_CHECKING:
    from sportello.kernel.models import Event

INSTALLATION_CHAIN = 0
"""The chain of events that belong to no organisation."""

FIRST_HASH = "0" * 64


@dataclass(frozen=True)
class BrokenLink:
    """The first row of a chain that does not prove itself, and why (a kept sentence)."""

    chain: int
    sequence: int
    event_id: int | None
    reason: str


def append(events: Sequence[tuple[Actor, DomainEvent]]) -> None:
    """Write the rows of `events` (in order) to their chains, inside the caller's transaction."""
    from sportello.kernel.models import ChainHead, Event

    by_chain: dict[int, list[tuple[Actor, DomainEvent]]] = defaultdict(list)
    for actor, event in events:
        by_chain[event.organisation_id or INSTALLATION_CHAIN].append((actor, event))
    for chain in sorted(by_chain):
        head = ChainHead.locked(chain)
        rows = []
        for actor, event in by_chain[chain]:
            row = _row(chain=chain, sequence=head.sequence + 1, previous=head.hash, actor=actor, event=event)
            head.sequence, head.hash = row.sequence, row.hash
            rows.append(row)
        Event.append_only.bulk_create(rows)
        head.save(update_fields=["sequence", "hash"])


def verify(chains: Iterable[int] | None = None) -> Iterator[BrokenLink]:
    """Walk every chain (or those given) and yield the first broken row of each; nothing yielded = nothing touched."""
    from sportello.kernel.models import ChainHead, Event

    heads = {head.chain: head for head in ChainHead.objects.all()}
    written = set(Event.append_only.values_list("chain", flat=True).distinct())
    for chain in sorted(set(chains) if chains is not None else written | set(heads)):
        broken = _verify_chain(chain, heads.get(chain))
        if broken:
            yield broken


def _verify_chain(chain: int, head: object) -> BrokenLink | None:
    from sportello.kernel.models import ChainHead, Event

    sequence, previous = 0, FIRST_HASH
    for row in Event.append_only.filter(chain=chain).order_by("sequence").iterator(chunk_size=2000):
        if row.sequence != sequence + 1:
            return BrokenLink(chain, sequence + 1, None, kept(gettext_noop("row %(row)d is missing"), row=sequence + 1))
        if row.previous_hash != previous:
            return BrokenLink(chain, row.sequence, row.pk, gettext_noop("does not carry the hash of the row before it"))
        if row.hash != hash_of(row):
            return BrokenLink(chain, row.sequence, row.pk, gettext_noop("its content is not what was written"))
        sequence, previous = row.sequence, row.hash
    if not isinstance(head, ChainHead):
        return BrokenLink(chain, sequence, None, gettext_noop("the head of the chain is missing"))
    if (head.sequence, head.hash) != (sequence, previous):
        sentence = gettext_noop("rows after %(row)d are missing: the head stands at %(head)d")
        return BrokenLink(chain, sequence + 1, None, kept(sentence, row=sequence, head=head.sequence))
    return None


def _row(*, chain: int, sequence: int, previous: str, actor: Actor, event: DomainEvent) -> Event:
    from sportello.kernel.models import Event

    now = timezone.now()
    row = Event(
        chain=chain,
        sequence=sequence,
        at=now,
        kind=event.kind,
        organisation_id=event.organisation_id,
        subject_type=event.subject_type,
        subject_id=str(event.subject_id),
        person_id=actor.person_id,
        profile=actor.profile.value if actor.profile else "",
        acting_for_id=actor.organisation_id,
        viewer_id=actor.viewer_id,
        via=actor.via.value,
        reason=actor.reason,
        address=actor.address,
        request_id=actor.request_id,
        payload=event.payload(),
        previous_hash=previous,
        handled_at=None if HANDLERS.get(event.kind) else now,
    )
    row.hash = hash_of(row)
    return row


HASHED = (
    "chain", "sequence", "kind", "organisation_id", "subject_type", "subject_id", "person_id", "profile", "acting_for_id",
    "viewer_id", "via", "reason", "address", "request_id", "payload", "previous_hash",
)  # fmt: skip
"""Everything but `handled_at`, which the outbox sets, and the row's own id and hash."""


def hash_of(row: Event) -> str:
    """Return the SHA-256 (hex) of the row's content in canonical JSON."""
    content = {name: getattr(row, name) for name in HASHED} | {"at": row.at.isoformat(timespec="microseconds")}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
