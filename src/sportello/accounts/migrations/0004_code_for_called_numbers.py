"""Codes that show called numbers have a purpose of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_find_people")]

    operations = [
        migrations.AlterField(
            "onetimecode",
            "purpose",
            models.CharField(
                choices=[
                    ("sign_in", "Signing in"),
                    ("invitation", "First access"),
                    ("mobile", "New mobile number"),
                    ("email", "New e-mail address"),
                    ("called_numbers", "Showing called numbers"),
                ],
                default="sign_in",
                max_length=20,
            ),
        ),
    ]
