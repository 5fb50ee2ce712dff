"""The recorded computers are what their script writes, and each says where it comes from."""

import importlib.util
from pathlib import Path

import pytest
from computers.recorded_host import HOSTS

SPEC = importlib.util.spec_from_file_location("make_hosts", HOSTS / "make.py")


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README.md"
    }


def test_every_recording_is_made_by_the_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(HOSTS))
    assert SPEC is not None
    assert SPEC.loader is not None
    script = importlib.util.module_from_spec(SPEC)
    SPEC.loader.exec_module(script)
    for make in script.HOSTS:
        name = make.__name__.replace("_", "-")
        make(tmp_path / name)
        assert content(tmp_path / name) == content(HOSTS / name)


@pytest.mark.parametrize(
    "folder", [each for each in HOSTS.iterdir() if (each / "host.json").exists()]
)
def test_every_recording_says_where_it_comes_from(folder: Path) -> None:
    assert "Made by `../make.py`" in (folder / "README.md").read_text("utf-8")
