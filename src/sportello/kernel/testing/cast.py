"""The standing cast: Ada (customer A, administrator), Bo (customer A, employee), Cy (customer B, administrator), Pia (partner of A),
Olga (operator). Fixtures give actors; `world` gives their rows. Imported by the root conftest only.
"""  # noqa: D205

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from sportello.kernel.access import OPERATOR_PROFILES, Profile
from sportello.kernel.actor import Actor, member_actor
from sportello.kernel.testing.arranging import arrange

if TYPE_CHECKING:
    from sportello.accounts.models import Membership
    from sportello.parties.models import Organisation

__all__ = ["ada", "bo", "cy", "olga", "pia", "signed_in", "world"]

PASSWORD = "correct horse battery staple"  # noqa: S105 - of the cast


@dataclass(frozen=True)
class World:
    """The organisations and memberships of the cast, by name."""

    operator: Organisation
    partner: Organisation
    a: Organisation
    b: Organisation
    memberships: dict[str, Membership]

    def actor(self, name: str) -> Actor:
        """Return the actor of a member of the cast."""
        held = self.memberships[name]
        return member_actor(
            person_id=held.person_id,
            organisation_id=held.organisation_id,
            profile=Profile(held.profile),
            membership_id=held.pk,
            name=held.person.name,
        )


@pytest.fixture
def world(db: None) -> World:  # noqa: ARG001 - it opens the database
    """Write operator, partner, customer A (of the partner), customer B, and the cast."""
    from sportello.parties.models import Organisation
    from sportello.parties.states import OrganisationKind as Kind

    with arrange():
        operator = Organisation.objects.create(kind=Kind.OPERATOR, code="OP", legal_name="Operatore di prova")
        partner = Organisation.objects.create(kind=Kind.PARTNER, code="P1", legal_name="Partner Uno")
        a = Organisation.objects.create(kind=Kind.CUSTOMER, code="A", legal_name="Comune di Alfa", partner=partner)
        b = Organisation.objects.create(kind=Kind.CUSTOMER, code="B", legal_name="Beta S.r.l.")
        memberships = {
            "ada": new_member(a, "Ada", Profile.ADMINISTRATOR, "+393510000001"),
            "bo": new_member(a, "Bo", Profile.EMPLOYEE, "+393510000002"),
            "cy": new_member(b, "Cy", Profile.ADMINISTRATOR, "+393510000003"),
            "pia": new_member(partner, "Pia", Profile.PARTNER_ADMIN, "+393510000004"),
            "olga": new_member(operator, "Olga", Profile.OPERATOR_ADMIN, "+393510000005"),
        }
    return World(operator=operator, partner=partner, a=a, b=b, memberships=memberships)


def new_member(organisation: Organisation, name: str, profile: Profile, mobile: str = "") -> Membership:
    """Write a person with one profile, able to sign in (inside `arrange()`)."""
    from sportello.accounts.models import Membership, Person, TotpDevice

    person = Person(
        organisation=organisation,
        username=name.lower(),
        given_name=name,
        family_name="Prova",
        email=f"{name.lower()}@example.test",
        mobile=mobile,
        mobile_verified_at=datetime(2026, 1, 1, tzinfo=UTC),
        language="en",
    )
    person.set_password(PASSWORD)
    person.save()
    if profile in OPERATOR_PROFILES:  # staff without an authenticator app get no further than adding one (product/01)
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - of the cast
        TotpDevice.objects.create(person=person, name="app", secret=secret, confirmed_at=person.mobile_verified_at)
    return Membership.objects.create(person=person, organisation=organisation, profile=profile)


class Tab(Client):
    """A browser whose forms say as which membership their page was opened, as each of the portal's does (ABUSE C12)."""

    def generic(self, method: str, *args: Any, **extra: Any) -> Any:
        """Send a request; add to a form what `{% acting_field %}` writes, unless the test says it itself."""
        said = "X-Acting" in (extra.get("headers") or {}) or any(
            b"_acting" in each for each in args if isinstance(each, bytes)
        )
        acting = None if method in {"GET", "HEAD", "OPTIONS"} or said else self._acting()
        if acting:
            extra["headers"] = {**(extra.get("headers") or {}), "X-Acting": acting}
        return super().generic(method, *args, **extra)

    def _acting(self) -> str:
        """Return the membership acted as; asked past the count of a test's queries: a browser knows it from its page."""
        from sportello.accounts import sessions

        request = cast(
            "HttpRequest", SimpleNamespace(COOKIES={name: held.value for name, held in self.cookies.items()})
        )
        counting, connection.force_debug_cursor = connection.force_debug_cursor, False
        try:
            found = sessions.find(request, now=timezone.now())
        finally:
            connection.force_debug_cursor = counting
        return str(found.acting.pk) if found else ""


@pytest.fixture
def ada(world: World) -> Actor:
    """Administrator of customer A."""
    return world.actor("ada")


@pytest.fixture
def bo(world: World) -> Actor:
    """Employee of customer A."""
    return world.actor("bo")


@pytest.fixture
def cy(world: World) -> Actor:
    """Administrator of customer B."""
    return world.actor("cy")


@pytest.fixture
def pia(world: World) -> Actor:
    """Administrator of the partner of A."""
    return world.actor("pia")


@pytest.fixture
def olga(world: World) -> Actor:
    """Administrator of the operator."""
    return world.actor("olga")


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Client]:
    """Return a browser signed in as a member of the cast: `signed_in("ada").get("/…")`."""
    from django.conf import settings

    from sportello.accounts.sessions import open_session

    def browser(name: str) -> Client:
        held = world.memberships[name]
        _row, value = open_session(
            person=held.person, membership=held, now=timezone.now(), address="127.0.0.1", browser="test"
        )
        client = Tab()
        client.cookies[settings.SESSION_COOKIE_NAME] = value
        return client

    return browser
