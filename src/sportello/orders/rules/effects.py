"""What each effect needs: whose it is, the keys that its form must ask, what the work brings, and how its line must stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Line
from sportello.inventory.rules import has_ended
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.refusals import InvalidInput
from sportello.orders.states import Effect, FieldKind, Subject
from sportello.orders.types import Answers

_STANDS: Final = frozenset({LineStatus.ORDERED, LineStatus.ACTIVE, LineStatus.SUSPENDED})
_WORKS: Final = frozenset({LineStatus.ACTIVE, LineStatus.SUSPENDED})
_CARDS: Final = frozenset({LineKind.MOBILE, LineKind.DATA})
_EVERY: Final = frozenset(LineKind)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What an effect needs. `asks` are keys of the form with their kinds; `results` keys that completion brings (True: must)."""

    subject: Subject = Subject.LINE
    asks: Mapping[str, FieldKind] | None = None
    results: Mapping[str, bool] | None = None
    statuses: frozenset[LineStatus] = _STANDS
    kinds: frozenset[LineKind] = _EVERY

    @property
    def asked(self) -> Mapping[str, FieldKind]:
        """Return the keys that the form must ask."""
        return self.asks or {}

    @property
    def brought(self) -> Mapping[str, bool]:
        """Return the keys that completion brings."""
        return self.results or {}


_SIM: Final = {"iccid": True, "imsi": False, "puk": False}
_HOLDER: Final = {"holder_tax_code": FieldKind.TAX_CODE}

SPECS: Final[Mapping[Effect, Spec]] = {
    Effect.NEW_LINE: Spec(
        subject=Subject.NEW,
        asks={"plan": FieldKind.PLAN, "agreement": FieldKind.AGREEMENT},
        results={"number": True, "iccid": False, "imsi": False, "puk": False},
    ),
    Effect.NEW_SIM: Spec(asks={"why": FieldKind.CHOICE}, results=_SIM, statuses=_WORKS, kinds=_CARDS),
    Effect.ACTIVATE: Spec(
        results={"iccid": False, "imsi": False, "puk": False}, statuses=frozenset({LineStatus.ORDERED})
    ),
    Effect.PLAN: Spec(asks={"plan": FieldKind.PLAN}),
    Effect.OPTION_ON: Spec(asks={"option": FieldKind.OPTION}),
    Effect.OPTION_OFF: Spec(asks={"option": FieldKind.OPTION}),
    Effect.PORT_IN: Spec(
        subject=Subject.NEW,
        asks={"number": FieldKind.PHONE, "plan": FieldKind.PLAN, "agreement": FieldKind.AGREEMENT, **_HOLDER},
        results={"iccid": False, "imsi": False, "puk": False},
    ),
    Effect.PORT_OUT: Spec(asks=_HOLDER, statuses=_WORKS),
    Effect.TAKEOVER: Spec(
        asks={"new_holder": FieldKind.TEXT, "new_holder_tax_code": FieldKind.TAX_CODE},
        results={"agreement": False, "iccid": False},
        statuses=_WORKS,
    ),
    Effect.SUSPEND: Spec(statuses=frozenset({LineStatus.ACTIVE})),
    Effect.REACTIVATE: Spec(statuses=frozenset({LineStatus.SUSPENDED})),
    Effect.TERMINATE: Spec(),
    Effect.REGISTRY: Spec(subject=Subject.ORGANISATION),
    Effect.SITE: Spec(subject=Subject.ORGANISATION, asks={"site_name": FieldKind.TEXT, "address": FieldKind.TEXT}),
    Effect.COST_CENTRE: Spec(asks={"cost_centre": FieldKind.COST_CENTRE}),
    Effect.DEVICE: Spec(asks={"device": FieldKind.TEXT}, results={"device": False}),
    Effect.DUAL_START: Spec(kinds=_CARDS, statuses=_WORKS),
    Effect.DUAL_STOP: Spec(kinds=_CARDS, statuses=_WORKS),
    Effect.WORK: Spec(),
}


