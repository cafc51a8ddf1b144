"""Forms and refusals: what a rule refuses is shown at the field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, Refusal, TooOften


@contextmanager
def form_refusals(form: forms.BaseForm) -> Iterator[None]:
    """Turn an `InvalidInput` or `WrongState` of the block into an error of the form; 403, 404 and 429 stay refusals of the page.

    A refusal that is no slip of the pen leaves its name on the form, for the record (`refusal_of`).
    """
    try:
        yield
    except (NotFound, NotPermitted, TooOften):
        raise
    except Refusal as refusal:
        if not isinstance(refusal, InvalidInput):
            form.refusal = type(refusal).__name__  # type: ignore[attr-defined]
        field = refusal.field if isinstance(refusal, InvalidInput) and refusal.field in form.fields else None
        form.add_error(field, str(refusal))


def refusal_of(form: forms.BaseForm) -> str:
    """Return the name of what refused the form for more than a slip of the pen: a rule, or a choice that the page does not offer."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    offered = not codes & {"invalid_choice", "invalid_list"}
    return getattr(form, "refusal", "") or ("" if offered else "ChoiceNotOffered")
