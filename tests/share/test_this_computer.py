"""What tells one computer from another: the system's own ID, else one made up once."""

import re
import sys
from pathlib import Path

import msgspec
import pytest
from report.samples import record, report_of

from natwizard.model.report import Readiness
from natwizard.share.this_computer import _made_up_id, addresses_here, machine_here
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


def test_addresses_are_those_here_and_as_servers_saw_them() -> None:
    flows = [{"public": {"host": "198.51.100.9", "port": 5}, "local_address": "x"}]
    report = report_of(
        (), Readiness.READY, outcomes=(record("stun", {"deep": [{"flows": flows}]}),)
    )
    assert "198.51.100.9" in addresses_here(report)
    odd = msgspec.structs.replace(
        report, outcomes=(record("stun", {"public": "text", "more": [1, None, {"public": 7}]}),)
    )
    assert "text" not in addresses_here(odd)
