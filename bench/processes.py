"""Running a measured command in a process of its own: what it printed, how long it took, how much memory it held at most."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LOOKS_EVERY = 0.02


@dataclass(frozen=True)
class Run:
    """What a command printed, its seconds by the clock and on the processors, and its peak memory in megabytes."""

    out: str
    seconds: float
    cpu_seconds: float
    peak_mb: int


def run(folder: Path, *command: str) -> Run:
    """Run `python -m …` with the bench's installation. Raises when it fails."""
    from bench.installation import environment

    with tempfile.TemporaryFile() as out:
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", *command], stdout=out, env={**os.environ, **environment(folder)}
        )
        peak_mb = 0
        while True:
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(LOOKS_EVERY)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        out.seek(0)
        text = out.read().decode()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {text}")
    return Run(text, seconds, used.ru_utime + used.ru_stime, peak_mb)


def _peak_mb(pid: int) -> int:
    """Read the high-water mark of a process; what `wait4` says would also count the process that started it."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0
