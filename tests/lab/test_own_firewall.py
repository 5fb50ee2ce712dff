"""A connection that this computer's own firewall ends, and one that somebody else does.

agent 10.9.0.2 -- 10.9.0.1 router 10.9.1.1 -- 10.9.1.2 far
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.topology.lab import missing
from lab.topology.wires import Space, cable

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]

FAR, FAR_6 = "10.9.1.2", "2001:db8:9:1::2"
ROUTER = "10.9.0.1"
DROPPED, RESET, UNREACHABLE = 1001, 1002, 1003  # by the agent's own rules
FORWARD_RESET, REDIRECTED, FORWARD_DROPPED = 2001, 2002, 2003  # by the router's
CLOSED = 3001  # nobody listens there
RULES = f"""
table inet own {{
  chain out {{
    type filter hook output priority 0;
    tcp dport {DROPPED} drop
    tcp dport {RESET} reject with tcp reset
    tcp dport {UNREACHABLE} reject
  }}
}}
"""
ROUTERS = f"""
table inet wall {{
  chain pass {{
    type filter hook forward priority 0;
    tcp dport {FORWARD_RESET} reject with tcp reset
    tcp dport {FORWARD_DROPPED} drop
  }}
  chain divert {{
    type nat hook prerouting priority -100;
    tcp dport {REDIRECTED} redirect to :9
  }}
}}
"""
ASK = """
import asyncio, ipaddress, socket, sys
from natwizard.probes.failures import failure_from
from natwizard.probes.network import Endpoint
from natwizard.system.network import SystemNetwork

async def code(place):
    host, port = place.rsplit("-", 1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    endpoint = Endpoint(family=family, address=host, port=int(port))
    try:
        (await SystemNetwork().connect_tcp(endpoint, timeout_s=2.5)).close()
    except OSError as error:
        return failure_from(error, "connect").code
    return "connected"

async def all_at_once():
    print(*await asyncio.gather(*map(code, sys.argv[1:])))

asyncio.run(all_at_once())
"""
EXPECTED = {
    f"{host}-{port}": code
    for host in (FAR, FAR_6)
    for port, code in {
        DROPPED: "blocked_here",
        RESET: "blocked_here",
        UNREACHABLE: "blocked_here",
        FORWARD_RESET: "connection_refused",
        REDIRECTED: "connection_refused",
        FORWARD_DROPPED: "timed_out",
        CLOSED: "connection_refused",
    }.items()
} | {
    # whoever is on the link may answer for itself, so that nothing is said there
    f"{ROUTER}-{CLOSED}": "connection_refused",
    f"127.0.0.1-{CLOSED}": "connection_refused",
    f"127.0.0.1-{RESET}": "connection_refused",
}


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    folder = tmp_path_factory.mktemp("own-firewall")
    ends = (Space(f"nwfire{os.getpid()}{end}", folder) for end in "arf")
    with next(ends) as agent, next(ends) as router, next(ends) as far:
        cable(agent, "line", router, "inside")
        cable(router, "outside", far, "line")
        agent.addresses("10.9.0.2/24", "2001:db8:9::2/64", device="line")
        router.addresses(f"{ROUTER}/24", "2001:db8:9::1/64", device="inside")
        router.addresses("10.9.1.1/24", "2001:db8:9:1::1/64", device="outside")
        far.addresses(f"{FAR}/24", f"{FAR_6}/64", device="line")
        agent.ip("route", "add", "default", "via", ROUTER)
        agent.ip("-6", "route", "add", "default", "via", "2001:db8:9::1")
        far.ip("route", "add", "default", "via", "10.9.1.1")
        far.ip("-6", "route", "add", "default", "via", "2001:db8:9:1::1")
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        router.nft(ROUTERS)
        agent.nft(RULES)
        yield agent


def test_who_ends_a_connection_is_told_apart(agent: Space) -> None:
    codes = agent.run(sys.executable, "-c", ASK, *EXPECTED).split()
    assert dict(zip(EXPECTED, codes, strict=True)) == EXPECTED


def test_a_router_that_answers_for_others_is_not_taken_for_this_computer(agent: Space) -> None:
    """Proxy ARP: what is sent straight onto the cable reaches it."""
    router = agent.name.removesuffix("a") + "r"
    place = Path(f"/run/netns/{router}")
    assert place.exists()
    enter = ("nsenter", f"--net={place}", "sysctl", "-qw")
    agent.run(*enter, "net.ipv4.conf.inside.proxy_arp=1")
    [code] = agent.run(sys.executable, "-c", ASK, f"{FAR}-{REDIRECTED}").split()
    assert code == "connection_refused"
