from datetime import UTC, date, datetime

from django.db import migrations

from sportello.kernel.append_only import append_only
from sportello.kernel.row_security import row_security

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE = 5_000


def open_tallies(apps, schema_editor):
    """Give every threshold a tally whose period is over: the job that turns periods counts it within a minute."""
    threshold, tally = apps.get_model("thresholds", "Threshold"), apps.get_model("thresholds", "Tally")
    rows = []
    for pk, organisation_id, line_id in threshold._base_manager.values_list(
        "pk", "organisation_id", "line_id"
    ).iterator():
        rows.append(
            tally(threshold_id=pk, organisation_id=organisation_id, line_id=line_id, period_start=date(1970, 1, 1),
                  period_at=LONG_AGO, period_to=LONG_AGO)
        )  # fmt: skip
        if len(rows) == AT_ONCE:
            tally._base_manager.bulk_create(rows)
            rows = []
    tally._base_manager.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("thresholds", "0003_periods_bars_profiles")]

    operations = [
        migrations.RunPython(open_tallies, migrations.RunPython.noop),
        append_only("thresholds", "Consent"),
        row_security(
            ("thresholds", "CutOff"), ("thresholds", "LineProfile"), ("thresholds", "ProfileTerm"), ("thresholds", "Enrolment"),
            ("thresholds", "Tally"), ("thresholds", "Bar"), ("thresholds", "Consent"), ("thresholds", "NoticeReader"),
            ("thresholds", "BulkChange"),
        ),
    ]  # fmt: skip
