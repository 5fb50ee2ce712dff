"""What ways through the internet do to packets without a firewall's rule: sizes, options, ways.

Many of them are healthy, and have to pass: a line by PPPoE, large frames, options taken away.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from lab.topology import middleboxes as box
from lab.topology.computer_faults import kernel_setting
from lab.topology.fault import Fault, by_odd_resolver, divert, drop, wall
from lab.topology.faults import BEHIND_A_LOGIN, NAMELESS, NO_UDP, SINGLE_FAULTS
from lab.topology.internet import REFLECTOR, STUN, STUN_CONTROL, WEB, WEB_6
from lab.topology.site import Site
from lab.topology.wires import cable

Around = Callable[[Site], AbstractContextManager[None]]

PPPOE_MTU = 1492  # RFC 2516, section 7
FAKE_CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
"""Of Debian's libfaketime; None where it is not installed."""


def mtu(*, of_router: bool, size: int) -> Around:
    """Of the router's outer end, or of the workstation's."""

    @contextlib.contextmanager
    def around(site: Site) -> Iterator[None]:
        space, device = (site.router, "outside") if of_router else (site.workstation, "line")
        space.ip("link", "set", device, "mtu", str(size))
        try:
            yield
        finally:
            space.ip("link", "set", device, "mtu", "1500")

    return around


def nothing_passes(after_s: float, for_s: float) -> Around:
    """In mid-run, with the cable in and the address as it was: so a laptop goes from one access
    point to another.
    """

    @contextlib.contextmanager
    def around(site: Site) -> Iterator[None]:
        over = threading.Event()

        def pause() -> None:
            if over.wait(after_s):
                return
            site.router.nft(wall("drop").replace("lab_forward", "lab_roaming"))
            over.wait(for_s)
            site.router.run("nft", "delete", "table", "inet", "lab_roaming")

        pausing = threading.Thread(target=pause)
        pausing.start()
        try:
            yield
        finally:
            over.set()
            pausing.join()

    return around


@contextlib.contextmanager
def two_default_routes(site: Site) -> Iterator[None]:
    """Equal ones, by two cables; the kernel chooses one for each flow (ip-sysctl)."""
    computer, router, second = site.workstation, site.router, f"10.9{site.number}.0"
    cable(computer, "line2", router, "inside2")
    computer.addresses(f"{second}.2/24", device="line2")
    router.addresses(f"{second}.1/24", device="inside2")
    computer.run("sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1")
    ways = ("nexthop", "via", site.router_address, "dev", "line")
    computer.ip(
        "route", "replace", "default", *ways, "nexthop", "via", f"{second}.1", "dev", "line2"
    )
    try:
        yield
    finally:
        computer.ip("link", "del", "line2")
        computer.ip("route", "replace", "default", "via", site.router_address)


@contextlib.contextmanager
def asks_over_tcp(site: Site) -> Iterator[None]:
    """The system's resolver asks over TCP alone (resolv.conf(5), use-vc)."""
    text = site.resolv_conf.read_text()
    site.resolv_conf.write_text(f"{text}options use-vc\n")
    yield


SECOND_ADDRESS = "198.18.200.1"


@contextlib.contextmanager
def vpn_for_one_server(site: Site) -> Iterator[None]:
    """A VPN that carries one STUN server's address and nothing of the service; beyond it this
    computer has another public address.
    """
    computer, router, inner = site.workstation, site.router, f"10.9{site.number}.0"
    cable(computer, "tunnel", router, "tunnel-end")
    computer.addresses(f"{inner}.2/24", device="tunnel")
    router.addresses(f"{inner}.1/24", device="tunnel-end")
    router.addresses(f"{SECOND_ADDRESS}/32", device="outside")
    outside = f"203.0.113.{4 * site.number + 1}"
    site.internet.space.ip("route", "replace", SECOND_ADDRESS, "via", outside)
    leave = f"type nat hook postrouting priority 90; ip saddr {inner}.2 snat to {SECOND_ADDRESS};"
    router.nft(f"table ip lab_vpn {{\nchain leave {{ {leave} }}\n}}\n")
    computer.ip("route", "add", STUN_CONTROL, "via", f"{inner}.1")
    try:
        yield
    finally:
        computer.ip("link", "del", "tunnel")
        router.ip("addr", "del", f"{SECOND_ADDRESS}/32", "dev", "outside")
        site.internet.space.ip("route", "del", SECOND_ADDRESS)


