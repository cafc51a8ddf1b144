"""Counting lines by their sort, and by the months in which they began and ended, from the index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_index_long_lists")]

    operations = [
        migrations.AddIndex("line", models.Index(fields=["status", "kind", "plan"], name="line_by_sort")),
        migrations.AddIndex(
            "line", models.Index(fields=["kind", "active_from", "active_to"], name="line_by_kind_and_time")
        ),
    ]
