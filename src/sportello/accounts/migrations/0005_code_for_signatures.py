"""Codes that sign terms have a purpose of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_code_for_called_numbers")]

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
                    ("signature", "Signing terms"),
                ],
                default="sign_in",
                max_length=20,
            ),
        ),
    ]
