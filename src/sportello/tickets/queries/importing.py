"""What the tickets of an old base would do here: each is new, goes on, is there already, or is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from sportello.accounts.models import Person
from sportello.kernel.actor import Actor
from sportello.kernel.imports import RowState
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind
from sportello.tickets.models import Interaction, Ticket, TicketForm, TicketImport, TicketType
from sportello.tickets.old_bases import CustomerHints, OldEntry, OldTicket
from sportello.tickets.queries.tickets import newest_form, types_of
from sportello.tickets.states import OldBase, Party

CHUNK: Final = 100
GENERIC: Final = "GENERIC"
LONGEST_SUBJECT: Final = 200
_PARTIES: Final = {
    OrganisationKind.OPERATOR: Party.OPERATOR,
    OrganisationKind.PARTNER: Party.PARTNER,
    OrganisationKind.CUSTOMER: Party.CUSTOMER,
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one old ticket would do: a new ticket of `customer` and `form`, or the entries that `ticket` lacks; or what is wrong."""

    old: OldTicket
    state: RowState
    customer: Organisation | None = None
    form: TicketForm | None = None
    ticket: Ticket | None = None
    lacking: Sequence[OldEntry] = ()
    errors: Sequence[tuple[str, str]] = ()


def opening_key(source: OldBase, old: OldTicket) -> str:
    """Return by what an old ticket is known here: it is taken over once, whatever comes again."""
    return f"import:{source.value}:{old.id}"


def entry_key(entry: OldEntry) -> str:
    """Return by what an old entry is known on its ticket."""
    return f"import:{entry.id}"


def judged(
    actor: Actor, olds: Sequence[OldTicket], *, source: OldBase, fallback: Organisation | None, together: int = CHUNK
) -> Iterator[list[Verdict]]:
    """Yield the verdicts on old tickets in chunks, as the base stands when each chunk is asked for."""
    judge = _Judge(actor, source, fallback)
    for start in range(0, len(olds), together):
        yield judge.of(olds[start : start + together])


def imports(actor: Actor) -> list[TicketImport]:
    """Return the old bases that were handed in, the newest first."""
    return list(TicketImport.objects.for_(actor).select_related("made_by").order_by("-made_at")[:50])


@dataclass
class _Judge:
    actor: Actor
    source: OldBase
    fallback: Organisation | None
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        customers = Organisation.objects.for_(self.actor).filter(kind=OrganisationKind.CUSTOMER)
        self.by_code: dict[str, Organisation] = {}
        self.by_name: dict[str, list[Organisation]] = defaultdict(list)
        self.by_email: dict[str, Organisation] = {}
        for one in customers.order_by("pk"):
            self.by_code[one.code.casefold()] = one
            self.by_name[one.legal_name.casefold()].append(one)
            if one.email:
                self.by_email.setdefault(one.email.casefold(), one)
        kinds = types_of()
        self.kinds: dict[str, TicketType] = {}
        for kind in reversed(kinds):
            self.kinds |= {word.casefold(): kind for word in (kind.code, kind.prefix, *kind.names.values())}
        self.generic = next((kind for kind in kinds if kind.code == GENERIC), kinds[0])
        self.forms: dict[int, TicketForm] = {}

    def of(self, olds: Sequence[OldTicket]) -> list[Verdict]:
        """Return the verdicts on one chunk."""
        known = self._known(olds)
        entries = self._entries(known)
        people = self._people(olds)
        return [self._verdict(one, known, entries, people) for one in olds]

    def _known(self, olds: Sequence[OldTicket]) -> dict[str, Ticket]:
        keys = [opening_key(self.source, one) for one in olds]
        rows = Ticket.objects.for_(self.actor).filter(opening_key__in=keys).select_related("organisation", "type")
        return {row.opening_key or "": row for row in rows}

    def _entries(self, known: dict[str, Ticket]) -> dict[int, set[str]]:
        rows = Interaction.objects.for_(self.actor).filter(ticket__in=[row.pk for row in known.values()])
        found: dict[int, set[str]] = defaultdict(set)
        for ticket, key in rows.filter(key__startswith="import:").values_list("ticket_id", "key"):
            found[ticket].add(key or "")
        return found

    def _people(self, olds: Sequence[OldTicket]) -> dict[str, Organisation]:
        addresses = {one.customer.email for one in olds} | {entry.address for one in olds for entry in one.entries}
        rows = Person.objects.across_tenants(reason="whose old tickets they are", opens_wall=False)
        found = rows.filter(email__in=sorted(addresses - {""})).select_related("organisation")
        return {row.email.casefold(): row.organisation for row in found}

    def _verdict(
        self,
        old: OldTicket,
        known: dict[str, Ticket],
        entries: dict[int, set[str]],
        people: dict[str, Organisation],
    ) -> Verdict:
        ticket = known.get(opening_key(self.source, old))
        customer = ticket.organisation if ticket else self._customer(old.customer, people)
        errors = [*old.faults, *self._wrong(old, customer)]
        if errors:
            return Verdict(old=old, state=RowState.WRONG, errors=errors)
        voiced = [self._voiced(entry, people) for entry in old.entries]
        if ticket is None:
            form = self._form(old)
            return Verdict(old=old, state=RowState.NEW, customer=customer, form=form, lacking=voiced)
        lacking = [entry for entry in voiced if entry_key(entry) not in entries[ticket.pk]]
        state = RowState.CHANGED if lacking else RowState.UNCHANGED
        return Verdict(old=old, state=state, customer=customer, ticket=ticket, lacking=lacking)

    def _wrong(self, old: OldTicket, customer: Organisation | None) -> Iterator[tuple[str, str]]:
        first = self.seen.setdefault(old.id, old.line)
        if old.id and first != old.line:
            yield "ticket", _("is there twice: first on line %(line)d") % {"line": first}
        if customer is None:
            named = str(old.customer)[:80]
            yield "customer", _("unknown customer “%(name)s”") % {"name": named} if named else _("must not be empty")
        if not old.subject.strip():
            yield "subject", _("must not be empty")
        if not old.entries and old.opened_at is None:
            yield "opened_at", _("must not be empty")
        marks = [entry.id for entry in old.entries]
        if len(set(marks)) != len(marks):
            yield "entry", _("an entry is there twice")

    def _customer(self, hints: CustomerHints, people: dict[str, Organisation]) -> Organisation | None:
        named = self.by_name.get(hints.name.casefold(), [])
        owner = people.get(hints.email.casefold()) if hints.email else None
        return (
            self.by_code.get(hints.code.casefold())
            or (named[0] if len(named) == 1 else None)
            or (owner if owner is not None and owner.kind == OrganisationKind.CUSTOMER else None)
            or (self.by_email.get(hints.email.casefold()) if hints.email else None)
            or self.fallback
        )

    def _voiced(self, entry: OldEntry, people: dict[str, Organisation]) -> OldEntry:
        """Let an old «customer» be who it is here: partners' and the operator's own people wrote as customers of the old base too."""
        from dataclasses import replace

        home = people.get(entry.address.casefold()) if entry.address else None
        if home is None or entry.party is not Party.CUSTOMER:
            return entry
        return replace(entry, party=_PARTIES[OrganisationKind(home.kind)])

    def _form(self, old: OldTicket) -> TicketForm:
        kind = self.kinds.get(" ".join(old.type.casefold().split()), self.generic)
        if kind.pk not in self.forms:
            self.forms[kind.pk] = newest_form(kind)
        return self.forms[kind.pk]
