from django.db import migrations

from sportello.kernel.append_only import append_only
from sportello.kernel.row_security import row_security

WORKED_ON = (
    "draft", "fingerprint", "code", "state", "submitted_at", "expected_date", "waits_since", "ended_at", "approver_id", "assignee_id",
    "item_count", "done_count", "sequence", "head", "changed_at",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_orders")]

    operations = [
        append_only("orders", "Order", but=WORKED_ON),
        append_only("orders", "OrderItem", but=("number", "state", "reason", "result", "ended_at")),
        append_only("orders", "OrderStep"),
        append_only("orders", "OrderFile"),
        append_only("orders", "OrderForm"),
        row_security(
            ("orders", "Order"),
            ("orders", "OrderItem"),
            ("orders", "OrderStep"),
            ("orders", "OrderFile"),
            ("orders", "NumberProof"),
            ("orders", "OrderOptions"),
        ),
    ]
