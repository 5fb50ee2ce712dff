"""Programs that offices put between people and the internet, each real, started when needed."""

import sys
from collections.abc import Callable
from pathlib import Path

from lab.topology.internet import RESOLVER, WEB
from lab.topology.site import Site
from servers.nginx_files import NGINX_HEAD

from natwizard.reflector.certificates import make_certificate

SQUID_OPEN, SQUID_TRANSPARENT, SQUID_LOCKED, SQUID_STRICT, SQUID_HASTY, SQUID_HALF_LOCKED = range(
    3128, 3134
)
MITM, MITM_ALTERING, MITM_HOLDING = 8080, 8081, 8082
PORTAL, PORTAL_PAGE, NO_UPGRADE, FOREIGN, ALERT = 8880, 8881, 8882, 8443, 8444
PORTAL_511 = 8883
FORMERR, STRIP, SLOW, FAILS_LARGE = range(5301, 5305)
NO_DNSSEC, NO_4096, NO_OPTION, NO_VERSION = range(5311, 5315)
WITHHOLD, SINK = 5321, 5322
AAAA_SERVFAIL, REWRITE, AAAA_SLOW, BEHIND, EMPTY, MOSTLY_DEAD = range(5331, 5337)
ODD_RESOLVER = Path(__file__).with_name("odd_resolver.py")
SLOW_PROXY = 3140
SLOW_RELAY = Path(__file__).with_name("slow_relay.py")

SQUID_DOORS = """
http_port {open} name=open
http_port {transparent} intercept name=transparent
http_port {locked} name=locked
http_port {strict} name=strict
http_port {half_locked} name=half_locked
acl at_locked myportname locked
acl at_strict myportname strict
acl at_half_locked myportname half_locked
auth_param basic program /usr/lib/squid/basic_fake_auth
acl known proxy_auth REQUIRED
acl secure port 443
acl tunnel method CONNECT
http_access deny at_locked !known
http_access deny at_half_locked tunnel !known
http_access deny at_strict tunnel !secure
"""
SQUID = """
http_access allow all
read_timeout {read_timeout}
cache deny all
dns_nameservers {resolver}
dns_v4_first on
pid_filename {folder}/squid.pid
cache_log {folder}/squid-cache.log
access_log none
netdb_filename none
coredump_dir {folder}
shutdown_lifetime 0 seconds
"""

NGINX = (
    NGINX_HEAD
    + """\
  ssl_certificate {folder}/foreign.pem;
  ssl_certificate_key {folder}/foreign.key;
  server {{ listen [::]:{portal} ipv6only=off; return 302 http://login.example.org/; }}
  server {{
    listen [::]:{portal_511} ipv6only=off;
    error_page 511 /login;
    location / {{ return 511 "Please sign in"; }}
  }}
  server {{ listen [::]:{portal_page} ipv6only=off; return 200 "Please sign in"; }}
  server {{
    listen [::]:{no_upgrade} ipv6only=off;
    location / {{ proxy_pass http://{web}; proxy_set_header Host $host; }}
  }}
  server {{ listen [::]:{foreign} ipv6only=off ssl; return 200 "Blocked"; }}
  server {{ listen [::]:{alert} ipv6only=off ssl; ssl_reject_handshake on; }}
}}
"""
)

SCRIPTS = (
    NGINX_HEAD
    + """\
  types {{ application/x-ns-proxy-autoconfig pac dat; }}
  server {{ listen {router}:80; root {folder}/pages; }}
}}
"""
)
# the service's network by name, as offices write it
BY_NETWORK = """
function FindProxyForURL(url, host) {{
  if (isPlainHostName(host) || dnsDomainIs(host, ".office.example.com")) return "DIRECT";
  if (isInNet(host, "198.51.100.0", "255.255.255.0")) return "PROXY {router}:{open}; DIRECT";
  return "DIRECT";
}}
"""
PAGES = {
    "proxy.pac": BY_NETWORK,
    "wpad.dat": BY_NETWORK,
    "direct.pac": 'function FindProxyForURL(url, host) {{ return "DIRECT"; }}',
    "dead.pac": 'function FindProxyForURL(url, host) {{ return "PROXY {router}:9"; }}',
    "socks.pac": 'function FindProxyForURL(url, host) {{ return "SOCKS5 {router}:1080"; }}',
    "broken.pac": 'function FindProxyForURL(url, host) {{ return "PROXY {router}:{open}; }}',
    "endless.pac": "function FindProxyForURL(url, host) {{ while (true) {{ }} }}",
}

ALTER = """
def websocket_message(flow):
    message = flow.websocket.messages[-1]
    if not message.from_client:
        message.content = message.content[::-1]
"""