@dataclass(frozen=True, kw_only=True)
class LineFacts:
    """How a line stands for an order: itself, the codes of its active options, the code of an open order of the same effect."""

    line: Line
    options: frozenset[str] = frozenset()
    open_order: str = ""


def check_can_order(effect: Effect, facts: LineFacts, answers: Answers, *, now: datetime) -> None:
    """Refuse an effect that the line cannot have as it stands. Raises `InvalidInput` at the field that is wrong, or at `number`."""
    line, spec = facts.line, SPECS[effect]
    if has_ended(line, now):
        raise InvalidInput(_("This line has ended."), field="number")
    if line.kind not in spec.kinds:
        raise InvalidInput(_("This is for lines with a SIM alone."), field="number")
    if line.status not in spec.statuses:
        refused = _("The line is “%(status)s”: this cannot be asked for it.") % {"status": line.get_status_display()}
        raise InvalidInput(refused, field="number")
    if facts.open_order:
        refused = _("The same is already asked for this line with %(code)s.") % {"code": facts.open_order}
        raise InvalidInput(refused, field="number")
    _check_changes(effect, facts, answers)


def _check_changes(effect: Effect, facts: LineFacts, answers: Answers) -> None:
    """Refuse what the line has already, or has not."""
    line = facts.line
    value = {key: answer.value for key, answer in answers.items()}
    if effect is Effect.PLAN and line.plan is not None and line.plan.code == value.get("plan"):
        raise InvalidInput(_("The line has this plan already."), field="plan")
    if effect is Effect.COST_CENTRE and line.cost_centre is not None and line.cost_centre.code == value["cost_centre"]:
        raise InvalidInput(_("The line has this cost centre already."), field="cost_centre")
    if effect is Effect.OPTION_ON and value.get("option") in facts.options:
        raise InvalidInput(_("This option is active on the line already."), field="option")
    if effect is Effect.OPTION_OFF and value.get("option") not in facts.options:
        raise InvalidInput(_("This option is not active on the line."), field="option")
    if effect is Effect.DUAL_STOP and not line.dual_billing:
        raise InvalidInput(_("Dual billing is not active on this line."), field="number")
    if effect is Effect.DUAL_START and (line.dual_billing or line.person_id is None):
        raise InvalidInput(_("The line has dual billing already, or nobody holds it."), field="number")


def unknown_line() -> InvalidInput:
    """Return the refusal of a line that is not there or another's: the two look the same (ABUSE C07)."""
    return InvalidInput(_("Unknown line."), field="number")


def there_twice(first: int) -> InvalidInput:
    """Return the refusal of a number that an item before (its place) names already."""
    return InvalidInput(_("This number is there twice: first in place %(place)d.") % {"place": first}, field="number")


def no_row() -> InvalidInput:
    """Return the refusal of an order about nothing."""
    return InvalidInput(_("Nothing would be left to ask for."))


def too_many_rows(most: int) -> InvalidInput:
    """Return the refusal of an order of too many items."""
    return InvalidInput(_("An order has at most %(most)d items: make several.") % {"most": most})


def check_plan_fits(effect: Effect, line: Line, plan_kind: str) -> None:
    """Refuse a plan for another kind of lines. Raises `InvalidInput`."""
    if effect is Effect.PLAN and plan_kind != line.kind:
        raise InvalidInput(_("This plan is for another kind of lines."), field="plan")


def check_result(effect: Effect, result: Mapping[str, str]) -> dict[str, str]:
    """Return what the work brought, of this effect's own keys. Raises `InvalidInput` at what is missing."""
    brought = SPECS[effect].brought
    read = {key: result.get(key, "").strip() for key in brought if result.get(key, "").strip()}
    for key, must in brought.items():
        if must and key not in read:
            raise InvalidInput(_("Say what the work brought: this is missing."), field=key)
    return read
