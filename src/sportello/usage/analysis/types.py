"""What can be asked of an analysis, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.kernel.money import round_cents
from sportello.usage.states import TrafficType, Zone

HUNDRED = Decimal(100)


class Grouping(TextChoices):
    """What traffic is added up by."""

    COST_CENTRE = "cost_centre", _("Cost centre")
    LINE = "line", _("Line")
    PERSON = "person", _("Person")
    TYPE = "type", _("Kind of traffic")
    ZONE = "zone", _("Zone")
    AGREEMENT = "agreement", _("Agreement")
    CUSTOMER = "customer", _("Customer")


class Order(TextChoices):
    """What the groups are sorted by; the largest first with a minus."""

    NOW = "now", _("Amount")
    BEFORE = "before", _("Before")
    DIFFERENCE = "difference", _("Difference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which traffic, added up by what: whole months from `since` to `until` (first days, both inside).

    `cost_centre`, `person`, `agreement`, `line`, `customer` are ids, 0 = those without one, None = all; empty `traffic_type` and `zone`
    = all. `words` narrow to lines as the list of lines finds them.
    """

    by: Grouping
    since: date
    until: date
    customer: int | None = None
    cost_centre: int | None = None
    person: int | None = None
    agreement: int | None = None
    line: int | None = None
    traffic_type: str = ""
    zone: str = ""
    words: str = ""
    order: Order = Order.NOW
    ascending: bool = False

    @property
    def months(self) -> int:
        """Return how many months are asked for."""
        return (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1

    @property
    def before(self) -> date:
        """Return the first of as many months right before, which these are held against."""
        place = self.since.year * 12 + self.since.month - 1 - self.months
        return date(place // 12, place % 12 + 1, 1)

    def is_open(self, today: date) -> bool:
        """Tell whether the last month is not over: held against whole months it would always seem to fall."""
        return self.until >= today.replace(day=1)

    @property
    def cells(self) -> Sequence[str]:
        """Return the columns of amounts (`voice_eu`) that the filters let through."""
        types = [self.traffic_type] if self.traffic_type else TrafficType.values
        zones = [self.zone] if self.zone else Zone.values
        return [f"{kind}_{zone}" for kind in types for zone in zones]

    @property
    def narrowed(self) -> bool:
        """Tell whether only some periods of the customer count."""
        dimensions = (self.cost_centre, self.person, self.agreement, self.line)
        return bool(self.words) or any(one is not None for one in dimensions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What was used and what it cost, EUR net of VAT, and what the months right before cost; quantities None where zones are told apart."""

    now: Decimal
    before: Decimal
    records: int | None = None
    voice_s: int | None = None
    messages: int | None = None
    data_bytes: int | None = None

    @property
    def difference(self) -> Decimal:
        """Return by how much it grew."""
        return self.now - self.before

    @property
    def shown_difference(self) -> Decimal:
        """Return by how much it grew as pages show it, in cents: the difference of the two amounts that stand beside it."""
        return round_cents(self.now) - round_cents(self.before)

    @property
    def growth(self) -> Decimal | None:
        """Return by how many hundredths it grew; None where there was nothing before."""
        return self.difference * HUNDRED / self.before if self.before > 0 else None

    def share_of(self, whole: Sums) -> Decimal | None:
        """Return which share of the whole this is, in hundredths; None of nothing."""
        return self.now * HUNDRED / whole.now if whole.now > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One row of an analysis: `key` is the id (0 = without) or the kind, `label` its name, `note` what else tells it apart."""

    key: str
    label: str
    sums: Sums
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A page of groups, whether more follow, and the sum over all groups."""

    groups: Sequence[Group]
    more: bool
    total: Sums
