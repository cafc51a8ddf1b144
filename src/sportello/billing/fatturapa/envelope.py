"""The envelope of a file: plain XML, a signed `.p7m` (CMS, DER or PEM), or either of them in base64.

The signature of a `.p7m` is checked as far as it can be without a list of trusted issuers: the signed digest is that of the
content, and the signature is that of the certificate inside. Who issued the certificate is not checked, and that is said (`notes`).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from django.utils.translation import gettext_noop as _

from sportello.billing.types import FileRefused, Problem
from sportello.kernel.sentences import kept

MOST_BYTES: Final = 10 * 1024 * 1024
"""SdI takes files of 5 MB; base64 and a signature make a third more of it."""
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=\s]+")
_PEM: Final = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----(.+?)-----END [A-Z0-9 ]+-----", re.DOTALL)
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - old signatures are checked with what they were made with
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The XML out of its envelope; `signers` are the names in the certificates, `notes` what could not be checked."""

    xml: bytes
    signed: bool = False
    signers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def unwrap(content: bytes) -> Opened:
    """Take the XML out of whatever it came in. Raises `FileRefused`: too large, broken or nested signature, no XML inside."""
    if len(content) > MOST_BYTES:
        raise _refused("size", kept(_("The file is larger than %(most)d MB."), most=MOST_BYTES // 1024 // 1024))
    plain = _without_base64(content)
    if _looks_like_xml(plain):
        return Opened(xml=_trimmed(plain))
    signed = _der(plain)
    if signed is None:
        raise _refused("envelope", _("The file is neither XML nor a signed file (.p7m)."))
    return _opened(signed)


def _looks_like_xml(content: bytes) -> bool:
    return content.lstrip()[:1] == b"<" or content.startswith(_BOMS)


def _trimmed(content: bytes) -> bytes:
    return content if content.startswith(_BOMS) else content.lstrip()


def _without_base64(content: bytes) -> bytes:
    """Return the content without base64 around it, once."""
    if _looks_like_xml(content) or not _BASE64.fullmatch(content):
        return content
    try:
        return base64.b64decode(re.sub(rb"\s+", b"", content), validate=True)
    except binascii.Error:
        return content


def _der(content: bytes) -> bytes | None:
    found = _PEM.search(content)
    if found:
        try:
            return base64.b64decode(re.sub(rb"\s+", b"", found[1]), validate=True)
        except binascii.Error:
            return None
    return content if content[:1] == b"\x30" else None


def _opened(der: bytes) -> Opened:
    try:
        signed, inner = _signed_data(der)
        notes, signers = _checked(signed, inner)
    except FileRefused:
        raise
    except Exception as broken:  # the structure comes from outside: whatever cannot be read of it is a broken signature
        raise _refused("signature", _("The signed file is damaged: it cannot be read.")) from broken
    xml = _without_base64(inner)
    if not _looks_like_xml(xml):
        if _der(xml) is not None:
            raise _refused("nested", _("There is a signed file inside the signed file."))
        raise _refused("envelope", _("The signed file holds no XML."))
    return Opened(xml=_trimmed(xml), signed=True, signers=signers, notes=notes)


def _signed_data(der: bytes) -> tuple[Any, bytes]:
    info = cms.ContentInfo.load(der)
    if info["content_type"].native != "signed_data":
        raise _refused("envelope", _("The file is enciphered or of another kind, not signed."))
    signed = info["content"]
    inner = signed["encap_content_info"]["content"]
    if inner.native is None:
        raise _refused("signature", _("The signature comes without the file that it signs."))
    return signed, bytes(inner)


def _checked(signed: Any, content: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    certificates = [
        x509.load_der_x509_certificate(one.chosen.dump())
        for one in signed["certificates"] or ()
        if one.name == "certificate"
    ]
    if not len(signed["signer_infos"]):
        raise _refused("signature", _("The signed file names no signer."))
    notes, names = [], []
    for signer in signed["signer_infos"]:
        certificate = _certificate_of(signer, certificates)
        if certificate is None:
            notes.append(_("The certificate of a signer is not in the file: the signature could not be checked."))
            continue
        names.append(_name(certificate))
        notes += _check_signer(signer, certificate, content)
    notes.append(_("Who issued the signer's certificate was not checked."))
    return tuple(notes), tuple(names)


def _certificate_of(signer: Any, certificates: list[x509.Certificate]) -> x509.Certificate | None:
    sid = signer["sid"]
    for one in certificates:
        if sid.name == "issuer_and_serial_number":
            if one.serial_number == sid.chosen["serial_number"].native:
                return one
        else:
            held = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
            if held == sid.chosen.native:
                return one
    return None


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _check_signer(signer: Any, certificate: x509.Certificate, content: bytes) -> list[str]:
    """Return what could not be checked. Raises `FileRefused` when the signature is broken."""
    algorithm = _HASHES.get(signer["digest_algorithm"]["algorithm"].native)
    if algorithm is None:
        return [_("The signature is of a kind that cannot be checked.")]
    digest = hashes.Hash(algorithm)
    digest.update(content)
    attributes = signer["signed_attrs"]
    message = content
    if attributes.native:
        stated = [
            value.native for one in attributes if one["type"].native == "message_digest" for value in one["values"]
        ]
        if stated != [digest.finalize()]:
            raise _refused("signature", _("The signature is broken: the content was changed after it was signed."))
        message = attributes.untag().dump()
    try:
        _verify(certificate.public_key(), signer, algorithm, message)
    except InvalidSignature as broken:
        raise _refused("signature", _("The signature is broken: it is not that of its certificate.")) from broken
    except (UnsupportedAlgorithm, NotImplementedError, ValueError):
        return [_("The signature is of a kind that cannot be checked.")]
    return []


def _verify(key: Any, signer: Any, algorithm: hashes.HashAlgorithm, message: bytes) -> None:
    signature = signer["signature"].native
    if isinstance(key, rsa.RSAPublicKey):
        if signer["signature_algorithm"].signature_algo == "rsassa_pss":
            scheme: padding.AsymmetricPadding = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
        else:
            scheme = padding.PKCS1v15()
        key.verify(signature, message, scheme, algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        digest = hashes.Hash(algorithm)
        digest.update(message)
        key.verify(signature, digest.finalize(), ec.ECDSA(utils.Prehashed(algorithm)))
    else:
        raise NotImplementedError


def _refused(rule: str, reason: str) -> FileRefused:
    return FileRefused(Problem(rule=rule, reason=reason))
