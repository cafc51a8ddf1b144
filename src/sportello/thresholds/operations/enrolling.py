"""Giving profiles to lines, and taking them away: each line of a profile has its thresholds, in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from sportello.inventory.models import Line
from sportello.inventory.states import LineStatus
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.parties.models import Organisation
from sportello.thresholds import rules
from sportello.thresholds.events import LinesEnrolled
from sportello.thresholds.models import Bar, Enrolment, LineProfile, ProfileTerm, Threshold
from sportello.thresholds.operations.barring import lift
from sportello.thresholds.operations.evaluating import evaluate_many
from sportello.thresholds.operations.lock import hold_as_it_stands, hold_evaluations
from sportello.thresholds.operations.setting import figures, new_values
from sportello.thresholds.operations.tallying import open_tallies
from sportello.thresholds.queries import standing as queries
from sportello.thresholds.rules.safeguard import NAME, ROAMING_KINDS, SAFEGUARD
from sportello.thresholds.states import Lifted, State
from sportello.thresholds.types import Terms

AT_ONCE: Final = 2_000


@operation(section=Section.THRESHOLDS)
def enrol_lines(*, actor: Actor, lines: Collection[Line], profile: LineProfile | None, now: datetime) -> int:
    """Let lines have a profile, or none; what the one before gave them is cancelled. Return how many lines changed.

    A line that already watches the same thing by itself keeps its own. Raises `NotPermitted` for an employee, `NotFound` for lines of
    another customer than the profile's, `ProfileGone`.
    """
    rules.check_can_manage(actor)
    if profile is None:
        hold_evaluations()
    else:  # somebody may end it just now: lines never have an ended profile
        hold_as_it_stands(profile, "ended_at")
    rules.check_same_customer(profile, lines)
    return _enrol(actor, lines, profile, now)


@operation(section=None, why="new lines inherit their customer's default; no person acts")
def inherit_profiles(*, actor: Actor, organisation: Organisation, now: datetime, most: int = AT_ONCE) -> int:
    """Give the default profile to running mobile lines that never had a profile nor lost one; return how many got it.

    A customer without any profile gets the safeguard first: it is on unless somebody takes it away (EU 2022/612 art. 14).
    """
    lines = list(without_enrolment(actor, organisation).select_related("organisation").order_by("pk")[:most])
    if not lines:
        return 0
    hold_evaluations()
    default = LineProfile.objects.for_(actor).filter(organisation=organisation, default=True, ended_at=None).first()
    if default is None and LineProfile.objects.for_(actor).filter(organisation=organisation, safeguard=True).exists():
        return 0
    return _enrol(actor, lines, default or _safeguard(organisation), now)


def without_enrolment(actor: Actor, organisation: Organisation) -> Any:
    """Return the running lines of a customer that can roam and were never given a profile nor taken out of one."""
    rows = Line.objects.for_(actor).filter(organisation=organisation, active_to=None, kind__in=ROAMING_KINDS)
    return rows.filter(enrolment=None).exclude(status=LineStatus.TERMINATED)


def give_terms(actor: Actor, lines: Sequence[Line], term: ProfileTerm, now: datetime) -> list[int]:
    """Set one term of a profile on lines that do not watch the same thing yet; return the ids of the new thresholds."""
    terms = term.terms
    same = {name: getattr(terms, name) for name in ("traffic_type", "zone", "measure", "period", "kind")}
    have = Threshold.objects.for_(actor).filter(line__in=[line.pk for line in lines], owner=None, **same)
    taken = set(have.exclude(state=State.CANCELLED).values_list("line_id", flat=True))
    days = queries.cut_offs(actor, term.organisation_id)
    rows = [
        Threshold(
            **new_values(line, terms, now, cut_off=days.get(line.agreement_id) or days.get(None) or 1),
            profile_id=term.profile_id, consent=term.consent, set_by_id=actor.person_id,
        )
        for line in lines
        if line.pk not in taken
    ]  # fmt: skip
    made = Threshold.objects.bulk_create(rows, batch_size=AT_ONCE)
    open_tallies(made, now)
    return [row.pk for row in made]


def cancel_all(actor: Actor, which: Q, now: datetime) -> int:
    """Cancel many thresholds and lift their bars; return how many there were."""
    rows = Threshold.objects.for_(actor).filter(which).exclude(state=State.CANCELLED)
    ids = list(rows.values_list("pk", flat=True))
    for chunk in _chunks(ids, AT_ONCE):
        bars = Bar.objects.for_(actor).filter(threshold__in=chunk, lifted_at=None).select_related("switch")
        lift(actor, list(bars), Lifted.THRESHOLD, now)
        Threshold.objects.for_(actor).filter(pk__in=chunk).update(state=State.CANCELLED, active_to=now)
    return len(ids)


def term_fields(terms: Terms) -> dict[str, Any]:
    """Return the fields of a profile's term."""
    names = ("traffic_type", "zone", "measure", "period", "kind")
    shape = {name: getattr(terms, name) for name in names}
    filled = figures(terms.limit, terms.steps)
    return shape | {"limit_units": filled["limit_units"], "steps": filled["steps"]}


def _enrol(actor: Actor, lines: Collection[Line], profile: LineProfile | None, now: datetime) -> int:
    wanted = profile.pk if profile else None
    held = Enrolment.objects.for_(actor).filter(line__in=[line.pk for line in lines])
    before: dict[int, int | None] = dict(held.values_list("line_id", "profile_id"))
    changing = [line for line in lines if line.pk not in before or before[line.pk] != wanted]
    for chunk in _chunks(changing, AT_ONCE):
        _move(actor, chunk, profile, now)
    if changing:
        publish(
            LinesEnrolled(
                organisation_id=changing[0].organisation_id, subject_type="line_profile", subject_id=wanted or 0,
                profile=profile.name if profile else "", lines=len(changing),
            )
        )  # fmt: skip
    return len(changing)


def _move(actor: Actor, lines: Sequence[Line], profile: LineProfile | None, now: datetime) -> None:
    ids = [line.pk for line in lines]
    cancel_all(actor, Q(line__in=ids, profile__isnull=False), now)
    Enrolment.objects.for_(actor).filter(line__in=ids).delete()
    Enrolment.objects.bulk_create(
        Enrolment(line=line, organisation_id=line.organisation_id, profile=profile, since=now) for line in lines
    )
    if profile is None:
        return
    made: list[int] = []
    for term in ProfileTerm.objects.for_(actor).filter(profile=profile).order_by("pk"):
        made += give_terms(actor, lines, term, now)
    evaluate_many(actor=actor, threshold_ids=made, zone=lines[0].organisation.time_zone, now=now)


def _safeguard(organisation: Organisation) -> LineProfile:
    profile = LineProfile.objects.create(organisation=organisation, name=NAME, default=True, safeguard=True)
    ProfileTerm.objects.bulk_create(
        ProfileTerm(organisation=organisation, profile=profile, consent=True, **term_fields(terms))
        for terms in SAFEGUARD
    )
    return profile


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rows = list(items)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
