"""Sites, cost centres, contacts and brands of an organisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.events import changed
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.parties import rules
from sportello.parties.events import PartAdded, PartChanged, PartRemoved
from sportello.parties.models import Organisation
from sportello.parties.parts import Part, PartKind, kind_of


class PartInUse(WrongState):
    """Lines or people refer to it: it stays."""

    default = _("People or lines refer to it: move them first.")


class PartThere(InvalidInput):
    """The organisation has one of that name already."""

    default = _("There is one of this name already.")


@operation(section=Section.ADMINISTRATION)
def add_part(
    *, actor: Actor, organisation: Organisation, kind: PartKind, values: Mapping[str, str]
) -> Part:
    """Add a site, cost centre, contact or brand. Raises `PartThere`, `InvalidInput` at the field that is wrong."""
    rules.check_reaches(actor, organisation)
    read: dict[str, Any] = _read(kind, values)
    with _once(kind):
        row: Part = kind.model.objects.create(organisation=organisation, **read)  # type: ignore[misc] # ** of known fields
    publish(
        PartAdded(
            organisation_id=organisation.pk, subject_type=kind.word, subject_id=row.pk, part=kind.word,
            name=str(row), changes=changed({}, {name: value for name, value in read.items() if value}),
        )
    )  # fmt: skip
    return row


@operation(section=Section.ADMINISTRATION)
def change_part(*, actor: Actor, row: Part, values: Mapping[str, str]) -> Part:
    """Change a part of an organisation. Raises `PartThere`, `InvalidInput` at the field that is wrong."""
    rules.check_reaches(actor, row.organisation)
    kind = kind_of(row)
    before, after = {name: getattr(row, name) for name in kind.fields}, _read(kind, values)
    for name, value in after.items():
        setattr(row, name, value)
    with _once(kind):
        row.save(update_fields=list(after))
    publish(
        PartChanged(
            organisation_id=row.organisation_id, subject_type=kind.word, subject_id=row.pk, part=kind.word,
            name=str(row), changes=changed(before, after),
        )
    )  # fmt: skip
    return row


@operation(section=Section.ADMINISTRATION)
def remove_part(*, actor: Actor, row: Part) -> None:
    """Remove a part that nothing refers to. Raises `PartInUse`."""
    rules.check_reaches(actor, row.organisation)
    kind, pk, name = kind_of(row), row.pk, str(row)
    before = {field: getattr(row, field) for field in kind.fields}
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError as used:
        raise PartInUse from used
    publish(
        PartRemoved(
            organisation_id=row.organisation_id, subject_type=kind.word, subject_id=pk, part=kind.word,
            name=name, changes=changed(before, dict.fromkeys(before, "")),
        )
    )  # fmt: skip


@contextmanager
def _once(kind: PartKind) -> Iterator[None]:
    """Turn a broken uniqueness into a refusal at the field that names the part."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as there:
        raise PartThere(field=kind.fields[0]) from there


def _read(kind: PartKind, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the kind's own fields alone (ABUSE D05), each in its one written form."""
    read = {name: " ".join(values.get(name, "").split()) for name in kind.fields}
    for name in kind.required:
        if not read[name]:
            raise InvalidInput(_("This field is needed."), field=name)
    for name, text in read.items():
        longest = getattr(kind.model._meta.get_field(name), "max_length", None) or 0  # noqa: SLF001 - documented door
        if len(text) > longest:
            raise InvalidInput(_("At most %(count)d characters.") % {"count": longest}, field=name)
    return read | {name: _CHECKS[name](read[name]) for name in read if name in _CHECKS}


def _postcode(text: str) -> str:
    code = text.upper()
    if code and not rules.POSTCODE.fullmatch(code):
        raise InvalidInput(_("This is not a postcode."), field="postcode")
    return code


def _phone(text: str) -> str:
    from sportello.kernel.phones import InvalidPhoneNumber, normalise

    try:
        return normalise(text) if text else ""
    except InvalidPhoneNumber as wrong:
        raise InvalidInput(wrong.sentence, field="phone") from wrong


_CHECKS = {"email": rules.read_email, "province": rules.read_province, "postcode": _postcode, "phone": _phone}
