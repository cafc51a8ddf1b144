"""People, memberships, sign-in, sessions."""

from sportello.accounts.models.people import Membership, Person
from sportello.accounts.models.sessions import KeptForm, Session
from sportello.accounts.models.sign_in import (
    Invitation,
    OneTimeCode,
    PasswordReset,
    RecoveryCode,
    SignInGuard,
    TotpDevice,
    TrustedDevice,
)

__all__ = [
    "Invitation",
    "KeptForm",
    "Membership",
    "OneTimeCode",
    "PasswordReset",
    "Person",
    "RecoveryCode",
    "Session",
    "SignInGuard",
    "TotpDevice",
    "TrustedDevice",
]
