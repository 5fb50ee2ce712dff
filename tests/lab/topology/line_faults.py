"""Lines that are thin, long, lossy or uneven, and kinds of traffic that they do not carry."""

from lab.topology.fault import Fault, drop, wall
from lab.topology.faults import NAMELESS, NO_UDP
from lab.topology.internet import REFLECTOR

MEDIA = f"ip daddr {REFLECTOR} udp dport 18620"
LOSS = "meta l4proto udp udp dport 18620 numgen random mod 100 < {percent} drop"
BY_NAME_SERVERS = {"port.dns": "fail answering_udp=0 answering_tcp=0"}

NOT_MEASURED = dict.fromkeys(
    (
        "quality.bandwidth",
        "quality.latency",
        "quality.jitter",
        "quality.loss",
        "quality.mos",
        "quality.latency_under_load",
    ),
    "unknown",
)
# handshakes of many servers at once take longer here than a handshake may, or just not
LINE_TOO_SLOW_FOR_ALL = ("port.tcp80", "port.tcp443", "port.webphone", "websocket.open")
THIN = {
    **NOT_MEASURED,
    "quality.jitter": "pass|unknown",
    "quality.bandwidth": "fail calls_carried=0",
    **dict.fromkeys((*LINE_TOO_SLOW_FOR_ALL, "filter.tls_interception"), "pass|unknown"),
    **dict.fromkeys(("port.dns", "dns.edns"), "pass|unknown"),
}
ALL_UDP = "network_team: Ask to allow outgoing UDP 3479, 5060 and 5000 to 64000."

LINE_FAULTS = {
    "64 kbit/s": Fault(
        rate_kbit_s=64,
        expected=THIN,
        cause="thin_line",
        first_fix="network_team: Ask for a faster line, or stop what else uses it and run again.",
    ),
    "448 kbit/s": Fault(rate_kbit_s=448, expected={}),
    "448 kbit/s, and twenty calls": Fault(
        rate_kbit_s=448,
        calls=20,
        expected={
            "quality.bandwidth": "fail calls_carried=4",
            "quality.latency_under_load": "unknown",
        },
        cause="thin_line",
        first_fix="network_team: Ask for more bandwidth, or give calls priority.",
    ),
    "satellite": Fault(
        delay_ms=300,
        expected={"quality.latency": "fail", "quality.mos": "warn"},
    ),
    "jitter": Fault(
        jitter_ms=80,
        expected={"quality.jitter": "fail", "quality.mos": "pass|warn"},
    ),
    "loss of 3 %": Fault(
        rules=wall(LOSS.format(percent=3)),
        expected={"quality.loss": "fail", "quality.mos": "pass|warn", "quality.bandwidth": "pass"},
    ),
    "loss of 8 %": Fault(
        rules=wall(LOSS.format(percent=8)),
        expected={"quality.loss": "fail", "quality.mos": "warn", "quality.bandwidth": "pass"},
    ),
    "all udp dropped": Fault(
        rules=drop("meta l4proto udp"),
        expected={
            **NO_UDP,
            **NOT_MEASURED,
            "udp.range": "fail ports_answered=0",
            "port.sip": "fail",
        },
        cause="udp_blocked",
        first_fix=ALL_UDP,
    ),
    "voice refused by icmp": Fault(
        rules=wall(f"{MEDIA} reject with icmpx type host-unreachable"),
        expected={**NOT_MEASURED, "quality.loss": "fail"},
        first_fix="network_team: Ask to allow UDP to media.example.com:18620, and its answers.",
    ),
    "no name server at all": Fault(
        rules=drop("meta l4proto { tcp, udp } th dport 53", "input")
        + wall("meta l4proto { tcp, udp } th dport 53 drop"),
        expected={
            **NAMELESS,
            **NOT_MEASURED,
            **BY_NAME_SERVERS,
            "nat.sip_alg": "pass|unknown",
        },
        cause="dns_broken",
        first_fix="network_team: Ask for a name server that answers, or to allow port 53 to it.",
    ),
    "443 and 10062 dropped": Fault(
        rules=drop("tcp dport { 443, 10062 }"),
        expected={
            "browser.tls": "unknown",
            "port.tcp443": "fail reached=connection failure=timed_out",
            "port.webphone": "fail reached=connection failure=timed_out",
            "websocket.open": "unknown",
            "filter.tls_interception": "unknown",
        },
    ),
    "80 and 443 dropped": Fault(
        rules=drop("tcp dport { 80, 443 }"),
        expected={
            "browser.tls": "unknown",
            "port.tcp80": "fail reached=connection failure=timed_out",
            "port.tcp443": "fail reached=connection failure=timed_out",
            "websocket.open": "unknown",
            "filter.tls_interception": "unknown",
        },
    ),
}
PAIRS_OF_LINES = {
    "448 kbit/s + 80 and 443 dropped": Fault(
        rate_kbit_s=448,
        rules=drop("tcp dport { 80, 443 }"),
        expected=LINE_FAULTS["80 and 443 dropped"].expected,
    ),
    "satellite + webphone dropped": Fault(
        delay_ms=300,
        rules=drop("tcp dport 10062"),
        expected={
            **LINE_FAULTS["satellite"].expected,
            "port.webphone": "fail reached=connection failure=timed_out",
        },
    ),
}
