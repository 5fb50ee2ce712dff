"""What CI records of real machines tells nothing about whose they are."""

import os
import subprocess
import sys
from pathlib import Path

from computers.platforms import linux_only
from packaging_lab import ROOT
from record_machine import Masks

SAID = """\
   Host Name . . . . . . . . . . . . : DESK-0815
   Physical Address. . . . . . . . . : 00-15-5D-A1-B2-C3
   DHCPv6 Client DUID. . . . . . . . : 00-01-00-01-2C-3D-4E-5F-00-15-5D-A1-B2-C3
   IPv4 Address. . . . . . . . . . . : 10.1.0.4(Preferred)
   IPv6 Address. . . . . . . . . . . : 2620:1ec:46::20
   Link-local IPv6 Address . . . . . : fe80::1%5
   DNS Servers . . . . . . . . . . . : 9.9.9.9
                                       9.9.9.9
    SSID                   : Front office
    Path  C:\\Users\\miriam\\AppData    12:04:05    10.0.26100
"""


def test_people_computers_networks_and_public_addresses_are_masked() -> None:
    told = Masks(("miriam", "DESK-0815"))(SAID)
    for secret in ("miriam", "DESK", "5D-A1", "2620:", "9.9.9.9", "Front office"):
        assert secret.lower() not in told.lower()


def test_what_belongs_together_still_does_and_the_rest_stays() -> None:
    lines = Masks(("miriam", "DESK-0815"))(SAID).splitlines()
    assert lines[6].split()[-1] == lines[7].split()[-1]
    for kept in ("10.1.0.4(Preferred)", "fe80::1%5", "12:04:05", "10.0.26100", "DNS Servers"):
        assert any(kept in line for line in lines)


@linux_only("there CI records all of it, which takes minutes")
def test_a_recording_holds_the_evidence_of_each_probe_of_the_computer(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, ROOT / "packaging/record_machine.py", tmp_path],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    memory = (tmp_path / "probe-memory.txt").read_text("utf-8").splitlines()
    assert memory[1] == "exit code 0"
    assert memory[2] == "{"
