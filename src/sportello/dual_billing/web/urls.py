"""Addresses of dual billing, under /dual-billing/."""

from django.urls import path

from sportello.dual_billing.web import bills, imports, own, views

app_name = "dual_billing"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("import/", imports.import_enrolments, name="import"),
    path("import/<str:token>/", imports.import_enrolments, name="import"),
    path("bills/", bills.bills, name="bills"),
    path("bills/chosen/paid/", bills.paid, name="paid"),
    path("own/", own.own, name="own"),
    path("own/<int:pk>/code/", own.ask_code, name="ask_code"),
    path("own/<int:pk>/sign/", own.sign, name="sign"),
    path("own/<int:pk>/decline/", own.decline, name="decline"),
    path("own/bills/<int:pk>/", own.bill, name="bill"),
    path("lines/<int:line_pk>/", views.line, name="line"),
    path("<int:pk>/", views.enrolment, name="enrolment"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/correct/", views.correct, name="correct"),
    path("<int:pk>/consent/", views.consent, name="consent"),
]
