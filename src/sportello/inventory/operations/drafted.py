"""What a file brings that is not there yet, drawn up as rows of the database before anybody waits for them to be written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import models

from sportello.inventory.events import LinesAdded
from sportello.inventory.loading.find import Known
from sportello.inventory.loading.judge import COLUMN_OF, NEW, Judgement
from sportello.inventory.models import Agreement, Line, LinePeriod, Plan, Sim
from sportello.inventory.operations.in_bulk import Ready, insert, last_id, new_ids, ready, rebuilding_indexes
from sportello.inventory.operations.standing import PERIOD_COLUMNS
from sportello.inventory.periods import STANDING_FIELDS
from sportello.inventory.states import LineStatus
from sportello.kernel.chunks import in_chunks
from sportello.kernel.crypto import encrypt
from sportello.kernel.imports import RowState
from sportello.kernel.operations import publish
from sportello.parties.models import CostCentre, Site

ROWS_AT_ONCE: Final = 500
TOLD_AT_ONCE: Final = 500
SIM_COLUMNS: Final = ("id", "organisation_id", "iccid", "imsi", "puk")
LINE_COLUMNS: Final = (
    "id", "organisation_id", "number", "kind", "active_from", "active_to", "device", "updated_at", *STANDING_FIELDS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows to insert, their ids given out already: what lines name for the first time, SIMs, lines, the first period of each.

    `places` are the newest ids that were there: on SQLite ids are given out by counting on from them.
    """

    named: Mapping[str, Sequence[models.Model]]
    sims: Ready
    lines: Ready
    periods: Ready
    told: Sequence[LinesAdded]
    places: Mapping[type[models.Model], int | None]

    def stands(self) -> bool:
        """Tell whether nobody took the ids in between. Ask inside the transaction that writes."""
        return all(last_id(model) == place for model, place in self.places.items())


class _Named(NamedTuple):
    """What a row of a file can name for the first time: where it is stored, how it begins, how it is written, where it is known."""

    model: type[models.Model]
    begun: Callable[[Any, Judgement], models.Model]
    write: Callable[[Any], object]
    known: Callable[[Known], dict[Any, int]]


_NAMED: Final[Mapping[str, _Named]] = {
    "agreement_id": _Named(
        Agreement,
        lambda key, _one: Agreement(organisation_id=key[0], code=key[1]),
        lambda rows: Agreement.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE),
        lambda known: known.agreements,
    ),
    "plan_id": _Named(
        Plan,
        lambda key, one: Plan(code=key, name=key, kind=one.row["kind"]),
        lambda rows: Plan.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE),
        lambda known: known.plans,
    ),
    "cost_centre_id": _Named(
        CostCentre,
        lambda key, _one: CostCentre(organisation_id=key[0], code=key[1]),
        lambda rows: CostCentre.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE),
        lambda known: known.cost_centres,
    ),
    "site_id": _Named(
        Site,
        lambda key, _one: Site(organisation_id=key[0], name=key[1]),
        lambda rows: Site.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE),
        lambda known: known.sites,
    ),
}
CREATED: Final = frozenset({*_NAMED, "sim_id"})
"""The columns of a line whose values a file may name for the first time."""


def drafted(judgements: Sequence[Judgement], known: Known, *, now: datetime) -> Draft:
    """Draw up what the rows bring, and make it known: agreements, plans, cost centres, sites, SIMs, lines with their history."""
    counted: list[type[models.Model]] = [*(one.model for one in _NAMED.values()), Sim, Line]
    places = {model: last_id(model) for model in counted}
    missing = _missing(judgements)
    named = {name: _begun(name, missing[name], known) for name in _NAMED}
    sims = _sims(missing["sim_id"], known)
    new = [one for one in judgements if one.state == RowState.NEW]
    lines = [_line(one, known, pk, now) for one, pk in zip(new, new_ids(Line, len(new)), strict=True)]
    return Draft(
        named=named,
        sims=sims,
        lines=ready([line[name] for name in LINE_COLUMNS] for line in lines),
        periods=ready([period[name] for name in PERIOD_COLUMNS] for period in map(_period, lines)),
        told=list(_told(lines)),
        places=places,
    )


