from typing import Any

from django.db import migrations, models
from django.utils import timezone

from sportello.tickets.shipped import OF_CUSTOMERS


def ship(apps: Any, _editor: Any) -> None:
    types, forms = (apps.get_model("tickets", name) for name in ("TicketType", "TicketForm"))
    for position, one in enumerate(OF_CUSTOMERS, 1):
        row = types.objects.create(
            code=one.code, prefix=one.prefix, names=dict(one.names), position=500 + position, of_customers=True
        )
        forms.objects.create(type=row, version=1, fields=[each.stored() for each in one.fields], made_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_shipped_types")]

    operations = [
        migrations.AddField(model_name="tickettype", name="of_customers", field=models.BooleanField(default=False)),
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
