"""A network behind TMF702 in a process of its own, written from TM Forum's document and not from our code: `python -m tests.peers.activation PORT`.

It is strict where networks are: no token, no answer; a body that the document does not know is refused with what is wrong. It remembers by
`Idempotency-Key` and by `revision`, as the portal asks of a network. `PUT /simulator/behaviour` and `GET /simulator/state` are the test's own.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = "/tmf-api/ResourceActivationAndConfiguration/v4"
TOKEN = "secret"
DOCUMENT = Path(__file__).resolve().parents[3] / "shared/data/tmf/TMF702-ResourceActivation-v4.0.0.swagger.json"
TYPES: dict[str, type] = {"string": str, "boolean": bool, "array": list, "integer": int}


def wrong(document: dict[str, Any], name: str, value: dict[str, Any]) -> list[str]:
    """Return where a value is not as the definition says (names, types, what is required), all the way down."""
    shape = document["definitions"][name]
    if "enum" in shape:
        return [] if value in shape["enum"] else [f"{name}: {value!r}"]
    known = shape.get("properties") or {}
    if not known:
        return []
    found = [f"{name}.{key} is unknown" for key in value if key not in known]
    needed = set(shape.get("required", ())) - {"id", "href"} - value.keys()
    found += [f"{name}.{key} is missing" for key in sorted(needed)]
    for key, inner in value.items():
        kind = known.get(key, {})
        if "$ref" in kind:
            found += wrong(document, kind["$ref"].rpartition("/")[2], inner)
        elif kind.get("type") == "array":
            of = kind["items"].get("$ref", "").rpartition("/")[2]
            found += [text for one in inner for text in wrong(document, of, one)]
        elif kind and not isinstance(inner, TYPES[kind["type"]]):
            found.append(f"{name}.{key}: {inner!r}")
    return found


class Handler(BaseHTTPRequestHandler):
    """Answer as the behaviour says; what was worked stands in `work`."""

    lock = Lock()
    document: dict[str, Any] = json.loads(DOCUMENT.read_text()) if DOCUMENT.exists() else {}
    behaviour = "well"
    rows: dict[str, dict[str, Any]] = {}
    done: dict[str, str] = {}
    monitors: dict[str, int] = {}
    work: list[dict[str, Any]] = []

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/simulator/state":
            return self.answer(200, {"work": self.work})
        if not self.served():
            return None
        if path.startswith(f"{ROOT}/monitor/"):
            return self.look_at_monitor(path.rpartition("/")[2])
        if path == f"{ROOT}/resource":
            return self.answer(200, [row for row in self.rows.values() if [row["name"]] == query.get("name")])
        row = self.rows.get(path.rpartition("/")[2])
        return self.answer(200, row) if row else self.answer(404, {"code": "60", "reason": "not found"})

    def do_PUT(self) -> None:
        Handler.behaviour = self.body()["behaviour"]
        self.answer(200, {})

    def do_POST(self) -> None:
        self.write("Resource_Create", None)

    def do_PATCH(self) -> None:
        self.write("Resource_Update", urlsplit(self.path).path.rpartition("/")[2])

    def write(self, shape: str, identity: str | None) -> None:
        body, key = self.body(), self.headers["Idempotency-Key"]
        if not self.served():
            return
        faults = wrong(self.document, shape, body) if self.document else []
        if self.behaviour == "refuse" or faults or not key:
            self.answer(400, {"code": "21", "reason": "; ".join(faults) or "the subscriber is unknown to this network"})
            return
        with self.lock:
            row = self.carried_out(identity, body, key)
        if self.behaviour == "late":
            time.sleep(3)
        if self.behaviour == "monitor":  # only the header says where to look: the body may be empty
            self.monitors[row["id"]] = 0
            self.answer(202, None, location=f"{ROOT}/monitor/{row['id']}")
            return
        self.answer(200 if identity else 201, row)

    def carried_out(self, identity: str | None, body: dict[str, Any], key: str) -> dict[str, Any]:
        identity = (
            self.done.get(key)
            or identity
            or next((pk for pk, row in self.rows.items() if row["name"] == body["name"]), None)
        )
        if identity is None:
            identity = f"r{len(self.rows) + 1}"
            self.rows[identity] = {"id": identity, "href": f"{ROOT}/resource/{identity}"}
        row = self.rows[identity]
        if key not in self.done and revision(body) >= revision(row):
            row.update({name: value for name, value in body.items() if name not in {"id", "href"}})
            self.work.append({"key": key, "name": row["name"], "enabled": row["activationFeature"][0]["isEnabled"]})
        self.done[key] = identity
        return row

    def look_at_monitor(self, identity: str) -> None:
        looks = self.monitors[identity] = self.monitors.get(identity, 0) + 1
        self.answer(200, {"id": identity, "href": self.path, "state": "InProgress" if looks == 1 else "Completed"})

    def served(self) -> bool:
        """Tell whether there is anything to do beyond what the behaviour answers itself."""
        if self.behaviour == "slow":
            time.sleep(0.3)
        if self.behaviour == "away":
            self.close_connection = True
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.answer(401, {"code": "42", "reason": "expired token"})
        elif self.behaviour == "busy":
            self.answer(503, {"code": "5", "reason": "maintenance"})
        elif self.behaviour == "page":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Please sign in to the network</html>")
        elif self.behaviour == "half":
            self.send_response(200)
            self.send_header("Content-Length", "4000")
            self.end_headers()
            self.wfile.write(b'[{"id": "r')
            self.close_connection = True
        else:
            return True
        return False

    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"{}")
        return found

    def answer(self, status: int, body: Any, *, location: str = "") -> None:
        content = b"" if body is None else json.dumps(body).encode()
        try:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # the asker has gone: that is what "late" is for
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of the class above
        return


def revision(row: dict[str, Any]) -> int:
    """Return the revision that a resource carries; 0 without one."""
    return next((int(one["value"]) for one in row.get("resourceCharacteristic", ()) if one["name"] == "revision"), 0)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
