"""A usage file for a newcomer to drop: one number, one amount, valid in every way."""

import csv
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sportello.config.demo_base.traffic import write_manifest
from sportello.inventory.models import LinePeriod

MINUTE_S, MEGABYTE = 60, 1_000_000
HEADER = (
    "record_id", "msisdn", "started_at", "traffic_type", "direction", "other_party", "duration_s", "volume_bytes",
    "units", "amount", "vat_class", "zone", "country", "personal", "apn", "corrects",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What the file is to say: `amount` EUR in all, shared by `records` records of one kind that just ended."""

    number: str
    amount: Decimal
    traffic_type: str = "voice"
    records: int = 1
    country: str = "IT"
    personal: bool = False
    zone: str = "national"


def holder_at(number: str, at: datetime) -> LinePeriod | None:
    """Return the period of the line that holds a number at an instant, with its organisation, or None."""
    periods = LinePeriod.objects.across_tenants(reason="whose number a usage file for the demo is about")
    running = periods.filter(number=number, active_from__lte=at).exclude(active_to__lte=at)
    return running.select_related("organisation").first()


def line_of(username: str) -> str | None:
    """Return the number of the line that a person holds, or None."""
    periods = LinePeriod.objects.across_tenants(reason="the line of a named login of the demo")
    return periods.filter(person__username=username, active_to=None).values_list("number", flat=True).first()


def write_usage_file(folder: Path, wish: Wish, *, now: datetime) -> Path:
    """Write the file and then its manifest into the folder and return the file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    path = folder / f"usage-{now:%Y%m%dT%H%M%S}-{token}.csv"
    amounts = _shared(wish.amount, wish.records)
    half = path.with_suffix(".part")
    with half.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for position, amount in enumerate(amounts):
            writer.writerow(
                usage_row(wish, f"TRY-{token}-{position}", amount, now - timedelta(minutes=2 * position + 2))
            )
    half.replace(path)
    write_manifest(path, records=len(amounts), amount=sum(amounts, Decimal(0)))
    return path


def _shared(amount: Decimal, records: int) -> list[Decimal]:
    share = (amount / records).quantize(Decimal("0.00001"))
    return [*[share] * (records - 1), amount - share * (records - 1)]


def usage_row(wish: Wish, record_id: str, amount: Decimal, at: datetime) -> tuple[object, ...]:
    """Return one row of a usage file that the wish asks for, with this id, amount and start."""
    data, voice = wish.traffic_type == "data", wish.traffic_type == "voice"
    return (
        record_id,
        wish.number,
        at.isoformat(timespec="seconds"),
        wish.traffic_type,
        "out",
        "" if data else "+447700900123",
        MINUTE_S if voice else 0,
        MEGABYTE if data else 0,
        1,
        f"{amount:.5f}",
        "standard",
        wish.zone,
        wish.country,
        int(wish.personal),
        "internet.example" if data else "",
        "",
    )
