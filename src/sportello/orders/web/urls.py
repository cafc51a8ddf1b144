"""Addresses of orders, under /orders/."""

from django.urls import path

from sportello.orders.web import asking, desk, imports, sending, views, working

app_name = "orders"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.order, name="order"),
    path("<int:pk>/items/", views.items, name="items"),
    path("<int:pk>/act/", working.act, name="act"),
    path("<int:pk>/files/<int:file_pk>/", views.document, name="document"),
    path("lines/<int:line_pk>/", views.line, name="line"),
    path("options/", views.options, name="options"),
    path("new/", asking.new, name="new"),
    path("new/lines/", asking.lines, name="lines"),
    path("new/lines/chosen/", asking.choose, name="choose"),
    path("new/file/", imports.import_orders, name="import"),
    path("new/file/<str:token>/", imports.import_orders, name="import"),
    path("new/type/<str:code>/", asking.ask, name="ask"),
    path("drafts/<int:pk>/", asking.form, name="form"),
    path("drafts/<int:pk>/check/", sending.check, name="check"),
    path("drafts/<int:pk>/prove/", sending.prove, name="prove"),
    path("drafts/<int:pk>/leave-out/", asking.leave_out, name="leave_out"),
    path("drafts/<int:pk>/discard/", asking.discard, name="discard"),
    path("desk/", desk.desk, name="desk"),
    path("desk/take/", desk.take_many, name="take_many"),
    path("desk/complete/", desk.complete_many, name="complete_many"),
    path("desk/results/", imports.import_results, name="results"),
    path("desk/results/<str:token>/", imports.import_results, name="results"),
    path("types/", desk.types, name="types"),
    path("types/new/", desk.new_type, name="new_type"),
    path("types/<int:pk>/", desk.edit_type, name="type"),
    path("queues/new/", desk.queue, name="new_queue"),
    path("queues/<int:pk>/", desk.queue, name="queue"),
]
