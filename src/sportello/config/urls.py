"""Every address of the portal: each app's pages under its own word."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("sportello.accounts.web.urls")),
    path("", include("sportello.parties.web.urls")),
    path("inventory/", include("sportello.inventory.web.urls")),
    path("traffic/", include("sportello.usage.web.urls")),
    path("bills/", include("sportello.billing.web.urls")),
    path("dual-billing/", include("sportello.dual_billing.web.urls")),
    path("orders/", include("sportello.orders.web.urls")),
    path("thresholds/", include("sportello.thresholds.web.urls")),
    path("tickets/", include("sportello.tickets.web.urls")),
    path("", include("sportello.messaging.web.urls")),
    path("", include("sportello.network.web.urls")),
    path("", include("sportello.config.web.urls")),
    path("", include("sportello.shell.web.urls")),
]
