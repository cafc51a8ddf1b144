"""Numbers are one supplier's once a year among the bills that count: a discarded or refused one is issued anew under its number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_row_security")]

    operations = [
        migrations.AddField("bill", "beside", models.PositiveSmallIntegerField(db_default=0, default=0)),
        migrations.RemoveConstraint("bill", "bill_number_once"),
        migrations.AddConstraint(
            "bill",
            models.UniqueConstraint(
                fields=["supplier_identity", "number", "year", "credit", "beside"],
                condition=~models.Q(state__in=["discarded", "refused"]),
                name="bill_number_once",
            ),
        ),
    ]
