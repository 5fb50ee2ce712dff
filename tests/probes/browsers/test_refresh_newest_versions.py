"""The script that makes the shipped list anew, against an https server on loopback."""

import importlib.util
import json
import tomllib
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from servers.feed_server import Answer, FeedServer

from natwizard.model.profile import Feeds, Targets
from natwizard.probes.browsers.newest_versions import ReleaseSnapshot

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "refresh_newest_versions", ROOT / "packaging" / "refresh_newest_versions.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers() -> dict[str, Answer]:
    chrome = {"version": "158.0.1.2", "fraction": 1, "serving": {"startTime": "2026-11-17T1"}}
    edge = {
        "Platform": "Windows",
        "Architecture": "x64",
        "ProductVersion": "157.0.1.2",
        "PublishedTime": "2026-11-16T20:00:00",
    }
    firefox = {"LATEST_FIREFOX_VERSION": "160.0.1", "FIREFOX_ESR": "153.7.0esr"}
    return {
        "/chrome/win64": Answer(body=json.dumps({"releases": [chrome]}).encode()),
        "/edge": Answer(body=json.dumps([{"Product": "Stable", "Releases": [edge]}]).encode()),
        "/firefox": Answer(body=json.dumps(firefox).encode()),
        "/history": Answer(body=b'{"160.0": "2026-11-10"}'),
    }


def profile_at(server: FeedServer, place: Path, *, history: bool = True) -> Path:
    feeds = Feeds(
        chrome=server.url("/chrome/{platform}"),
        edge=server.url("/edge"),
        firefox=server.url("/firefox"),
        firefox_history=server.url("/history") if history else "",
    )
    targets = Targets(extra_roots=(server.authority_pem,))
    profile = {
        "schema_version": 1,
        "name": "test",
        "version": "1",
        "sources": {},
        "requirements": [],
        "feeds": msgspec.to_builtins(feeds),
        "targets": {"extra_roots": list(targets.extra_roots)},
    }
    place.write_bytes(to_toml(profile))
    return place


def to_toml(profile: dict) -> bytes:
    lines = [f"{key} = {json.dumps(value)}" for key, value in profile.items()
             if not isinstance(value, dict)]  # fmt: skip
    for table in ("feeds", "targets"):
        lines += [f"[{table}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in profile[table].items()]
    return "\n".join([*lines, "[sources]"]).encode()


def test_the_list_is_made_from_the_vendors_answers(script: ModuleType, tmp_path: Path) -> None:
    output = tmp_path / "newest-versions.toml"
    with FeedServer(answers()) as server:
        profile = profile_at(server, tmp_path / "profile.toml")
        assert script.main(["--profile", str(profile), "--output", str(output)]) == 0
    made = msgspec.convert(tomllib.loads(output.read_text("utf-8")), type=ReleaseSnapshot)
    assert (made.chrome.version, made.chrome.released_on) == ("158.0.1.2", "2026-11-17")
    assert made.edge.at_least == made.edge.version == "157.0.1.2"
    assert made.firefox.long_term == ("153.7.0",)
    assert made.firefox.released_on == "2026-11-10"


def test_a_first_day_that_nobody_tells_is_not_todays(script: ModuleType, tmp_path: Path) -> None:
    output = tmp_path / "newest-versions.toml"
    with FeedServer(answers()) as server:
        profile = profile_at(server, tmp_path / "profile.toml", history=False)
        assert script.main(["--profile", str(profile), "--output", str(output)]) == 0
    made = msgspec.convert(tomllib.loads(output.read_text("utf-8")), type=ReleaseSnapshot)
    assert made.firefox.released_on == ""


def test_lists_fetched_elsewhere_do_as_well(script: ModuleType, tmp_path: Path) -> None:
    output, names = (
        tmp_path / "newest-versions.toml",
        ("chrome/win64", "edge", "firefox", "history"),
    )
    kept = ("chrome", "edge", "firefox", "firefox_history")
    for name, place in zip(kept, names, strict=True):
        (tmp_path / f"{name}.json").write_bytes(answers()[f"/{place}"].body)
    assert script.main(["--from", str(tmp_path), "--output", str(output)]) == 0
    made = msgspec.convert(tomllib.loads(output.read_text("utf-8")), type=ReleaseSnapshot)
    assert (made.chrome.version, made.firefox.released_on) == ("158.0.1.2", "2026-11-10")
    (tmp_path / "edge.json").unlink()
    assert script.main(["--from", str(tmp_path), "--output", str(output)]) == 1


def test_the_addresses_are_told(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["--addresses"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == [
        "chrome.json", "edge.json", "firefox.json", "firefox_history.json"
    ]  # fmt: skip
    assert "/win64/" in told[0]


def test_one_silent_vendor_leaves_the_file_as_it_is(script: ModuleType, tmp_path: Path) -> None:
    output = tmp_path / "newest-versions.toml"
    output.write_text("as it was")
    with FeedServer(answers() | {"/edge": Answer(status=503)}) as server:
        profile = profile_at(server, tmp_path / "profile.toml")
        assert script.main(["--profile", str(profile), "--output", str(output)]) == 1
    assert output.read_text() == "as it was"
