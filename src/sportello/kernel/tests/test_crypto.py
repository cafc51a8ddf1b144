from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel import crypto
from sportello.kernel.crypto import EncryptedTextField

UseKeys = Callable[..., None]
OLD, NEW = (crypto.new_key() for _ in range(2))


@pytest.fixture
def keys(settings: Any) -> UseKeys:
    def use(*these: str) -> None:
        settings.SPORTELLO = {**settings.SPORTELLO, "SECRET_KEYS": list(these)}

    use(NEW, OLD)
    return use


@given(st.text())
def test_encrypted_text_comes_back_and_is_never_the_same_twice(text: str) -> None:
    assert crypto.decrypt(crypto.encrypt(text)) == text
    assert crypto.encrypt(text) != crypto.encrypt(text)


def test_rotation_keeps_old_secrets_readable_until_they_are_encrypted_anew(keys: UseKeys) -> None:
    keys(OLD)
    written = crypto.encrypt("IT60X0542811101000000123456")
    keys(NEW, OLD)
    rotated = crypto.rotate(written)
    keys(NEW)
    assert crypto.decrypt(rotated) == "IT60X0542811101000000123456"
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(written)


@pytest.mark.parametrize("wrong", [(), ("short",), ("c2hvcnQ=",)])
def test_wrong_keys_are_named_as_a_fault_of_the_settings(keys: UseKeys, wrong: Any) -> None:
    keys(*wrong)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEYS"):
        crypto.encrypt("x")
    with pytest.raises((ImproperlyConfigured, ValueError)):
        crypto.keyed_hash("code", "123456")


def test_keyed_hash_differs_by_purpose_key_and_cut_of_parts(keys: UseKeys) -> None:
    hashes = {
        crypto.keyed_hash("code", "ab", "c"),
        crypto.keyed_hash("code", "a", "bc"),
        crypto.keyed_hash("code", "abc"),
        crypto.keyed_hash("link", "ab", "c"),
        *crypto.keyed_hashes("code", "ab", "c"),
    }
    assert len(hashes) == 5
    assert {len(one) for one in hashes} == {64}
    assert crypto.keyed_hash("code", "ab", "c") == crypto.keyed_hashes("code", "ab", "c")[0]


def test_hash_made_before_a_rotation_still_matches_until_its_key_goes(keys: UseKeys) -> None:
    keys(OLD)
    stored = crypto.keyed_hash("link", "token")
    keys(NEW, OLD)
    assert crypto.matches_keyed_hash(stored, "link", "token")
    assert not crypto.matches_keyed_hash(stored, "link", "tokem")
    keys(NEW)
    assert not crypto.matches_keyed_hash(stored, "link", "token")


def test_e10_tokens_have_at_least_128_bits_and_do_not_repeat() -> None:
    assert len({crypto.new_token() for _ in range(1000)}) == 1000
    assert (len(crypto.new_token()), len(crypto.new_token(256))) == (22, 43)
    with pytest.raises(ValueError, match="128 bits"):
        crypto.new_token(64)


def test_equality_is_told_for_any_text() -> None:
    assert crypto.constant_time_equal("caffè", "caffè")
    assert not crypto.constant_time_equal("caffè", "caffe")


class Sim(models.Model):
    puk = EncryptedTextField(null=True)

    class Meta:
        app_label = "crypto_tests"
        managed = False


@pytest.fixture
def sims(transactional_db: None) -> Iterator[Any]:
    with connection.schema_editor() as editor:
        editor.create_model(Sim)
    yield Sim.objects
    with connection.schema_editor() as editor:
        editor.delete_model(Sim)


def test_field_stores_no_clear_text_and_gives_it_back(sims: Any) -> None:
    sims.create(puk="12345678")
    sims.create(puk=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT puk FROM crypto_tests_sim WHERE puk IS NOT NULL")
        (stored,) = cursor.fetchone()
    assert "12345678" not in stored
    assert crypto.decrypt(stored) == "12345678"
    assert sorted(sims.values_list("puk", flat=True), key=str) == ["12345678", None]
    assert sims.filter(puk__isnull=True).count() == 1


def test_field_cannot_be_searched(sims: Any) -> None:
    for lookup in ("puk", "puk__contains", "puk__in"):
        with pytest.raises(FieldError, match="encrypted"):
            sims.filter(**{lookup: "1"})


def test_field_stands_in_migrations_by_its_own_name() -> None:
    assert Sim._meta.get_field("puk").deconstruct() == (
        "puk",
        "sportello.kernel.crypto.EncryptedTextField",
        [],
        {"null": True},
    )
