"""Store a base: everything in one transaction, so that a killed start leaves nothing behind and can be made again."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sportello.config.demo_base.building import Recipe, batches
from sportello.config.demo_base.lines import Catalogue
from sportello.config.demo_base.logins import open_logins
from sportello.inventory.models import Option, Plan
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.events import DomainEvent
from sportello.kernel.operations import bulk_write, publish
from sportello.kernel.refusals import WrongState
from sportello.parties.models import Organisation

REASON = "making the demo base"


@dataclass(frozen=True, kw_only=True)
class DemoBaseMade(DomainEvent):
    """A demo base was made; `rows` says how many of what."""

    kind = "demo.base_made"
    sentence = _("The demo base was made (seed %(seed)s)")
    scale: str
    seed: int
    rows: dict[str, int]


def store(recipe: Recipe) -> Counter[str]:
    """Store the base and return how many rows of what. Raises `WrongState` when there are organisations already."""
    actor = system_actor(reason=REASON, via=Via.COMMAND)
    if Organisation.objects.across_tenants(reason=REASON).exists():
        raise WrongState("There are organisations already: a demo base is made in an empty installation only.")
    rows: Counter[str] = Counter()
    with bulk_write(actor=actor):
        catalogue = Catalogue.make()
        Plan.objects.bulk_create(catalogue.plans)
        Option.objects.bulk_create(catalogue.options)
        for batch in batches(recipe, catalogue):
            batch.write()
            rows.update({model.__name__: len(those) for model, those in batch.rows.items()})
        open_logins(recipe.now)
        publish(DemoBaseMade(organisation_id=None, scale=recipe.scale.name, seed=recipe.seed, rows=dict(rows)))
    return rows
