"""Shares were kept up to five times the limit: those beyond are reckoned anew."""

from django.db import migrations

from sportello.kernel import row_security

PERMILLE, MOST, OLD_MOST = 1000, 2_000_000, 5000


def reckon(apps, editor):  # type: ignore[no-untyped-def]
    """Write the shares that stood at the old most, in one statement that both databases run alike."""
    row_security.widen(None)  # behind the second wall a migration would see no tally
    times, rest = "(used_units / t.limit_units)", "(used_units % t.limit_units)"
    editor.execute(
        f"UPDATE thresholds_tally SET permille = CASE WHEN {times} >= {MOST} THEN {MOST * PERMILLE} "  # noqa: S608 - our own names
        f"WHEN {times} <= -{MOST} THEN -{MOST * PERMILLE} "
        f"ELSE {times} * {PERMILLE} + {rest} * {PERMILLE} / t.limit_units END "
        "FROM thresholds_threshold t "
        f"WHERE t.id = thresholds_tally.threshold_id AND (permille >= {OLD_MOST} OR permille <= -{OLD_MOST})",
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [("thresholds", "0008_changes_of_many_tell_once")]

    operations = [migrations.RunPython(reckon, migrations.RunPython.noop)]
