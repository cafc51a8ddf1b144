"""A usage file whose content was loaded before has a state of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("usage", "0003_fill_sums_by_period"),
    ]

    operations = [
        migrations.AlterField(
            model_name="usageload",
            name="state",
            field=models.CharField(
                choices=[
                    ("loading", "Loading"),
                    ("loaded", "Loaded"),
                    ("known", "Known already"),
                    ("refused", "Refused"),
                ],
                default="loading",
                max_length=10,
            ),
        ),
    ]
