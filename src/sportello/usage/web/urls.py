"""Addresses of traffic and of usage files."""

from django.urls import path

from sportello.usage.web import analysis, documentation, exports, loads, numbers, reports, unusual, views

app_name = "usage"
urlpatterns = [
    path("", views.index, name="index"),
    path("lines/<int:pk>/", views.line, name="line"),
    path("lines/<int:pk>/records/", views.records, name="records"),
    path("analysis/", analysis.analysis, name="analysis"),
    path("exports/", exports.exports, name="exports"),
    path("exports/ask/", exports.ask_export, name="ask_export"),
    path("exports/<int:pk>/file/", exports.export_file, name="export_file"),
    path("numbers/ask/", numbers.ask_numbers, name="ask_numbers"),
    path("numbers/", numbers.open_numbers, name="open_numbers"),
    path("documentation/", documentation.documentation, name="documentation"),
    path("documentation/<int:pk>/file/", documentation.documentation_file, name="documentation_file"),
    path("lines/<int:pk>/documentation/", documentation.ask_documentation, name="ask_documentation"),
    path("unusual/", unusual.unusual, name="unusual"),
    path("reports/", reports.reports, name="reports"),
    path("reports/new/", reports.new_report, name="new_report"),
    path("reports/<int:pk>/", reports.edit_report, name="edit_report"),
    path("reports/<int:pk>/state/", reports.move_report, name="move_report"),
    path("reports/<int:pk>/run/", reports.run_report, name="run_report"),
    path("files/", loads.loads, name="loads"),
    path("files/<int:pk>/", loads.load, name="load"),
    path("files/<int:pk>/rejects/", loads.rejects, name="rejects"),
]
