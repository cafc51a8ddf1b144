"""The command `sportello`: its words are Django management commands (`sportello usage load PATH…`).

It speaks English, whoever runs it: its lines go into logs, scripts and questions to others (ADR 0010). It ends with 0 when all was
done, 1 when something was refused or is not well, 2 when the words or the settings are wrong. Nothing is made where no installation
is, but by the words that make one.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

REFUSED, WRONG_WORDS, INTERRUPTED = 1, 2, 130

WORDS: Final[Mapping[str, str]] = {
    "run": "the whole portal: web, worker and scheduler in one process group",
    "worker": "background jobs and the scheduler alone; any number, on any machine",
    "sms": "the session with the SMS centre alone (`run` starts it)",
    "demo": "the portal with an invented base and a phone-and-mailbox simulator",
    "demo-usage-file": "write a usage file into the drop folder, for trying out",
    "demo-base": "make the invented base in an empty installation (`demo` does it)",
    "mail": "take the mails that come in, by IMAP or LMTP (`run` starts it)",
    "inventory": "load PATH…: take files of customers, people and lines",
    "usage": "load PATH…: take usage files; each record counts once",
    "network-simulator": "an invented mobile network that orders are carried out on (`demo` starts it)",
    "billing": "load PATH…: take the operator's bills",
    "tickets": "import PATH: take over the tickets of another program (CSV, Zammad, osTicket)",
    "operator": "invite …: make an administrator of the operator and print the first link",
    "audit": "verify: prove that no row of the audit trail was changed",
    "check": "database, queue, disk, clock, channels: what is well and what is not",
    "migrate": "bring the database to this version (`run` does it)",
}
"""The words for people who run an installation, each with what it does."""

MAKERS: Final = frozenset({"run", "demo", "demo_base", "migrate", "collectstatic"})
"""Words that make a data folder where there is none."""
FOR_DEVELOPERS: Final = frozenset({"makemigrations", "makemessages", "compilemessages", "diagrams", "test"})
"""Words that look at the code alone."""
HELP_WORDS: Final = frozenset({"-h", "--help"})


def main() -> None:
    """Run one command; without words, say which there are."""
    os.umask(0o077)  # what the portal keeps is for its own user: personal data, keys, usage records
    words = sys.argv[1:]
    if not words or words in (["help"], ["-h"], ["--help"]):
        print(overview())  # noqa: T201 - this is the command line
        return
    before_settings(words)
    from sportello.config.words import execute

    sys.exit(execute(as_commands(words)))


def as_commands(words: Sequence[str]) -> list[str]:
    """Return the words with the command, also one that help is asked for, as its module is called: `demo-base` is `demo_base`."""
    named = 2 if words[0] == "help" else 1
    return [word if word.startswith("-") else word.replace("-", "_") for word in words[:named]] + list(words[named:])


def overview() -> str:
    """Return what `sportello help` shows."""
    width = max(map(len, WORDS))
    lines = [f"  {word:{width}}  {what}" for word, what in WORDS.items()]
    return "\n".join(
        [
            "Sportello, the customer portal of a telecom operator.\n",
            "usage: sportello WORD …\n",
            *lines,
            "\n`sportello help WORD` explains one; `sportello help --commands` lists Django's own words as well.",
            "Settings are environment variables (docs/how-to/configure.md); the installation is in SPORTELLO_DATA_FOLDER (./var).",
            "exit codes: 0 all done; 1 something refused or not well; 2 wrong words or settings",
        ]
    )


def before_settings(words: Sequence[str]) -> None:
    """Put into the environment what a command line decides about the settings, for this process and those it starts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sportello.config.settings")
    if words[:1] == ["demo"]:
        os.environ.setdefault("SPORTELLO_MODE", "demo")
    for place, word in enumerate(words):
        if word == "--listen" and place + 1 < len(words):
            os.environ["SPORTELLO_LISTEN"] = words[place + 1]
        elif word.startswith("--listen="):
            os.environ["SPORTELLO_LISTEN"] = word.removeprefix("--listen=")
    if looks_at_code_alone(words):
        os.environ["SPORTELLO_MODE"] = "test"  # no keys are made, no folder, for somebody who asks for help
    elif os.environ.get("SPORTELLO_MODE") != "test":
        refuse_without_installation(words)


def looks_at_code_alone(words: Sequence[str]) -> bool:
    """Tell whether the words need no installation: they ask for help, or are a developer's."""
    return words[0] in {"help", "--version", *FOR_DEVELOPERS} or not HELP_WORDS.isdisjoint(words)


def refuse_without_installation(words: Sequence[str]) -> None:
    """End with one sentence where a word needs an installation and none is; nothing is made then."""
    if words[0].replace("-", "_") in MAKERS:
        return
    folder = Path(os.environ.get("SPORTELLO_DATA_FOLDER", "") or "var").resolve()
    missing = missing_in(folder)
    if missing:
        stop(
            f"no installation in {folder}: {missing} is not there. Name its folder in SPORTELLO_DATA_FOLDER, "
            "or make one with `sportello run` or `sportello demo`."
        )


def missing_in(folder: Path) -> str:
    """Return what an installation in the folder lacks, empty when nothing: its database, and its keys where no variable gives them."""
    if not os.environ.get("DATABASE_URL") and not (folder / "sportello.sqlite3").exists():
        return "sportello.sqlite3"
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS"):
        if not os.environ.get(f"SPORTELLO_{name}") and not (folder / "secrets" / f"{name.lower()}.txt").exists():
            return f"secrets/{name.lower()}.txt"
    return ""


def stop(sentence: str, *, code: int = WRONG_WORDS) -> None:
    """End the process with one sentence."""
    print(f"sportello: {sentence}", file=sys.stderr)  # noqa: T201 - this is the command line
    sys.exit(code)


def unknown(word: str, known: Sequence[str]) -> str:
    """Return the sentence for a word that there is not."""
    near = difflib.get_close_matches(word, known, n=1)
    meant = f" Did you mean `{near[0].replace('_', '-')}`?" if near else ""
    return f"there is no word {word.replace('_', '-')!r}.{meant} `sportello help` lists them."
