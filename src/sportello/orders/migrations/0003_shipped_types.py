from typing import Any

from django.db import migrations
from django.utils import timezone

from sportello.orders.shipped import ASKED_BY, QUEUES, TYPES


def ship(apps: Any, _editor: Any) -> None:
    queues, types, forms = (apps.get_model("orders", name) for name in ("OrderQueue", "OrderType", "OrderForm"))
    rows = {
        code: queues.objects.create(code=code, names=dict(names), position=place * 10)
        for place, (code, names) in enumerate(QUEUES, 1)
    }
    for place, one in enumerate(TYPES, 1):
        kind = types.objects.create(code=one.code, names=dict(one.names), position=place * 10)
        forms.objects.create(
            type=kind, version=1, effect=one.effect.value, fields=[each.stored() for each in one.questions],
            checks=[each.value for each in one.checks], asked_by=list(ASKED_BY), queue=rows[one.queue], expected_days=one.days,
            made_at=timezone.now(),
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_guards")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
