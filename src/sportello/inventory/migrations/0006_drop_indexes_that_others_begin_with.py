"""Keys whose indexes stand at the beginning of another index: each that goes makes a file of lines faster to write."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _key(to, related_name="+", **options):  # type: ignore[no-untyped-def]
    options = {"on_delete": django.db.models.deletion.PROTECT, **options}
    return models.ForeignKey(db_index=False, related_name=related_name, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0005_fill_agreements_of_the_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField("line", "organisation", _key("parties.organisation", "lines")),
        migrations.AlterField("line", "person", _key(settings.AUTH_USER_MODEL, "lines", null=True, blank=True)),
        migrations.AlterField(
            "lineperiod", "line", _key("inventory.line", "periods", on_delete=django.db.models.deletion.CASCADE)
        ),
        migrations.AlterField("lineperiod", "organisation", _key("parties.organisation")),
        migrations.AlterField("lineperiod", "person", _key(settings.AUTH_USER_MODEL, null=True)),
    ]
