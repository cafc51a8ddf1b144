"""Forms and refusals: what a rule refuses is shown at the field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, Refusal, TooOften


@contextmanager
def form_refusals(form: forms.BaseForm) -> Iterator[None]:
    """Turn an `InvalidInput` or `WrongState` of the block into an error of the form; 403, 404 and 429 stay refusals of the page."""
    try:
        yield
    except (NotFound, NotPermitted, TooOften):
        raise
    except Refusal as refusal:
        field = refusal.field if isinstance(refusal, InvalidInput) and refusal.field in form.fields else None
        form.add_error(field, str(refusal))
