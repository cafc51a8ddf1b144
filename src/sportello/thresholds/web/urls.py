"""Addresses of thresholds, under /thresholds/."""

from django.urls import path

from sportello.thresholds.web import bars, notices, views

app_name = "thresholds"
urlpatterns = [
    path("", views.index, name="index"),
    path("bars/", bars.bars, name="bars"),
    path("bars/chosen/lift/", bars.lift_chosen, name="lift_chosen"),
    path("bars/<int:pk>/lift/", bars.lift, name="lift"),
    path("bars/<int:pk>/consent/", bars.consent, name="consent"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.seen, name="notices_seen"),
    path("new/", views.find_line, name="new"),
    path("chosen/suspend/", views.suspend_chosen, name="suspend_chosen"),
    path("chosen/resume/", views.resume_chosen, name="resume_chosen"),
    path("lines/<int:line_pk>/", views.line, name="line"),
    path("lines/<int:line_pk>/new/", views.add, name="add"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/suspend/", views.suspend, name="suspend"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
]
