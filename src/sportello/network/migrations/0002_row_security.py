from django.db import migrations

from sportello.kernel.row_security import row_security


class Migration(migrations.Migration):
    dependencies = [("network", "0001_switches_and_orders")]

    operations = [row_security(("network", "Switch"), ("network", "Order"))]
