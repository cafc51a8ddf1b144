from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from sportello.kernel import crypto
from sportello.kernel.imports import (
    ImportReport,
    PreviewOutdated,
    RowReport,
    RowState,
    check_expected,
    order_of_states,
    uploads,
)
from sportello.kernel.imports.tasks import purge_uploads
from sportello.kernel.models import Event, Upload
from sportello.kernel.refusals import NotFound
from sportello.kernel.tabular import TableRefused

ROWS = (
    RowReport(2, RowState.NEW, "A", changes={"name": ("", "Ada")}),
    RowReport(3, RowState.CHANGED, "B", changes={"name": ("Bo", "Ba")}),
    RowReport(4, RowState.WRONG, "C", errors=(("name", "is needed"),)),
    RowReport(5, RowState.UNCHANGED, "D"),
)
REPORT = ImportReport(rows=ROWS, notices=("Only the first sheet was read.",), organisations=frozenset({7}))
GOOD = ImportReport(rows=ROWS[:2])


def kept(actor, report: ImportReport = GOOD, content: bytes = b"a,b\n1,2\n") -> Upload:
    return uploads.keep_upload(
        actor=actor, purpose="test", name="t.csv", content=content, report=report, now=timezone.now()
    )


def test_report_counts_every_state():
    assert REPORT.counts == {"new": 1, "changed": 1, "unchanged": 1, "wrong": 1}
    assert (REPORT.wrong, REPORT.changing, order_of_states()[0]) == (1, 2, RowState.WRONG)


def test_report_comes_back_from_its_stored_form_as_it_was():
    back = ImportReport.unpacked(REPORT.packed())
    assert (list(back.rows), list(back.notices), back.organisations, back.applied) == (
        list(ROWS), ["Only the first sheet was read."], frozenset({7}), False,
    )  # fmt: skip
    assert (back.digest, back.done().applied) == (REPORT.digest, True)


def test_digest_tells_effects_apart_but_not_the_words_of_reasons():
    other_words = ImportReport(
        rows=(*ROWS[:2], RowReport(4, RowState.WRONG, "C", errors=(("name", "serve"),)), ROWS[3])
    )
    other_effect = ImportReport(rows=(RowReport(2, RowState.NEW, "A", changes={"name": ("", "Eve")}), *ROWS[1:]))
    assert (other_words.digest == REPORT.digest, other_effect.digest == REPORT.digest) == (True, False)
    check_expected(REPORT, "")
    check_expected(REPORT, REPORT.digest)
    with pytest.raises(PreviewOutdated):
        check_expected(REPORT, other_effect.digest)


def test_f10_upload_is_found_by_its_person_membership_and_purpose_alone(ada, bo, world):
    from dataclasses import replace

    row, now = kept(ada), timezone.now()
    assert uploads.upload_of(ada, purpose="test", token=row.token, now=now) == row
    for actor, purpose, token, at in [
        (bo, "test", row.token, now), (replace(ada, membership_id=0), "test", row.token, now),
        (ada, "other", row.token, now), (ada, "test", "guess", now), (ada, "test", row.token, now + timedelta(hours=2)),
    ]:  # fmt: skip
        with pytest.raises(NotFound):
            uploads.upload_of(actor, purpose=purpose, token=token, now=at)


def test_c11_stored_preview_is_shown_only_while_what_it_shows_is_in_reach(ada, pia, olga, world):
    now = timezone.now()
    for actor, organisation, seen in [
        (ada, world.a, True), (ada, world.b, False), (pia, world.a, True), (pia, world.b, False), (olga, world.b, True),
    ]:  # fmt: skip
        row = kept(actor, ImportReport(rows=ROWS, organisations=frozenset({organisation.pk})))
        if seen:
            assert uploads.upload_of(actor, purpose="test", token=row.token, now=now) == row
        else:
            with pytest.raises(NotFound):
                uploads.upload_of(actor, purpose="test", token=row.token, now=now)


def test_f11_a_second_file_takes_the_place_of_the_one_that_waits(ada, world):
    first, second = kept(ada), kept(ada)
    assert list(Upload.objects.values_list("token", flat=True)) == [second.token] != [first.token]


def test_f08_apply_happens_once_and_keeps_the_hash_without_the_content(ada, world):
    row = kept(ada)
    report = uploads.apply_upload(
        actor=ada, upload=row, seen=GOOD.digest, prepare=lambda _table: GOOD.done, now=timezone.now()
    )
    assert report.applied is True
    row.refresh_from_db()
    assert (bytes(row.content), len(row.content_hash)) == (b"", 64)
    with pytest.raises(uploads.AlreadyApplied):
        uploads.apply_upload(
            actor=ada, upload=row, seen=GOOD.digest, prepare=lambda _table: lambda: GOOD, now=timezone.now()
        )
    with pytest.raises(uploads.AlreadyApplied):
        uploads.discard_upload(actor=ada, upload=row)
    again = kept(ada)
    assert uploads.applied_before(ada, again) == row
    kinds = list(Event.append_only.order_by("id").values_list("kind", flat=True))
    assert kinds == ["imports.handed_in", "imports.applied", "imports.handed_in"]


