"""Saved views: a list's filters and sort under a name, kept per person and organisation."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sportello.kernel.actor import Actor
from sportello.kernel.finding import row_id
from sportello.kernel.models import SavedView
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.web.pages import PageRequest

MOST = 30


def of(request: PageRequest, listing: str) -> list[SavedView]:
    """Return the reader's saved views of a list, by name."""
    return list(_mine(request.actor, listing).order_by("name"))


def change(request: PageRequest, listing: str) -> None:
    """Keep the posted query under the posted name (again = overwrite), or remove the posted view; only the reader's own."""
    actor = request.actor
    if actor.read_only:
        raise NotPermitted
    mine = _mine(actor, listing)
    gone = request.POST.get("remove_view", "")
    if gone:
        mine.filter(pk=row_id(gone) or 0).delete()
        return
    name = request.POST.get("save_view", "").strip()[:60]
    if not name:
        raise InvalidInput(_("A saved view needs a name."))
    if mine.exclude(name=name).count() >= MOST:
        raise InvalidInput(_("You have as many saved views of this list as can be kept: remove one first."))
    SavedView.objects.update_or_create(
        person_id=actor.person_id or 0,
        organisation_id=actor.organisation_id,
        listing=listing,
        name=name,
        defaults={"query": request.POST.get("query", "")[:2000]},
    )


def _mine(actor: Actor, listing: str) -> QuerySet[SavedView]:
    return SavedView.objects.filter(
        person_id=actor.person_id or 0, organisation_id=actor.organisation_id, listing=listing
    )
