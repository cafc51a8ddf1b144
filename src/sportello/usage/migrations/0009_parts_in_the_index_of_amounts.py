"""Let the index of lines by amount hold its parts too; the table is small enough for its index to be made anew at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0008_fill_amounts_of_lines_by_type")]

    operations = [
        migrations.RemoveIndex(model_name="linemonth", name="line_month_by_amount_all"),
        migrations.AddIndex(
            model_name="linemonth",
            index=models.Index(
                fields=["month", "amount", "id", "voice_amount", "messages_amount", "data_amount"],
                name="line_month_by_amount_all",
            ),
        ),
    ]
