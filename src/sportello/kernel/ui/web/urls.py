"""The address of the component page; the shell says under which word."""

from django.urls import path

from sportello.kernel.ui.web import views

app_name = "ui"

urlpatterns = [path("", views.components, name="components")]
