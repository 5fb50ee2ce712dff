"""Everything that offices get wrong, one by one: how to break it, and what must be said of it."""

from lab.topology import internet as net
from lab.topology import middleboxes as box
from lab.topology.fault import Fault, by_odd_resolver, divert, drop, wall
from lab.topology.internet import LARGE_RESOLVER, WEB, WEB_6

NO_UDP = {
    "nat.load_balancing": "unknown",
    "nat.mapping": "unknown",
    "nat.sip_alg": "unknown",
    "udp.stun": "fail answered=0",
    "udp.range": "fail ports_answered=0",
}
NAMELESS = {
    "browser.tls": "unknown",
    "nat.load_balancing": "unknown",
    "nat.mapping": "unknown",
    "port.tcp80": "unknown page_outcome=nothing reached=name",
    "port.tcp443": "unknown page_outcome=nothing reached=name",
    "port.sip": "unknown",
    "udp.stun": "unknown",
    "udp.range": "unknown",
    "ip.ranges": "unknown",
    "port.webphone": "unknown reached=name",
    "dns.edns": "unknown edns=silent",
    "websocket.open": "unknown reached=name",
    "filter.tls_interception": "unknown trust=unseen",
}
BEHIND_A_LOGIN = {
    **NO_UDP,
    "browser.tls": "unknown",
    "port.tcp80": "fail page_outcome=login",
    "port.tcp443": "unknown reached=connection",
    "port.sip": "unknown",
    "udp.stun": "unknown",
    "udp.range": "unknown ports_answered=0",
    "port.webphone": "unknown reached=connection",
    "websocket.open": "unknown reached=connection",
    "filter.tls_interception": "unknown trust=unseen",
}
OPENED = {
    "port.tcp443": "warn page_outcome=real",
    "port.webphone": "warn reached=done",
    "websocket.open": "warn reached=done",
}
NO_PROXY = 3999  # nobody is there
DEAD_PROXY = {
    "browser.tls": "unknown",
    "port.tcp80": "warn page_outcome=real route=direct",
    "port.tcp443": "warn page_outcome=real route=direct",
    "port.webphone": "fail reached=connection",
    "websocket.open": "warn reached=connection",
    "filter.tls_interception": "unknown trust=unseen",
}
BY_SETTINGS = "[system/proxy]\nmode='manual'\nignore-hosts=@as []\n" + "".join(
    f"[system/proxy/{scheme}]\nhost='ROUTER'\nport={box.SQUID_OPEN}\n"
    for scheme in ("http", "https")
)
EDNS_DROPPED = drop("ip daddr ROUTER udp dport 53 @th,144,16 1", "input")  # one OPT record
OPEN_TLS = divert("tcp dport { 443, 10062 }", box.MITM)


