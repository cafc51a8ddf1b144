"""Names in small letters, kept by the database, so that people are found by them in an index."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sign_in_rows")]

    operations = [
        migrations.AddField(
            "person",
            "given_key",
            models.GeneratedField(
                db_persist=True, expression=Lower("given_name"), output_field=models.CharField(max_length=80)
            ),
        ),
        migrations.AddField(
            "person",
            "family_key",
            models.GeneratedField(
                db_persist=True, expression=Lower("family_name"), output_field=models.CharField(max_length=80)
            ),
        ),
        migrations.AddIndex("person", models.Index(fields=["given_key"], name="person_by_given_key")),
        migrations.AddIndex("person", models.Index(fields=["family_key"], name="person_by_family_key")),
        migrations.AddIndex("person", models.Index(fields=["code"], name="person_by_code")),
    ]
