"""The parts of the own account."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.kernel.ui.types import Tab
from sportello.kernel.web import PageRequest


def account_tabs(request: PageRequest) -> list[Tab]:
    """Return the tabs; the one whose address the page's begins with is active."""
    parts = (
        (_("Profile"), reverse("accounts:account")),
        (_("Password"), reverse("accounts:password")),
        (_("Mobile"), reverse("accounts:mobile")),
        (_("E-mail"), reverse("accounts:email")),
        (_("Authenticator app"), reverse("accounts:authenticators")),
        (_("Recovery codes"), reverse("accounts:recovery_codes")),
        (_("Sessions"), reverse("accounts:sessions")),
        (_("What I am told"), reverse("messaging:preferences")),
    )
    active = max((url for _label, url in parts if request.path.startswith(url)), key=len, default="")
    return [Tab(label=label, url=url, active=url == active) for label, url in parts]