EDNS_FAULTS = {
    "edns dropped": Fault(rules=EDNS_DROPPED, expected={"dns.edns": "fail edns=dropped"}),
    "edns not understood": by_odd_resolver(
        "formerr", box.FORMERR, {"dns.edns": "fail edns=not_understood"}
    ),
    "edns stripped": by_odd_resolver("strip", box.STRIP, {"dns.edns": "fail edns=stripped"}),
    "edns with the do bit dropped": by_odd_resolver(
        "drop_dnssec", box.NO_DNSSEC, {"dns.edns": "warn edns=dnssec_lost"}
    ),
    "edns with 4096 dropped": by_odd_resolver(
        "drop_4096", box.NO_4096, {"dns.edns": "warn edns=buffer_lost"}
    ),
    "edns options dropped": by_odd_resolver(
        "drop_option", box.NO_OPTION, {"dns.edns": "warn edns=option_lost"}
    ),
    "edns version 1 dropped": by_odd_resolver(
        "drop_version", box.NO_VERSION, {"dns.edns": "warn edns=version_lost"}
    ),
    "long answers fail": by_odd_resolver(
        "fails_large", box.FAILS_LARGE, {"dns.edns": "warn edns=large_fails"}
    ),
    "first answer slow": by_odd_resolver("slow", box.SLOW, {"port.dns": "warn answering_udp=1"}),
    "answers over 512 bytes dropped": Fault(
        profile=("large.example.com", "middling.example.com"),
        rules=drop("udp sport 53 udp length > 520", "output"),
        expected={"dns.edns": "warn edns=large_lost"},
    ),
    "fragments lost": Fault(
        resolver=LARGE_RESOLVER,
        rules="table ip lab_raw {\nchain c { type filter hook prerouting priority -500;"
        ' iifname "outside" ip frag-off & 0x3fff != 0 drop; }\n}\n',
        expected={"dns.edns": "warn edns=fragments_lost"},
    ),
    "tcp 53 dropped": Fault(
        rules=drop("tcp dport 53", "input") + drop("tcp dport 53"),
        expected={
            "port.dns": "fail answering_udp=1 answering_tcp=0",
            "dns.edns": "warn edns=cut_short",
        },
    ),
    "name of the webphone withheld": by_odd_resolver(
        "withhold",
        box.WITHHOLD,
        {"port.webphone": "fail reached=name", "ip.ranges": "warn hidden=1"},
        cause="name_filtered",
    ),
    "name of the webphone led nowhere": by_odd_resolver(
        "sink",
        box.SINK,
        {"port.webphone": "fail reached=connection", "ip.ranges": "warn hidden=1"},
        cause="name_filtered",
    ),
    "name server dead": Fault(
        rules=drop("ip daddr ROUTER meta l4proto { tcp, udp } th dport 53", "input"),
        expected={**NAMELESS, "port.dns": "fail answering_udp=0 answering_tcp=0"},
        cause="dns_broken",
    ),
}

WEBPHONE_FAULTS = {
    "webphone dropped": Fault(
        rules=drop("tcp dport 10062"),
        expected={"port.webphone": "fail reached=connection failure=timed_out"},
    ),
    "webphone reset at syn": Fault(
        rules=wall("tcp dport 10062 reject with tcp reset"),
        expected={"port.webphone": "fail reached=connection failure=connection_refused"},
    ),
    "webphone prohibited": Fault(
        rules=wall("tcp dport 10062 reject with icmpx type admin-prohibited"),
        expected={"port.webphone": "fail reached=connection"},
    ),
    "webphone reset after hello": Fault(
        rules=wall("tcp dport 10062 meta length > 150 reject with tcp reset"),
        expected={"port.webphone": "fail reached=encryption failure=connection_reset"},
    ),
    "webphone swallowed after hello": Fault(
        rules=drop("tcp dport 10062 meta length > 150"),
        expected={"port.webphone": "fail reached=encryption failure=timed_out"},
    ),
    "webphone tls alert": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 10062", box.ALERT),
        expected={"port.webphone": "fail reached=encryption failure=tls_failed"},
    ),
    "webphone block page": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 10062", box.FOREIGN),
        expected={"port.webphone": "fail reached=exchange failure=upgrade_refused"},
    ),
    "webphone under a foreign certificate": Fault(
        boxes=(box.mitm,),
        rules=divert("tcp dport 10062", box.MITM),
        expected={"port.webphone": "warn reached=done"},
    ),
    "webphone 403": Fault(
        profile=('webphone_path = "/echo"', 'webphone_path = "/refused"'),
        expected={"port.webphone": "warn reached=exchange failure=http_status"},
    ),
    "webphone 200": Fault(
        profile=('webphone_path = "/echo"', 'webphone_path = "/page"'),
        expected={"port.webphone": "warn reached=exchange failure=upgrade_refused"},
    ),
    "most servers of the service down": by_odd_resolver("mostly_dead", box.MOSTLY_DEAD, {}),
    "service down": Fault(
        rules=wall(f"ip daddr {WEB} tcp dport 10062 drop; ip6 daddr {WEB_6} tcp dport 10062 drop"),
        expected={"port.webphone": "unknown reached=connection"},
        cause="service_down",
    ),
    "ipv6 leads nowhere": Fault(
        rules=drop("meta nfproto ipv6"),
        expected={
            "port.tcp443": "warn page_outcome=real",
            "port.webphone": "warn reached=done",
        },
        cause="ipv6_broken",
    ),
}

