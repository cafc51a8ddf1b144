"""Addresses of traffic and of usage files."""

from django.urls import path

from sportello.usage.web import analysis, loads, views

app_name = "usage"
urlpatterns = [
    path("", views.index, name="index"),
    path("lines/<int:pk>/", views.line, name="line"),
    path("lines/<int:pk>/records/", views.records, name="records"),
    path("analysis/", analysis.analysis, name="analysis"),
    path("files/", loads.loads, name="loads"),
    path("files/<int:pk>/", loads.load, name="load"),
    path("files/<int:pk>/rejects/", loads.rejects, name="rejects"),
]
