"""What a one-time code is for, and how entering one can end."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CodePurpose(TextChoices):
    """What a one-time code proves: each purpose has its own live code."""

    SIGN_IN = "sign_in", _("Signing in")
    INVITATION = "invitation", _("First access")
    MOBILE = "mobile", _("New mobile number")
    EMAIL = "email", _("New e-mail address")
    CALLED_NUMBERS = "called_numbers", _("Showing called numbers")
    SIGNATURE = "signature", _("Signing terms")


class CodeOutcome(TextChoices):
    """How entering a code ended; the label is what the reader is told. WRONG and REPLAYED read the same."""

    ACCEPTED = "accepted", _("The code is right.")
    WRONG = "wrong", _("This code is not right, or it was used before.")
    REPLAYED = "replayed", _("This code is not right, or it was used before.")
    EXPIRED = "expired", _("This code has expired. Ask for a new one.")
    REPLACED = (
        "replaced",
        _("A newer attempt replaced this one: only the newest code counts, in the browser that asked for it."),
    )
    DEAD = "dead", _("Too many wrong tries: this code is void. Ask for a new one.")
    MISSING = "missing", _("No code was sent for this browser yet. Ask for one.")
    LOCKED = "locked", _("Too many wrong codes in a row: signing in is locked for a while.")


class SignInFailure(TextChoices):
    """Why a first step was refused; for the audit trail alone, the person reads one and the same sentence."""

    UNKNOWN = "unknown", _("Unknown username")
    WRONG_PASSWORD = "wrong_password", _("Wrong password")
    DEACTIVATED = "deactivated", _("Deactivated person")
    NO_PROFILE = "no_profile", _("No profile in any organisation")
    NO_SECOND_STEP = "no_second_step", _("Neither a verified mobile nor an authenticator app")
    LOCKED = "locked", _("Locked after wrong passwords or codes")


class SecondStep(TextChoices):
    """The ways of proving more than the password."""

    SMS = "sms", _("Code by SMS")
    APP = "app", _("Authenticator app")
    RECOVERY = "recovery", _("Recovery code")


class SessionEnd(TextChoices):
    """Why a session ended."""

    SIGN_OUT = "sign_out", _("Signed out")
    BY_PERSON = "by_person", _("Ended by the person")
    CREDENTIALS = "credentials", _("Password, e-mail or mobile changed")
    REPLACED = "replaced", _("Signed in anew in the same browser")
    DEACTIVATED = "deactivated", _("Person deactivated")
