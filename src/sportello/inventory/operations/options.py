"""Options of a line."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.inventory import rules
from sportello.inventory.events import OptionAdded, OptionEnded
from sportello.inventory.models import Line, LineOption, Option
from sportello.inventory.operations.standing import locked
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotFound, WrongState


class OptionActive(WrongState):
    """The line has the option already."""

    default = _("This option is active on the line already.")


@operation(section=Section.ADMINISTRATION)
def add_option(*, actor: Actor, line: Line, option: Option, at: datetime, now: datetime) -> LineOption:
    """Make an option active on a line from `at` on.

    Raises `OptionActive`, `LineHasEnded`, `InvalidInput`; `NotPermitted` to all but the operator.
    """
    rules.check_runs_network(actor)
    line = locked(actor, line)
    rules.check_not_ended(line, now)
    rules.check_moment(at, now=now, stands_since=line.active_from)
    try:
        with transaction.atomic():
            row = LineOption.objects.create(
                organisation_id=line.organisation_id, line=line, option=option, active_from=at
            )
    except IntegrityError as twice:
        raise OptionActive from twice
    publish(
        OptionAdded(
            organisation_id=line.organisation_id, subject_type="line", subject_id=line.pk, option=option.code, at=at
        )
    )
    return row


@operation(section=Section.ADMINISTRATION)
def end_option(*, actor: Actor, line_option: LineOption, at: datetime, now: datetime) -> None:
    """End an option of a line at `at` (exclusive).

    Raises `InvalidInput`, `NotFound` when it has ended already; `NotPermitted` to all but the operator.
    """
    rules.check_runs_network(actor)
    if at > now:
        raise InvalidInput(_("A change cannot lie in the future."), field="at")
    if at <= line_option.active_from:
        raise InvalidInput(_("The end must be after the start."), field="at")
    if not LineOption.objects.for_(actor).filter(pk=line_option.pk, active_to=None).update(active_to=at):
        raise NotFound
    publish(
        OptionEnded(
            organisation_id=line_option.organisation_id, subject_type="line", subject_id=line_option.line_id,
            option=line_option.option.code, at=at,
        )
    )  # fmt: skip
