"""What can be wrong between a computer as it is shipped and the servers of strangers."""

from lab.topology import middleboxes as box
from lab.topology.fault import Fault, divert, drop
from lab.topology.faults import OPEN_TLS
from lab.topology.public_world import (
    BEACONS,
    ECHOES,
    MICROSOFT,
    MOZILLA,
    OPEN_RESOLVER,
    OTHER_PORTAL_CHECK,
    PORT_TESTER,
    PORTAL_CHECK,
    STUN_SERVERS,
)

BEACON = "udp dport 7770"
STUN = tuple(address for address, _port in STUN_SERVERS)
STRANGERS = (PORT_TESTER, *ECHOES, *BEACONS, *STUN)
OTHERS_TO_SIGN_IN = "tcp dport != { 80, 53 } drop; udp dport != 53"

WITHOUT_VOICE = dict.fromkeys(
    ("quality.loss", "quality.latency", "quality.jitter", "quality.mos", "quality.bandwidth"),
    "unknown",
)
WITHOUT_STUN = dict.fromkeys(("nat.load_balancing", "nat.mapping"), "unknown")
ONE_STUN_SERVER = {"nat.mapping": "unknown", "nat.load_balancing": "pass|unknown"}
ONLY_THE_SERVICE = {
    **WITHOUT_VOICE,
    **WITHOUT_STUN,
    "port.webphone": "not_set_up",
    "websocket.open": "warn",
}


def dead(*addresses: str) -> str:
    """Servers that are switched off, or that a firewall does not let anybody ask."""
    return drop(f"ip daddr {{ {', '.join(addresses)} }}")


PUBLIC_FAULTS = {
    "healthy": Fault(),
    "udp blocked": Fault(
        rules=drop("meta l4proto udp"), expected={**WITHOUT_VOICE, **WITHOUT_STUN}
    ),
    "10062 blocked": Fault(rules=drop("tcp dport 10062"), expected={"port.webphone": "warn"}),
    "80 blocked": Fault(rules=drop("tcp dport 80"), expected={"port.tcp80": "fail"}),
    "only the service's addresses allowed": Fault(
        rules=dead(*STRANGERS), expected=ONLY_THE_SERVICE
    ),
    "loss": Fault(
        rules=drop(f"{BEACON} numgen random mod 100 < 8"),
        expected={"quality.loss": "fail", "quality.bandwidth": "warn", "quality.mos": "warn"},
    ),
    "jitter": Fault(
        jitter_ms=80,
        expected={
            "quality.jitter": "fail",
            "quality.latency": "pass|borderline",  # half of the packets take some 90 ms
            "quality.mos": "pass|warn",
        },
    ),
    "latency": Fault(delay_ms=60, expected={"quality.latency": "warn", "quality.mos": "pass|warn"}),
    "captive portal": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 80", box.PORTAL) + drop(OTHERS_TO_SIGN_IN),
        expected={
            **WITHOUT_VOICE,
            **WITHOUT_STUN,
            **dict.fromkeys(
                ("browser.tls", "port.tcp443", "websocket.open", "filter.tls_interception"),
                "unknown",
            ),
            "port.tcp80": "fail",
            "port.webphone": "not_set_up",
        },
        cause="captive_portal",
    ),
    "tls inspection": Fault(
        boxes=(box.mitm,),
        rules=OPEN_TLS,
        trusted=True,
        expected={
            "filter.tls_interception": "fail",
            "port.tcp443": "warn",
            "websocket.open": "warn",
            "port.webphone": "pass|warn|not_set_up",
        },
        cause="tls_inspection",
    ),
    "a beacon, an echo, a STUN server dead": Fault(
        rules=dead(BEACONS[0], ECHOES[0], STUN[0]), expected=ONE_STUN_SERVER
    ),
    "another beacon, the other echo and STUN server dead": Fault(
        rules=dead(BEACONS[1], ECHOES[1], STUN[1]), expected=ONE_STUN_SERVER
    ),
    "two beacons, the port tester, a control dead": Fault(
        rules=dead(*BEACONS[2:4], PORT_TESTER, MICROSOFT), expected={"port.webphone": "not_set_up"}
    ),
    "two more beacons, a page, the other control dead": Fault(
        rules=dead(*BEACONS[4:], PORTAL_CHECK, MOZILLA)
    ),
    "all strangers dead": Fault(
        rules=dead(*STRANGERS, PORTAL_CHECK, MICROSOFT, MOZILLA, OPEN_RESOLVER),
        expected=ONLY_THE_SERVICE,
    ),
    "all beacons dead but one": Fault(
        rules=dead(*BEACONS[1:], OTHER_PORTAL_CHECK),
    ),
    "one location lossy": Fault(
        rules=drop(f"ip daddr {BEACONS[0]} {BEACON} numgen random mod 100 < 20"),
    ),
    "one location lossy, 10062 blocked": Fault(
        rules=drop(
            f"ip daddr {BEACONS[1]} {BEACON} numgen random mod 100 < 20 drop; tcp dport 10062"
        ),
        expected={"port.webphone": "warn"},
    ),
}
