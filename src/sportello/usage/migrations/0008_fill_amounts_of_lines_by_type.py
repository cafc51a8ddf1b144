"""Fill the amounts by type of traffic from the counters that are there."""

from django.db import migrations

from sportello.kernel import row_security

PARTS = {"voice_amount": "('voice')", "messages_amount": "('sms', 'mms')", "data_amount": "('data')"}


def fill(apps, editor):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG001
    """Add the counters of the company's part up, in one statement that both databases run alike."""
    sums = ", ".join(
        f"SUM(CASE WHEN traffic_type IN {kinds} THEN amount ELSE 0 END) AS {name}" for name, kinds in PARTS.items()
    )
    row_security.widen(None)  # behind the second wall a migration would see no counter
    editor.execute(
        f"UPDATE usage_linemonth SET {', '.join(f'{name} = s.{name}' for name in PARTS)} "  # noqa: S608 - our own names
        f"FROM (SELECT line_id, month, {sums} FROM usage_counter WHERE NOT personal GROUP BY line_id, month) s "
        "WHERE s.line_id = usage_linemonth.line_id AND s.month = usage_linemonth.month",
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [("usage", "0007_amounts_of_lines_by_type")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
