"""The password of the named logins: random in each installation, kept in its data folder, shown on the sign-in page."""

import json
import os
import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from sportello.accounts.models import Membership, Person
from sportello.accounts.types import DemoLogin
from sportello.config.demo_base import cast
from sportello.kernel.access import Profile

FILE_NAME = "demo-logins.json"  # read by accounts.queries.demo_logins
# Letters and digits that nobody mistakes for one another when copying them from a page.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 4
EVERYWHERE = "the demo's named logins"


def new_password() -> str:
    """Return a random password of 79 bits in groups that can be typed from a screen."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def open_logins(now: datetime) -> Path:
    """Give the named logins a password and a verified mobile (inside an operation), write them down, return the file.

    One password serves all of them: the page shows it once.
    """
    password = new_password()
    usernames = [login.username for login in cast.CAST]
    people = Person.objects.across_tenants(reason=EVERYWHERE).filter(username__in=usernames)
    people.update(password=make_password(password), mobile_verified_at=now)
    return _write([_login(login, password) for login in cast.CAST])


def _login(login: cast.Login, password: str) -> DemoLogin:
    memberships = Membership.objects.across_tenants(reason=EVERYWHERE).filter(person__username=login.username)
    held = [
        (row.organisation.legal_name, Profile(row.profile).value)
        for row in memberships.select_related("organisation").order_by("pk")
    ]
    return DemoLogin(
        username=login.username,
        password=password,
        profile=", ".join(dict.fromkeys(profile for _organisation, profile in held)),
        organisation=", ".join(dict.fromkeys(organisation for organisation, _profile in held)),
        name=f"{login.given_name} {login.family_name}",
    )


def _write(logins: list[DemoLogin]) -> Path:
    path: Path = settings.SPORTELLO["DATA_FOLDER"] / FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump([{name: getattr(login, name) for name in DemoLogin.__dataclass_fields__} for login in logins], file)
    half.replace(path)
    return path
