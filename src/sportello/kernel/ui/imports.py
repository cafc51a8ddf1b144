"""The page of every import: hand in a file, look at what each row would do, confirm.

Subclass `ImportPages`, and route two addresses to one view that calls `respond(token)`: `people/import/` and
`people/import/<str:token>/`, both under the name that `address` says.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sportello.kernel.imports.report import ImportReport, PreviewOutdated, RowState, order_of_states
from sportello.kernel.imports.uploads import (
    LIMITS,
    AlreadyApplied,
    Write,
    applied_before,
    apply_upload,
    discard_upload,
    keep_upload,
    preview,
    renew_preview,
    upload_of,
)
from sportello.kernel.models import Upload
from sportello.kernel.refusals import NotFound
from sportello.kernel.tabular import Table, TableRefused, write_csv
from sportello.kernel.ui.types import Steps, Tab
from sportello.kernel.web import PageRequest

ROWS_A_PAGE = 100
MANY = {
    RowState.NEW: pgettext_lazy("rows", "New"),
    RowState.CHANGED: pgettext_lazy("rows", "Changed"),
    RowState.UNCHANGED: pgettext_lazy("rows", "Unchanged"),
    RowState.WRONG: pgettext_lazy("rows", "Wrong"),
}
"""The states of many rows, for the tabs: of one row a language may say it otherwise."""
Words = str | Promise


@dataclass(frozen=True)
class ImportColumn:
    """A column of the file: its name, whether it must be there, what it holds, and an example."""

    name: str
    meaning: Words
    example: str = ""
    required: bool = True


def with_examples(columns: Sequence[ImportColumn], examples: Mapping[str, str]) -> list[ImportColumn]:
    """Return the columns, those that `examples` names with its example."""
    return [replace(column, example=examples.get(column.name, column.example)) for column in columns]


def not_taken(example: str, taken: Callable[[str], bool]) -> str:
    """Return the example, or the next after it by its last digits that is not taken: an example never changes what is there."""
    begin, digits = re.fullmatch(r"(.*?)([0-9]+)", example).groups()  # type: ignore[union-attr] # an example ends in digits
    found = (f"{begin}{int(digits) + more:0{len(digits)}d}" for more in itertools.count())
    return next(each for each in found if not taken(each))


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(label=_("File"), help_text=_("CSV (UTF-8), XLSX or Parquet, up to 20 MB and 100,000 rows."))

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse a file that is too large before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LIMITS.file_bytes:
            raise forms.ValidationError(gettext("The file is too large."))
        return file


class ImportPages:
    """The three steps of one import. `load` reads a table as the request's actor, and writes it when `apply` is set."""

    purpose: ClassVar[str]
    title: ClassVar[Words]
    lead: ClassVar[Words] = ""
    columns: ClassVar[Sequence[ImportColumn]]
    address: ClassVar[str]
    """The name of the address, with and without a token."""
    back: ClassVar[str]
    """The name of the address to go back to."""
    back_label: ClassVar[Words]

    def __init__(self, request: PageRequest) -> None:
        """Take the request; its actor is who imports."""
        self.request = request
        self.actor = request.actor
        self.now = timezone.now()

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Return what the file does; write it when `apply` (the digest of the preview must be `expected`)."""
        raise NotImplementedError  # pragma: no cover - every import is a subclass

    def prepare(self, *, table: Table, expected: str) -> Write:
        """Return what writes the file, to be called in the transaction that notes it as applied.

        A loader of many rows reads and judges them here already, while others still write.
        """
        return lambda: self.load(table=table, apply=True, expected=expected)

    def shown_columns(self) -> Sequence[ImportColumn]:
        """Return the columns as this reader sees them; the example file is made of their examples and loads as it is."""
        return self.columns

    def respond(self, token: str = "") -> HttpResponse:
        """Answer the request: without a token the form, with one the preview."""
        if not token:
            return self._hand_in() if self.request.method == "POST" else self._start()
        try:
            upload = upload_of(self.actor, purpose=self.purpose, token=token, now=self.now)
        except NotFound:
            own = Upload.objects.filter(token=token, person_id=self.actor.person_id or 0)
            if own.filter(expires_at__lte=self.now).exists():
                messages.warning(self.request, _("This preview has expired. Hand the file in again."))
                return redirect(reverse(self.address))
            raise
        if self.request.method != "POST":
            return self._show(upload)
        return self._discard(upload) if self.request.POST.get("do") == "discard" else self._confirm(upload)

    # --- hand in ------------------------------------------------------------------------------------------------

    def _start(self) -> HttpResponse:
        if "example" in self.request.GET:
            return self._example()
        return self._form(UploadForm())

    def _form(self, form: UploadForm) -> HttpResponse:
        context = self._context(current=1) | {"form": form, "columns": self.shown_columns(), "example": "?example=1"}
        return render(self.request, "ui/import.html", context, status=422 if form.errors else 200)

    def _hand_in(self) -> HttpResponse:
        form = UploadForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self._form(form)
        file: UploadedFile[Any] = form.cleaned_data["file"]
        content, name = file.read(), file.name or ""
        try:
            report = preview(content, name, self._look)
        except TableRefused as refused:
            form.add_error("file", str(refused))
            return self._form(form)
        upload = keep_upload(
            actor=self.actor, purpose=self.purpose, name=name, content=content, report=report, now=self.now
        )
        return redirect(reverse(self.address, args=[upload.token]))

    def _example(self) -> HttpResponse:
        content = io.BytesIO()
        columns = self.shown_columns()
        write_csv(content, [column.name for column in columns], [[column.example for column in columns]])
        return _csv_answer(content.getvalue(), f"{self.purpose}.csv")

    # --- preview ------------------------------------------------------------------------------------------------

    def _show(self, upload: Upload, *, outdated: str = "") -> HttpResponse:
        report = ImportReport.unpacked(bytes(upload.report))
        if "wrong" in self.request.GET:
            return self._wrong_rows(report)
        shown = _chosen_state(self.request.GET.get("show", ""), report)
        rows = [row for row in report.rows if not shown or row.state == shown]
        page = Paginator(rows, ROWS_A_PAGE).get_page(self.request.GET.get("page"))
        context = self._context(current=3 if upload.applied_at else 2) | {
            "upload": upload,
            "report": report,
            "page": page,
            "tabs": _tabs(report, shown),
            "refusal": _refusal(report),
            "before": None if upload.applied_at else applied_before(self.actor, upload),
            "outdated": outdated,
            "again": reverse(self.address),
        }
        return render(self.request, "ui/import_preview.html", context, status=409 if outdated else 200)

    def _wrong_rows(self, report: ImportReport) -> HttpResponse:
        content = io.BytesIO()
        headings = [pgettext("of a file", "Line"), gettext("Key"), gettext("Column"), gettext("What is wrong")]
        wrong = (row for row in report.rows if row.state == RowState.WRONG)
        write_csv(content, headings, ([row.line, row.key, column, why] for row in wrong for column, why in row.errors))
        return _csv_answer(content.getvalue(), f"{self.purpose}-wrong-rows.csv")

    # --- confirm ------------------------------------------------------------------------------------------------

    def _confirm(self, upload: Upload) -> HttpResponse:
        seen = self.request.POST.get("seen", "")
        try:
            report = apply_upload(
                actor=self.actor, upload=upload, seen=seen, now=self.now,
                prepare=lambda table: self.prepare(table=table, expected=seen),
            )  # fmt: skip
        except AlreadyApplied as refusal:
            messages.info(self.request, str(refusal))
            return redirect(reverse(self.address, args=[upload.token]))
        except PreviewOutdated as refusal:
            renew_preview(actor=self.actor, upload=upload, load=self._look, now=self.now)
            upload.refresh_from_db()
            return self._show(upload, outdated=str(refusal))
        messages.success(
            self.request,
            ngettext("%(count)d row was written.", "%(count)d rows were written.", report.changing)
            % {"count": report.changing},
        )
        return redirect(reverse(self.address, args=[upload.token]))

    def _discard(self, upload: Upload) -> HttpResponse:
        discard_upload(actor=self.actor, upload=upload)
        messages.info(self.request, _("The file was thrown away. Nothing was changed."))
        return redirect(reverse(self.address))

    # ------------------------------------------------------------------------------------------------------------

    def _look(self, table: Table) -> ImportReport:
        return self.load(table=table, apply=False, expected="")

    def _context(self, *, current: int) -> dict[str, Any]:
        back = reverse(self.back)
        return {
            "title": self.title,
            "lead": self.lead,
            "steps": Steps(labels=[gettext("Hand in"), gettext("Check"), gettext("Done")], current=current),
            "breadcrumbs": [(self.back_label, back), (self.title, "")],
            "back": back,
            "back_label": self.back_label,
        }


def _chosen_state(name: str, report: ImportReport) -> str:
    """Return the state to show: the one asked for, else the wrong rows if there are any, else all (empty)."""
    if name in RowState.values or name == "all":
        return "" if name == "all" else name
    return RowState.WRONG if report.wrong else ""


def _tabs(report: ImportReport, shown: str) -> list[Tab]:
    every = Tab(label=gettext("All"), url="?show=all", active=not shown, count=len(report.rows))
    return [every] + [
        Tab(label=str(MANY[state]), url=f"?show={state}", active=shown == state, count=report.counts[state])
        for state in order_of_states()
    ]


def _refusal(report: ImportReport) -> str:
    """Return why the file cannot be confirmed, or nothing."""
    if report.wrong:
        return gettext("Correct the wrong rows and hand the file in again: a file is written whole or not at all.")
    return "" if report.changing else gettext("The file changes nothing: every row is as it is here.")


def _csv_answer(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
