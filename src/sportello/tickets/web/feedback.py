"""The question at the end of a ticket, by the link of its mail: how satisfied is who had it opened."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sportello.kernel.web import public
from sportello.kernel.web.forms import form_refusals
from sportello.tickets import operations, queries, rules
from sportello.tickets.states import Score
from sportello.tickets.web.by_link import WHY, closed, unseen, visit_at


class FeedbackForm(forms.Form):
    """How satisfied somebody is, and in their own words why."""

    score = forms.TypedChoiceField(
        label=_("How satisfied are you with how this ticket was handled?"),
        choices=[(score.value, score.label) for score in reversed(Score)],
        coerce=int,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=rules.LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was good, what can be done better? Those who worked on the ticket read it."),
    )


@public(why=WHY, methods=("GET", "POST"))
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the recipient of a link how satisfied they are, and take the answer; changed by the same link for as long as it is open."""
    visit = visit_at(request, pk)
    asked = queries.feedback_asked(visit.link.recipient) if visit else None
    if visit is None or asked is None:
        return closed(request)
    given = request.POST if request.method == "POST" else None
    form = FeedbackForm(given, initial={"score": asked.score, "words": asked.words})
    if form.is_valid():
        with form_refusals(form):
            operations.give_feedback(actor=visit.actor, feedback=asked, now=timezone.now(), **form.cleaned_data)
            messages.success(request, gettext("Thank you: your answer is kept."))
            return unseen(redirect("tickets:by_link_feedback", pk=pk))
    context = {
        "title": gettext("How satisfied are you?"),
        "ticket": visit.ticket,
        "asked": asked,
        "is_over": timezone.now() >= asked.answers_until,
        "form": form,
        "pk": pk,
    }
    return unseen(render(request, "tickets/feedback.html", context, status=422 if form.errors else 200))
