"""People from the file "people" of the inventory files, version 1 (product/02): each row is a state of the world.

A column that is not in the file leaves what it names alone; an empty cell empties it. Loading again changes nothing.
10,000 rows take seconds: everything is read in chunks and written in bulk.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError

from sportello.accounts.events.people import PersonChanged, PersonCreated
from sportello.accounts.models import Membership, Person, Session
from sportello.accounts.operations.import_plan import Change, Plan
from sportello.accounts.operations.memberships import tell_ended, tell_granted
from sportello.accounts.operations.people import COLUMNS, facts_of, former_of, put, tell_former
from sportello.accounts.queries import directory as queries
from sportello.accounts.rules import people as rules
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.events import changed
from sportello.kernel.imports import ImportReport, PreviewOutdated, check_expected
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.tabular import Table
from sportello.parties.models import CostCentre
from sportello.parties.operations import add_part
from sportello.parties.parts import COST_CENTRE

CHUNK: Final = 500


def load_people(
    *, actor: Actor, table: Table, apply: bool, now: datetime, expected: str = ""
) -> ImportReport:
    """Return what the people file does, row by row; with `apply` write all its rows, or none when one is wrong.

    Codes of customers outside the actor's reach are unknown (ABUSE C07), and profiles that are not the actor's to hand out
    are refused (D04). `expected` is the digest of the preview that was confirmed (F09). Raises `TableRefused`,
    `PreviewOutdated`, `NotPermitted`.
    """
    if not actor.may(Section.ADMINISTRATION):
        raise NotPermitted
    if apply:
        return apply_people_file(actor=actor, table=table, now=now, expected=expected)
    return Plan(actor, table).report


@operation(section=Section.ADMINISTRATION)
def apply_people_file(*, actor: Actor, table: Table, now: datetime, expected: str) -> ImportReport:
    """Write all rows of a people file, or none when one is wrong. Raises `PreviewOutdated`."""
    plan = Plan(actor, table, lock=True)
    check_expected(plan.report, expected)
    if plan.report.wrong:
        return plan.report
    try:
        _Writer(actor, plan, now=now).write()
    except IntegrityError as taken:  # somebody wrote the same code or profile meanwhile
        raise PreviewOutdated from taken
    return plan.report.done()


class _Writer:
    """Writes a plan in bulk and tells what happened to each person."""

    def __init__(self, actor: Actor, plan: Plan, *, now: datetime) -> None:
        self.actor, self.changes, self.now = actor, plan.changes, now
        self.cost_centres = plan.cost_centres

    def write(self) -> None:
        self._cost_centres()
        new = [change for change in self.changes if change.person.pk is None]
        old = [change for change in self.changes if change.person.pk is not None and change.facts]
        self._create(new)
        self._change(old)
        self._end_profiles()
        self._grant_profiles()

    def _cost_centres(self) -> None:
        """Add the cost centres that the file names and nobody knew."""
        wanted = {(change.person.organisation_id, change.cost_centre): change for change in self.changes}
        for key, change in wanted.items():
            if change.cost_centre and key not in self.cost_centres:
                row = add_part(
                    actor=self.actor,
                    organisation=change.person.organisation,
                    kind=COST_CENTRE,
                    values={"code": change.cost_centre},
                )
                assert isinstance(row, CostCentre)  # noqa: S101 - for the type checker
                self.cost_centres[key] = row

    def _centre(self, change: Change) -> CostCentre | None:
        return self.cost_centres.get((change.person.organisation_id, change.cost_centre))

    def _create(self, new: list[Change]) -> None:
        taken = queries.all_usernames() if new else set()
        for change in new:
            person = change.person
            put(person, change.data, self._centre(change))
            base = rules.username_base(person.given_name, person.family_name)
            person.username = rules.free_username(base, taken)
            taken.add(person.username)
        _store([change.person for change in new])
        for change in new:
            facts = {name: value for name, value in facts_of(change.person).items() if value}
            name, username = change.person.name, change.person.username
            publish(
                PersonCreated(**_subject(change.person), name=name, username=username, changes=changed({}, facts))
            )

    def _change(self, old: list[Change]) -> None:
        before = [facts_of(change.person) for change in old]
        moved = self._put(old)
        # An upsert by primary key: one statement for hundreds of rows, where UPDATE … CASE is many times slower.
        _store([change.person for change in old], update_conflicts=True, unique_fields=["id"], update_fields=COLUMNS)
        for pks in in_chunks(moved, CHUNK):
            Session.objects.filter(person_id__in=pks, ended_at=None).update(ended_at=self.now)
        for former in moved.values():
            tell_former(self.actor, former, now=self.now)
        for change, facts in zip(old, before, strict=True):
            changes = changed(facts, facts_of(change.person))
            publish(PersonChanged(**_subject(change.person), name=change.person.name, changes=changes))

    def _put(self, old: list[Change]) -> dict[int, Person | None]:
        """Put the new data on the rows; return whose addresses for signing in changed, each as it was."""
        moved: dict[int, Person | None] = {}
        for change in old:
            former = former_of(change.person)
            if put(change.person, change.data, self._centre(change)):
                moved[change.person.pk] = former
        return moved

    def _end_profiles(self) -> None:
        ended = [(membership, change.person) for change in self.changes for membership in change.end]
        for pks in in_chunks((membership.pk for membership, _person in ended), CHUNK):
            rows = Membership.objects.for_(self.actor).filter(pk__in=pks, ended_at=None)
            rows.update(ended_at=self.now)
        for membership, person in ended:
            tell_ended(membership, person)

    def _grant_profiles(self) -> None:
        rows = [
            Membership(person=change.person, organisation=change.person.organisation, profile=profile)
            for change in self.changes
            for profile in sorted(change.grant)
        ]
        for some in in_chunks(rows, CHUNK):
            Membership.objects.bulk_create(some)
        for row in rows:
            tell_granted(row, row.person)


def _store(people: list[Person], **options: Any) -> None:
    for some in in_chunks(people, CHUNK):
        Person.objects.bulk_create(some, **options)


def _subject(person: Person) -> dict[str, Any]:
    return {"organisation_id": person.organisation_id, "subject_type": "person", "subject_id": person.pk}
