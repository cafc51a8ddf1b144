"""Fill the sums by period from the counters that are there."""

from django.db import migrations

from sportello.kernel import row_security

TYPES, ZONES = ("voice", "sms", "mms", "data"), ("national", "eu", "extra_eu")


def fill(apps, editor):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG001
    """Add the counters of the company's part up, in one statement that both databases run alike."""
    cells = {f"{kind}_{zone}": f"traffic_type = '{kind}' AND zone = '{zone}'" for kind in TYPES for zone in ZONES}
    measures = {
        "voice_s": ("duration_s", "traffic_type = 'voice'"),
        "sms_count": ("records", "traffic_type = 'sms'"),
        "mms_count": ("records", "traffic_type = 'mms'"),
        "data_bytes": ("volume_bytes", "traffic_type = 'data'"),
        **{name: ("amount", condition) for name, condition in cells.items()},
    }
    sums = ", ".join(f"SUM(CASE WHEN {when} THEN {what} ELSE 0 END)" for what, when in measures.values())
    names = ", ".join(("organisation_id", "period_id", "month", "records", "amount", *measures))
    row_security.widen(None)  # behind the second wall a migration would see no counter
    editor.execute(
        f"INSERT INTO usage_periodmonth ({names}) "  # noqa: S608 - our own names
        f"SELECT MIN(organisation_id), period_id, month, SUM(records), SUM(amount), {sums} "
        "FROM usage_counter WHERE NOT personal GROUP BY period_id, month ORDER BY period_id, month",
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [("usage", "0002_sums_by_period")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
