"""Taking a file: read, judge, find whose it is, store. The same content twice changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from sportello.billing import queries, rules
from sportello.billing.events import BillFileRefused, BillFileWaits
from sportello.billing.fatturapa.envelope import MOST_BYTES
from sportello.billing.fatturapa.notifications import bare_name
from sportello.billing.fatturapa.reading import Read, read_file
from sportello.billing.fatturapa.schema import has_schema
from sportello.billing.fatturapa.writing import NAMESPACE
from sportello.billing.models import Bill, BillFile
from sportello.billing.operations.notifying import apply_waiting, keep_message
from sportello.billing.operations.storing import NumberTaken, store_bills
from sportello.billing.states import FileKind, FileState, Source
from sportello.billing.types import FileRefused, Problem
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.sentences import kept
from sportello.parties.models import Organisation

NUMBER_TAKEN: Final = "00404"
"""The check of SdI for numbers that are used twice (DOMAIN §6.2)."""
NUMBER_IS_TAKEN: Final = _("Another bill of this supplier has the same number in the same year.")
"""Where another load of it came first, at the same moment."""
UNREADABLE: Final = frozenset({"size", "envelope", "signature", "nested", "xml"})
"""Rules that are broken before anybody knows what the file holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file: its row, its bills, and whether it was here already (`known`)."""

    file: BillFile
    bills: Sequence[Bill] = ()
    known: bool = False

    @property
    def refused(self) -> bool:
        """Tell whether the file was not taken."""
        return self.file.state == FileState.REFUSED

    @property
    def word(self) -> str:
        """Return the outcome in one word: loaded, waiting, refused, known."""
        return "known" if self.known else str(self.file.state)


@operation(section=Section.OPERATIONS)
def load_file(*, actor: Actor, name: str, content: bytes, source: Source, now: datetime) -> Outcome:
    """Take a file of bills or a message of SdI; refused ones are kept aside with their reasons, nothing is raised for them.

    The same content again changes nothing, except that what was refused or waits is judged anew. Two loads of one content at once take it
    once.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    before = BillFile.objects.for_(actor).filter(sha256=sha256).first()
    if before is not None and before.state == FileState.LOADED:
        return known(actor, before)
    file = before or BillFile(sha256=sha256, content=content if len(content) <= MOST_BYTES else b"", size=len(content))
    file.name, file.bare_name = name[-255:], bare_name(name)[:255]
    file.source, file.received_at = source, now
    try:
        with transaction.atomic():
            return _take(actor, file, content, now)
    except IntegrityError:  # another load of the same content, or of a bill of the same number, came first
        after = BillFile.objects.for_(actor).filter(sha256=sha256).first()
        if after is not None and after.state != FileState.REFUSED:
            return known(actor, after)
        return _wait(file, Problem(rule=NUMBER_TAKEN, reason=NUMBER_IS_TAKEN, element="Numero"))


def known(actor: Actor, file: BillFile) -> Outcome:
    """Return the outcome of a file that is here already."""
    return Outcome(file=file, bills=list(Bill.objects.for_(actor).filter(file=file).order_by("position")), known=True)


def schemas() -> Path:
    """Return the folder of the official schemas."""
    return Path(settings.SPORTELLO["FATTURAPA_SCHEMAS"])


def _schemas_for(file: BillFile) -> Path | None:
    """Return the schemas; none for a bill of our own run on a machine that has none (a trial): every other file is then refused."""
    folder = schemas()
    return None if file.source == Source.RUN and not has_schema(folder, NAMESPACE) else folder


def _take(actor: Actor, file: BillFile, content: bytes, now: datetime) -> Outcome:
    try:
        read = read_file(content, schemas=_schemas_for(file))
        _check_supplier(read)
    except FileRefused as refused:
        return _refuse(file, refused.problems)
    file.signed, file.notes, file.problems = read.signed, list(read.notes), []
    if read.message is not None:
        file.kind = FileKind.NOTIFICATION
        return Outcome(file=file, bills=keep_message(actor, file, read.message, now))
    return _judged(actor, file, read, now)


