"""Two faults at once, offices that keep a websocket waiting, and profiles with many targets."""

from lab.topology import internet as net
from lab.topology import middleboxes as box
from lab.topology.computer_faults import COMPUTER_FAULTS, NETWORK_FAULTS, PAIRS_ON_COMPUTERS
from lab.topology.fault import Fault, wall
from lab.topology.fault_scripts import SCRIPT_FAULTS
from lab.topology.faults import SINGLE_FAULTS
from lab.topology.path_faults import PAIRS_ON_PATHS, PATH_FAULTS


def both(one: str, other: str, cause: str, **differs: str) -> Fault:
    """Two faults as one: what each is known by is seen, but for what differs.

    Args:
        differs: expectations of checks that look otherwise with both, "." written as "__".
    """
    first, second = SINGLE_FAULTS[one], SINGLE_FAULTS[other]
    return Fault(
        rules=first.rules + second.rules,
        boxes=first.boxes + second.boxes,
        proxy=first.proxy or second.proxy,
        resolver=first.resolver or second.resolver,
        trusted=first.trusted or second.trusted,
        profile=first.profile if first.profile[0] else second.profile,
        expected={
            **first.expected,
            **second.expected,
            **{check.replace("__", "."): text for check, text in differs.items()},
        },
        cause=cause,
    )


PAIRS = {
    "tls opened + udp blocked": both("tls opened", "udp blocked", "tls_inspection"),
    "webphone dropped + edns dropped": both("webphone dropped", "edns dropped", ""),
    "webphone dropped + udp blocked": both("webphone dropped", "udp blocked", "udp_blocked"),
    "service down + ipv6 leads nowhere": both(
        "service down",
        "ipv6 leads nowhere",
        "service_down",
        port__webphone="unknown",
    ),
    "ipv6 leads nowhere + udp blocked": both("ipv6 leads nowhere", "udp blocked", "udp_blocked"),
    "transparent squid + udp blocked": both("transparent squid", "udp blocked", "udp_blocked"),
    "captive portal + edns dropped": both(
        "captive portal", "edns dropped", "captive_portal", dns__edns="unknown edns=dropped"
    ),
    "captive portal + name server dead": both(
        "captive portal",
        "name server dead",
        "no_internet",  # behind a login nobody answers at all where names lead nowhere
        port__dns="unknown answering_udp=0 answering_tcp=0",
    ),
    "proxy with a password + edns stripped": both(
        "proxy with a password", "edns stripped", "proxy_password"
    ),
    "proxy with a password + udp blocked": both(
        "proxy with a password", "udp blocked", "proxy_password"
    ),
    "proxy only + edns stripped": both("proxy only", "edns stripped", "proxy_only"),
    "port 443 dropped + udp blocked": both("port 443 dropped", "udp blocked", "udp_blocked"),
}

HASTY = ("example.com/echo", "example.com/hasty")
SOAKS = {
    "a patient line": Fault(),
    # the service's own server ends it, and TLS shows that: nobody on the way does
    "a hasty nginx": Fault(profile=HASTY, expected={"websocket.open": "pass reached=done"}),
    "a hasty squid": Fault(
        boxes=(box.hasty_squid,),
        proxy=box.SQUID_HASTY,
        expected={"websocket.open": "fail reached=done"},
    ),
}

# as much as a profile may name: all of it at once
MANY = (
    'tls = ["crm.example.com:443"]',
    f"""tls = {["crm.example.com:443"] * 7}
resolvers = {[f"{net.RESOLVER}:53"] * 6}""",
)
MANY_TARGETS = Fault(profile=MANY)
MANY_DEAD_TARGETS = Fault(
    profile=MANY,
    rules=wall(
        "meta l4proto tcp meta length > 150 drop; udp dport 53 @th,144,16 1 drop; "
        "udp dport { 3478, 3479, 5060, 5000-64000 } drop"
    ),
)

FAULTS: dict[str, Fault] = {
    **SINGLE_FAULTS,
    **SCRIPT_FAULTS,
    **COMPUTER_FAULTS,
    **NETWORK_FAULTS,
    **PATH_FAULTS,
    **PAIRS,
    **PAIRS_ON_COMPUTERS,
    **PAIRS_ON_PATHS,
}
