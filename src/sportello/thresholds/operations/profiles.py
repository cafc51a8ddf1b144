"""Making and changing profiles: what is changed in a profile changes on all its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.network import queries as network
from sportello.parties.models import Organisation
from sportello.thresholds import rules
from sportello.thresholds.events import ProfileChanged, ProfileEnded, ProfileMade
from sportello.thresholds.models import Enrolment, LineProfile, ProfileTerm
from sportello.thresholds.operations.enrolling import cancel_all, give_terms, term_fields
from sportello.thresholds.operations.evaluating import evaluate_many
from sportello.thresholds.operations.lock import hold_as_it_stands, hold_evaluations
from sportello.thresholds.types import Terms


class ProfileThere(InvalidInput):
    """A name is used once."""

    default = _("There is a profile of this name already.")


class TermThere(InvalidInput):
    """One threshold for the same thing is enough."""

    default = _("This profile already has such a threshold. Remove that one first.")


@operation(section=Section.THRESHOLDS)
def make_profile(*, actor: Actor, organisation: Organisation, name: str, default: bool, now: datetime) -> LineProfile:  # noqa: ARG001
    """Make an empty profile; `default`: new lines that can roam get it, instead of the one before.

    Raises `NotPermitted` for an employee, `ProfileThere`, `InvalidInput` on `name`.
    """
    rules.check_can_manage(actor)
    written = rules.checked_name(name)
    if default:
        hold_evaluations()
        _no_default(actor, organisation)
    try:
        with transaction.atomic():
            row = LineProfile.objects.create(organisation=organisation, name=written, default=default)
    except IntegrityError as twice:
        raise ProfileThere(field="name") from twice
    publish(
        ProfileMade(
            organisation_id=organisation.pk, subject_type="line_profile", subject_id=row.pk,
            changes=changed({}, {"name": written, "default": default}),
        )
    )  # fmt: skip
    return row


@operation(section=Section.THRESHOLDS)
def set_default(*, actor: Actor, profile: LineProfile, default: bool) -> None:
    """Say whether new lines that can roam get this profile; at most one is the default. Lines that have a profile keep it.

    Raises `ProfileGone`.
    """
    rules.check_can_manage(actor)
    _hold(profile)
    rules.check_profile_stands(profile)
    if default:
        _no_default(actor, profile.organisation)
    LineProfile.objects.for_(actor).filter(pk=profile.pk).update(default=default)
    _publish_change(profile, {"default": profile.default}, {"default": default})
    profile.default = default


@operation(section=Section.THRESHOLDS)
def add_term(*, actor: Actor, profile: LineProfile, terms: Terms, now: datetime) -> ProfileTerm:
    """Add a threshold to a profile, and set it on all its lines. Raises as `set_threshold`, `TermThere`, `FixedProfile`."""
    rules.check_can_manage(actor)
    rules.check_terms(terms)
    rules.check_network(terms, connected=network.connected())
    _hold(profile)
    rules.check_can_edit_profile(profile)
    try:
        with transaction.atomic():
            values = term_fields(terms) | {"organisation_id": profile.organisation_id, "profile": profile}
            term = ProfileTerm.objects.create(**values)
    except IntegrityError as twice:
        raise TermThere from twice
    _publish_change(profile, {}, {"added": str(term)})
    lines = _lines(actor, profile)
    made = give_terms(actor, lines, term, now)
    evaluate_many(actor=actor, threshold_ids=made, zone=profile.organisation.time_zone, now=now)
    return term


@operation(section=Section.THRESHOLDS)
def remove_term(*, actor: Actor, term: ProfileTerm, now: datetime) -> int:
    """Take a threshold out of a profile and cancel it on all its lines; return on how many. Raises `FixedProfile`."""
    rules.check_can_manage(actor)
    _hold(term.profile)
    rules.check_can_edit_profile(term.profile)
    shape = {name: getattr(term, name) for name in ("traffic_type", "zone", "measure", "period", "kind")}
    count = cancel_all(actor, Q(profile=term.profile, **shape), now)
    _publish_change(term.profile, {"removed": str(term)}, {})
    ProfileTerm.objects.for_(actor).filter(pk=term.pk).delete()
    return count


@operation(section=Section.THRESHOLDS)
def end_profile(*, actor: Actor, profile: LineProfile, now: datetime) -> int:
    """End a profile: its lines lose its thresholds and have no profile; return how many lines.

    Raises `FixedProfile` (the safeguard cannot be ended, only left), `ProfileGone`.
    """
    rules.check_can_manage(actor)
    _hold(profile)
    rules.check_can_edit_profile(profile)
    cancel_all(actor, Q(profile=profile), now)
    lines = Enrolment.objects.for_(actor).filter(profile=profile).update(profile=None, since=now)
    LineProfile.objects.for_(actor).filter(pk=profile.pk).update(ended_at=now, default=False)
    publish(
        ProfileEnded(
            organisation_id=profile.organisation_id,
            subject_type="line_profile",
            subject_id=profile.pk,
            name=profile.name,
            lines=lines,
        )
    )
    return lines


def _hold(profile: LineProfile) -> None:
    """Take the lock under which defaults move and profiles end, and see what the profile is by now."""
    hold_as_it_stands(profile, "default", "ended_at")


def _no_default(actor: Actor, organisation: Organisation) -> None:
    LineProfile.objects.for_(actor).filter(organisation=organisation, default=True).update(default=False)


def _lines(actor: Actor, profile: LineProfile) -> Sequence[Line]:
    rows = Line.objects.for_(actor).filter(enrolment__profile=profile, active_to=None)
    return list(rows.select_related("organisation").order_by("pk"))


def _publish_change(profile: LineProfile, before: dict[str, object], after: dict[str, object]) -> None:
    publish(
        ProfileChanged(
            organisation_id=profile.organisation_id, subject_type="line_profile", subject_id=profile.pk,
            name=profile.name, changes=changed(before, after),
        )
    )  # fmt: skip
