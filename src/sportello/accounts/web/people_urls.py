"""The addresses of people, viewing as, and the audit trail; `web/urls.py` includes them."""

from django.urls import path

from sportello.accounts.web import audit, people, people_viewing

people_urls = [
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/import/", people.import_people, name="import_people"),
    path("people/import/<str:token>/", people.import_people, name="import_people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.edit_person, name="edit_person"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("people/<int:pk>/invite/", people.invite, name="invite"),
    path("people/<int:pk>/invite/revoke/", people.revoke_invitation, name="revoke_invitation"),
    path("people/<int:pk>/codes/", people.unfreeze_codes, name="unfreeze_codes"),
    path("people/<int:pk>/profiles/", people.grant, name="grant"),
    path("people/<int:pk>/profiles/<int:membership_pk>/end/", people.end_profile, name="end_profile"),
    path("people/<int:pk>/view-as/<int:membership_pk>/", people_viewing.view_as, name="view_as"),
    path("viewing/stop/", people_viewing.stop_viewing, name="stop_viewing"),
    path("audit/", audit.trail, name="audit"),
    path("audit/proof/", audit.proof, name="audit_proof"),
    path("audit/<int:pk>/", audit.entry, name="audit_entry"),
]
