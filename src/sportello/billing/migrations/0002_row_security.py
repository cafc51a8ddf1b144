from django.db import migrations

from sportello.kernel.append_only import append_only
from sportello.kernel.row_security import row_security


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_bills")]

    operations = [
        row_security(
            ("billing", "BillFile"),
            ("billing", "SdiNotification"),
            ("billing", "Bill"),
            ("billing", "BillVat"),
            ("billing", "BillLine"),
            ("billing", "Payment"),
            ("billing", "Dispute"),
            ("billing", "BillArchive"),
            ("billing", "BillingTerms"),
        ),
        append_only("billing", "Payment"),
    ]
