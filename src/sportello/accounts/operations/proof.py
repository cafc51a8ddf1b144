"""The proof that no entry of the record was changed, removed or put in between."""

from __future__ import annotations

from dataclasses import dataclass

from sportello.accounts.events.audit import ChainVerified
from sportello.accounts.queries.audit import chain_of
from sportello.kernel import audit
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.audit import BrokenLink
from sportello.kernel.models import ChainHead
from sportello.kernel.operations import operation, publish


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The result for one chain: how many entries were walked, its last hash, and where it is broken, if anywhere."""

    rows: int
    head: str
    broken: BrokenLink | None


@operation(section=Section.ADMINISTRATION)
def prove_record(*, actor: Actor) -> Proof:
    """Walk the chain of the organisation that the actor acts in, and put on record that it was walked."""
    chain = chain_of(actor)
    broken = next(audit.verify([chain]), None)
    head = ChainHead.objects.filter(chain=chain).first()
    proof = Proof(rows=head.sequence if head else 0, head=head.hash if head else audit.FIRST_HASH, broken=broken)
    publish(
        ChainVerified(
            organisation_id=actor.organisation_id, rows=proof.rows, broken=broken.sequence if broken else 0
        )
    )
    return proof
