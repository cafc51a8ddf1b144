"""What may be done with profiles of lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import InvalidInput, NotFound, WrongState

if TYPE_CHECKING:
    from sportello.inventory.models import Line
    from sportello.thresholds.models import LineProfile

LONGEST_NAME: Final = 80


class FixedProfile(WrongState):
    """The safeguard's figures are the regulation's."""

    default = _("The safeguard's limits are set by regulation. Take lines out of it, or give them another profile.")


class ProfileGone(WrongState):
    """An ended profile stays as it was."""

    default = _("This profile was ended. Make a new one instead.")


def check_can_edit_profile(profile: LineProfile) -> None:
    """Refuse to change the safeguard or an ended profile. Raises `FixedProfile`, `ProfileGone`."""
    check_profile_stands(profile)
    if profile.safeguard:
        raise FixedProfile


def check_profile_stands(profile: LineProfile) -> None:
    """Refuse an ended profile. Raises `ProfileGone`."""
    if profile.ended_at is not None:
        raise ProfileGone


def check_same_customer(profile: LineProfile | None, lines: Iterable[Line]) -> None:
    """Refuse lines of another customer than the profile's, or of several. Raises `NotFound`, `ProfileGone`."""
    customers = {line.organisation_id for line in lines} | ({profile.organisation_id} if profile else set())
    if len(customers) > 1:
        raise NotFound
    if profile is not None:
        check_profile_stands(profile)


def checked_name(name: str) -> str:
    """Return a profile's name without spaces around it. Raises `InvalidInput` on `name`."""
    written = " ".join(name.split())
    if not written:
        raise InvalidInput(_("Give the profile a name."), field="name")
    if len(written) > LONGEST_NAME or not written.isprintable():
        raise InvalidInput(_("A name has at most 80 printable characters."), field="name")
    return written
