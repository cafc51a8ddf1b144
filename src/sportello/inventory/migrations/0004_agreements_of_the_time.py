"""A line's history says under which agreement it stood."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_count_lines")]

    operations = [
        migrations.AddField(
            model_name="lineperiod",
            name="agreement",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.agreement",
            ),
        ),
    ]
