"""Offices whose desktops leave the proxy to a script, and KDE's settings (GNOME: `faults`)."""

from lab.topology import middleboxes as box
from lab.topology.fault import Fault, drop
from lab.topology.faults import NO_UDP
from lab.topology.site import DOMAIN

BY_SCRIPT = "[system/proxy]\nmode='auto'\nautoconfig-url='http://ROUTER/proxy.pac'\n"
BY_WPAD = "[system/proxy]\nmode='auto'\nautoconfig-url=''\n"
BY_KDE = "[Proxy Settings]\nProxyType=1\n" + "".join(
    f"{scheme}Proxy=http://ROUTER {box.SQUID_OPEN}\n" for scheme in ("http", "https")
)
INSIDE_ONLY = drop('iifname "inside"')


def by_script(page: str, **differs: object) -> Fault:
    """KDE's settings name a script, and its web server is in the office."""
    kde = f"[Proxy Settings]\nProxyType=2\nProxy Config Script=http://ROUTER/{page}\n"
    return Fault(boxes=(box.squid, box.scripts), kde=kde, **differs)


PROXY_BY_SCRIPT = {
    **NO_UDP,
    "port.tcp80": "pass route=proxy proxy_script=works",
    "port.tcp443": "pass route=proxy proxy_script=works",
    "port.sip": "unknown",
}
NO_WAY_OUT = {
    **NO_UDP,
    "browser.tls": "unknown",
    "port.sip": "unknown",
    "port.webphone": "unknown",
    "udp.stun": "unknown",
    "udp.range": "unknown ports_answered=0",
    "websocket.open": "unknown",
    "filter.tls_interception": "unknown",
}


def pages(text: str) -> dict[str, str]:
    """Both ports say the same."""
    return {"port.tcp80": text, "port.tcp443": text}


SCRIPT_FAULTS = {
    "proxy of KDE's settings": Fault(
        boxes=(box.squid,),
        kde=BY_KDE,
        rules=INSIDE_ONLY,
        expected={**NO_UDP, "port.sip": "unknown"},
        cause="proxy_only",
    ),
    "proxy by a script": Fault(
        boxes=(box.squid, box.scripts),
        desktop=BY_SCRIPT,
        rules=INSIDE_ONLY,
        expected=PROXY_BY_SCRIPT,
        cause="proxy_only",
    ),
    "proxy by a script of KDE's": by_script(
        "proxy.pac", rules=INSIDE_ONLY, expected=PROXY_BY_SCRIPT, cause="proxy_only"
    ),
    "proxy by a script that the network names": Fault(
        boxes=(box.squid, box.scripts),
        desktop=BY_WPAD,
        search=DOMAIN,
        rules=INSIDE_ONLY,
        expected=PROXY_BY_SCRIPT,
        cause="proxy_only",
    ),
    "no script that the network names": Fault(
        desktop=BY_WPAD, expected=pages("pass route=direct proxy_script=none_named")
    ),
    "script for the direct way": by_script(
        "direct.pac", expected=pages("pass route=direct proxy_script=works")
    ),
    "script with a dead proxy": by_script(
        "dead.pac",
        expected={
            **pages("warn route=direct proxy_script=works"),
            "browser.tls": "unknown",
            "port.webphone": "fail reached=connection failure=connection_refused",
            "websocket.open": "warn",
            "filter.tls_interception": "unknown",
        },
        cause="proxy_dead",
    ),
    "script that is not there": by_script(
        "missing.pac",
        expected=pages("warn route=direct proxy_script=not_fetched"),
        cause="proxy_script_unused",
    ),
    "script without an end": by_script(
        "endless.pac",
        expected=pages("warn route=direct proxy_script=endless"),
        cause="proxy_script_unused",
    ),
    "script with a mistake, and no other way": by_script(
        "broken.pac",
        rules=INSIDE_ONLY,
        expected={**NO_WAY_OUT, **pages("fail page_outcome=nothing proxy_script=syntax")},
        cause="proxy_script_broken",
    ),
    "script for socks alone": by_script(
        "socks.pac",
        rules=INSIDE_ONLY,
        expected={**NO_WAY_OUT, **pages("unknown page_outcome=nothing proxy_script=other_kind")},
        cause="proxy_script",
    ),
}
