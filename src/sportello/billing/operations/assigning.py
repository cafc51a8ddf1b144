"""The operator says whose a waiting file is."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from sportello.billing import rules
from sportello.billing.events import BillFileAssigned
from sportello.billing.fatturapa.reading import read_file
from sportello.billing.models import Bill, BillFile
from sportello.billing.operations.loading import NUMBER_IS_TAKEN, schemas, take_bills
from sportello.billing.operations.storing import NumberTaken
from sportello.billing.queries.finding import candidate
from sportello.billing.states import FILE_TRANSITIONS, FileState
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.kernel.states import change_if
from sportello.parties.models import Organisation


class NotWaiting(WrongState):
    """Somebody assigned it a moment ago, or it was never in doubt."""

    default = _("This file does not wait for the operator any more.")


@operation(section=Section.OPERATIONS)
def assign_file(
    *, actor: Actor, file: BillFile, customer: Organisation, why: str, beside: bool = False, now: datetime
) -> list[Bill]:
    """Write the bills of a waiting file as a customer's, and say why; `beside` takes them although their number is taken.

    Raises `NotWaiting`, `CustomerContradicted` (another VAT number or tax code), `InvalidInput`.
    """
    if FileState.LOADED not in FILE_TRANSITIONS[file.state] or file.state != FileState.WAITING:
        raise NotWaiting
    if not why.strip():
        raise InvalidInput(_("Say why the file is this customer's."), field="why")
    read = read_file(bytes(file.content), schemas=schemas())
    assert read.bills is not None  # noqa: S101 - only files with bills wait
    rules.check_can_assign(read.bills.customer, candidate(customer))
    if not change_if(file, {"state": FileState.WAITING}, state=FileState.LOADED):
        raise NotWaiting
    file.assigned_by_id, file.assigned_why = actor.person_id, why.strip()[:300]
    try:
        with transaction.atomic():
            bills = take_bills(actor, file, read, customer, now, beside=beside)
    except NumberTaken as taken:
        reason = _(
            "Another bill of this supplier has the number %(number)s in the same year: that of the file %(file)s."
        )
        named = reason % {"number": taken.bill.number, "file": taken.bill.file.name}
        raise InvalidInput(named, field="beside") from taken
    except IntegrityError as taken:  # another load of the same number came first
        raise InvalidInput(gettext_lazy(NUMBER_IS_TAKEN), field="beside") from taken
    publish(
        BillFileAssigned(
            organisation_id=customer.pk,
            subject_type="bill_file",
            subject_id=file.pk,
            name=file.name,
            why=why.strip()[:300],
        )
    )
    return bills
