"""Put on the machine what the tests need, by its package manager: PostgreSQL, Chromium, gettext, Dovecot and Postfix. Does nothing when all is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def postgresql_bin() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def missing() -> list[str]:
    """Return the packages of Debian or Ubuntu that are not there."""
    wanted = []
    if postgresql_bin() is None:
        wanted.append("postgresql")
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        wanted.append("chromium")
    if shutil.which("msgfmt") is None:
        wanted.append("gettext")
    if shutil.which("dovecot") is None:
        wanted += ["dovecot-imapd", "dovecot-lmtpd"]
    if shutil.which("postfix") is None:
        wanted.append("postfix")
    return wanted


def main() -> None:
    """Install what is missing."""
    packages = missing()
    if not packages:
        return
    sys.stdout.write(f"installing {', '.join(packages)}\n")
    sys.stdout.flush()
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run([*sudo, *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(
                f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}\ninstall by hand: {' '.join(packages)}"
            )


if __name__ == "__main__":
    main()
