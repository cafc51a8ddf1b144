from django.db import migrations

from sportello.kernel.row_security import row_security


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0001_initial"),
        ("inventory", "0001_initial"),
        ("messaging", "0001_outbox_templates_preferences_and_simulator"),
        ("usage", "0001_initial"),
    ]

    operations = [
        row_security(
            ("parties", "Site"),
            ("parties", "CostCentre"),
            ("parties", "Contact"),
            ("parties", "Brand"),
            ("inventory", "Agreement"),
            ("inventory", "Line"),
            ("inventory", "LinePeriod"),
            ("inventory", "Sim"),
            ("inventory", "LineOption"),
            ("messaging", "Message"),
            ("usage", "Counter"),
            ("usage", "LineMonth"),
            ("usage", "CustomerMonth"),
        )
    ]