WEBSOCKET_FAULTS = {
    "transparent squid": Fault(
        boxes=(box.squid,),
        rules=divert("tcp dport 80", box.SQUID_TRANSPARENT),
        expected={"websocket.open": "warn reached=done"},
    ),
    "nginx without upgrade": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 80", box.NO_UPGRADE),
        expected={"websocket.open": "warn reached=done"},
    ),
    "websocket altered": Fault(
        boxes=(box.altering_mitm,),
        rules=divert("tcp dport { 80, 443 }", box.MITM_ALTERING),
        expected={
            "port.tcp443": "warn page_outcome=real",
            "websocket.open": "fail reached=done failure=bad_answer",
            "filter.tls_interception": "fail trust=unknown_authority",
        },
        cause="tls_inspection",
    ),
    "websocket held back": Fault(
        boxes=(box.holding_mitm,),
        rules=divert("tcp dport 443", box.MITM_HOLDING),
        expected={
            "port.tcp443": "warn page_outcome=real",
            "websocket.open": "fail reached=done failure=held_back",
            "filter.tls_interception": "fail trust=unknown_authority",
        },
        cause="tls_inspection",
    ),
    "proxy": Fault(boxes=(box.squid,), proxy=box.SQUID_OPEN),
    "proxy that turns away": Fault(proxy=NO_PROXY, expected=DEAD_PROXY, cause="proxy_dead"),
    "proxy that is silent": Fault(
        proxy=NO_PROXY,
        rules=drop(f"tcp dport {NO_PROXY}", "input"),
        expected=DEAD_PROXY,
        cause="proxy_dead",
    ),
    "proxy of the desktop's settings": Fault(
        boxes=(box.squid,),
        desktop=BY_SETTINGS,
        rules=drop('iifname "inside"'),
        expected={**NO_UDP, "port.sip": "unknown"},
        cause="proxy_only",
    ),
    "proxy that takes its time": Fault(
        boxes=(box.slow_squid,),
        proxy=box.SLOW_PROXY,
        expected={"port.tcp443": "warn page_outcome=real"},
        first_fix="network_team: Ask why the proxy is so slow, or for an exception for the"
        " service.",
    ),
    "proxy only, and it takes its time": Fault(
        boxes=(box.slow_squid,),
        proxy=box.SLOW_PROXY,
        rules=drop('iifname "inside"'),
        expected={**NO_UDP, "port.sip": "unknown", "port.tcp443": "warn page_outcome=real"},
        cause="proxy_only",
        first_fix="network_team: Ask to allow outgoing UDP 3479, 5060 and 5000 to 64000.",
    ),
    "proxy with few ports": Fault(
        boxes=(box.squid,),
        proxy=box.SQUID_STRICT,
        expected={
            "port.webphone": "fail reached=proxy failure=http_status",
            "websocket.open": "warn reached=done",
        },
    ),
    "proxy with a password": Fault(
        boxes=(box.squid,),
        proxy=box.SQUID_LOCKED,
        expected={
            "browser.tls": "unknown",
            "port.tcp80": "warn",
            "port.tcp443": "warn",
            "port.webphone": "unknown reached=proxy failure=proxy_authentication",
            "websocket.open": "warn failure=proxy_authentication",
            "filter.tls_interception": "unknown trust=unseen",
        },
        cause="proxy_password",
    ),
    "proxy only": Fault(
        boxes=(box.squid,),
        proxy=box.SQUID_OPEN,
        rules=drop('iifname "inside"'),
        expected={**NO_UDP, "port.sip": "unknown"},
        cause="proxy_only",
        first_fix="network_team: Ask to allow outgoing UDP 3479, 5060 and 5000 to 64000.",
    ),
}

