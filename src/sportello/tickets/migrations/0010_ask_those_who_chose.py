from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from sportello.kernel import row_security


def ask(apps: Any, _editor: BaseDatabaseSchemaEditor) -> None:
    """Let organisations that chose what they are mailed about be asked at the end of tickets, as those that never chose are."""
    row_security.widen(None)
    rows = apps.get_model("tickets", "TicketOptions")._base_manager
    for row in rows.exclude(organisation__kind="operator"):
        if "asked" not in row.happenings:
            rows.filter(pk=row.pk).update(happenings=sorted([*row.happenings, "asked"]))


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_search_by_ticket")]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
