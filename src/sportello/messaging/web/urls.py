"""The addresses of messaging."""

from django.urls import path

from sportello.messaging.web import operator, own, received, simulator

app_name = "messaging"

urlpatterns = [
    path("messages/", operator.outbox, name="outbox"),
    path("messages/texts/", operator.templates, name="templates"),
    path("messages/texts/<str:name>/<str:language>/<str:channel>/", operator.template, name="template"),
    path("messages/texts/<str:name>/<str:language>/<str:channel>/preview/", operator.preview, name="preview"),
    path("messages/texts/<str:name>/<str:language>/<str:channel>/reset/", operator.reset, name="reset"),
    path("messages/<int:pk>/", operator.message, name="message"),
    path("messages/<int:pk>/again/", operator.send_again, name="send_again"),
    path("messages/received/", received.received, name="received"),
    path("messages/received/resume/", received.resume, name="resume"),
    path("messages/received/<int:pk>/", received.received_mail, name="received_mail"),
    path("messages/received/<int:pk>/original/", received.original, name="original"),
    path("messages/received/<int:pk>/release/", received.release, name="release"),
    path("messages/received/<int:pk>/drop/", received.drop, name="drop"),
    path("account/notifications/", own.preferences, name="preferences"),
    path("simulator/", simulator.simulator, name="simulator"),
    path("simulator/mail/<int:pk>/", simulator.mail_html, name="simulator_mail"),
    path("simulator/mail/<int:pk>/answer/", simulator.answer, name="simulator_answer"),
]