FILTER_FAULTS = {
    "tls opened": Fault(
        boxes=(box.mitm,),
        rules=OPEN_TLS,
        expected={**OPENED, "filter.tls_interception": "fail trust=unknown_authority"},
        cause="tls_inspection",
    ),
    "tls opened, trusted here": Fault(
        boxes=(box.mitm,),
        trusted=True,
        rules=OPEN_TLS,
        expected={**OPENED, "filter.tls_interception": "fail trust=private_store_only"},
        cause="tls_inspection",
    ),
    "tls of one machine opened": Fault(
        boxes=(box.mitm,),
        rules=divert(f"ip daddr {WEB} tcp dport 443", box.MITM)
        + drop(f"ip6 daddr {WEB_6} tcp dport 443"),
        expected={
            "port.tcp443": "warn page_outcome=real",
            "websocket.open": "warn reached=done",
            "filter.tls_interception": "fail trust=unknown_authority controls_public=1",
        },
        cause="tls_inspection",
    ),
    "tls cut": Fault(
        rules=wall("tcp dport { 443, 10062 } meta length > 150 reject with tcp reset"),
        expected={
            "browser.tls": "unknown",
            "port.tcp443": "fail reached=encryption failure=connection_reset",
            "port.webphone": "fail reached=encryption failure=connection_reset",
            "websocket.open": "fail reached=encryption failure=connection_reset",
            "filter.tls_interception": "fail trust=cut",
        },
        cause="tls_cut",
    ),
}


def shows(port: int, trust: str) -> Fault:
    """The service's own server shows a certificate that is bad; nobody opens anything."""
    return Fault(
        profile=('tls = ["crm.example.com:443"]', f'tls = ["crm.example.com:{port}"]'),
        expected={"filter.tls_interception": trust},
    )


CERTIFICATE_FAULTS = {
    "certificate expired": shows(net.EXPIRED, "fail trust=expired controls_public=1"),
    "certificate for another name": shows(net.WRONG_NAME, "fail trust=wrong_name"),
    "certificate signed by itself": shows(net.SELF_SIGNED, "fail trust=self_signed"),
    "certificate chain incomplete": shows(net.INCOMPLETE, "warn trust=incomplete"),
}

PORT_FAULTS = {
    "captive portal": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 80", box.PORTAL) + drop('iifname "inside"'),
        expected=BEHIND_A_LOGIN,
        cause="captive_portal",
    ),
    "captive portal that refuses": Fault(
        boxes=(box.nginx,),
        rules=divert("tcp dport 80", box.PORTAL_PAGE)
        + wall('iifname "inside" meta l4proto tcp reject with tcp reset; iifname "inside" drop'),
        expected=BEHIND_A_LOGIN,
        cause="captive_portal",
    ),
    "port 80 dropped": Fault(
        rules=drop("tcp dport 80"),
        expected={
            "port.tcp80": "fail reached=connection failure=timed_out",
            "websocket.open": "warn reached=done",
        },
    ),
    "port 443 dropped": Fault(
        rules=drop("tcp dport 443"),
        expected={
            "browser.tls": "unknown",
            "port.tcp443": "fail reached=connection failure=timed_out",
            "websocket.open": "unknown reached=connection",
            "filter.tls_interception": "unknown trust=unseen",
        },
    ),
    "udp blocked": Fault(
        rules=drop("meta l4proto udp"),
        expected={**NO_UDP, "port.sip": "fail"},
        cause="udp_blocked",
    ),
    "everything dropped": Fault(
        rules=drop('iifname "inside"') + drop('iifname "inside"', "input"),
        expected={
            **NAMELESS,
            "nat.sip_alg": "unknown",
            "port.dns": "unknown answering_udp=0 answering_tcp=0",
        },
        cause="no_internet",
    ),
}

SINGLE_FAULTS: dict[str, Fault] = {
    **EDNS_FAULTS,
    **WEBPHONE_FAULTS,
    **WEBSOCKET_FAULTS,
    **FILTER_FAULTS,
    **CERTIFICATE_FAULTS,
    **PORT_FAULTS,
}
