"""No cache keeps what is a person's, nobody's numbers are counted, no second operator is seen (ABUSE C10, C15, C18)."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import get_resolver

from sportello.kernel.testing import arrange
from sportello.parties import operations
from sportello.parties.models import Organisation
from sportello.parties.rules import Registry
from sportello.parties.states import OrganisationKind

SOURCES = Path(__file__).parents[2] / "src" / "sportello"
CACHING = {
    "cache_page",
    "cache_control",
    "vary_on_cookie",
    "cached_template",
    "FetchFromCacheMiddleware",
    "UpdateCacheMiddleware",
}


@pytest.mark.django_db
def test_c10_pages_parts_files_refusals_and_addresses_of_nothing_are_kept_by_no_cache(signed_in):
    browser = signed_in("ada")
    answers = [
        browser.get("/"), browser.get("/lines/"), browser.get("/lines/", headers={"HX-Request": "true"}), browser.get("/lines/", {"export": "csv"}),
        browser.get("/lines/999999/"), browser.get("/no-such-address/"), browser.post("/lines/999999/"), browser.get("/account/"),
    ]  # fmt: skip
    for answer in answers:
        b"".join(getattr(answer, "streaming_content", ()))
    assert {answer["Cache-Control"] for answer in answers} == {"no-store, private"}
    assert {answer.status_code for answer in answers} >= {200, 404}


def test_c10_nothing_that_a_page_shows_is_kept_in_a_cache():
    """What the cache holds are counters of tries; a page, a part or rows in it would need a key with the tenant."""
    named = {
        (str(file.relative_to(SOURCES)), name)
        for file in SOURCES.rglob("*.py")
        if "tests" not in file.parts
        for name in names_in(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert {one for one in named if one[1] in CACHING} == set()
    assert {file for file, name in named if name == "django.core.cache"} == {
        "kernel/web/middleware.py",
        "tickets/web/by_link.py",
    }
    assert [file.name for file in SOURCES.rglob("*.html") if "{% cache" in file.read_text(encoding="utf-8")] == []


def names_in(module: ast.Module) -> set[str]:
    names = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    return names | {node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}


@pytest.mark.django_db
def test_c15_codes_of_customers_and_partners_do_not_count(olga):
    made = [
        operations.create_customer(actor=olga, registry=Registry(legal_name=f"Ente {place}"), partner=None)
        for place in range(6)
    ]
    made += [
        operations.create_partner(actor=olga, registry=Registry(legal_name=f"Partner {place}")) for place in range(6)
    ]
    codes = [row.code for row in made]
    assert {(code[0], code[1], len(code)) for code in codes} == {("C", "-", 10), ("P", "-", 10)}
    assert len(set(codes)) == 12
    alike = [sum(one == other for one, other in zip(a[2:], b[2:], strict=True)) for a, b in pairwise(codes)]
    assert max(alike) < 6  # codes that count share all but their last signs


@pytest.mark.django_db
def test_c18_one_installation_has_one_operator(world):
    with pytest.raises(IntegrityError), transaction.atomic(), arrange():
        Organisation.objects.create(kind=OrganisationKind.OPERATOR, code="OP2", legal_name="Another operator")


def test_c18_no_admin_site_that_knows_no_scope_is_there():
    assert not apps.is_installed("django.contrib.admin")
    assert "admin" not in get_resolver().namespace_dict
