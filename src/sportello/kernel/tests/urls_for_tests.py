"""Pages of the tests: one of each kind."""

from django import forms
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from sportello.config.urls import urlpatterns as real
from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, NotFound, Refusal, TooOften, WrongState
from sportello.kernel.tests.test_listing import Organisations
from sportello.kernel.web import page, public
from sportello.kernel.web.forms import form_refusals
from sportello.parties.models import Organisation

REFUSALS = {"404": NotFound, "409": WrongState, "422": InvalidInput, "429": TooOften, "plain": Refusal}


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def organisations(request):
    return Organisations(request, Organisation.objects.for_(request.actor).select_related("partner")).respond(
        context={"title": "Organisations"}
    )


@page(section=Section.ADMINISTRATION, methods=("POST",))
def chosen(request):
    rows = Organisations(request, Organisation.objects.for_(request.actor)).chosen(request.POST)
    return HttpResponse(",".join(sorted(row.code for row in rows)))


@public(why="a test")
def refuse(request, name):
    raise REFUSALS[name]("because")


@public(why="a test")
def crash(request):
    raise ZeroDivisionError


class NameForm(forms.Form):
    name = forms.CharField()


@public(why="a test", methods=("POST",))
def named(request):
    form = NameForm(request.POST)
    form.is_valid()
    raised = {
        "field": InvalidInput("taken", field="name"), "elsewhere": InvalidInput("odd", field="other"), "state": WrongState("late"),
        "missing": NotFound(),
    }  # fmt: skip
    with form_refusals(form):
        raise raised[form.cleaned_data["name"]]
    return HttpResponse(str(dict(form.errors)))


class FormedForm(NameForm):
    kind = forms.ChoiceField(choices=[("ours", "ours")], required=False)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def formed(request):
    form = FormedForm(request.POST)
    if form.is_valid():
        with form_refusals(form):
            raise WrongState("late")
    drawn = engines["django"].from_string("{% error_summary form %}").render({"form": form}, request)
    return HttpResponse(drawn, status=422)


mine = [
    path("organisations/", organisations, name="organisations"),
    path("chosen/", chosen, name="chosen"),
    path("refuse/<str:name>/", refuse, name="refuse"),
    path("crash/", crash, name="crash"),
    path("named/", named, name="named"),
    path("formed/", formed, name="formed"),
]
urlpatterns = [path("test/", include((mine, "test"))), *real]
