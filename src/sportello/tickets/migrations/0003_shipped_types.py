from typing import Any

from django.db import migrations
from django.utils import timezone

from sportello.tickets.shipped import LEVELS, TYPES


def ship(apps: Any, _editor: Any) -> None:
    types, forms, levels = (apps.get_model("tickets", name) for name in ("TicketType", "TicketForm", "ServiceLevel"))
    for position, one in enumerate(TYPES, 1):
        row = types.objects.create(code=one.code, prefix=one.prefix, names=dict(one.names), position=position * 10)
        forms.objects.create(type=row, version=1, fields=[each.stored() for each in one.fields], made_at=timezone.now())
    for priority, answer, resolution in LEVELS:
        levels.objects.create(priority=priority, answer_minutes=answer, resolution_minutes=resolution)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_guards_and_search")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
