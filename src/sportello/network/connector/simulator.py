"""A network to try things on: a real HTTP server with the shapes of TMF702, which can be slow, refuse, answer too late, or go away.

It runs as a process of its own in the demo, and in the tests. `GET /simulator/state` and `PUT /simulator/behaviour` are its own,
and no part of TMF702.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from sportello.network.connector.tmf702 import BASE

BEHAVIOURS: Final = ("well", "slow", "late", "refuse", "away", "monitor")
"""`slow` answers after `pause`; `late` does the work and answers after `late_pause`; `away` closes the connection; `monitor`: 202."""
KEPT_WORK: Final = 200


@dataclass
class Network:
    """What the simulated network knows. `work` is every change it made: one entry each, however often it was asked for."""

    behaviour: str = "well"
    pause: float = 1.0
    late_pause: float = 30.0
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    work: list[dict[str, Any]] = field(default_factory=list)
    serial: int = 0

    def made(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Create a resource, once per key and once per name."""
        known = self.answers.get(key) or next(
            (one["id"] for one in self.resources.values() if one.get("name") == body.get("name")), None
        )
        if known is not None:
            return self.changed(known, body, key)
        self.serial += 1
        identity = f"res-{self.serial:06d}"
        self.resources[identity] = {**body, "id": identity, "href": f"{BASE}/resource/{identity}"}
        return self._worked(identity, key)

    def changed(self, identity: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Change a resource, once per key; an order older than the last one changes nothing."""
        row = self.resources[identity]
        if key in self.answers or _revision(body) < _revision(row):
            return row
        row |= {name: value for name, value in body.items() if name not in {"id", "href"}}
        return self._worked(identity, key)

    def _worked(self, identity: str, key: str) -> dict[str, Any]:
        row = self.resources[identity]
        self.answers[key] = identity
        on = [one["name"] for one in row.get("activationFeature", ()) if one.get("isEnabled")]
        self.work.append({"key": key, "name": row.get("name"), "enabled": bool(on)})
        del self.work[:-KEPT_WORK]
        return row


class NetworkSimulator:
    """`with NetworkSimulator() as network: network.url`. `path` keeps what it knows over restarts."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, path: Path | None = None, **settings: Any) -> None:
        """Take the address, the file to keep the state in, and the pauses."""
        self.network = Network(**settings)
        self.lock, self.stopping, self.path = threading.Lock(), threading.Event(), path
        if path and path.exists():
            with contextlib.suppress(ValueError, TypeError, OSError):
                self.network = Network(**(json.loads(path.read_text()) | settings))
        simulator = self

        class Handler(_Handler):
            owner = simulator

        self.server = ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{host}:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, name="network-simulator", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(timeout=5)

    def serve(self) -> None:
        """Serve until the process ends."""
        self.server.serve_forever()

    def keep(self) -> None:
        """Write down what is known, so that a restart forgets nothing."""
        if self.path is None:
            return
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self.network)))
        draft.replace(self.path)

    def rest(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        self.stopping.wait(seconds)


class _Handler(BaseHTTPRequestHandler):
    owner: NetworkSimulator
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer questions."""
        path, _, query = self.path.partition("?")
        network = self.owner.network
        if path == "/simulator/state":
            with self.owner.lock:
                self._answer(HTTPStatus.OK, asdict(network))
        elif not self._disturbed():
            self._read(path.removeprefix(BASE), parse_qs(query))

    def do_PUT(self) -> None:
        """Take the behaviour from the demo's page or a test."""
        wanted = self._body().get("behaviour")
        if self.path != "/simulator/behaviour" or wanted not in BEHAVIOURS:
            self._answer(HTTPStatus.BAD_REQUEST, _error("unknown behaviour"))
            return
        with self.owner.lock:
            self.owner.network.behaviour = wanted
            self.owner.keep()
        self._answer(HTTPStatus.OK, {"behaviour": wanted})

    def do_POST(self) -> None:
        """Create a resource."""
        self._write(None)

    def do_PATCH(self) -> None:
        """Change a resource."""
        self._write(urlsplit(self.path).path.rpartition("/")[2])

    def _read(self, path: str, query: dict[str, list[str]]) -> None:
        with self.owner.lock:
            rows = list(self.owner.network.resources.values())
        if path.startswith("/monitor/"):
            self._answer(HTTPStatus.OK, {"id": path.rpartition("/")[2], "state": "Completed"})
        elif path == "/resource":
            wanted = query.get("name", [""])[0]
            self._answer(HTTPStatus.OK, [row for row in rows if row.get("name") == wanted])
        else:
            row = next((row for row in rows if row["id"] == path.rpartition("/")[2]), None)
            self._answer(HTTPStatus.OK if row else HTTPStatus.NOT_FOUND, row or _error("no such resource"))

    def _write(self, identity: str | None) -> None:
        body, key = self._body(), self.headers.get("Idempotency-Key", "")
        behaviour = self.owner.network.behaviour
        if self._disturbed():
            return
        if behaviour == "refuse":
            self._answer(HTTPStatus.BAD_REQUEST, _error("the subscriber is unknown to this network"))
            return
        with self.owner.lock:
            network = self.owner.network
            if identity is not None and identity not in network.resources:
                self._answer(HTTPStatus.NOT_FOUND, _error("no such resource"))
                return
            row = network.changed(identity, body, key) if identity else network.made(body, key)
            self.owner.keep()
        if behaviour == "late":
            self.owner.rest(self.owner.network.late_pause)
        if behaviour == "monitor":
            self._answer(HTTPStatus.ACCEPTED, {"id": f"mon-{row['id']}", "state": "InProgress"})
            return
        self._answer(HTTPStatus.OK if identity else HTTPStatus.CREATED, row)

    def _disturbed(self) -> bool:
        """Go away or be slow, as told; tell whether there is nothing left to answer."""
        if self.owner.network.behaviour == "slow":
            self.owner.rest(self.owner.network.pause)
        if self.owner.network.behaviour != "away":
            return False
        self.close_connection = True
        self.connection.close()
        return True

    def _body(self) -> dict[str, Any]:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(content or b"{}")
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def _answer(self, status: HTTPStatus, body: Any) -> None:
        content = json.dumps(body).encode()
        with contextlib.suppress(OSError):  # the asker has gone: that is what "late" is for
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: the portal's own log tells what it asked."""


def _error(reason: str) -> dict[str, str]:
    return {"code": "1", "reason": reason, "@type": "Error"}


def _revision(row: dict[str, Any]) -> int:
    for one in row.get("resourceCharacteristic") or ():
        if one.get("name") == "revision" and isinstance(one.get("value"), int):
            return int(one["value"])
    return 0


__all__ = ["BEHAVIOURS", "Network", "NetworkSimulator"]
