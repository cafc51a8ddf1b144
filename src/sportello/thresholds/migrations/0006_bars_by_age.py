"""Let bars be paged by age without sorting, those of one customer and those of all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("thresholds", "0005_changes_of_many")]

    operations = [
        migrations.RemoveIndex(model_name="bar", name="bar_by_organisation"),
        migrations.AddIndex(
            model_name="bar",
            index=models.Index(fields=["organisation", "-asked_at", "-id"], name="bar_by_organisation"),
        ),
        migrations.AddIndex(model_name="bar", index=models.Index(fields=["-asked_at", "-id"], name="bar_by_age")),
    ]