HOLD = """
from mitmproxy import ctx

def websocket_message(flow):
    message = flow.websocket.messages[-1]
    if message.from_client or message.injected:
        return
    held = flow.metadata.setdefault("held", [])
    held.append(message.content)
    message.drop()
    if sum(map(len, held)) >= 20000:
        for content in held:
            ctx.master.commands.call("inject.websocket", flow, True, content, False)
        held.clear()
"""


def squid(site: Site) -> None:
    """The proxy, open, transparent, with a password (for all, or secure pages) and few ports."""
    doors = SQUID_DOORS.format(
        open=SQUID_OPEN,
        transparent=SQUID_TRANSPARENT,
        locked=SQUID_LOCKED,
        half_locked=SQUID_HALF_LOCKED,
        strict=SQUID_STRICT,
    )
    _squid(site, "squid", doors, SQUID_OPEN, read_timeout="15 minutes")


def hasty_squid(site: Site) -> None:
    """A proxy that hangs up after two seconds of silence: it counts in whole seconds of its own."""
    _squid(site, "hasty_squid", f"http_port {SQUID_HASTY}", SQUID_HASTY, read_timeout="2 seconds")


def slow_squid(site: Site) -> None:
    """The open proxy, every connection to which hears nothing for some seconds."""
    squid(site)
    site.serve(
        "slow_squid", sys.executable, str(SLOW_RELAY), str(SLOW_PROXY), str(SQUID_OPEN),
        tcp=SLOW_PROXY,
    )  # fmt: skip


def _squid(site: Site, name: str, doors: str, port: int, *, read_timeout: str) -> None:
    folder = _folder(site, name)
    config = folder / "squid.conf"
    config.write_text(
        doors + SQUID.format(read_timeout=read_timeout, resolver=RESOLVER, folder=folder)
    )
    site.serve(name, "squid", "-N", "-n", name.replace("_", ""), "-f", str(config), tcp=port)


def nginx(site: Site) -> None:
    """A captive portal, a reverse proxy without websockets, a block page, a refuser of TLS."""
    folder = _folder(site, "nginx")
    foreign = make_certificate(("block.example.org",))
    (folder / "foreign.pem").write_text(foreign.certificate_pem)
    (folder / "foreign.key").write_text(foreign.key_pem)
    config = folder / "nginx.conf"
    config.write_text(
        NGINX.format(
            folder=folder,
            portal=PORTAL,
            portal_page=PORTAL_PAGE,
            portal_511=PORTAL_511,
            no_upgrade=NO_UPGRADE,
            foreign=FOREIGN,
            alert=ALERT,
            web=WEB,
        )
    )
    site.serve("nginx", "nginx", "-g", "daemon off;", "-c", str(config), tcp=ALERT)


def scripts(site: Site) -> None:
    """A web server with proxy scripts, good and bad."""
    folder = _folder(site, "scripts")
    pages = folder / "pages"
    pages.mkdir(exist_ok=True)
    for name, text in PAGES.items():
        (pages / name).write_text(text.format(router=site.router_address, open=SQUID_OPEN))
    config = folder / "nginx.conf"
    config.write_text(SCRIPTS.format(folder=folder, router=site.router_address))
    site.serve("scripts", "nginx", "-g", "daemon off;", "-c", str(config), tcp=80)


def mitm(site: Site) -> None:
    """A filter that opens TLS."""
    _mitm(site, "mitm", MITM)


def altering_mitm(site: Site) -> None:
    """One that turns every websocket message around."""
    script = _folder(site, "altering_mitm") / "alter.py"
    script.write_text(ALTER)
    _mitm(site, "altering_mitm", MITM_ALTERING, "-s", str(script))


def holding_mitm(site: Site) -> None:
    """One that keeps messages until it has 20,000 bytes of them."""
    script = _folder(site, "holding_mitm") / "hold.py"
    script.write_text(HOLD)
    _mitm(site, "holding_mitm", MITM_HOLDING, "-s", str(script))


def _mitm(site: Site, name: str, port: int, *more: str) -> None:
    site.serve(
        name, "mitmdump", "--quiet", "--mode", "transparent", "--listen-port", str(port),
        "--ssl-insecure", "--set", f"confdir={mitm_folder(site)}", *more, tcp=port,
    )  # fmt: skip


def mitm_folder(site: Site) -> Path:
    """Where mitmproxy keeps its authority; both instances share it."""
    return _folder(site, "mitm")


def odd(mode: str, port: int) -> Callable[[Site], None]:
    """A name server that is broken in one way."""

    def start(site: Site) -> None:
        site.serve(
            f"odd-{mode}", sys.executable, str(ODD_RESOLVER), str(port), mode, RESOLVER, udp=port
        )

    return start


def _folder(site: Site, name: str) -> Path:
    folder = site.folder / name
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    return folder
