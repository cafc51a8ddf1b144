from django.db import migrations

from sportello.kernel.append_only import append_only
from sportello.kernel.row_security import row_security


class Migration(migrations.Migration):
    dependencies = [("thresholds", "0001_initial")]

    operations = [
        append_only("thresholds", "Crossing"),
        row_security(("thresholds", "Threshold"), ("thresholds", "Crossing")),
    ]
