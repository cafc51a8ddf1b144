"""Let people choose of notices in the portal too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_kind_of_tickets")]

    operations = [
        migrations.AlterField(
            model_name="preference",
            name="channel",
            field=models.CharField(
                choices=[("email", "E-mail"), ("sms", "SMS"), ("portal", "In the portal")], max_length=10
            ),
        ),
    ]