def write_named(draft: Draft) -> None:
    """Write what lines name for the first time."""
    for name, rows in draft.named.items():
        _NAMED[name].write(rows)
    insert(Sim, SIM_COLUMNS, draft.sims)


def write_lines(draft: Draft) -> None:
    """Write the new lines, each with the first period of its history, and tell of them."""
    with rebuilding_indexes((Line, len(draft.lines)), (LinePeriod, len(draft.periods))):
        insert(Line, LINE_COLUMNS, draft.lines)
        insert(LinePeriod, PERIOD_COLUMNS, draft.periods)
    for event in draft.told:
        publish(event)


def latest(into: dict[Any, Judgement], key: Any, one: Judgement) -> None:
    """Keep the row whose line began last."""
    former = into.get(key)
    if former is None or one.held.active_from > former.held.active_from:
        into[key] = one


def organisation_id(one: Judgement) -> int:
    """Return the id of the row's customer."""
    if one.customer:
        return one.customer.pk
    assert one.facts is not None  # noqa: S101 - a judged row has a customer or a stored line
    return one.facts.organisation_id


def resolved(one: Judgement, name: str, known: Known) -> Any:
    """Return what a column of the line is to hold: the id, also of what the file itself brings."""
    value = one.wanted[name]
    if value != NEW or name not in CREATED:
        return value
    key = _key(name, one)
    return known.sims[key][0] if name == "sim_id" else _NAMED[name].known(known)[key]


def _key(name: str, one: Judgement) -> Any:
    text = one.row[COLUMN_OF[name]]
    return text if name in {"plan_id", "sim_id"} else (organisation_id(one), text)


def _missing(judgements: Iterable[Judgement]) -> dict[str, dict[Any, Judgement]]:
    missing: dict[str, dict[Any, Judgement]] = {name: {} for name in CREATED}
    for one in judgements:
        for name in CREATED:
            if one.wanted.get(name) == NEW:
                latest(missing[name], _key(name, one), one)
    return missing


def _begun(name: str, missing: Mapping[Any, Judgement], known: Known) -> list[models.Model]:
    model, begun, _write, into = _NAMED[name]
    rows = []
    for pk, (key, one) in zip(new_ids(model, len(missing)), missing.items(), strict=True):
        row = begun(key, one)
        row.pk = into(known)[key] = pk
        rows.append(row)
    return rows


def _sims(missing: Mapping[str, Judgement], known: Known) -> Ready:
    unknown_puk = encrypt("")
    rows: list[tuple[int, int, str, str, Any]] = [
        (pk, organisation_id(one), iccid, "", unknown_puk)
        for pk, (iccid, one) in zip(new_ids(Sim, len(missing)), missing.items(), strict=True)
    ]
    known.sims.update({iccid: (pk, of) for pk, of, iccid, *_rest in rows})
    return ready(rows)


def _line(one: Judgement, known: Known, pk: int, now: datetime) -> dict[str, Any]:
    """Return the columns of a new line; what the file does not say is empty."""
    line: dict[str, Any] = dict.fromkeys(LINE_COLUMNS)
    line |= {"id": pk, "organisation_id": organisation_id(one), "number": one.row["number"], "device": ""}
    line |= {"active_from": one.held.active_from, "dual_billing": False, "updated_at": now}
    return line | {name: resolved(one, name, known) for name in one.wanted}


def _period(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first period of a new line. How a line stood that has ended already is not known: it was held."""
    held = LineStatus.ACTIVE.value if line["status"] == LineStatus.TERMINATED else line["status"]
    return {**line, "line_id": line["id"], "status": held}


def _told(lines: Iterable[Mapping[str, Any]]) -> Iterable[LinesAdded]:
    by_organisation: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        by_organisation[line["organisation_id"]].append(line)
    for of, added in by_organisation.items():
        for some in in_chunks(added, TOLD_AT_ONCE):
            ids, numbers = [line["id"] for line in some], [line["number"] for line in some]
            yield LinesAdded(organisation_id=of, line_count=len(some), line_ids=ids, numbers=numbers)
