"""Writing what the judged rows of a file ask of what is there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sportello.inventory.loading.find import Known
from sportello.inventory.loading.judge import COLUMN_OF, NEW, Judgement
from sportello.inventory.models import Line, Sim
from sportello.inventory.operations.drafted import CREATED, latest, organisation_id, resolved
from sportello.inventory.operations.standing import Restand, in_words, write
from sportello.kernel.chunks import in_chunks

READ = "rows that were judged inside the actor's reach"


def write_changed(judgements: Sequence[Judgement], known: Known, *, now: datetime) -> None:
    """Write the lines that stand otherwise by the file: an end at its day, all else from `now` on."""
    _name_sims(judgements, known)
    restands = []
    for some in in_chunks(judgements):
        ids = [one.facts.pk for one in some if one.facts]
        rows = Line.objects.across_tenants(reason=READ).in_bulk(ids)
        restands += [_restand(rows[one.facts.pk], one, known) for one in some if one.facts]
    write(restands, at=now, now=now)


def moved_sims(judgements: Iterable[Judgement], known: Known) -> dict[int, int]:
    """Return the SIMs that pass to another customer with their number, {id: organisation id}: each belongs to the one that holds it last.

    Ask before new SIMs are made known.
    """
    moved: dict[int, Judgement] = {}
    for one in judgements:
        pk, owner = known.sims.get(one.row["iccid"], (NEW, 0))
        if pk and one.customer and one.customer.pk != owner and _began_later(one, owner, known):
            latest(moved, pk, one)
    return {pk: organisation_id(one) for pk, one in moved.items()}


def move_sims(moved: Mapping[int, int]) -> None:
    """Give SIMs to their next customers, {id: organisation id}."""
    for pk, to in moved.items():
        Sim.objects.across_tenants(reason=READ).filter(pk=pk).update(organisation_id=to)


def _began_later(one: Judgement, owner: int, known: Known) -> bool:
    stored = known.lines.get(one.row["number"], ())
    return all(facts.active_from < one.held.active_from for facts in stored if facts.organisation_id == owner)


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
    after = {name: resolved(one, name, known) for name in one.changed}
    words = {}
    for name, value in after.items():
        said = one.row[COLUMN_OF[name]] if name in CREATED else _word(name, value, known)
        words[name.removesuffix("_id")] = (_word(name, getattr(line, name), known), said)
    return Restand(line, after, words)


def _word(name: str, value: Any, known: Known) -> str:
    if value is None:
        return ""
    if name == "person_id":
        return known.holders[value].name if value in known.holders else str(value)
    return known.words[name].get(value, str(value)) if name in known.words else in_words(name, value)
