"""The addresses of organisations."""

from django.urls import path

from sportello.parties.web import parts, views

app_name = "parties"

urlpatterns = [
    path("organisations/", views.customers, name="organisations"),
    path("customers/new/", views.new_customer, name="new_customer"),
    path("customers/import/", views.import_customers, name="import_customers"),
    path("customers/import/<str:token>/", views.import_customers, name="import_customers"),
    path("partners/", views.partners, name="partners"),
    path("partners/new/", views.new_partner, name="new_partner"),
    path("organisation/", views.own_organisation, name="own_organisation"),
    path("organisations/<int:pk>/", views.organisation, name="organisation"),
    path("organisations/<int:pk>/edit/", views.edit_registry, name="edit_registry"),
    path("organisations/<int:pk>/contact/", views.edit_contact, name="edit_contact"),
    path("organisations/<int:pk>/move/", views.move, name="move"),
    path("organisations/<int:pk>/state/", views.change_state, name="change_state"),
    path("organisations/<int:pk>/<str:word>/new/", parts.new_part, name="new_part"),
    path("organisations/<int:pk>/<str:word>/<int:part_pk>/", parts.edit_part, name="edit_part"),
    path("organisations/<int:pk>/<str:word>/<int:part_pk>/remove/", parts.remove, name="remove_part"),
]
