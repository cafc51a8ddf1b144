"""What the completion of an item changes: through the operations of the inventory and of the parties, in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sportello.inventory import operations as inventory
from sportello.inventory import queries as lines
from sportello.inventory.models import Agreement, Line, LineOption, Option, Plan
from sportello.inventory.states import LineStatus
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.orders.models import Order, OrderItem
from sportello.orders.states import Effect
from sportello.orders.types import Done, completed_above
from sportello.parties import operations as parties
from sportello.parties.models import CostCentre, Organisation, Site
from sportello.parties.parts import SITE
from sportello.parties.rules import Registry

Bringing = Callable[[Actor, Order, Done, datetime], Line | None]
_SIM: Final = ("iccid", "imsi", "puk")
REGISTERED: Final = ("legal_name", "vat_number", "tax_code", "ipa_code", "province", "email")
"""Registry data that an order may change; a key that is not answered stays as it is."""


def bring_about(
    actor: Actor, order: Order, item: OrderItem, result: Mapping[str, str], *, now: datetime
) -> Line | None:
    """Change what a completed item asks for; return the line that came of it, if one did.

    Raises whatever the operations below raise: then nothing of the completion stands.
    """
    answers = {key: one["value"] for key, one in item.answers.items() if "value" in one}
    secrets: dict[str, str] = json.loads(item.secrets) if item.secrets else {}
    done = Done(organisation_id=item.organisation_id, line=item.line, answers=answers | secrets, result=result)
    effect = Effect(item.effect)
    above = completed_above(effect)
    if above is not None:
        above(actor=actor, done=done, now=now)
        return None
    if effect is Effect.WORK:
        return None
    if effect not in _BRINGS:
        raise WrongState(_("Nothing in this installation can bring this about."))
    return _BRINGS[effect](actor, order, done, now)


def _new_line(actor: Actor, order: Order, done: Done, now: datetime) -> Line:
    plan = _plan(done)
    line = inventory.add_line(
        actor=actor,
        agreement=_agreement(actor, order.organisation, done.answers["agreement"]),
        number=done.answers.get("number") or done.result["number"],
        kind=plan.kind,
        active_from=now,
        plan=plan,
        cost_centre=_own(CostCentre, actor, order, "code", done.answers.get("cost_centre")),
        site=_own(Site, actor, order, "name", done.answers.get("site")),
        person=_person(actor, order, done.answers.get("person")),
        now=now,
    )
    return _with_sim(actor, line, done, now)


def _with_sim(actor: Actor, line: Line, done: Done, now: datetime) -> Line:
    if not done.result.get("iccid"):
        return line
    card = {key: done.result.get(key, "") for key in _SIM}
    return inventory.change_sim(actor=actor, line=line, at=now, now=now, **card)


def _new_sim(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    return _with_sim(actor, _line(done), done, now)


def _activate(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    line = inventory.change_line(
        actor=actor, line=_line(done), changes={"status": LineStatus.ACTIVE.value}, at=now, now=now
    )
    return _with_sim(actor, line, done, now)


def _changed(actor: Actor, done: Done, now: datetime, **changes: Any) -> Line:
    return inventory.change_line(actor=actor, line=_line(done), changes=changes, at=now, now=now)  # type: ignore[arg-type]


def _plan_changed(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    return _changed(actor, done, now, plan=_plan(done))


def _suspended(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    return _changed(actor, done, now, status=LineStatus.SUSPENDED.value)


def _reactivated(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    return _changed(actor, done, now, status=LineStatus.ACTIVE.value)


def _cost_centre(actor: Actor, order: Order, done: Done, now: datetime) -> Line:
    return _changed(actor, done, now, cost_centre=_own(CostCentre, actor, order, "code", done.answers["cost_centre"]))


def _device(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    return _changed(actor, done, now, device=(done.result.get("device") or done.answers["device"])[:80])


def _option_on(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    option = Option.objects.filter(code=done.answers["option"]).first()
    if option is None:
        raise InvalidInput(_("This option is not in the catalogue any more."), field="option")
    inventory.add_option(actor=actor, line=_line(done), option=option, at=now, now=now)
    return _line(done)


def _option_off(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    rows = LineOption.objects.for_(actor).filter(line=done.line, active_to=None, option__code=done.answers["option"])
    inventory.end_option(actor=actor, line_option=rows.select_related("option").get_or_refuse(), at=now, now=now)
    return _line(done)


def _ended(actor: Actor, _order: Order, done: Done, now: datetime) -> Line:
    return inventory.end_line(actor=actor, line=_line(done), at=now, now=now)


def _taken_over(actor: Actor, order: Order, done: Done, now: datetime) -> Line:
    """End the line here; where the new holder is a customer too (`customer/agreement`), it begins there at the same instant."""
    line = _line(done)
    plan, kind, number = line.plan, line.kind, line.number
    ended = _ended(actor, order, done, now)
    if not done.result.get("agreement"):
        return ended
    code, _slash, agreement_code = done.result["agreement"].partition("/")
    holder = Organisation.objects.for_(actor).filter(code=code).first()
    if holder is None:
        raise InvalidInput(_("Write the new holder as customer code/agreement code."), field="agreement")
    agreement = _agreement(actor, holder, agreement_code)
    line = inventory.add_line(
        actor=actor, agreement=agreement, number=number, kind=kind, active_from=now, plan=plan, now=now
    )
    return _with_sim(actor, line, done, now)


def _registry(actor: Actor, order: Order, done: Done, _now: datetime) -> None:
    registered = Registry.of(order.organisation)
    given = {key: done.answers[key] for key in REGISTERED if done.answers.get(key)}
    values = {name: getattr(registered, name) for name in Registry.__dataclass_fields__}
    parties.change_registry(actor=actor, organisation=order.organisation, registry=Registry(**values | given))


def _site(actor: Actor, order: Order, done: Done, _now: datetime) -> None:
    values = {"name": done.answers["site_name"]}
    values |= {key: done.answers.get(key, "") for key in ("address", "postcode", "city", "province")}
    known = Site.objects.for_(actor).filter(organisation=order.organisation, name=values["name"]).first()
    if known is None:
        parties.add_part(actor=actor, organisation=order.organisation, kind=SITE, values=values)
    else:
        parties.change_part(actor=actor, row=known, values=values)


def _line(done: Done) -> Line:
    if done.line is None:
        raise WrongState
    return done.line


def _plan(done: Done) -> Plan:
    plan = Plan.objects.filter(code=done.answers["plan"]).first()
    if plan is None:
        raise InvalidInput(_("This plan is not in the catalogue any more."), field="plan")
    return plan


def _agreement(actor: Actor, organisation: Organisation, code: str) -> Agreement:
    row = Agreement.objects.for_(actor).filter(organisation=organisation, code=code).first()
    if row is None:
        raise InvalidInput(_("The customer has no such agreement."), field="agreement")
    return row


def _own(model: Any, actor: Actor, order: Order, field: str, value: str | None) -> Any:
    return (
        model.objects.for_(actor).filter(organisation=order.organisation, **{field: value}).first() if value else None
    )


def _person(actor: Actor, order: Order, username: str | None) -> Any:
    found = lines.people_named(actor, order.organisation_id, username) if username else []
    return found[0] if found else None


_BRINGS: Final[Mapping[Effect, Bringing]] = {
    Effect.NEW_LINE: _new_line,
    Effect.PORT_IN: _new_line,
    Effect.NEW_SIM: _new_sim,
    Effect.ACTIVATE: _activate,
    Effect.PLAN: _plan_changed,
    Effect.OPTION_ON: _option_on,
    Effect.OPTION_OFF: _option_off,
    Effect.PORT_OUT: _ended,
    Effect.TERMINATE: _ended,
    Effect.TAKEOVER: _taken_over,
    Effect.SUSPEND: _suspended,
    Effect.REACTIVATE: _reactivated,
    Effect.REGISTRY: _registry,
    Effect.SITE: _site,
    Effect.COST_CENTRE: _cost_centre,
    Effect.DEVICE: _device,
}