@pytest.mark.parametrize("report", [GOOD, REPORT.done()], ids=["not applied", "another effect"])
def test_f09_apply_that_would_do_something_else_is_taken_back(ada, world, report):
    row = kept(ada)
    with pytest.raises(PreviewOutdated):
        uploads.apply_upload(
            actor=ada, upload=row, seen=GOOD.digest, prepare=lambda _table: lambda: report, now=timezone.now()
        )
    row.refresh_from_db()
    assert (row.applied_at, crypto.unseal(bytes(row.content))) == (None, b"a,b\n1,2\n")


def test_apply_of_a_file_that_cannot_be_read_any_more_is_taken_back(ada, world):
    row = kept(ada, content=b"a,a\n1,2\n")
    with pytest.raises(PreviewOutdated):
        uploads.apply_upload(
            actor=ada, upload=row, seen=GOOD.digest, prepare=lambda _table: GOOD.done, now=timezone.now()
        )


def test_upload_of_somebody_else_is_not_applied_renewed_or_discarded(ada, bo, world):
    row = kept(ada)
    for change in (
        lambda: uploads.apply_upload(
            actor=bo, upload=row, seen="", prepare=lambda _table: GOOD.done, now=timezone.now()
        ),
        lambda: uploads.renew_preview(actor=bo, upload=row, load=lambda _table: GOOD, now=timezone.now()),
        lambda: uploads.discard_upload(actor=bo, upload=row),
    ):
        with pytest.raises(NotFound):
            change()


def test_purge_removes_what_was_never_confirmed_and_empties_the_rest(ada, olga, world):
    waiting, applied = kept(ada), kept(olga)
    uploads.apply_upload(
        actor=olga, upload=applied, seen=GOOD.digest, prepare=lambda _table: GOOD.done, now=timezone.now()
    )
    Upload.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert purge_uploads.func() == 1
    assert Upload.objects.filter(pk=waiting.pk).count() == 0
    applied.refresh_from_db()
    assert (bytes(applied.report), str(applied)) == (b"", "t.csv")


def test_page_of_an_expired_preview_leads_back_to_the_form(signed_in, world):
    olga = signed_in("olga")
    file = SimpleUploadedFile("c.csv", b"customer_code,legal_name\nN,Nuova\n")
    address = olga.post("/customers/import/", {"file": file}).headers["Location"]
    Upload.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert olga.get(address).headers["Location"] == "/customers/import/"


def test_page_shows_the_state_that_is_asked_for_and_pages_the_rows(signed_in, world):
    olga = signed_in("olga")
    rows = "".join(f"N{number},Nuova {number}\n" for number in range(150))
    file = SimpleUploadedFile("c.csv", f"customer_code,legal_name\n{rows}B,Beta S.r.l.\n".encode())
    address = olga.post("/customers/import/", {"file": file}).headers["Location"]
    shown = {
        show: len(olga.get(f"{address}?show={show}").context["page"]) for show in ("new", "unchanged", "wrong", "all")
    }
    assert shown == {"new": 100, "unchanged": 1, "wrong": 0, "all": 100}
    assert len(olga.get(f"{address}?page=2").context["page"]) == 51


def test_page_refuses_a_file_that_is_too_large_before_reading_it(signed_in, world, monkeypatch):
    from dataclasses import replace

    monkeypatch.setattr("sportello.kernel.ui.imports.LIMITS", replace(uploads.LIMITS, file_bytes=10))
    answer = signed_in("olga").post("/customers/import/", {"file": SimpleUploadedFile("c.csv", b"x" * 11)})
    assert (answer.status_code, answer.context["form"].errors["file"]) == (422, ["The file is too large."])
    answer = signed_in("olga").post("/customers/import/", {})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])


def test_h06_file_that_waits_lies_encrypted_and_opens_as_it_was(ada, world):
    row = kept(ada, content=b"tax_code,iban\nRSSMRA80A01H501U,IT60X0542811101000000123456\n")
    stored = bytes(Upload.objects.get(pk=row.pk).content)
    assert (b"RSSMRA" in stored, b"IT60X" in stored, b"iban" in stored) == (False, False, False)
    with uploads.opened(Upload.objects.get(pk=row.pk)) as table:
        assert [one["iban"] for one in table.rows] == ["IT60X0542811101000000123456"]
    assert (
        row.content_hash == hashlib.sha256(crypto.unseal(stored)).hexdigest()
    )  # of the file itself: the same one is recognised (F08)


def test_f08_file_that_no_key_opens_is_asked_for_again(ada, world):
    row = kept(ada)
    Upload.objects.update(content=b"a,b\n1,2\n")
    with pytest.raises(TableRefused, match="hand it in again"):
        uploads.opened(Upload.objects.get(pk=row.pk))
