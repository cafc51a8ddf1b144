"""Codes, passwords, tokens and secrets stand in no sink in clear (ABUSE A20), and outside messaging hiccups are no 500 (A22)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection

from sportello.accounts import operations, queries, tasks
from sportello.accounts.models import TotpDevice
from sportello.accounts.operations.totp import code_of
from sportello.accounts.tests.conftest import Browser, other_than
from sportello.kernel.crypto import encrypt
from sportello.kernel.models import Event
from sportello.kernel.testing.cast import PASSWORD

NEW = "four words nobody guesses"


def everything_stored() -> str:
    """Return every cell of every table as text, as it lies in the database (not through the fields that decrypt)."""
    cells: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cells += [str(cell) for row in _rows(cursor, table) for cell in row]
    return "\n".join(cells)


def _rows(cursor: Any, table: str) -> list[Any]:
    """Return a table's rows; of an index of SQLite that keeps no rows the words that it was made from."""
    if connection.vendor == "sqlite" and table == "tickets_found":
        cursor.execute("CREATE VIRTUAL TABLE temp.words_kept USING fts5vocab(main, tickets_found, row)")
        cursor.execute("SELECT term FROM temp.words_kept")
        rows = cursor.fetchall()
        cursor.execute("DROP TABLE temp.words_kept")
        return list(rows)
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
    return list(cursor.fetchall())


def stands_in(secret: str, text: str) -> bool:
    """Tell whether a secret stands in a text by itself: six digits in the middle of a hash or a microsecond are none."""
    return re.search(rf"(?<![\w.-]){re.escape(secret)}(?![\w-])", text) is not None


def walk(outbox: Any) -> tuple[list[str], str]:
    """Go through every step that has a secret; return the secrets, and all pages that were answered."""
    one, pages = Browser(), []
    pages.append(one.first())
    code = outbox.codes()[0]
    pages += [one.second(other_than(code)), one.second(code), one.second(code)]
    one.post("/account/authenticator/add/", {"name": "Phone", "current_password": PASSWORD})
    device = TotpDevice.objects.get(person__username="ada")
    app_code = code_of(device.secret, now=queries.database_now())
    shown = one.post("/account/authenticator/scan/", {"code": app_code})
    recovery = shown.context["codes"]
    pages.append(one.post("/account/password/", {"current_password": PASSWORD, "password": NEW, "again": NEW}))
    tasks.send_reset_links.func(encrypt("ada"), "192.0.2.1")
    token = outbox.links()[0].split("/")[-2]
    pages.append(Browser().get(outbox.links()[0]))
    pages.append(one.get("/account/"))
    secrets = [code, PASSWORD, NEW, device.secret, token, *recovery]
    secrets += [one.cookies[name].value for name in ("session", "device")]
    texts = "\n".join(page.content.decode() + str(dict(page.headers)) for page in pages)
    return secrets, texts


def test_a20_no_sink_holds_a_secret_in_clear(world, outbox, caplog, capfd):
    with caplog.at_level("DEBUG"):
        secrets, pages = walk(outbox)
    sinks = {
        "database": everything_stored(),
        "audit": json.dumps(list(Event.append_only.values("payload", "reason", "subject_id"))),
        "log": caplog.text,
        "standard output": "".join(capfd.readouterr()),
        "pages": pages,
    }
    for name, text in sinks.items():
        found = [secret for secret in secrets if stands_in(secret, text)]
        assert (name, found) == (name, [])


def test_a20_control_the_search_would_find_a_secret(world, outbox):
    one = Browser()
    one.first()
    from sportello.accounts.models import OneTimeCode

    OneTimeCode.objects.update(destination=outbox.codes()[0])
    assert stands_in(outbox.codes()[0], everything_stored())


def test_a20_the_real_outbox_forgets_the_code_once_it_is_handed_over(world):
    """Through messaging itself: encrypted while it waits, erased when the simulator has taken it."""
    one = Browser()
    assert one.first().status_code == 302
    message = apps.get_model("messaging", "Message").objects.across_tenants(reason="a test looks").get()
    code = json.loads(message.secret)["code"]
    assert not stands_in(code, everything_stored())
    assert one.second(code).status_code == 302
    assert one.is_in()


def test_a22_a_message_that_cannot_be_queued_is_no_500(world, outbox, settings):
    """The gateway is away: the message waits in the outbox; nothing of it reaches this page. A spent budget is told in words."""
    outbox.state = "failed"
    one = Browser()
    assert one.first().status_code == 302
    page = one.get("/sign-in/code/")
    assert (page.status_code, b"could not be sent" in page.content) == (200, True)
    assert len(set(outbox.codes())) == 1


def test_a22_one_start_has_one_code_however_often_it_is_delivered(world, outbox):
    one = Browser()
    one.first()
    one.first()
    one.get("/sign-in/code/")
    assert len(outbox.sent) == 1


def test_events_serialise_without_what_was_typed(world, outbox):
    Browser().first("my-password-by-mistake", "x")
    assert "my-password-by-mistake" not in serializers.serialize("json", Event.append_only.all())


@pytest.mark.parametrize("task", [tasks.purge_sign_in_rows])
def test_purge_keeps_what_is_live(world, outbox, task):
    one = Browser()
    one.first()
    one.second(outbox.codes()[0])
    before = Event.append_only.count()
    task.func()
    assert one.is_in()
    assert Event.append_only.count() == before


def test_purge_removes_what_is_old(world, outbox):
    from datetime import timedelta

    from django.utils import timezone

    from sportello.accounts.models import KeptForm, OneTimeCode, PasswordReset, Session, SignInGuard, TrustedDevice

    one = Browser()
    one.first()
    one.second(outbox.codes()[0])
    operations.send_reset_links(actor=_system(), typed="ada", now=queries.database_now())
    Browser().first(password="wrong")
    person = world.memberships["ada"].person
    long_ago = timezone.now() - timedelta(days=400)
    KeptForm.objects.create(token_hash="x", person=person, path="/", fields="[]", kept_at=long_ago)
    OneTimeCode.objects.update(expires_at=long_ago)
    PasswordReset.objects.update(expires_at=long_ago)
    Session.objects.update(last_seen_at=long_ago)
    TrustedDevice.objects.update(last_used_at=long_ago)
    assert tasks.purge_sign_in_rows.func() >= 6
    rows = [each.objects.count() for each in (KeptForm, OneTimeCode, PasswordReset, Session, TrustedDevice)]
    assert rows == [0] * 5
    assert SignInGuard.objects.filter(failures__gt=0).count() == 2


def _system():
    from sportello.kernel.actor import system_actor

    return system_actor(reason="forgotten password")