def web_down(port: int, how: str, chain: str = "forward") -> str:
    """One server does not answer on a port of its, over either family; others do."""
    places = (f"ip daddr {WEB}", f"ip6 daddr {WEB_6}")
    return wall("; ".join(f"{place} tcp dport {port} {how}" for place in places), chain)


def mangle(rules: str) -> str:
    """What a router does to the packets that it passes on."""
    hook = "type filter hook forward priority -150;"
    return f"table inet lab_mangle {{\nchain c {{ {hook} {rules}; }}\n}}\n"


def larger_than(size: int, which: str = "") -> str:
    """Packets of more bytes get lost, and nobody says so."""
    return drop(f"{which} meta length > {size}")


TOO_BIG = ("icmp type destination-unreachable icmp code frag-needed", "icmpv6 type packet-too-big")
WITHOUT_ICMP = "".join(drop(each, chain) for each in TOO_BIG for chain in ("forward", "output"))
"""What says that a packet is too big: of others, and of the router itself."""


def clock(ahead: str) -> dict[str, str]:
    """The computer's clock is wrong by so much ("+8h", "-1100d"); what measures time is right."""
    return {
        "LD_PRELOAD": str(FAKE_CLOCK),
        "FAKETIME": ahead,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


# certificates of the lab are small: with real ones it is 1,492, or 1,280 in a tunnel
SHORT = 700
MSS_FIX = (
    "network_team: Ask to let ICMP's \"packet too big\" pass, or to set TCP's MSS to fit the line."
)
FULL_SIZE_LOST = {
    "browser.tls": "pass|unknown",
    "nat.sip_alg": "unknown",
    "port.tcp443": "fail reached=encryption failure=timed_out",
    "port.webphone": "fail reached=encryption failure=timed_out",
    "port.sip": "unknown",
    "websocket.open": "fail",
    "filter.tls_interception": "unknown trust=unseen",
    "dns.edns": "pass|warn|unknown",
}
LARGE_MESSAGES_LOST = {"websocket.open": "fail reached=done failure=timed_out"}
# which of them get lost is chance; none may be called blocked, and nobody be blamed
BY_CHANCE = dict.fromkeys(
    (
        "browser.tls", "dns.edns", "filter.tls_interception", "ip.ranges", "nat.load_balancing",
        "nat.mapping", "nat.sip_alg", "port.dns", "port.sip", "port.tcp80", "port.tcp443",
        "port.webphone", "udp.range", "udp.stun", "websocket.open",
    ),
    "pass|unknown",
)  # fmt: skip
PAGES_DOWN = {
    "browser.tls": "unknown",
    "port.tcp443": "warn page_outcome=nothing reached=connection",
    "websocket.open": "unknown reached=connection",
    "filter.tls_interception": "unknown trust=unseen",
}
OVER_IPV6 = {"port.tcp443": "warn page_outcome=real", "port.webphone": "warn reached=done"}

PATH_FAULTS = {
    "packets of full size lost": Fault(
        rules=larger_than(SHORT),
        expected=FULL_SIZE_LOST,
        cause="large_packets_lost",
        first_fix=MSS_FIX,
    ),
    "packets of full size lost on their way here": Fault(
        rules=larger_than(1300, 'iifname "outside"'),
        expected=LARGE_MESSAGES_LOST,
        cause="large_packets_lost",
        first_fix=MSS_FIX,
    ),
    "packets of full size lost on their way out": Fault(
        rules=larger_than(1300, 'iifname "inside"'),
        expected=LARGE_MESSAGES_LOST,
        cause="large_packets_lost",
        first_fix=MSS_FIX,
    ),
    "packets of full size lost over IPv6": Fault(
        rules=larger_than(SHORT, "meta nfproto ipv6"),
        expected=OVER_IPV6,
        first_fix=MSS_FIX,
    ),
    "PPPoE without ICMP": Fault(
        around=mtu(of_router=True, size=PPPOE_MTU),
        rules=WITHOUT_ICMP,
        expected=LARGE_MESSAGES_LOST,
        cause="large_packets_lost",
        first_fix=MSS_FIX,
    ),
    "PPPoE": Fault(around=mtu(of_router=True, size=PPPOE_MTU)),
    "PPPoE that sets the MSS": Fault(
        around=mtu(of_router=True, size=PPPOE_MTU),
        rules=mangle("tcp flags syn tcp option maxseg size set rt mtu") + WITHOUT_ICMP,
    ),
    "large frames at the desk alone": Fault(around=mtu(of_router=False, size=9000)),
    "TCP's options taken away": Fault(
        rules=mangle("reset tcp option timestamp; reset tcp option sack-perm")
    ),
    "ECN and classes of service bleached": Fault(
        rules=mangle("ip ecn set not-ect; ip6 ecn set not-ect; ip dscp set cs0")
    ),
    "ICMP dropped": Fault(rules=drop("meta l4proto { icmp, icmpv6 }")),
    "two default routes": Fault(around=two_default_routes),
    "names over TCP alone": Fault(
        around=asks_over_tcp,
        rules=drop("udp dport 53", "input") + drop("udp dport 53"),
        expected={
            "port.dns": "warn answering_udp=0 answering_tcp=1",
            "dns.edns": "warn edns=silent",
        },
        first_fix="network_team: Ask whether the name server may answer over UDP 53, too; names"
        " are found without.",
    ),
    "AAAA answered late": by_odd_resolver(
        "aaaa_slow",
        box.AAAA_SLOW,
        {
            **NAMELESS,
            "port.dns": "warn answering_udp=1",
            "dns.edns": "pass",
            "filter.tls_interception": "unknown",
        },
        cause="names_late",
    ),
    "every name server answered for by the router": Fault(
        rules=divert("meta l4proto { tcp, udp } th dport 53", 53)
    ),
    "UDP forgotten after two seconds": Fault(
        around=kernel_setting("net.netfilter.nf_conntrack_udp_timeout", "2", of_router=True)
    ),
    "every name answered with nothing": by_odd_resolver(
        "empty",
        box.EMPTY,
        {
            **NAMELESS,
            "port.dns": "warn answering_udp=1",
            "dns.edns": "pass|unknown|warn",
        },
        cause="dns_broken",
        first_fix="network_team: Ask what is wrong with the name server.",
    ),
    "login page, while secure pages get out": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 80", box.PORTAL)
        + drop('iifname "inside" meta l4proto udp')
        + drop('iifname "inside" tcp dport 10062'),
        expected={
            **BEHIND_A_LOGIN,
            "browser.tls": "pass",
            "port.tcp443": "pass",
            "port.webphone": "unknown",
            "websocket.open": "unknown",
            "filter.tls_interception": "pass",
        },
        cause="captive_portal",
        first_fix="agent: Open your browser, sign in, then run again.",
    ),
    "name led to a server that is down": by_odd_resolver(
        "behind", box.BEHIND, {"port.webphone": "unknown reached=connection"}
    ),
    "from one access point to another in mid-run": Fault(
        around=nothing_passes(after_s=4.0, for_s=1.5), expected=BY_CHANCE
    ),
    "one packet of five lost on its way here": Fault(
        rules=drop('iifname "outside" numgen random mod 100 < 20'), expected=BY_CHANCE
    ),
    "webphone dropped over IPv6 alone": Fault(
        rules=drop("meta nfproto ipv6 tcp dport 10062"),
        expected={"port.webphone": OVER_IPV6["port.webphone"]},
        first_fix="network_team: Ask what stops TCP 10062 over IPv6 alone, and to let it pass.",
    ),
    "server of the secure pages down": Fault(
        rules=web_down(443, "reject with tcp reset"), expected=PAGES_DOWN
    ),
    "test server for UDP down": Fault(
        rules=drop(f"ip daddr {REFLECTOR}"),
        expected=dict.fromkeys(("nat.sip_alg", "port.sip", "udp.range"), "unknown"),
    ),
    "service's STUN server down": Fault(
        rules=drop(f"ip daddr {STUN}"),
        expected=dict.fromkeys(("nat.load_balancing", "nat.mapping", "udp.stun"), "unknown"),
    ),
    "service's STUN program down on a server that runs": Fault(
        rules=wall(f"ip daddr {STUN} meta l4proto udp reject with icmpx port-unreachable"),
        expected=dict.fromkeys(("nat.load_balancing", "nat.mapping", "udp.stun"), "unknown"),
    ),
    "service's STUN server down, and nobody else is asked": Fault(
        rules=drop(f"ip daddr {{ {STUN}, {REFLECTOR} }}"),
        profile=(f'stun_control = ["{STUN_CONTROL}:3478"]', "stun_control = []"),
        expected=dict.fromkeys(
            (
                "nat.load_balancing",
                "nat.mapping",
                "nat.sip_alg",
                "port.sip",
                "udp.range",
                "udp.stun",
            ),
            "unknown",
        ),
    ),
    "proxy that does not find the webphone": Fault(
        boxes=(box.squid,),
        proxy=box.SQUID_OPEN,
        rules=web_down(10062, "reject with tcp reset", "output"),
        expected={"port.webphone": "unknown reached=proxy failure=proxy_found_nobody"},
        cause="service_down",
    ),
    "VPN for a server that is not the service's": Fault(
        around=vpn_for_one_server,
        expected={"nat.mapping": "unknown"},
    ),
    "clock fast by eight hours": Fault(environment=clock("+8h")),
    "clock slow by three years": Fault(
        environment=clock("-1100d"),
        expected={
            "port.tcp443": "warn",
            "port.webphone": "warn",
            "websocket.open": "warn",
            "filter.tls_interception": "fail|unknown",
        },
        cause="clock_wrong",
    ),
}
PAIRS_ON_PATHS = {
    "packets of full size lost + udp blocked": Fault(
        rules=larger_than(SHORT) + SINGLE_FAULTS["udp blocked"].rules,
        expected={**NO_UDP, **FULL_SIZE_LOST, "port.sip": "fail"},
        cause="large_packets_lost",
    ),
    "packets of full size lost over IPv6 + webphone dropped": Fault(
        rules=larger_than(SHORT, "meta nfproto ipv6") + drop("tcp dport 10062"),
        expected={
            "port.tcp443": OVER_IPV6["port.tcp443"],
            "port.webphone": "fail reached=connection failure=timed_out",
        },
    ),
    "server of the secure pages down + udp blocked": Fault(
        rules=web_down(443, "drop") + SINGLE_FAULTS["udp blocked"].rules,
        expected={**NO_UDP, **PAGES_DOWN, "port.sip": "fail"},
        cause="udp_blocked",
    ),
    "two default routes + udp blocked": Fault(
        around=two_default_routes,
        rules=drop("meta l4proto udp"),
        expected={**NO_UDP, "port.sip": "fail"},
        cause="udp_blocked",
    ),
    "names over TCP alone + webphone dropped": Fault(
        around=asks_over_tcp,
        rules=drop("udp dport 53", "input") + drop("udp dport 53; tcp dport 10062"),
        expected={
            "port.dns": "warn answering_udp=0 answering_tcp=1",
            "dns.edns": "warn edns=silent",
            "port.webphone": "fail reached=connection failure=timed_out",
        },
    ),
    "clock slow by three years + webphone dropped": Fault(
        environment=clock("-1100d"),
        rules=drop("tcp dport 10062"),
        expected={
            "port.tcp443": "warn",
            "port.webphone": "fail reached=connection failure=timed_out",
            "websocket.open": "warn",
            "filter.tls_interception": "fail|unknown",
        },
        cause="clock_wrong",
    ),
}
