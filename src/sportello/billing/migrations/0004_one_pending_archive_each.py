"""Of several archives that were being made for one membership, the newest goes on."""

from django.db import migrations

from sportello.kernel import row_security


def end_others(apps, editor):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG001
    """End the older ones as failed; their time removes them."""
    row_security.widen(None)
    editor.execute(
        "UPDATE billing_billarchive SET state = 'failed' WHERE state = 'pending' AND id NOT IN "
        "(SELECT MAX(id) FROM billing_billarchive WHERE state = 'pending' GROUP BY membership_id)",
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_number_once_among_valid_bills")]

    operations = [migrations.RunPython(end_others, migrations.RunPython.noop)]
