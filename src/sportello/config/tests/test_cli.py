"""The command `sportello` as a process: what it says, makes and ends with."""

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from sportello.config import cli
from sportello.config.environment import kept_secret
from sportello.config.words import Words


def inherited():
    ours = ("SPORTELLO_", "DATABASE_", "DJANGO_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def run(*words, cwd, timeout=120, **variables):
    return subprocess.run(
        [sys.executable, "-m", "sportello", *words],
        cwd=cwd, env=inherited() | variables, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


def test_overview_names_every_command_of_the_portal_but_those_for_developers():
    ours = {name for name, app in get_commands().items() if app.startswith("sportello.")}
    assert {word.replace("-", "_") for word in cli.WORDS} - {"migrate"} == ours - cli.FOR_DEVELOPERS


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_bare_words_list_the_commands_and_make_nothing(tmp_path, words):
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (0, cli.overview() + "\n", [])


@pytest.mark.parametrize(
    "words", [("check",), ("usage", "load", "a.csv"), ("audit", "verify"), ("worker",), ("shell",)]
)
def test_words_without_an_installation_say_the_folder_and_make_nothing(tmp_path, words):
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert done.stderr == (
        f"sportello: no installation in {tmp_path}/var: sportello.sqlite3 is not there. Name its folder in "
        "SPORTELLO_DATA_FOLDER, or make one with `sportello run` or `sportello demo`.\n"
    )


def test_installation_on_a_server_lacks_its_keys_where_none_are_given(tmp_path):
    done = run("check", cwd=tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (done.returncode, "secrets/secret_key.txt is not there" in done.stderr, list(tmp_path.iterdir())) == (
        2,
        True,
        [],
    )


def test_help_of_a_word_makes_nothing(tmp_path):
    done = run("usage", "--help", cwd=tmp_path)
    assert (done.returncode, "exit codes: 0" in done.stdout, list(tmp_path.iterdir())) == (0, True, [])


def test_unknown_word_names_the_nearest_and_ends_with_two(tmp_path):
    done = run("chek", cwd=tmp_path, SPORTELLO_MODE="test")
    said = "sportello: there is no word 'chek'. Did you mean `check`? `sportello help` lists them.\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_wrong_setting_is_one_sentence_with_its_name(tmp_path):
    done = run("run", cwd=tmp_path, SPORTELLO_CODE_TRIES="five")
    assert (done.returncode, done.stderr) == (2, "sportello: SPORTELLO_CODE_TRIES is not a whole number: 'five'\n")


def test_database_that_does_not_answer_is_one_sentence(tmp_path):
    given = {"SPORTELLO_SECRET_KEY": "x" * 50, "SPORTELLO_ENCRYPTION_KEYS": kept_secret("KEY", tmp_path / "keys")}
    done = run("audit", "verify", cwd=tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", **given)
    assert (done.returncode, done.stderr.count("\n") < 3, done.stderr.startswith("sportello: the database does not answer: ")) == (
        1, True, True,
    )  # fmt: skip


def test_check_of_a_database_without_tables_says_what_to_run(tmp_path):
    (tmp_path / "var").mkdir(mode=0o700)
    (tmp_path / "var" / "sportello.sqlite3").touch()
    kept_secret("SECRET_KEY", tmp_path / "var" / "secrets")
    (tmp_path / "var" / "secrets" / "encryption_keys.txt").write_text("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=")
    done = run("audit", "verify", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        "sportello: the database has not the tables of this version (no such table: kernel_chainhead): run `sportello migrate`.\n",
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alive(pids):
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def parents():
    """Return the parent of every process of the machine."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended while we looked
            found[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    return found


def children_of(pid):
    parent_of = parents()
    found = [pid]
    for one in found:
        found += [child for child, parent in parent_of.items() if parent == one]
    return found[1:]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of an installation, made once: `sportello run` needs to bring nothing up to date in a copy of it."""
    folder = tmp_path_factory.mktemp("installed")
    assert run("migrate", cwd=folder, SPORTELLO_INSECURE_HTTP="1").returncode == 0
    return folder / "var"


@pytest.fixture
def running(tmp_path, installed):
    shutil.copytree(installed, tmp_path / "var")
    listen = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "sportello", "run", "--listen", listen, "--web-workers", "1"],
        cwd=tmp_path, env=inherited() | {"SPORTELLO_INSECURE_HTTP": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()


def until(process, start):
    for line in process.stdout:
        if line.startswith(start):
            return line
    raise AssertionError(f"ended with {process.wait()} before it said {start!r}")


def test_ctrl_c_of_the_running_portal_says_so_and_leaves_no_process(running, tmp_path):
    until(running, "Sportello is at")
    family = children_of(running.pid)
    assert len(family) >= 3  # gunicorn, its worker, the job worker
    os.killpg(running.pid, signal.SIGINT)  # what a terminal does
    rest = running.stdout.read()
    assert (running.wait(40), rest.splitlines()[-1]) == (0, "Sportello has stopped.")
    deadline = time.monotonic() + 5
    while alive(family) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert alive(family) == []
    kept = [path for path in (tmp_path / "var").rglob("*") if "static" not in path.parts]  # what every browser gets
    open_to_others = [str(path) for path in kept if path.stat().st_mode & stat.S_IRWXO]
    assert {"sportello.sqlite3", "drop"} <= {path.name for path in kept}
    assert ((tmp_path / "var").stat().st_mode & 0o777, open_to_others) == (0o700, [])
    checked = run("check", "--json", cwd=tmp_path, SPORTELLO_INSECURE_HTTP="1")
    measured = {one["name"]: one for one in json.loads(checked.stdout)}
    assert checked.stdout.endswith("]\n")
    assert isinstance(measured["Background jobs"]["seconds"], float)
    assert (measured["Data folder"]["state"], measured["Failed jobs"]["count"]) == ("good", 0)


def test_killed_parent_takes_the_others_along(running):
    until(running, "Sportello is at")
    family = children_of(running.pid)
    running.kill()
    running.wait()
    deadline = time.monotonic() + 30
    while alive(family) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert alive(family) == []


def test_commands_explain_themselves_in_one_line():
    for word in cli.WORDS:
        name = word.replace("-", "_")
        assert load_command_class(get_commands()[name], name).help.strip()


def test_help_takes_a_word_as_it_is_written_everywhere():
    assert cli.as_commands(["help", "demo-usage-file"]) == ["help", "demo_usage_file"]
    assert cli.as_commands(["demo-base", "--seed-x", "a-b"]) == ["demo_base", "--seed-x", "a-b"]
    assert cli.as_commands(["--help"]) == ["--help"]


def test_help_shows_a_word_as_it_is_typed():
    command = Words(["sportello", "help"]).fetch_command("demo_usage_file")
    assert (
        command.create_parser("sportello", "demo_usage_file")
        .format_usage()
        .startswith("usage: sportello demo-usage-file ")
    )
