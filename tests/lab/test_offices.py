"""The lab itself: what a fault leaves behind in an office when it ends."""

import sys

import pytest
from lab.topology.fault_pairs import FAULTS
from lab.topology.lab import break_office, built_lab, missing

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("lab"),
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]

ASK_FROM_ONE_PORT = """
import socket, sys, dns.message
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(2.0)
asking.bind(("", 41_001))
asking.connect((sys.argv[1], 53))
asking.send(dns.message.make_query("www.example.com", "A").to_wire())
try:
    asking.recv(4096)
    print("answered")
except TimeoutError:
    print("silent")
"""


def test_a_fault_ends_for_connections_that_began_under_it_too() -> None:
    """Programs share few ports: one that a name was asked from comes again."""
    with built_lab(offices=1) as lab, lab.office() as site:
        ask = (sys.executable, "-c", ASK_FROM_ONE_PORT, site.router_address)
        break_office(site, FAULTS["edns stripped"])
        assert site.workstation.run(*ask).strip() == "answered"
        break_office(site, FAULTS["name server dead"])
        assert site.workstation.run(*ask).strip() == "silent"
