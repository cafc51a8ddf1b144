"""The pages of the record of what happened."""

from __future__ import annotations

import json

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.accounts.operations.proof import prove_record
from sportello.accounts.queries import audit as queries
from sportello.accounts.web import audit_words as words
from sportello.accounts.web.audit_tables import AuditList
from sportello.kernel.access import Reach, Section
from sportello.kernel.web import PageRequest, page


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def trail(request: PageRequest) -> HttpResponseBase:
    """List what happened inside the reader's reach."""
    context = {
        "title": _("Record of what happened"),
        "lead": _("Every sign-in, change, export and refusal. Nothing can be changed or removed here by anybody."),
        "empty_title": _("Nothing happened yet"),
    }
    return AuditList(request, queries.events(request.actor)).respond("accounts/audit.html", context)


@page(section=Section.ADMINISTRATION)
def entry(request: PageRequest, pk: int) -> HttpResponse:
    """Show one entry whole: who, as what, from where, what, before and after, and its place in the chain."""
    row = queries.events(request.actor).get_or_refuse(pk=pk)
    names = queries.Names()
    names.read([row])
    shown = words.tell(row, names)
    facts = {
        _("Who"): shown.who,
        _("As"): shown.profile,
        _("Acting for"): names.organisation(row.acting_for_id),
        _("From"): words.via_of(row),
        _("In"): names.organisation(row.organisation_id),
        pgettext("an event", "Subject"): words.subject_of(row),
        _("Kind"): words.area_of(row.kind),
        _("Reason"): row.reason,
        _("Request"): row.request_id,
        _("Place in the chain"): row.sequence,
        _("Hash"): row.hash,
        _("Hash of the entry before"): row.previous_hash,
    }
    payload = {name: value for name, value in row.payload.items() if name != "changes"}
    context = {
        "title": shown.sentence,
        "breadcrumbs": [(_("Record of what happened"), reverse("accounts:audit")), (f"{row.sequence}", "")],
        "told": shown,
        "facts": facts,
        "details": words.details_of(row),
        "payload": json.dumps({"kind": row.kind, **payload}, indent=2, ensure_ascii=False),
    }
    return render(request, "accounts/audit_entry.html", context)


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def proof(request: PageRequest) -> HttpResponse:
    """Prove that the organisation's record is whole; the walk begins with the button."""
    result = prove_record(actor=request.actor) if request.method == "POST" else None
    title = _("Proof of the record")
    crumbs = [(_("Record of what happened"), reverse("accounts:audit")), (title, "")]
    context = {"title": title, "breadcrumbs": crumbs, "proof": result, "reads_all": request.actor.reach is Reach.ALL}
    return render(request, "accounts/audit_proof.html", context)
