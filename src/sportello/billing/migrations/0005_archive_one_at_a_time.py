"""One archive at a time for each membership, whoever asks at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_one_pending_archive_each")]

    operations = [
        migrations.AddConstraint(
            "billarchive",
            models.UniqueConstraint(
                fields=["membership"], condition=models.Q(state="pending"), name="archive_one_at_a_time"
            ),
        ),
    ]
