"""Writing what the judged rows of a file ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sportello.inventory.events import LinesAdded
from sportello.inventory.loading.find import Known
from sportello.inventory.loading.judge import COLUMN_OF, NEW, Judgement
from sportello.inventory.models import Agreement, Line, LinePeriod, Plan, Sim
from sportello.inventory.operations.in_bulk import insert, new_ids
from sportello.inventory.operations.standing import PERIOD_COLUMNS, Restand, in_chunks, in_words, write
from sportello.inventory.periods import STANDING_FIELDS
from sportello.inventory.states import LineStatus
from sportello.kernel.crypto import encrypt
from sportello.kernel.operations import publish
from sportello.parties.models import CostCentre, Site

ROWS_AT_ONCE: Final = 500
LINES_AT_ONCE: Final = 5_000
TOLD_AT_ONCE: Final = 500
LINE_COLUMNS: Final = (
    "id", "organisation_id", "number", "kind", "active_from", "active_to", "device", "updated_at", *STANDING_FIELDS,
)  # fmt: skip
READ = "rows that were judged inside the actor's reach"


def create_missing(judgements: Sequence[Judgement], known: Known) -> None:
    """Create the agreements, plans, cost centres, sites and SIMs that the rows name for the first time."""
    missing: dict[str, dict[Any, Judgement]] = {name: {} for name in _CREATED}
    for one in judgements:
        for name in _CREATED:
            if one.wanted.get(name) == NEW:
                _latest(missing[name], _key(name, one), one)
    _move_sims(judgements, known)
    for name, create in _CREATED.items():
        create(missing[name], known)


def write_changed(judgements: Sequence[Judgement], known: Known, *, now: datetime) -> None:
    """Write the lines that stand otherwise by the file: an end at its day, all else from `now` on."""
    _name_sims(judgements, known)
    restands = []
    for some in in_chunks(judgements):
        ids = [one.facts.pk for one in some if one.facts]
        rows = Line.objects.across_tenants(reason=READ).in_bulk(ids)
        restands += [_restand(rows[one.facts.pk], one, known) for one in some if one.facts]
    write(restands, at=now)


def write_new(judgements: Sequence[Judgement], known: Known, *, now: datetime) -> None:
    """Write the lines that the file brings, each with the first period of its history."""
    by_organisation: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for some in in_chunks(judgements, LINES_AT_ONCE):
        lines = [_line(one, known, pk, now) for one, pk in zip(some, new_ids(Line, len(some)), strict=True)]
        insert(Line, LINE_COLUMNS, ([line[name] for name in LINE_COLUMNS] for line in lines))
        insert(LinePeriod, PERIOD_COLUMNS, ([_period(line)[name] for name in PERIOD_COLUMNS] for line in lines))
        for line in lines:
            by_organisation[line["organisation_id"]].append((line["id"], line["number"]))
    _tell_added(by_organisation)


def _latest(into: dict[Any, Judgement], key: Any, one: Judgement) -> None:
    former = into.get(key)
    if former is None or one.held.active_from > former.held.active_from:
        into[key] = one


def _key(name: str, one: Judgement) -> Any:
    text = one.row[COLUMN_OF[name]]
    return text if name in {"plan_id", "sim_id"} else (_organisation_id(one), text)


def _organisation_id(one: Judgement) -> int:
    if one.customer:
        return one.customer.pk
    assert one.facts is not None  # noqa: S101 - a judged row has a customer or a stored line
    return one.facts.organisation_id


def _create_agreements(missing: Mapping[tuple[int, str], Judgement], known: Known) -> None:
    rows = [Agreement(organisation_id=of, code=code) for of, code in missing]
    for row in Agreement.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE):
        known.agreements[row.organisation_id, row.code] = row.pk


def _create_plans(missing: Mapping[str, Judgement], known: Known) -> None:
    rows = [Plan(code=code, name=code, kind=one.row["kind"]) for code, one in missing.items()]
    for row in Plan.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE):
        known.plans[row.code] = row.pk


def _create_cost_centres(missing: Mapping[tuple[int, str], Judgement], known: Known) -> None:
    rows = [CostCentre(organisation_id=of, code=code) for of, code in missing]
    for row in CostCentre.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE):
        known.cost_centres[row.organisation_id, row.code] = row.pk


def _create_sites(missing: Mapping[tuple[int, str], Judgement], known: Known) -> None:
    rows = [Site(organisation_id=of, name=name) for of, name in missing]
    for row in Site.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE):
        known.sites[row.organisation_id, row.name] = row.pk


def _create_sims(missing: Mapping[str, Judgement], known: Known) -> None:
    unknown_puk = encrypt("")
    ids = new_ids(Sim, len(missing))
    rows = [(pk, _organisation_id(one), iccid, "", unknown_puk) for pk, (iccid, one) in zip(ids, missing.items(), strict=True)]
    insert(Sim, ("id", "organisation_id", "iccid", "imsi", "puk"), rows)
    known.sims.update({iccid: (pk, organisation_id) for pk, organisation_id, iccid, _imsi, _puk in rows})


_CREATED: Final[Mapping[str, Callable[[Mapping[Any, Judgement], Known], None]]] = {
    "agreement_id": _create_agreements,
    "plan_id": _create_plans,
    "cost_centre_id": _create_cost_centres,
    "site_id": _create_sites,
    "sim_id": _create_sims,
}


def _move_sims(judgements: Iterable[Judgement], known: Known) -> None:
    # A SIM that passed to another customer with its number belongs to the one that holds it last.
    moved: dict[Any, Judgement] = {}
    for one in judgements:
        pk, owner = known.sims.get(one.row["iccid"], (NEW, 0))
        if pk and one.customer and one.customer.pk != owner and _began_later(one, owner, known):
            _latest(moved, pk, one)
    for pk, one in moved.items():
        Sim.objects.across_tenants(reason=READ).filter(pk=pk).update(organisation_id=_organisation_id(one))


def _began_later(one: Judgement, owner: int, known: Known) -> bool:
    stored = known.lines.get(one.row["number"], ())
    return all(facts.active_from < one.held.active_from for facts in stored if facts.organisation_id == owner)


def _resolved(one: Judgement, name: str, known: Known) -> Any:
    value = one.wanted[name]
    if value != NEW or name not in _FOUND_IN:
        return value
    pk = _FOUND_IN[name](known)[_key(name, one)]
    return pk[0] if name == "sim_id" else pk


_FOUND_IN: Final[Mapping[str, Callable[[Known], Mapping[Any, Any]]]] = {
    "agreement_id": lambda known: known.agreements,
    "plan_id": lambda known: known.plans,
    "cost_centre_id": lambda known: known.cost_centres,
    "site_id": lambda known: known.sites,
    "sim_id": lambda known: known.sims,
}


def _name_sims(judgements: Iterable[Judgement], known: Known) -> None:
    """Look up what the SIMs are called that the file takes out of lines."""
    taken_out = {one.facts.sim_id for one in judgements if one.facts and one.facts.sim_id and "sim_id" in one.changed}
    cards = Sim.objects.across_tenants(reason=READ)
    known.words["sim_id"] = {
        pk: iccid
        for some in in_chunks(sorted(taken_out))
        for pk, iccid in cards.filter(pk__in=some).values_list("pk", "iccid")
    }


def _restand(line: Line, one: Judgement, known: Known) -> Restand:
    after = {name: _resolved(one, name, known) for name in one.changed}
    words = {}
    for name, value in after.items():
        said = one.row[COLUMN_OF[name]] if name in _CREATED else _word(name, value, known)
        words[name.removesuffix("_id")] = (_word(name, getattr(line, name), known), said)
    return Restand(line, after, words)


def _word(name: str, value: Any, known: Known) -> str:
    if value is None:
        return ""
    if name == "person_id":
        return known.holders[value].name if value in known.holders else str(value)
    return known.words[name].get(value, str(value)) if name in known.words else in_words(name, value)


def _line(one: Judgement, known: Known, pk: int, now: datetime) -> dict[str, Any]:
    """Return the columns of a new line; what the file does not say is empty."""
    line: dict[str, Any] = dict.fromkeys(LINE_COLUMNS)
    line |= {"id": pk, "organisation_id": _organisation_id(one), "number": one.row["number"], "device": ""}
    line |= {"active_from": one.held.active_from, "dual_billing": False, "updated_at": now}
    return line | {name: _resolved(one, name, known) for name in one.wanted}


def _period(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first period of a new line. How a line stood that has ended already is not known: it was held."""
    held = LineStatus.ACTIVE.value if line["status"] == LineStatus.TERMINATED else line["status"]
    return {**line, "line_id": line["id"], "status": held}


def _tell_added(by_organisation: Mapping[int, Sequence[tuple[int, str]]]) -> None:
    for organisation_id, lines in by_organisation.items():
        for some in in_chunks(lines, TOLD_AT_ONCE):
            publish(
                LinesAdded(
                    organisation_id=organisation_id, line_count=len(some), line_ids=[pk for pk, _number in some],
                    numbers=[number for _pk, number in some],
                )
            )  # fmt: skip
