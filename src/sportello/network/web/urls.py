"""The addresses of the network connector."""

from django.urls import path

from sportello.network.web import views

app_name = "network"

urlpatterns = [
    path("network/", views.orders, name="orders"),
    path("network/<int:pk>/", views.order, name="order"),
    path("network/<int:pk>/again/", views.ask_again, name="ask_again"),
    path("simulator/network/", views.simulator, name="simulator"),
]
