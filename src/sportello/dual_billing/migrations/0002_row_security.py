from django.db import migrations

from sportello.kernel.row_security import row_security


class Migration(migrations.Migration):
    dependencies = [("dual_billing", "0001_enrolments_and_bills")]

    operations = [
        row_security(
            ("dual_billing", "Enrolment"),
            ("dual_billing", "ConsentDocument"),
            ("dual_billing", "PrivateBill"),
            ("dual_billing", "PrivateBillLine"),
        ),
    ]
