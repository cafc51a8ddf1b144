"""What follows from events: dual billing ends with the line or the person, and records are placed again."""

from __future__ import annotations

from sportello.accounts.events.people import PersonDeactivated, ProfileEnded
from sportello.dual_billing import queries, tasks
from sportello.dual_billing.events import DualBillingCorrected, DualBillingEnded
from sportello.inventory.events import LineChanged, LineEnded
from sportello.kernel.events import handles
from sportello.kernel.models import Event


@handles(LineChanged)
def line_changed(event: Event) -> None:
    """Look at a line that went to somebody else."""
    if "person" in event.payload.get("changes", {}) and queries.is_enrolled(line_id=int(event.subject_id)):
        tasks.end_of_line.enqueue(int(event.subject_id))


@handles(LineEnded)
def line_ended(event: Event) -> None:
    """Look at a line that ended; an end to come is seen when it has come."""
    if queries.is_enrolled(line_id=int(event.subject_id)):
        tasks.end_of_line.enqueue(int(event.subject_id))


@handles(PersonDeactivated)
def person_deactivated(event: Event) -> None:
    """Look at the lines of a person who left."""
    if queries.is_enrolled(person_id=int(event.subject_id)):
        tasks.end_of_person.enqueue(int(event.subject_id))


@handles(ProfileEnded)
def profile_ended(event: Event) -> None:
    """Look at the lines of a person whose last profile may have ended."""
    if queries.is_enrolled(person_id=int(event.subject_id)):
        tasks.end_of_person.enqueue(int(event.subject_id))


@handles(DualBillingEnded)
def dual_billing_ended(event: Event) -> None:
    """Give the customer back what was loaded between the end and its notice."""
    if event.payload["active_to"]:
        tasks.place_records_again.enqueue(int(event.payload["enrolment_id"]), str(event.payload["active_to"]))


@handles(DualBillingCorrected)
def dual_billing_corrected(event: Event) -> None:
    """Place the records of the corrected time again."""
    tasks.place_records_again.enqueue(int(event.payload["enrolment_id"]), str(event.payload["since"]))
