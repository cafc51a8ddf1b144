"""What the employee is told by mail: that their consent is asked, and each change of what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sportello.dual_billing import rules
from sportello.dual_billing.models import Enrolment
from sportello.kernel.actor import Actor
from sportello.kernel.phones import display
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient

LABELS: Final = {
    "tax_code": _("Tax code"), "address": _("Address"), "postcode": _("Postcode"), "city": _("City"), "province": _("Province"),
    "email": _("E-mail"), "payment_method": _("Payment"), "iban": _("IBAN"), "card_reference": _("Reference of the card"),
    "start_date": _("First day"), "messages": _("messages to numbers outside the agreement"), "roaming": _("roaming"),
    "data_apn": _("data by the private access point"),
}  # fmt: skip
"""What was changed, in words; never the values, which are secrets or lead to some."""


def tell_of_offer(actor: Actor, row: Enrolment) -> None:
    """Tell the employee that their consent is asked."""
    _tell(actor, row, "dual_billing_asked", key=f"dual-billing-asked:{row.pk}", email=row.email)


def tell_of_change(actor: Actor, row: Enrolment, names: Sequence[str], *, email: str, now: datetime) -> None:
    """Tell the employee which data were changed, at the address from before: who changes the address does not silence it."""
    with translation.override(row.person.language):
        what = ", ".join(str(LABELS[name]) for name in names)
    key = f"dual-billing-changed:{row.pk}:{now.timestamp()}:{rules.digest_of_terms(row)[:16]}"
    _tell(actor, row, "dual_billing_changed", key=key, email=email, what=what)


def _tell(actor: Actor, row: Enrolment, template: str, *, key: str, email: str, **context: str) -> None:
    link = settings.SPORTELLO["PUBLIC_URL"] + reverse("dual_billing:own")
    send_message(
        actor=actor,
        recipient=Recipient(person_id=row.person_id, email=None if row.person.email else email),
        template=template,
        channel=Channel.EMAIL,
        context={"line": display(row.line.number), "link": link, **context},
        organisation_id=row.organisation_id,
        idempotency_key=key,
    )
