"""The words that the invented organisations and people are made of; they stand in `words.toml`."""

import tomllib
from importlib.resources import files

_WORDS = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
COUNTRIES = ("IT", "ES")


def _everywhere(name: str) -> tuple[str, ...]:
    return tuple(_WORDS[name])


def _by_country(name: str) -> dict[str, tuple[str, ...]]:
    return {country: tuple(_WORDS[country][name]) for country in COUNTRIES}


PARTNERS = _everywhere("partners")
OFFICES = _everywhere("offices")
SITE_KINDS = _everywhere("site_kinds")
CONTACT_ROLES = _everywhere("contact_roles")
DEVICES = _everywhere("devices")
GIVEN_NAMES = _by_country("given_names")
FAMILY_NAMES = _by_country("family_names")
PLACE_HEADS = _by_country("place_heads")
PLACE_TAILS = _by_country("place_tails")
PROVINCES = _by_country("provinces")
STREETS = _by_country("streets")
PUBLIC_BODIES = _by_country("public_bodies")
COMPANIES = _by_country("companies")
