"""The customer's own rule of what is unusual."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.parties.models import Organisation
from sportello.usage.analysis.unusual import Rule, rule_of
from sportello.usage.events import UnusualRuleSet
from sportello.usage.models import UnusualRule

FACTORS: Final = (Decimal("1.1"), Decimal(100))
AMOUNTS: Final = (Decimal("0.01"), Decimal(100_000))


@operation(section=Section.ADMINISTRATION)
def set_unusual_rule(*, actor: Actor, organisation: Organisation, rule: Rule) -> None:
    """Set from when on a line's month is unusual to a customer. Raises `InvalidInput` at the field that makes no sense."""
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        raise NotPermitted
    if not FACTORS[0] <= rule.factor <= FACTORS[1]:
        raise InvalidInput(_("A factor from 1.1 to 100."), field="factor")
    if not AMOUNTS[0] <= rule.at_least <= AMOUNTS[1]:
        raise InvalidInput(_("An amount from 0.01 to 100,000 EUR."), field="at_least")
    before = rule_of(actor, organisation.pk)
    values = {"factor": rule.factor, "at_least": rule.at_least}
    UnusualRule.objects.for_(actor).update_or_create(organisation=organisation, defaults=values)
    publish(
        UnusualRuleSet(
            organisation_id=organisation.pk,
            subject_type="organisation",
            subject_id=organisation.pk,
            factor=rule.factor,
            at_least=rule.at_least,
            changes=changed({name: getattr(before, name) for name in values}, values),
        )
    )
