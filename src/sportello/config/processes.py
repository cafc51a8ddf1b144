"""One process group: web, worker with its scheduler, and whatever else an installation needs; they start and stop together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from django.conf import settings

from sportello.messaging.incoming.choice import mail_comes_in

STOP_WITHIN = 30.0
"""Seconds that a process has to finish its requests and jobs."""
REQUESTS_WITHIN = 20.0
"""Seconds that web workers have of these; then their master ends them. A worker that hangs would outlive it and hold the port."""
RESTARTS, RESTART_WINDOW = 5, 60.0


@dataclass
class Child:
    """One process of the group. A `vital` one takes the group down with it; others are started again."""

    name: str
    command: Sequence[str]
    vital: bool = False
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the process; it ends with its parent even when that is killed."""
        self.starts = [at for at in self.starts if time.monotonic() - at < RESTART_WINDOW] + [time.monotonic()]
        # A group of its own: Ctrl-C reaches the parent alone, which then stops the others as gently as SIGTERM does.
        self.process = subprocess.Popen(self.command, preexec_fn=_end_with_parent, process_group=0)  # noqa: PLW1509, S603 - no threads here

    @property
    def ended(self) -> bool:
        """Tell whether the process has ended."""
        return self.process is not None and self.process.poll() is not None

    @property
    def hopeless(self) -> bool:
        """Tell whether starting it again makes no sense."""
        return self.vital or len(self.starts) > RESTARTS


def web(listen: str, *, workers: int, threads: int) -> Child:
    """Return the web server: gunicorn, threads in some processes, a graceful stop (ADR 0006)."""
    return Child(
        "web",
        [
            sys.executable, "-m", "gunicorn", "sportello.config.wsgi:application",
            "--bind", listen, "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread",
            "--graceful-timeout", str(int(REQUESTS_WITHIN)), "--timeout", "120", "--keep-alive", "15",
            "--max-requests", "20000", "--max-requests-jitter", "2000", "--log-level", "warning", "--no-control-socket",
        ],
        vital=True,
    )  # fmt: skip


def worker(*, threads: int) -> Child:
    """Return the worker with its scheduler."""
    return Child("worker", [sys.executable, "-m", "sportello", "worker", "--threads", str(threads)])


def sms_link() -> list[Child]:
    """Return the process that holds the SMS centre's link, where there is one; a second one stands by."""
    if settings.SPORTELLO["SMS_TRANSPORT"] != "smpp":
        return []
    return [Child("sms", [sys.executable, "-m", "sportello", "sms"])]


def mail_in() -> list[Child]:
    """Return the process that takes mails, where the settings name a mailbox or an address to listen on."""
    return [Child("mail", [sys.executable, "-m", "sportello", "mail"])] if mail_comes_in() else []


def place_network() -> None:
    """Let the demo's network listen on a port that is free, unless the installation names one; children read it from the environment."""
    if "SPORTELLO_NETWORK_URL" not in os.environ:
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        os.environ["SPORTELLO_NETWORK_URL"] = settings.SPORTELLO["NETWORK_URL"] = address


def network_simulator() -> Child:
    """Return the demo's network: a server of its own, which can be made slow, refuse or go away."""
    return Child("network", [sys.executable, "-m", "sportello", "network_simulator"])


def run_group(
    children: Sequence[Child], *, say: Callable[[str], None], listen: str, started: Callable[[], None]
) -> int:
    """Start the processes, watch them, stop all on Ctrl-C or SIGTERM or when a vital one ends; return the exit code.

    `started` is called once, when the web server accepts connections.
    """
    stopping, waiting = False, True

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    for child in children:
        child.start()
    code = 0
    while not stopping:
        time.sleep(0.2)
        if waiting and answers(listen):
            waiting = False
            started()
        if not _kept_up(children, say):
            code, stopping = 1, True
    if not code:
        say("Stopping: requests and jobs that run are finished first …")
    _stop_all(children)
    say("Sportello has stopped.")
    return code


def _kept_up(children: Sequence[Child], say: Callable[[str], None]) -> bool:
    """Start again what has ended; tell whether the group can go on."""
    for child in children:
        if not child.ended:
            continue
        if child.hopeless:
            say(f"{child.name} ended; stopping everything")
            return False
        say(f"{child.name} ended and is started again")
        child.start()
    return True


def _stop_all(children: Sequence[Child]) -> None:
    for child in children:
        if child.process and child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def port_is_free(listen: str) -> bool:
    """Tell whether the web server could listen there."""
    host, _, port = listen.rpartition(":")
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host or "0.0.0.0", int(port)))  # noqa: S104 - only asked, and closed at once
        except OSError:
            return False
    return True


def answers(listen: str) -> bool:
    """Tell whether the web server accepts connections."""
    host, _, port = listen.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host or "127.0.0.1", int(port)), timeout=0.2):
        return True
    return False


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def line(out: TextIO) -> Callable[[str], None]:
    """Return a function that writes one line to `out` at once."""

    def say(text: str) -> None:
        out.write(text + "\n")
        out.flush()

    return say
