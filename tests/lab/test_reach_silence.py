"""Probes of TCP, TLS, HTTP and DNS where nothing answers: they end in time all the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

PROGRAM = Path(__file__).parents[1] / "servers" / "reach_timing.py"

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root for a namespace"
    ),
    pytest.mark.skipif(not (which("unshare") and which("ip")), reason="needs unshare and ip"),
]

# whatever arrives at any address is dropped: nothing comes back, not even a refusal
SWALLOW = """
ip link set lo up
ip addr add 192.0.2.1/24 dev lo
nft add table inet lab
nft 'add chain inet lab input { type filter hook input priority 0; policy drop; }'
"""


def durations(host: str, prepare: str = "") -> dict[str, float]:
    script = f'{prepare}\nexec "$0" "$@"'
    command = ["unshare", "--net", "sh", "-ec", script, sys.executable, "-W", "error"]
    done = subprocess.run(
        [*command, str(PROGRAM), host], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("host", ["192.0.2.1", "phone.example.com"])
def test_without_any_network_every_probe_ends_within_three_seconds(host: str) -> None:
    for name, duration_s in durations(host).items():
        assert duration_s < 3, name


@pytest.mark.skipif(not which("nft"), reason="needs nft")
def test_where_everything_is_swallowed_every_probe_ends_within_twelve_seconds() -> None:
    for name, duration_s in durations("192.0.2.1", SWALLOW).items():
        assert duration_s < 12, name
