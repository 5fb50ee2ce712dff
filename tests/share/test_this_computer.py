"""What tells one computer from another: the system's own ID, else one made up once."""

import platform
import re
import sys
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from report.samples import record, report_of

from natwizard.model.report import Readiness
from natwizard.report import store
from natwizard.report.redact import redact
from natwizard.share.this_computer import (
    _made_up_id,
    addresses_here,
    addresses_in,
    is_of_this_computer,
    machine_here,
)
from natwizard.system import machine_id as system_id


def test_the_same_computer_is_told_twice_as_one() -> None:
    assert machine_here() == machine_here()
    assert machine_here()[0]


def test_a_made_up_id_is_kept(tmp_path: Path) -> None:
    first = _made_up_id(tmp_path)
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert _made_up_id(tmp_path) == first
    assert _made_up_id(tmp_path / "elsewhere") != first


@pytest.mark.skipif(sys.platform != "linux", reason="how Linux tells it")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"0123456789abcdef0123456789abcdef\n", "0123456789abcdef0123456789abcdef"),
        (b"uninitialized\n", ""),  # systemd's own word for an image that never ran
        (b"", ""),
        (b"\xff\xfe", ""),
    ],
)
def test_what_is_no_id_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str
) -> None:
    path = tmp_path / "machine-id"
    path.write_bytes(content)
    monkeypatch.setattr(system_id, "LINUX_FILES", (tmp_path / "none", path))
    assert system_id.machine_id() == told


def test_addresses_of_a_run_are_its_own_and_as_servers_saw_it() -> None:
    flow = {"public": {"host": "198.51.100.9", "port": 5}, "local_address": "10.20.0.7"}
    earlier = {"seen_at": "2026-11-01T09:00:00+00:00", "local_address": "10.99.0.1", "public": "x"}
    evidence = {"deep": [{"flows": [flow]}], "earlier": [earlier]}
    report = report_of((), Readiness.READY, outcomes=(record("stun", evidence),))
    assert addresses_in(report) == ("10.20.0.7", "198.51.100.9")
    for odd in ({"public": "text", "more": [1, None, {"public": 7}]}, {"local_address": ["x"]}, 5):
        strange = msgspec.structs.replace(report, outcomes=(record("stun", odd),))
        assert addresses_in(strange) == ()


def test_there_are_addresses_here() -> None:
    assert all(ip_address(each) for each in addresses_here())


def test_a_run_is_of_this_computer_where_its_name_or_the_kept_copys_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "default_folder", lambda: tmp_path)
    elsewhere = report_of((), Readiness.READY)
    machine = msgspec.structs.replace(elsewhere.machine, host_name=platform.node().upper())
    here = msgspec.structs.replace(elsewhere, machine=machine)
    assert is_of_this_computer(here)
    assert not is_of_this_computer(elsewhere)
    assert not is_of_this_computer(redact(here))
    # folders that follow a person from desk to desk hold runs of other desks
    store.keep_report(elsewhere)
    assert not is_of_this_computer(redact(elsewhere))
    store.keep_report(here)
    assert is_of_this_computer(redact(here))
    other = msgspec.structs.replace(here, run_id="5f1d3a52-7c41-4a53-9a6d-0c5a1e2b3c4e")
    assert not is_of_this_computer(redact(other))
