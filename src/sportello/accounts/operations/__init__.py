"""Every write about people, memberships, sign-in and sessions."""

from sportello.accounts.operations.codes import freeze_codes, send_code, unbind_mobile, unfreeze_codes
from sportello.accounts.operations.first_operator import invite_operator
from sportello.accounts.operations.fresh import send_fresh_code, take_fresh_code
from sportello.accounts.operations.imports import load_people
from sportello.accounts.operations.invitations import (
    finish_first_access,
    invite_person,
    make_invitation_link,
    revoke_invitations,
    send_first_code,
    start_first_access,
)
from sportello.accounts.operations.memberships import end_profile, grant_profile
from sportello.accounts.operations.passwords import (
    ask_reset_links,
    change_password,
    confirm_password,
    reset_password,
    send_reset_links,
)
from sportello.accounts.operations.people import (
    change_person,
    create_person,
    deactivate_person,
    end_sessions_of_organisation,
    reactivate_person,
)
from sportello.accounts.operations.profile import Profile, ask_new_contact, change_profile, confirm_new_contact
from sportello.accounts.operations.sessions import choose_membership, end_other_sessions, end_session, sign_out
from sportello.accounts.operations.sign_in import start_sign_in, take_second_step
from sportello.accounts.operations.totp import (
    confirm_authenticator,
    make_recovery_codes,
    remove_authenticator,
    start_authenticator,
)
from sportello.accounts.operations.viewing import end_viewing, start_viewing

__all__ = [
    "Profile",
    "ask_new_contact",
    "ask_reset_links",
    "change_password",
    "change_person",
    "change_profile",
    "choose_membership",
    "confirm_authenticator",
    "confirm_new_contact",
    "confirm_password",
    "create_person",
    "deactivate_person",
    "end_other_sessions",
    "end_profile",
    "end_session",
    "end_sessions_of_organisation",
    "end_viewing",
    "finish_first_access",
    "freeze_codes",
    "grant_profile",
    "invite_operator",
    "invite_person",
    "load_people",
    "make_invitation_link",
    "make_recovery_codes",
    "reactivate_person",
    "remove_authenticator",
    "reset_password",
    "revoke_invitations",
    "send_code",
    "send_first_code",
    "send_fresh_code",
    "send_reset_links",
    "sign_out",
    "start_authenticator",
    "start_first_access",
    "start_sign_in",
    "start_viewing",
    "take_fresh_code",
    "take_second_step",
    "unbind_mobile",
    "unfreeze_codes",
]
