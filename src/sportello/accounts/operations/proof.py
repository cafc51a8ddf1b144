"""The proof that no entry of the record was changed, removed or put in between."""

from __future__ import annotations

from dataclasses import dataclass

from sportello.accounts.events.audit import ChainVerified
from sportello.accounts.queries.audit import chain_of, name_of_chain
from sportello.kernel import audit
from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.audit import BrokenLink
from sportello.kernel.models import ChainHead
from sportello.kernel.operations import operation, publish

MOST_AT_ONCE = 300_000
"""Entries that a page walks while somebody waits: some ten seconds. All of a larger installation is proved by `sportello audit verify`."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The result: how many entries of how many records were walked, the last hash of the own, and where one is broken, if any.

    `left` counts the entries of others that the actor sees and that were too many to be walked here; `whose` is whose record is broken.
    """

    rows: int
    chains: int
    head: str
    broken: BrokenLink | None
    left: int = 0
    whose: str = ""


@operation(section=Section.ADMINISTRATION)
def prove_record(*, actor: Actor) -> Proof:
    """Walk the record of the actor's organisation, for the operator all records, and put on record that it was walked."""
    own = chain_of(actor)
    heads = {head.chain: head for head in ChainHead.objects.all()}
    seen = set(heads) | {own} if actor.reach is Reach.ALL else {own}
    entries = sum(heads[chain].sequence for chain in seen if chain in heads)
    walked = seen if entries <= MOST_AT_ONCE else {own}
    # Without names of chains a record whose head was taken away is found too.
    broken = next(audit.verify(None if walked == seen and actor.reach is Reach.ALL else walked), None)
    rows = sum(heads[chain].sequence for chain in walked if chain in heads)
    head = heads.get(own)
    proof = Proof(
        rows=rows,
        chains=len(walked),
        head=head.hash if head else audit.FIRST_HASH,
        broken=broken,
        left=entries - rows,
        whose=name_of_chain(broken.chain) if broken and broken.chain != own else "",
    )
    publish(
        ChainVerified(organisation_id=actor.organisation_id, rows=proof.rows, broken=broken.sequence if broken else 0)
    )
    return proof
