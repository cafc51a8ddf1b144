"""What the operator's own mail server found out about a sender (RFC 8601): only the topmost result under its own name counts."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from sportello.messaging.incoming.parsing.headers import Headers
from sportello.messaging.types import Trust

_RESULT: Final = re.compile(r"^\s*(dmarc|dkim|spf)\s*=\s*([a-z]+)(.*)$", re.IGNORECASE | re.DOTALL)
_DOMAIN: Final = {
    "dmarc": re.compile(r"header\.from\s*=\s*\"?(?:[^\s;@\"]*@)?([^\s;@\"]+)", re.IGNORECASE),
    "dkim": re.compile(r"header\.(?:d|i)\s*=\s*\"?(?:[^\s;@\"]*@)?([^\s;@\"]+)", re.IGNORECASE),
    "spf": re.compile(r"smtp\.(?:mailfrom|helo)\s*=\s*\"?(?:[^\s;@\"]*@)?([^\s;@\"]+)", re.IGNORECASE),
}
_COMMENT: Final = re.compile(r"\([^()]*\)")


def trust_in(headers: Headers, sender: str, *, servers: Collection[str]) -> Trust:
    """Return whether the sender's domain is confirmed: `servers` are the names of the operator's servers (ABUSE E17).

    Without such a name nothing is believed. DMARC decides where it is told; else DKIM or SPF of the sender's own domain.
    """
    domain = sender.rpartition("@")[2].lower()
    results = _results(headers, {each.lower() for each in servers})
    if not results or not domain:
        return Trust.NONE
    dmarc = [value for method, value, of in results if method == "dmarc" and of in {"", domain}]
    if dmarc and dmarc[0] in {"pass", "fail"}:
        return Trust.PASS if dmarc[0] == "pass" else Trust.FAIL
    aligned = [value for method, value, of in results if method in {"dkim", "spf"} and _is_aligned(of, domain)]
    if "pass" in aligned:
        return Trust.PASS
    told = [value for method, value, _of in results if method in {"dkim", "spf"}]
    return Trust.FAIL if any(value in {"fail", "softfail", "permerror", "pass"} for value in told) else Trust.NONE


def _results(headers: Headers, servers: Collection[str]) -> list[tuple[str, str, str]]:
    for value in headers.all("authentication-results"):
        first, *parts = _COMMENT.sub(" ", value).split(";")
        if first.split() and first.split()[0].lower() in servers:
            found = [_RESULT.match(part) for part in parts]
            return [(each[1].lower(), each[2].lower(), _of(each)) for each in found if each]
    return []


def _of(result: re.Match[str]) -> str:
    domain = _DOMAIN[result[1].lower()].search(result[3])
    return domain[1].lower().rstrip(".") if domain else ""


def _is_aligned(of: str, domain: str) -> bool:
    """Tell whether a result is of the sender's domain or of one above or below it (relaxed alignment, RFC 7489 3.1)."""
    shorter, longer = sorted((of, domain), key=len)
    return bool(of) and (shorter == longer or ("." in shorter and longer.endswith(f".{shorter}")))
