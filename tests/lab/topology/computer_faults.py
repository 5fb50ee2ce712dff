"""What is wrong on the computer itself, and kinds of networks that no rule of a firewall makes."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from lab.topology import middleboxes as box
from lab.topology.fault import Fault, by_odd_resolver, divert, drop, wall
from lab.topology.faults import BEHIND_A_LOGIN, NAMELESS, NO_UDP
from lab.topology.internet import CONTROL, REFLECTOR, RESOLVER, WEB
from lab.topology.site import DELAY_LINE, Site
from lab.topology.wires import command, wait_until

Around = Callable[[Site], AbstractContextManager[None]]

NOBODY = "10.99.99.99"
OLD_ADDRESS = "192.0.2.1"
NAT64_PREFIX = "2001:db8:64::/96"
"""Not 64:ff9b::, which tayga does not lead to addresses of documentation (RFC 6052, 3.1)."""

DNS64 = """
options {{
  directory "{folder}"; pid-file none; session-keyfile "{folder}/session.key";
  listen-on {{ none; }}; listen-on-v6 {{ {address}; }};
  recursion yes; allow-query {{ any; }}; dnssec-validation no;
  forwarders {{ {resolver}; }}; forward only;
  dns64 {prefix} {{ clients {{ any; }}; }};
}};
controls {{ }};
"""
TAYGA = """
tun-device nat64
ipv4-addr 192.0.0.1
ipv6-addr fd00:64::1
prefix {prefix}
dynamic-pool 192.168.255.0/24
data-dir {folder}
"""


def own_firewall(rule: str) -> Around:
    """Of the workstation, on what it sends."""
    hook = "type filter hook output priority 0;"

    @contextlib.contextmanager
    def around(site: Site) -> Iterator[None]:
        site.workstation.nft(f"table inet own {{\nchain out {{\n{hook}\n{rule}\n}}\n}}\n")
        try:
            yield
        finally:
            site.workstation.run("nft", "flush", "ruleset")

    return around


def kernel_setting(name: str, value: str, *, of_router: bool = False) -> Around:
    """Of the workstation, or of the router before it."""

    @contextlib.contextmanager
    def around(site: Site) -> Iterator[None]:
        host = site.router if of_router else site.workstation
        before = host.run("sysctl", "-n", name).strip()
        host.run("sysctl", "-qw", f"{name}={value}")
        try:
            yield
        finally:
            host.run("sysctl", "-qw", f"{name}={before}")

    return around


def hosts_file(content: bytes) -> Around:
    """What the workstation looks names up in before it asks anybody."""

    @contextlib.contextmanager
    def around(site: Site) -> Iterator[None]:
        file = site.resolv_conf.with_name("hosts")
        file.write_bytes(content)
        try:
            yield
        finally:
            file.unlink()

    return around


@contextlib.contextmanager
def first_server_dead(site: Site) -> Iterator[None]:
    """The workstation is given two name servers, and nobody is at the first."""
    site.resolvers(NOBODY, site.router_address)
    yield


@contextlib.contextmanager
def preferred_interface(site: Site) -> Iterator[None]:
    """One more that has a router by its settings, and none on its cable; IPv4 prefers it."""
    computer, router = site.workstation, site.router_address
    command(
        "ip", "link", "add", "other", "netns", computer.name, "type", "veth",
        "peer", "name", "otherend", "netns", computer.name,
    )  # fmt: skip
    for device in ("other", "otherend"):
        computer.ip("link", "set", device, "up")
    computer.addresses("192.168.77.2/24", device="other")
    computer.ip("route", "del", "default")
    computer.ip("route", "add", "default", "via", router, "metric", "100")
    computer.ip("route", "add", "default", "via", "192.168.77.1", "metric", "50")
    try:
        yield
    finally:
        computer.ip("link", "del", "other")
        computer.ip("route", "del", "default")
        computer.ip("route", "add", "default", "via", router)


@contextlib.contextmanager
def tunnel_for_some(site: Site) -> Iterator[None]:
    """A VPN that carries the service's pages and voice, and nothing else."""
    far, network = f"vpn{site.number}", f"198.18.1{site.number}"
    space = site.internet.space
    ends = (site.workstation.name, "tun0", space.name, far)
    with subprocess.Popen(
        (sys.executable, str(DELAY_LINE), *ends, "5", "0"), stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        for end, device, address in ((site.workstation, "tun0", 1), (space, far, 2)):
            end.addresses(f"{network}.{address}/30", device=device)
            end.ip("link", "set", device, "up", "mtu", "1280")
        for target in (WEB, REFLECTOR):
            site.workstation.ip("route", "add", f"{target}/32", "dev", "tun0")
        try:
            yield
        finally:
            program.terminate()


@contextlib.contextmanager
def nat64(site: Site) -> Iterator[None]:
    """The workstation has IPv6 alone; the router translates, and makes addresses up for that."""
    router, computer = site.router, site.workstation
    inside = f"10.8{site.number}.0"
    folder = site.folder / "nat64"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    address = site.router_address_6
    (folder / "named.conf").write_text(
        DNS64.format(folder=folder, address=address, resolver=RESOLVER, prefix=NAT64_PREFIX)
    )
    config = folder / "tayga.conf"
    config.write_text(TAYGA.format(folder=folder, prefix=NAT64_PREFIX))
    router.run("tayga", "-c", str(config), "--mktun")
    router.ip("link", "set", "nat64", "up")
    router.ip("route", "add", "192.168.255.0/24", "dev", "nat64")
    router.ip("-6", "route", "add", NAT64_PREFIX, "dev", "nat64")
    programs = [
        router.start("tayga", "-d", "-c", str(config), log="tayga"),
        router.start("named", "-g", "-c", str(folder / "named.conf"), log="dns64"),
    ]
    computer.ip("addr", "del", f"{inside}.2/24", "dev", "line")
    site.resolvers(address)
    try:
        wait_until(lambda: f"[{address}]:53" in router.listening("udp"), "named to listen")
        yield
    finally:
        router.end(programs)
        router.ip("link", "del", "nat64")
        computer.addresses(f"{inside}.2/24", device="line")
        computer.ip("route", "add", "default", "via", f"{inside}.1")


def connections_a_second(rate: int, *, burst: int) -> str:
    """A firewall that takes no more new ones, and loses what begins beyond."""
    limit = f"limit rate over {rate}/second burst {burst} packets drop"
    return wall(f"tcp flags & (syn | ack) == syn {limit}")


AN_OLD_ADDRESS = hosts_file(f"127.0.0.1 localhost\n{OLD_ADDRESS} phone.example.com\n".encode())
OLD_LINE = "helpdesk: Take the line for phone.example.com out of this computer's hosts file."
BLOCKED_HERE = (
    "helpdesk: See which firewall or security program here stops natwizard, and allow it."
)
NO_TCP_HERE = dict.fromkeys(
    (
        "browser.tls", "dns.edns", "filter.tls_interception", "port.dns", "port.sip",
        "port.tcp80", "port.tcp443", "port.webphone", "websocket.open",
    ),
    "unknown",
)  # fmt: skip
NO_443_HERE = dict.fromkeys(
    ("browser.tls", "filter.tls_interception", "port.tcp443", "websocket.open"), "unknown"
)
# servers that are set by an IPv4 address alone: the second STUN server, the mirror
WITHOUT_IPV4_LITERALS = dict.fromkeys(
    ("nat.load_balancing", "nat.mapping", "nat.sip_alg"), "unknown"
)
WITHOUT_SIGN_IN = {
    "browser.tls": "unknown",
    "port.tcp443": "warn",
    "port.webphone": "unknown reached=proxy failure=proxy_authentication",
    "websocket.open": "warn failure=proxy_authentication",
    "filter.tls_interception": "unknown trust=unseen",
}
# which of them get lost is chance; none may be called blocked
SOME_CONNECTIONS_LOST = dict.fromkeys(
    (
        "browser.tls", "filter.tls_interception", "port.dns", "port.sip", "port.tcp80",
        "port.tcp443", "port.webphone", "websocket.open",
    ),
    "pass|unknown",
)  # fmt: skip
RESETS_WEBPHONE = own_firewall("tcp dport 10062 reject with tcp reset")

COMPUTER_FAULTS = {
    "own firewall resets 10062": Fault(
        around=RESETS_WEBPHONE,
        expected={"port.webphone": "unknown failure=blocked_here"},
        cause="blocked_here",
        first_fix=BLOCKED_HERE,
    ),
    "own firewall drops all TCP": Fault(
        around=own_firewall("meta l4proto tcp drop"),
        expected=NO_TCP_HERE,
        cause="blocked_here",
        first_fix=BLOCKED_HERE,
    ),
    "own firewall forbids 443": Fault(
        around=own_firewall("tcp dport 443 reject with icmpx admin-prohibited"),
        expected=NO_443_HERE,
        cause="blocked_here",
        first_fix=BLOCKED_HERE,
    ),
    "first name server dead": Fault(
        around=first_server_dead,
        expected={**NAMELESS, "port.dns": "warn answering_udp=1", "dns.edns": "pass"},
        cause="names_late",
        first_fix=f"network_team: Take {NOBODY} out of the settings, or repair it.",
    ),
    "hosts file with an old address": Fault(
        around=AN_OLD_ADDRESS,
        expected={"port.webphone": "fail reached=connection"},
        first_fix=OLD_LINE,
    ),
    "IPv4 by a router that is not there": Fault(
        around=preferred_interface,
        expected={
            **NO_UDP,
            "port.sip": "unknown",
            "udp.stun": "fail answered=0",
            "udp.range": "unknown",
        },
        cause="ipv4_broken",
        first_fix="network_team: Ask to repair IPv4 from this computer to the internet: router,"
        " address, routes.",
    ),
    "VPN for some of the routes": Fault(around=tunnel_for_some),
    "IPv6 alone, with NAT64": Fault(around=nat64, expected=WITHOUT_IPV4_LITERALS),
    "IPv6 alone, with NAT64 + webphone dropped": Fault(
        around=nat64,
        rules=drop("tcp dport 10062"),
        expected={
            **WITHOUT_IPV4_LITERALS,
            "port.webphone": "fail reached=connection failure=timed_out",
        },
        first_fix="network_team: Ask to allow outgoing TCP 10062 to the service.",
    ),
    "ECN asked for, and such SYNs dropped": Fault(
        around=kernel_setting("net.ipv4.tcp_ecn", "1"),
        rules=drop("tcp flags & (ecn | cwr) == (ecn | cwr)"),
    ),
}
NETWORK_FAULTS = {
    "AAAA answered with SERVFAIL": by_odd_resolver("aaaa_servfail", box.AAAA_SERVFAIL, {}),
    "names that do not exist lead to adverts": by_odd_resolver("rewrite", box.REWRITE, {}),
    "five connections a second": Fault(
        rules=connections_a_second(5, burst=5), expected=SOME_CONNECTIONS_LOST
    ),
    **{
        f"{rate} connections a second, {burst} at once": Fault(
            rules=connections_a_second(rate, burst=burst),
            expected=SOME_CONNECTIONS_LOST,
        )
        for rate, burst in ((2, 1), (3, 3), (10, 1))
    },
    "login page of status 511": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 80", box.PORTAL_511) + drop('iifname "inside"'),
        expected=BEHIND_A_LOGIN,
        cause="captive_portal",
        first_fix="agent: Open your browser, sign in, then run again.",
    ),
    "another page in place of those on port 80": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 80", box.PORTAL_PAGE),
        expected={"port.tcp80": "warn page_outcome=other", "websocket.open": "warn"},
        # one page alone may be another one by its owner's doing
        first_fix="helpdesk: Check the test page's address, or ask what filters it.",
    ),
    "proxy with a password for secure pages": Fault(
        boxes=(box.squid,),
        proxy=box.SQUID_HALF_LOCKED,
        expected=WITHOUT_SIGN_IN,
        cause="proxy_password",
        first_fix="network_team: Ask for a proxy exception for the service's addresses.",
    ),
}
PAIRS_ON_COMPUTERS = {
    "own firewall resets 10062 + udp blocked": Fault(
        around=RESETS_WEBPHONE,
        rules=drop("meta l4proto udp"),
        expected={**NO_UDP, "port.sip": "fail", "port.webphone": "unknown failure=blocked_here"},
        cause="blocked_here",
    ),
    "first name server dead + webphone dropped": Fault(
        around=first_server_dead,
        rules=drop("tcp dport 10062"),
        expected={**NAMELESS, "port.dns": "warn answering_udp=1", "dns.edns": "pass"},
        cause="names_late",
        first_fix=f"network_team: Take {NOBODY} out of the settings, or repair it.",
    ),
    "hosts file with an old address + control dropped": Fault(
        around=AN_OLD_ADDRESS,
        rules=drop(f"ip daddr {CONTROL} tcp dport 10062"),
        expected={"port.webphone": "fail reached=connection"},
        first_fix=OLD_LINE,
    ),
}
