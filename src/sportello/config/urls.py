"""Every address of the portal: each app's pages under its own word."""

from __future__ import annotations

from pathlib import Path

from django.urls import include, path

_PAGES = [
    ("", "accounts"),
    ("", "parties"),
    ("inventory/", "inventory"),
    ("traffic/", "usage"),
    ("thresholds/", "thresholds"),
    ("", "messaging"),
    ("", "config"),
    ("", "shell"),
]

urlpatterns = [
    path(prefix, include(f"sportello.{app}.web.urls"))
    for prefix, app in _PAGES
    if (Path(__file__).parent.parent / app / "web" / "urls.py").exists()
]
