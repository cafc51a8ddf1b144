"""Addresses of tickets, under /tickets/."""

from django.urls import path

from sportello.tickets.web import by_link, desk, feedback, imports, options, requests, statistics, views, working

app_name = "tickets"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.choose_customer, name="choose_customer"),
    path("new/<int:pk>/", views.new, name="new"),
    path("options/", options.options, name="options"),
    path("options/confirm/<str:token>/", options.confirm_address, name="confirm_address"),
    path("link/<str:token>/", by_link.link, name="link"),
    path("by-link/<int:pk>/", by_link.ticket, name="by_link"),
    path("by-link/<int:pk>/entries/", by_link.entries, name="by_link_entries"),
    path("by-link/<int:pk>/files/<int:file_pk>/", by_link.file, name="by_link_file"),
    path("by-link/<int:pk>/feedback/", feedback.feedback, name="by_link_feedback"),
    path("requests/", requests.requests, name="requests"),
    path("requests/new/", requests.new_request, name="new_request"),
    path("requests/<int:pk>/", requests.one, name="request"),
    path("requests/<int:pk>/entries/", requests.entries, name="request_entries"),
    path("requests/<int:pk>/files/<int:file_pk>/", requests.file, name="request_file"),
    path("statistics/", statistics.figures, name="statistics"),
    path("types/", desk.types, name="types"),
    path("types/new/", desk.new_type, name="new_type"),
    path("types/<int:pk>/", desk.edit_type, name="type"),
    path("desk/", desk.desk, name="desk"),
    path("import/", imports.imports, name="imports"),
    path("import/<str:token>/", imports.one, name="import"),
    path("<int:pk>/", views.ticket, name="ticket"),
    path("<int:pk>/entries/", views.entries, name="entries"),
    path("<int:pk>/write/", views.write, name="write"),
    path("<int:pk>/files/<int:file_pk>/", views.file, name="file"),
    path("<int:pk>/proof/", views.proof, name="proof"),
    path("<int:pk>/state/", working.state, name="state"),
    path("<int:pk>/visibility/", working.show, name="show"),
    path("<int:pk>/entries/<int:sequence>/visibility/", working.show_entry, name="show_entry"),
    path("<int:pk>/work/", working.work, name="work"),
    path("<int:pk>/links/", working.link, name="add_link"),
    path("<int:pk>/merge/", working.merge, name="merge"),
    path("<int:pk>/recipients/<int:recipient_pk>/", working.recipient, name="recipient"),
]
