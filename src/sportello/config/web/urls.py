"""Addresses of running the portal."""

from django.urls import path

from sportello.config.web import views

app_name = "config"
urlpatterns = [
    path("operations/check/", views.check, name="check"),
    path("operations/jobs/", views.jobs, name="jobs"),
    path("operations/jobs/<uuid:pk>/", views.job, name="job"),
    path("operations/jobs/<uuid:pk>/retry/", views.retry, name="retry_job"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
]