def _judged(actor: Actor, file: BillFile, read: Read, now: datetime) -> Outcome:
    assert read.bills is not None  # noqa: S101 - a file holds bills or a message
    file.kind = FileKind.BILL
    file.summary = summary_of(read)
    verdict = rules.whose(
        read.bills.customer, read.bills.recipient_code, queries.candidates_for(actor, read.bills.customer)
    )
    if verdict.customer is None:
        return _wait(file, Problem(rule="customer", reason=verdict.reason))
    customer = Organisation.objects.for_(actor).get_or_refuse(pk=verdict.customer)
    try:
        with transaction.atomic():
            return Outcome(file=file, bills=take_bills(actor, file, read, customer, now))
    except NumberTaken as taken:
        if _says_the_same(read, taken.bill.file):
            return known(actor, taken.bill.file)
        return _wait(file, _number_taken(taken.bill, customer))


def _says_the_same(read: Read, other: BillFile) -> bool:
    """Tell whether a file holds the bills of another in another wrapping: signed, in base64, in another encoding."""
    before = read_file(bytes(other.content), schemas=None).bills
    return before is not None and read.bills == before


def take_bills(
    actor: Actor, file: BillFile, read: Read, customer: Organisation, now: datetime, *, beside: bool = False
) -> list[Bill]:
    """Write the bills of a file as a customer's, and apply the messages of SdI that waited for it (inside an operation).

    Raises `NumberTaken`, unless they are to stand `beside` a bill of the same number.
    """
    file.organisation, file.state, file.problems = customer, FileState.LOADED, []
    file.save()
    bills = store_bills(actor, file, read, customer, now, beside=beside)
    apply_waiting(actor, file, bills, now)
    return bills


def summary_of(read: Read) -> list[dict[str, Any]]:
    """Return what the operator reads of each document of a file before it is a bill."""
    bills = read.bills
    assert bills is not None  # noqa: S101 - asked of files with bills
    return [
        {
            "type": one.document_type,
            "number": one.number,
            "date": one.issue_date.isoformat(),
            "total": str(totals.total),
            "lines": len(one.lines),
            "supplier": bills.supplier.name,
            "customer": bills.customer.name,
            "identity": bills.customer.identity,
            "office_code": bills.recipient_code,
        }
        for one, totals in zip(bills.documents, read.totals, strict=True)
    ]


def _check_supplier(read: Read) -> None:
    suppliers = settings.SPORTELLO["BILL_SUPPLIERS"]
    if read.bills is None or not suppliers:
        return
    who = read.bills.supplier
    if not {who.vat_number, who.identity, who.tax_code} & set(suppliers):
        reason = kept(_("The supplier %(who)s is not one whose bills are taken here."), who=who.identity)
        raise FileRefused(Problem(rule="supplier", reason=reason, element="CedentePrestatore"))


def _number_taken(bill: Bill, customer: Organisation) -> Problem:
    reason = kept(
        _(
            "Another bill of this supplier has the number %(number)s in the same year: that of the file %(file)s."
            " This one is for %(name)s (%(code)s)."
        ),
        number=bill.number,
        file=bill.file.name,
        name=customer.legal_name,
        code=customer.code,
    )
    return Problem(rule=NUMBER_TAKEN, reason=reason, element="Numero")


def _refuse(file: BillFile, problems: Sequence[Problem]) -> Outcome:
    file.state, file.organisation = FileState.REFUSED, None
    if not {problem.rule for problem in problems} & UNREADABLE:
        file.kind = FileKind.BILL
    file.problems = [problem.facts() for problem in problems]
    file.save()
    publish(
        BillFileRefused(
            organisation_id=None,
            subject_type="bill_file",
            subject_id=file.pk,
            name=file.name,
            sha256=file.sha256,
            rules=sorted({problem.rule for problem in problems}),
        )
    )
    return Outcome(file=file)


def _wait(file: BillFile, problem: Problem) -> Outcome:
    again = file.pk is not None and file.state == FileState.WAITING
    file.state, file.organisation = FileState.WAITING, None
    file.problems = [problem.facts()]
    file.save()
    if again:
        return Outcome(file=file, known=True)
    publish(
        BillFileWaits(
            organisation_id=None, subject_type="bill_file", subject_id=file.pk, name=file.name, sha256=file.sha256
        )
    )
    return Outcome(file=file)
