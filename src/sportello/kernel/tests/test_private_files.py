from __future__ import annotations

from stat import S_IMODE

import pytest

from sportello.kernel.private_files import private_folder, writing


@pytest.fixture
def data(settings, tmp_path):
    settings.SPORTELLO = {**settings.SPORTELLO, "DATA_FOLDER": tmp_path}
    return tmp_path


def modes(folder):
    return {path.name: oct(S_IMODE(path.stat().st_mode)) for path in [folder, *folder.iterdir()]}


def test_folder_and_files_are_their_owners_alone_also_where_the_folder_was_open(data):
    (data / "kept").mkdir(mode=0o755)
    folder = private_folder("kept")
    (folder / "one.part").write_bytes(b"of a process that died")
    with writing(folder / "one") as target:
        target.write(b"whole")
        assert not (folder / "one").exists()
    assert (modes(folder), (folder / "one").read_bytes()) == ({"kept": "0o700", "one": "0o600"}, b"whole")


def test_what_breaks_off_leaves_nothing_behind_and_the_former_file_as_it_was(data):
    folder = private_folder("kept")
    with writing(folder / "one") as target:
        target.write(b"former")
    with pytest.raises(ZeroDivisionError), writing(folder / "one") as target:
        target.write(b"half")
        _ = 1 / 0
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("one", b"former")]
