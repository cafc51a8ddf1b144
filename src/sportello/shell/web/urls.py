"""The shell's own pages."""

from django.urls import path

from sportello.kernel.ui.web import views as ui
from sportello.shell.web import views

app_name = "shell"

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("access/", views.access, name="access"),
    path("help/", views.help_page, name="help"),
    path("language/", views.set_language, name="set_language"),
    path("components/", ui.components, name="components"),
]
