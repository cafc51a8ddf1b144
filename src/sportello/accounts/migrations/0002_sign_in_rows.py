"""Codes say where they went and for which device; invitations keep their first step; forms of ended sessions are kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sportello.kernel.crypto


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RenameField("onetimecode", "mobile", "destination"),
        migrations.AlterField("onetimecode", "destination", models.CharField(max_length=254)),
        migrations.AlterField(
            "onetimecode",
            "purpose",
            models.CharField(
                choices=[
                    ("sign_in", "Signing in"),
                    ("invitation", "First access"),
                    ("mobile", "New mobile number"),
                    ("email", "New e-mail address"),
                ],
                default="sign_in",
                max_length=20,
            ),
        ),
        migrations.AddField(
            "onetimecode",
            "device",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="accounts.trusteddevice"
            ),
        ),
        migrations.AddField("invitation", "password", models.CharField(blank=True, max_length=128)),
        migrations.AddField("invitation", "mobile", models.CharField(blank=True, max_length=20)),
        migrations.CreateModel(
            name="KeptForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("path", models.CharField(max_length=2000)),
                ("fields", sportello.kernel.crypto.EncryptedTextField()),
                ("kept_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
