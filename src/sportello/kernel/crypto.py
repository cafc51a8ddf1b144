"""Secrets at rest: encrypted text fields, keyed hashes for tokens and codes, random tokens.

Keys stand in `settings.SPORTELLO["SECRET_KEYS"]`, urlsafe base64 of 32 bytes each, the newest first: it encrypts and
hashes; all of them decrypt and are tried when a hash is looked up. Rotate by putting a new key in front, re-encrypting
what is stored (`rotate`), then removing the old one.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

KEY_BYTES = 32
SMALLEST_TOKEN_BITS = 128

if TYPE_CHECKING:
    _ST = TypeVar("_ST")
    _GT = TypeVar("_GT")

    class _TextField(models.TextField[_ST, _GT]):
        pass

else:

    class _TextField(models.TextField):
        def __class_getitem__(cls, _types: object) -> type:
            return cls

    _ST = _GT = object


class CannotDecrypt(Exception):
    """Say that a stored secret was written with a key that this installation does not have, or was changed."""


def new_key() -> str:
    """Return a fresh key for `SECRET_KEYS`."""
    return Fernet.generate_key().decode()


def _keys() -> tuple[str, ...]:
    keys: Sequence[str] = settings.SPORTELLO.get("SECRET_KEYS", ())
    if not keys:
        raise ImproperlyConfigured("SPORTELLO['SECRET_KEYS'] holds no key: make one with kernel.crypto.new_key.")
    return tuple(keys)


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("Each of SPORTELLO['SECRET_KEYS'] is urlsafe base64 of 32 bytes.") from error


def encrypt(text: str) -> str:
    """Return the text encrypted with the newest key; the same text gives another result each time."""
    return _cipher(_keys()).encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Return the text behind what `encrypt` gave. Raises `CannotDecrypt`."""
    try:
        return _cipher(_keys()).decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise CannotDecrypt("A stored secret cannot be read: no key of SPORTELLO['SECRET_KEYS'] fits.") from error


def seal(content: bytes) -> bytes:
    """Return a file's content encrypted with the newest key."""
    return _cipher(_keys()).encrypt(content)


def unseal(sealed: bytes) -> bytes:
    """Return the content behind what `seal` gave. Raises `CannotDecrypt`."""
    try:
        return _cipher(_keys()).decrypt(sealed)
    except InvalidToken as error:
        raise CannotDecrypt("A stored file cannot be read: no key of SPORTELLO['SECRET_KEYS'] fits.") from error


def rotate(encrypted: str) -> str:
    """Return the same secret encrypted with the newest key. Raises `CannotDecrypt`."""
    return encrypt(decrypt(encrypted))


@lru_cache(maxsize=128)
def _derived_key(key: str, purpose: str) -> bytes:
    secret = urlsafe_b64decode(key)
    if len(secret) != KEY_BYTES:
        raise ImproperlyConfigured("Each of SPORTELLO['SECRET_KEYS'] is urlsafe base64 of 32 bytes.")
    return hmac.digest(secret, b"sportello/keyed-hash/" + purpose.encode(), sha256)


def _hash_with(key: str, purpose: str, parts: Sequence[str]) -> str:
    # Each part is preceded by its length: ("ab", "c") and ("a", "bc") must not collide.
    encoded = [part.encode() for part in parts]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in encoded)
    return hmac.digest(_derived_key(key, purpose), message, sha256).hex()


def keyed_hash(purpose: str, *parts: str) -> str:
    """Return the HMAC-SHA256 (64 hex digits) of the parts under the newest key, derived anew for each purpose."""
    return _hash_with(_keys()[0], purpose, parts)


def keyed_hashes(purpose: str, *parts: str) -> list[str]:
    """Return the hash under every key, newest first: for looking up what was hashed before a rotation."""
    return [_hash_with(key, purpose, parts) for key in _keys()]


def matches_keyed_hash(stored: str, purpose: str, *parts: str) -> bool:
    """Tell in constant time whether `stored` is the hash of the parts under any key."""
    found = [constant_time_equal(stored, candidate) for candidate in keyed_hashes(purpose, *parts)]
    return any(found)


def constant_time_equal(left: str, right: str) -> bool:
    """Compare two texts in a time that tells nothing about where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def new_token(bits: int = SMALLEST_TOKEN_BITS) -> str:
    """Return a random urlsafe token of so many bits, 128 at least (ABUSE.md E10)."""
    if bits < SMALLEST_TOKEN_BITS:
        raise ValueError(f"A token has at least {SMALLEST_TOKEN_BITS} bits.")
    return secrets.token_urlsafe((bits + 7) // 8)


class EncryptedTextField(_TextField[_ST, _GT]):
    """Hold a text that lies encrypted in the database (PUK, IBAN): it can be read, never searched."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared if prepared is None else encrypt(prepared)

    def from_db_value(self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper) -> str | None:
        return None if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched: store a keyed_hash beside it.")
        return super().get_lookup(lookup_name)
