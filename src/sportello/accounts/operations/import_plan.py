"""What a file of people would do, row by row: reads all it needs in a few queries, decides, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from sportello.accounts.models import Membership, Person
from sportello.accounts.operations.people import facts_of, stored_data
from sportello.accounts.queries import directory as queries
from sportello.accounts.rules import people as rules
from sportello.accounts.rules.people import PersonData
from sportello.kernel.access import CUSTOMER_PROFILES, Profile
from sportello.kernel.actor import Actor
from sportello.kernel.imports import Faults, ImportReport, RowReport, RowState, every_fault, first_of_each
from sportello.kernel.refusals import Refusal
from sportello.kernel.tabular import Row, Table, check_columns
from sportello.parties.models import Organisation
from sportello.parties.queries import by_code, cost_centres_by_code

REQUIRED: Final = ("customer_code", "person_code", "given_name", "family_name")
OPTIONAL: Final = ("email", "mobile", "cost_centre", "profiles")
DATA_COLUMNS: Final = {"given_name": "given_name", "family_name": "family_name", "email": "email", "mobile": "mobile"}
COST_CENTRE_LENGTH: Final = 40
STAND_INS: Final = {"given_name": "-", "family_name": "-"}
"""What a name that is missing is taken for, so that the other columns are still checked."""
NO_MEMBERSHIPS: Final[tuple[Membership, ...]] = ()


@dataclass(kw_only=True)
class Change:
    """One row that writes. `person` is a row that was read, or a new one; nothing is put on it yet."""

    place: int
    person: Person
    data: PersonData
    cost_centre: str
    grant: set[Profile] = field(default_factory=set)
    end: list[Membership] = field(default_factory=list)
    facts: bool = True
    """Whether anything but profiles changes."""


class Wrong(Exception):
    """The row is not about a person that can be written: (column, reason) pairs."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        """Take what is wrong, and in which column."""
        super().__init__(errors)
        self.errors = errors


class Plan:
    """What a file does: `report` for the reader, `changes` for the writer."""

    def __init__(self, actor: Actor, table: Table, *, lock: bool = False) -> None:
        """Read the whole table and decide. `lock` holds what must not change before the rows are written."""
        check_columns(table.columns, REQUIRED, OPTIONAL)
        self.actor = actor
        self.columns = set(table.columns)
        self.changes: list[Change] = []
        rows = list(table.rows)
        self._read(rows)
        reports = [self._report(place, row) for place, row in enumerate(rows)]
        self._keep_last_ones(reports, lock=lock)
        self.report = ImportReport(
            rows=tuple(reports),
            notices=[*(str(each) for each in table.notices), *self._shared_emails()],
            organisations=frozenset(row.pk for row in self.organisations.values()),
        )

    def _read(self, rows: Iterable[Row]) -> None:
        codes = [(row["customer_code"], row["person_code"]) for row in rows]
        self.organisations = by_code(self.actor, (customer for customer, _person in codes))
        homes = {row.pk for row in self.organisations.values()}
        self.people = queries.people_by_code(homes, (code for _customer, code in codes if code), self.actor)
        self.held = queries.profiles_by_person(person.pk for person in self.people.values())
        self.cost_centres = cost_centres_by_code(self.actor, homes)
        self.grantable = {row.pk: rules.grantable(self.actor, row) for row in self.organisations.values()}
        self.first_line: dict[tuple[int, str], int] = {}

    def _report(self, place: int, row: Row) -> RowReport:
        key = f"{row['customer_code']} / {row['person_code']}"
        errors: Faults = [(error.column, str(error.reason)) for error in row.errors]
        report = self._planned(place, row, key, errors)
        return RowReport(row.line, RowState.WRONG, key, errors=first_of_each(errors)) if errors else report

    def _planned(self, place: int, row: Row, key: str, errors: Faults) -> RowReport:
        """Return what the row does; what is wrong with it is put into `errors`, and then nothing is planned."""
        unplanned = RowReport(row.line, RowState.WRONG, key)
        try:
            person = self._person(row)
        except Wrong as wrong:
            errors += wrong.errors
            self._whatever_else(row, errors)
            return unplanned
        data = self._data(row, person, errors)
        cost_centre = self._cost_centre(row, person, errors)
        grant, end = self._profiles(row, person, errors)
        if errors:
            return unplanned
        changes = _words(person, data, cost_centre)
        change = Change(
            place=place, person=person, data=data, cost_centre=cost_centre, grant=grant, end=end, facts=bool(changes)
        )
        if grant or end:
            changes["profiles"] = self._profile_words(person, grant, end)
        if not changes:
            return RowReport(row.line, RowState.UNCHANGED, key)
        self.changes.append(change)
        return RowReport(row.line, RowState.CHANGED if person.pk else RowState.NEW, key, changes=changes)

    def _whatever_else(self, row: Row, errors: Faults) -> None:
        """Note what is wrong with a row whose person is not known: its other columns must be right for anybody."""
        nobody = Person()
        errors += every_fault(rules.checked, replace(stored_data(nobody), **self._present(row)), **STAND_INS)[1]
        self._cost_centre(row, nobody, errors)
        self._profile_names(row, errors)

    # --- the parts of a row ---------------------------------------------------------------------------------------

    def _person(self, row: Row) -> Person:
        """Return the row's person, read or new. Raises `Wrong` for what no other column can mend."""
        organisation = self.organisations.get(row["customer_code"])
        if organisation is None:
            raise Wrong(("customer_code", _("unknown customer")))
        code = row["person_code"]
        if not code or len(code) > rules.CODE_LENGTH:
            raise Wrong(("person_code", _("is needed, with at most 40 characters")))
        first = self.first_line.setdefault((organisation.pk, code), row.line)
        if first != row.line:
            raise Wrong(("person_code", _("is there twice: first on line %(line)d") % {"line": first}))
        person = self.people.get((organisation.pk, code))
        if person is None:
            return _new(organisation, code)
        try:
            held = {membership.profile for membership in self.held[person.pk]}
            rules.check_can_change(self.actor, person, held)
        except Refusal as refusal:
            raise Wrong(("", str(refusal))) from refusal
        return person

    def _present(self, row: Row) -> dict[str, str]:
        return {name: row[name] for name in DATA_COLUMNS if name in self.columns}

    def _data(self, row: Row, person: Person, errors: Faults) -> PersonData:
        def check(data: PersonData) -> PersonData:
            found = rules.checked(data, known_mobile=person.mobile)
            rules.check_contacts_of_another(self.actor, person, found)
            return found

        asked = replace(stored_data(person), **self._present(row))
        data, wrong = every_fault(check, asked, **STAND_INS)
        errors += wrong
        return data

    def _cost_centre(self, row: Row, person: Person, errors: Faults) -> str:
        if "cost_centre" not in self.columns:
            return person.cost_centre.code if person.cost_centre else ""
        code = row["cost_centre"]
        if len(code) > COST_CENTRE_LENGTH:
            errors.append(("cost_centre", _("has more than %(limit)d characters") % {"limit": COST_CENTRE_LENGTH}))
        return code

    def _profiles(self, row: Row, person: Person, errors: Faults) -> tuple[set[Profile], list[Membership]]:
        """Return the profiles to give in the row's organisation, and the memberships to end there."""
        if "profiles" not in self.columns:
            return set(), []
        names = self._profile_names(row, errors)
        if names is None:
            return set(), []
        held = self._held_here(person)
        grant = {Profile(name) for name in names} - {Profile(row.profile) for row in held}
        end = [membership for membership in held if membership.profile not in names]
        try:
            self._check_profiles(person, grant, end)
        except Refusal as refusal:
            errors.append(("profiles", str(refusal)))
        return grant, end

    def _profile_names(self, row: Row, errors: Faults) -> set[str] | None:
        names = {name.strip() for name in row["profiles"].split(";") if name.strip()}
        unknown = sorted(names - set(Profile.values))
        if not unknown:
            return names
        words = {"names": ", ".join(unknown), "known": ", ".join(self._grantable_in(row))}
        errors.append(("profiles", _("unknown profile: %(names)s; the profiles are %(known)s") % words))
        return None

    def _grantable_in(self, row: Row) -> list[str]:
        """Return the profiles that this actor may give in the row's organisation; of an unknown one, those of customers."""
        organisation = self.organisations.get(row["customer_code"])
        # A client manager is one of the operator's people: none of those that a file of a customer's people is about.
        given = self.grantable[organisation.pk] if organisation else CUSTOMER_PROFILES
        return sorted(given - {Profile.CLIENT_MANAGER})

    def _check_profiles(self, person: Person, grant: set[Profile], end: list[Membership]) -> None:
        organisation = person.organisation
        if (grant or end) and rules.is_self(self.actor, person):
            raise rules.NotOwnself
        if any(Profile(membership.profile) not in self.grantable[organisation.pk] for membership in end):
            raise rules.ProfileNotYours  # pragma: no cover - who holds such a profile may not be changed at all
        for profile in sorted(grant):
            rules.check_can_grant(self.actor, person, organisation, profile)

    def _held_here(self, person: Person) -> list[Membership]:
        held = self.held.get(person.pk, NO_MEMBERSHIPS)
        return [membership for membership in held if membership.organisation_id == person.organisation_id]

    def _profile_words(self, person: Person, grant: set[Profile], end: list[Membership]) -> tuple[str, str]:
        before = {membership.profile for membership in self._held_here(person)}
        after = (before | {profile.value for profile in grant}) - {membership.profile for membership in end}
        return "; ".join(sorted(before)), "; ".join(sorted(after))

    # --- the file as a whole --------------------------------------------------------------------------------------

    def _shared_emails(self) -> list[str]:
        """Say which addresses others of the customer have already: they may be shared, but it may be one person twice."""
        asked = {
            change.data.email: change.person for change in self.changes if change.data.email and not change.person.pk
        }
        holders = queries.people_by_email(self.actor, asked)
        sentence = _(
            "%(email)s is the address of %(name)s already. Two people may share one; make sure it is not one person twice."
        )
        return [
            sentence % {"email": email, "name": holder.name}
            for email, holder in sorted(holders.items())
            if holder.organisation_id == asked[email].organisation_id
        ]

    def _keep_last_ones(self, reports: list[RowReport], *, lock: bool) -> None:
        """Mark the rows that together would end the last administrator of an organisation (ABUSE B04)."""
        ending = [change for change in self.changes if any(each.profile in rules.LAST_ONES for each in change.end)]
        if not ending:
            return
        left = queries.active_holders({change.person.organisation_id for change in ending}, lock=lock)
        for change in self.changes:
            for profile in change.grant & rules.LAST_ONES:
                left.setdefault((change.person.organisation_id, profile), set()).add(-change.place - 1)
            for membership in change.end:
                left.get((membership.organisation_id, membership.profile), set()).discard(change.person.pk)
        for change in ending:
            if any(not left.get((each.organisation_id, each.profile), {0}) for each in change.end):
                wrong = reports[change.place]
                error = ("profiles", str(rules.LastAdministrator.default))
                reports[change.place] = RowReport(wrong.line, RowState.WRONG, wrong.key, errors=(error,))


def _new(organisation: Organisation, code: str) -> Person:
    language = "es" if organisation.country == "ES" else "it"
    return Person(organisation=organisation, code=code, language=language)


def _words(person: Person, data: PersonData, cost_centre: str) -> dict[str, tuple[str, str]]:
    """Return what differs, by column of the file."""
    before: Mapping[str, Any] = facts_of(person) if person.pk else {}
    after = {name: getattr(data, name) for name in DATA_COLUMNS} | {"cost_centre": cost_centre}
    pairs = {name: (str(before.get(name, "")), str(value)) for name, value in after.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
