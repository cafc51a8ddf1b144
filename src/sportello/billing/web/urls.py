"""Addresses of bills, under /bills/."""

from django.urls import path

from sportello.billing.web import archives, desk, views

app_name = "billing"
urlpatterns = [
    path("", views.index, name="index"),
    path("own/", views.own, name="own"),
    path("archives/", archives.archives, name="archives"),
    path("archives/<str:token>/", archives.archive, name="archive"),
    path("files/", desk.files, name="files"),
    path("files/load/", desk.load, name="load"),
    path("files/<int:pk>/", desk.file, name="file"),
    path("files/<int:pk>/content/", desk.file_content, name="file_content"),
    path("files/payments/", desk.import_payments, name="import_payments"),
    path("files/payments/<str:token>/", desk.import_payments, name="import_payments"),
    path("files/run/", desk.run, name="run"),
    path("<int:pk>/", views.bill, name="bill"),
    path("<int:pk>/print/", views.printed, name="print"),
    path("<int:pk>/lines/", views.lines, name="lines"),
    path("<int:pk>/lines/<int:line_pk>/dispute/", views.dispute, name="dispute"),
    path("<int:pk>/pdf/", views.pdf, name="pdf"),
    path("<int:pk>/original/", views.original, name="original"),
    path("<int:pk>/reconciliation/", views.reconciliation, name="reconciliation"),
    path("<int:pk>/sent/", desk.send, name="send"),
    path("<int:pk>/payments/new/", desk.pay, name="pay"),
    path("<int:pk>/payments/<int:payment_pk>/reverse/", desk.reverse_payment, name="reverse_payment"),
]
