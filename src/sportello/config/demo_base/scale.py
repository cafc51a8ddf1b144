"""How large a base is: the two sizes, and how lines spread over customers."""

from dataclasses import dataclass
from itertools import accumulate, pairwise


@dataclass(frozen=True)
class Scale:
    """Say how much of everything; `usage_months` is how many months of usage are made by default."""

    name: str
    partners: int
    customers: int
    public_administrations: int
    lines: int
    largest_customer: int
    people: int
    records_a_month: int
    usage_months: int


SMALL = Scale(
    name="small",
    partners=3,
    customers=12,
    public_administrations=6,
    lines=400,
    largest_customer=140,
    people=500,
    records_a_month=4_800,
    usage_months=12,
)
# The reference customer base of the product's overview. A month of its usage is ten million records: the last one and the running one.
REFERENCE = Scale(
    name="reference",
    partners=40,
    customers=2_000,
    public_administrations=200,
    lines=100_000,
    largest_customer=20_000,
    people=120_000,
    records_a_month=10_000_000,
    usage_months=2,
)
SCALES = {scale.name: scale for scale in (SMALL, REFERENCE)}


def customer_sizes(scale: Scale) -> list[int]:
    """Return the number of lines of each customer, the largest first; they add up to `scale.lines` exactly.

    After the largest, sizes fall off with the rank: a few large customers, many small ones.
    """
    rest = scale.lines - scale.largest_customer
    weights = [10**9 // (rank + 3) for rank in range(1, scale.customers)]
    upto = [rest * sum_of_weights // sum(weights) for sum_of_weights in accumulate(weights, initial=0)]
    return [scale.largest_customer, *(after - before for before, after in pairwise(upto))]
