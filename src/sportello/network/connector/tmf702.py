"""TM Forum Resource Activation and Configuration (TMF702 v4) over HTTP: a feature of a number is an activation feature of a resource.

Every try looks before it acts: an order that was carried out although its answer was lost is found done, and is not done again. What it
then sends carries the order's own key (`Idempotency-Key`), for a network still at work on the try before; and the order's revision, so
that a straggler does not undo a later order. Source of the shapes: `TMF702-ResourceActivation-v4.0.0.swagger.json`; the two
headers and the characteristics `msisdn`, `orderKey` and `revision` are this portal's convention.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import quote, urlencode

from sportello.network.types import Answer, Instruction, NetworkAway, NetworkRefused

BASE: Final = "/tmf-api/ResourceActivationAndConfiguration/v4"
LATER: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
    }
)  # fmt: skip
"""Answers that say nothing of the order itself: too busy; our token ran out; a resource that went since the look; somebody at it."""
LARGEST_ANSWER: Final = 1_000_000
LOOKS_AT_MONITOR: Final = 2
REQUESTS_OF_A_LOOK: Final = 2
"""By the network's own id, and, where that is not known any more, by name."""
MOST_REQUESTS: Final = REQUESTS_OF_A_LOOK + 1 + LOOKS_AT_MONITOR * (1 + REQUESTS_OF_A_LOOK)
"""Requests that one try makes at most: look, act, and at each look at the monitor look at the resource too."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: Any
    location: str = ""


class ResourceActivation:
    """A network behind TMF702. `url` is the root in front of `/tmf-api/…`; `timeout` in seconds, of each request."""

    def __init__(self, url: str, *, token: str = "", timeout: int = 10) -> None:
        """Take the address, the bearer token and the timeout."""
        self.root = url.rstrip("/") + BASE
        self.token = token
        self.timeout = timeout

    def carry_out(self, instruction: Instruction) -> Answer:
        """Bring a feature into the wanted state, or find it there. Raises `NetworkAway`, `NetworkRefused`."""
        found = self._find(instruction)
        if found is not None and _is_on(found, instruction) == instruction.enabled:
            return Answer(enabled=instruction.enabled, external_id=_id(found), found=True)
        if found is None and not instruction.enabled:  # what was never switched on is off
            return Answer(enabled=False, external_id="", found=True)
        reply = self._act(instruction, found)
        resource = self._awaited(reply, instruction)
        if _is_on(resource, instruction) != instruction.enabled:
            raise NetworkAway("the network took the order and has not carried it out yet")
        return Answer(enabled=instruction.enabled, external_id=_id(resource))

    def _find(self, instruction: Instruction) -> Mapping[str, Any] | None:
        if instruction.external_id:
            reply = self._request("GET", f"/resource/{quote(instruction.external_id, safe='')}")
            if reply.status == HTTPStatus.OK:
                return _resource(reply.body)
        name = resource_name(instruction)
        rows = self._request("GET", f"/resource?{urlencode({'name': name})}").body
        if not isinstance(rows, list):
            raise NetworkAway("the network answered a question for a list with something else")
        return next((_resource(row) for row in rows if isinstance(row, dict) and row.get("name") == name), None)

    def _act(self, instruction: Instruction, found: Mapping[str, Any] | None) -> Reply:
        if found is None:
            return self._request("POST", "/resource", created(instruction), instruction)
        path = f"/resource/{quote(_id(found), safe='')}"
        return self._request("PATCH", path, changed(instruction), instruction)

    def _awaited(self, reply: Reply, instruction: Instruction) -> Mapping[str, Any]:
        """Return the resource of an answer; where the network answers with a monitor, look at what became of it."""
        if reply.status != HTTPStatus.ACCEPTED:
            return _resource(reply.body)
        for _look in range(LOOKS_AT_MONITOR):
            monitor = self._monitor(reply)
            if monitor.get("state") in {"Failed", "failed", "rejected"}:
                raise NetworkRefused(_reason(monitor.get("response")) or "the network gave the order up")
            found = self._find(instruction)
            if found is not None and _is_on(found, instruction) == instruction.enabled:
                return found
        raise NetworkAway("the network is still at work on the order")

    def _monitor(self, reply: Reply) -> Mapping[str, Any]:
        body = reply.body if isinstance(reply.body, dict) else {}
        identity = str(body.get("id") or reply.location.rstrip("/").rpartition("/")[2])
        answer = self._request("GET", f"/monitor/{quote(identity, safe='')}").body
        return answer if isinstance(answer, dict) else {}

    def _request(self, method: str, path: str, body: Any = None, instruction: Instruction | None = None) -> Reply:
        headers = {"Accept": "application/json", "Content-Type": "application/json;charset=utf-8"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if instruction is not None:
            headers["Idempotency-Key"] = instruction.key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data=data, headers=headers, method=method)  # noqa: S310 - checked at start
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return Reply(answer.status, _json(answer.read(LARGEST_ANSWER)), answer.headers.get("Location", ""))
        except urllib.error.HTTPError as error:
            with error:
                return _unhappy(method, error.code, error.read(LARGEST_ANSWER))
        except (
            OSError,
            HTTPException,
        ) as silence:  # refused connections, timeouts, half answers, answers that are no HTTP
            raise NetworkAway(f"no answer from the network ({type(silence).__name__})") from silence


def resource_name(instruction: Instruction) -> str:
    """Return the name that the network keeps a feature of a number under."""
    return f"{instruction.feature} {instruction.resource}"


def created(instruction: Instruction) -> dict[str, Any]:
    """Return the body of a POST (`Resource_Create`)."""
    return {
        "@type": "LogicalResource",
        "name": resource_name(instruction),
        "category": instruction.category,
        "administrativeState": "unlocked",
        "resourceStatus": "available",
        **changed(instruction),
    }


def changed(instruction: Instruction) -> dict[str, Any]:
    """Return the body of a PATCH (`Resource_Update`)."""
    feature = {"name": instruction.feature, "isEnabled": instruction.enabled, "featureCharacteristic": []}
    return {
        "activationFeature": [feature],
        "resourceCharacteristic": [
            {"name": "msisdn", "valueType": "string", "value": instruction.resource},
            {"name": "orderKey", "valueType": "string", "value": instruction.key},
            {"name": "revision", "valueType": "integer", "value": instruction.revision},
        ],
    }


def _unhappy(method: str, status: int, content: bytes) -> Reply:
    if status == HTTPStatus.NOT_FOUND and method == "GET":
        return Reply(status, [])
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in LATER:
        raise NetworkAway(f"the network answered {status} {_reason(_json(content))}".strip())
    raise NetworkRefused(_reason(_json(content)) or f"the network answered {status}")


def _is_on(resource: Mapping[str, Any], instruction: Instruction) -> bool:
    for feature in resource.get("activationFeature") or ():
        if isinstance(feature, dict) and feature.get("name") == instruction.feature:
            return feature.get("isEnabled") is True
    return False


def _resource(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict) or not body.get("id"):
        raise NetworkAway("the network's answer is no resource")
    return body


def _id(resource: Mapping[str, Any]) -> str:
    return str(resource["id"])[:120]


def _reason(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    said = [str(body[name]) for name in ("reason", "message") if body.get(name)]
    return ": ".join(said)


def _json(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None
