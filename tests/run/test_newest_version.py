"""A newer version: asked of the profile's own address, read strictly, never guessed."""

import asyncio
import re
import socket

import pytest
from msgspec import structs
from servers.feed_server import Answer, FeedServer
from servers.free_ports import free_port

from natwizard.model.profile import Profile, Targets, Updates
from natwizard.probes.https.client import DOWNLOAD
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import parse_profile, shipped_profile
from natwizard.run import newest_version
from natwizard.run.newest_version import (
    CannotTell,
    NewestVersion,
    ask_newest,
    is_newer,
    read_newest,
)
from natwizard.system.environment import real_environment

TEXT = b'version = "7.1"\nlink = "https://example.com/natwizard"\nnotes = "more than we know"\n'


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is, an answer is waited for."""
    limits = structs.replace(DOWNLOAD, deadline_s=100)
    monkeypatch.setattr(newest_version, "DOWNLOAD", limits)


def profile_of(server: FeedServer, path: str) -> Profile:
    return structs.replace(
        shipped_profile(),
        updates=Updates(address=server.url(path)),
        targets=Targets(extra_roots=(server.authority_pem,)),
    )


def test_the_address_of_the_profile_is_asked_once_and_read() -> None:
    with FeedServer({"/newest.toml": Answer(body=TEXT)}) as server:
        newest = asyncio.run(ask_newest(profile_of(server, "/newest.toml"), real_environment()))
        assert newest == NewestVersion(version="7.1", link="https://example.com/natwizard")
        assert [path for _host, path in server.asked] == ["/newest.toml"]


@pytest.mark.parametrize(
    "answer", [Answer(status=404), Answer(body=b"<html>sign in</html>")], ids=["gone", "login page"]
)
def test_any_other_answer_is_not_a_version(answer: Answer) -> None:
    with FeedServer({"/newest.toml": answer}) as server, pytest.raises(CannotTell):
        asyncio.run(ask_newest(profile_of(server, "/newest.toml"), real_environment()))


def test_the_shipped_profile_names_no_address_and_nobody_asks() -> None:
    with pytest.raises(CannotTell, match=r"names no updates\.address"):
        asyncio.run(ask_newest(shipped_profile(), real_environment()))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b'version = "next"',
        b'version = "1.2.3.4.5"',
        b"version = 2",
        b'version = "1.2"\nlink = "http://example.com"',
        b'version = "1.2"\nlink = "file:///etc/passwd"',
        b'version = "1.2"\n' + b"#" * 10_000,
        b"a = " + b"[" * 5000,
    ],
    ids=lambda content: content[:24].decode("ascii", "replace"),
)
def test_what_does_not_read_as_a_version_is_refused(content: bytes) -> None:
    with pytest.raises(CannotTell):
        read_newest(content)


@pytest.mark.parametrize(
    ("newest", "own", "newer"),
    [
        ("1.10", "1.9.9", True),
        ("1.2", "1.2.0", False),
        ("1.2.0.1", "1.2", True),
        ("0.9", "1.0", False),
        ("1.2.0", "1.2", False),
        ("1.2.1", "1.2.0+local", True),
    ],
)
def test_numbers_are_compared_as_numbers(newest: str, own: str, *, newer: bool) -> None:
    assert is_newer(NewestVersion(version=newest), than=own) is newer


def test_only_https_can_be_asked() -> None:
    text = b'extends = "natterbox"\n[updates]\naddress = "http://example.com/newest.toml"\n'
    with pytest.raises(ProfileMistake, match=r":3.*updates\.address.*https://"):
        parse_profile(text, "site.toml")


def test_a_text_as_long_as_is_read_at_all_is_read_and_needs_no_link() -> None:
    whole = b'version = "1.2"\n'
    filled = whole + b"#" * (10_000 - len(whole))
    assert read_newest(filled) == NewestVersion(version="1.2")
    with pytest.raises(CannotTell, match="10000 bytes"):
        read_newest(filled + b"#")


def test_why_nothing_is_known_is_one_short_line() -> None:
    """Somebody else's page may stand there, and its words are not for the log."""
    with pytest.raises(CannotTell) as told:
        read_newest(b'version = "' + b"x" * 5000 + b'"')
    assert len(str(told.value)) < 100


def test_an_address_that_nobody_serves_is_named_with_its_reason() -> None:
    address = f"https://127.0.0.1:{free_port(socket.SOCK_STREAM)}/newest.toml"
    profile = structs.replace(shipped_profile(), updates=Updates(address=address))
    with pytest.raises(CannotTell, match=re.escape(address)) as told:
        asyncio.run(ask_newest(profile, real_environment()))
    assert not str(told.value).endswith(": ")
    assert "no answer in time" not in str(told.value)
