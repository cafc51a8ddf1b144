"""Addresses of thresholds, under /thresholds/."""

from django.urls import path

from sportello.thresholds.web import bars, bill_periods, changes, imports, lines, notices, profiles, report, views

app_name = "thresholds"
urlpatterns = [
    path("", views.index, name="index"),
    path("bars/", bars.bars, name="bars"),
    path("bars/chosen/lift/", bars.lift_chosen, name="lift_chosen"),
    path("bars/<int:pk>/lift/", bars.lift, name="lift"),
    path("bars/chosen/again/", bars.ask_again_chosen, name="ask_again_chosen"),
    path("bars/<int:pk>/again/", bars.ask_again, name="ask_again"),
    path("bars/<int:pk>/consent/", bars.consent, name="consent"),
    path("notices/", notices.notices, name="notices"),
    path("notices/new/", notices.new, name="notices_new"),
    path("notices/seen/", notices.seen, name="notices_seen"),
    path("above/", report.above, name="above"),
    path("likely/", report.likely, name="likely"),
    path("import/", imports.import_thresholds, name="import"),
    path("import/<str:token>/", imports.import_thresholds, name="import"),
    path("profiles/", profiles.profiles, name="profiles"),
    path("profiles/<int:pk>/", profiles.profile, name="profile"),
    path("profiles/<int:pk>/default/", profiles.set_default, name="set_default"),
    path("profiles/<int:pk>/end/", profiles.end_profile, name="end_profile"),
    path("profiles/terms/<int:pk>/remove/", profiles.remove_term, name="remove_term"),
    path("bill-periods/", bill_periods.bill_periods, name="bill_periods"),
    path("lines/", lines.lines, name="lines"),
    path("lines/chosen/threshold/", changes.choose_set, name="choose_set"),
    path("lines/chosen/profile/", changes.choose_profile, name="choose_profile"),
    path("chosen/limit/", changes.choose_limit, name="choose_limit"),
    path("chosen/cancel/", changes.choose_cancel, name="choose_cancel"),
    path("bulk/<uuid:token>/", changes.change, name="bulk"),
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
