"""The addresses of signing in and of the own account; those of people and of the audit trail stand in `people_urls`."""

from django.urls import path

from sportello.accounts.web import account, account_security, sign_in, sign_in_links
from sportello.accounts.web.people_urls import people_urls

app_name = "accounts"

sign_in_urls = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-in/code/send/", sign_in.send_again, name="send_again"),
    path("sign-in/kept/", sign_in.kept_form, name="kept_form"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("invitation/", sign_in_links.invitation, name="invitation"),
    path("invitation/code/", sign_in_links.invitation_code, name="invitation_code"),
    path("invitation/code/send/", sign_in_links.invitation_send, name="invitation_send"),
    path("invitation/picture.svg", sign_in_links.invitation_picture, name="invitation_picture"),
    path("invitation/<str:token>/", sign_in_links.invitation_link, name="invitation_link"),
    path("password/forgotten/", sign_in_links.forgotten, name="forgotten"),
    path("password/forgotten/sent/", sign_in_links.forgotten_sent, name="forgotten_sent"),
    path("password/reset/", sign_in_links.reset, name="reset"),
    path("password/reset/<str:token>/", sign_in_links.reset_link, name="reset_link"),
]

account_urls = [
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/mobile/", account.mobile, name="mobile"),
    path("account/mobile/code/", account.mobile_code, name="mobile_code"),
    path("account/email/", account.email, name="email"),
    path("account/email/code/", account.email_code, name="email_code"),
    path("account/authenticator/", account_security.authenticators, name="authenticators"),
    path("account/authenticator/add/", account_security.authenticator_add, name="authenticator_add"),
    path("account/authenticator/needed/", account_security.authenticator_needed, name="authenticator_needed"),
    path("account/authenticator/scan/", account_security.authenticator_scan, name="authenticator_scan"),
    path("account/authenticator/picture.svg", account_security.authenticator_picture, name="authenticator_picture"),
    path("account/authenticator/<int:pk>/remove/", account_security.authenticator_remove, name="authenticator_remove"),
    path("account/recovery-codes/", account_security.recovery_codes, name="recovery_codes"),
    path("account/recovery-codes/file/", account_security.recovery_codes_file, name="recovery_codes_file"),
    path("account/sessions/", account_security.sessions, name="sessions"),
    path("account/sessions/end-others/", account_security.sessions_end_others, name="sessions_end_others"),
    path("account/sessions/<int:pk>/end/", account_security.session_end, name="session_end"),
    path("act-as/", account_security.act_as, name="act_as"),
]

urlpatterns = [*sign_in_urls, *account_urls, *people_urls]
