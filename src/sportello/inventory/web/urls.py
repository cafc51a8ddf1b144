"""The addresses of the inventory."""

from django.urls import path

from sportello.inventory.web import imports, line, lists

app_name = "inventory"
urlpatterns = [
    path("", lists.lines, name="lines"),
    path("totals/", lists.totals, name="totals"),
    path("assign/", lists.assign, name="assign"),
    path("import/", imports.import_lines, name="import_lines"),
    path("import/<str:token>/", imports.import_lines, name="import_lines"),
    path("assignments/", imports.import_assignments, name="import_assignments"),
    path("assignments/<str:token>/", imports.import_assignments, name="import_assignments"),
    path("agreements/", lists.agreements, name="agreements"),
    path("agreements/<int:pk>/", lists.agreement, name="agreement"),
    path("agreements/<int:pk>/add/", line.add_line, name="add_line"),
    path("lines/<int:pk>/", line.line, name="line"),
    path("lines/<int:pk>/assign/", line.assign_one, name="assign_one"),
    path("lines/<int:pk>/change/", line.change, name="change"),
    path("lines/<int:pk>/sim/", line.sim, name="sim"),
    path("lines/<int:pk>/puk/", line.puk, name="puk"),
    path("lines/<int:pk>/end/", line.end, name="end"),
    path("lines/<int:pk>/options/", line.add_option, name="add_option"),
    path("options/<int:pk>/end/", line.end_option, name="end_option"),
]
