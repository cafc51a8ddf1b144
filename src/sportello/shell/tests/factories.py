"""Rows that the shell shows and finds; written inside `arrange()`."""

from __future__ import annotations

from sportello.accounts.models import Person
from sportello.parties.models import Organisation


def person_of(organisation: Organisation, given: str, family: str) -> Person:
    return Person.objects.create(
        organisation=organisation,
        username=f"{given}.{family}".lower(),
        given_name=given,
        family_name=family,
        language="en",
    )
