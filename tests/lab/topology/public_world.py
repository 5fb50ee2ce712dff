"""The internet as the shipped profile names it: every server under its own name and port.

The names and the one literal address belong to the lab's namespaces; nothing leaves them.
"""

import sys
from pathlib import Path

import certifi
from lab.topology.internet import RESOLVER, Internet
from lab.topology.site import Site
from lab.topology.wires import wait_until
from servers.nginx_files import NGINX_HEAD
from servers.reach_lab import server_pem

PORTAL_CHECK, SALESFORCE, MICROSOFT, MOZILLA, PORT_TESTER, OTHER_PORTAL_CHECK = (
    f"198.51.100.{number}" for number in range(101, 107)
)
ECHOES = ("198.51.100.111", "198.51.100.112")
STUN_SERVERS = (("198.51.100.121", 19302), ("198.51.100.122", 3478))
BEACONS = tuple(f"198.51.100.{number}" for number in range(131, 137))
OPEN_RESOLVER = "1.1.1.1"
NAMES = {
    "www.msftconnecttest.com": PORTAL_CHECK,
    "detectportal.firefox.com": OTHER_PORTAL_CHECK,
    "login.salesforce.com": SALESFORCE,
    "www.microsoft.com": MICROSOFT,
    "www.mozilla.org": MOZILLA,
    "portquiz.net": PORT_TESTER,
    "ws.postman-echo.com": ECHOES[0],
    "echo.websocket.org": ECHOES[1],
    "stun.l.google.com": STUN_SERVERS[0][0],
    "stun.cloudflare.com": STUN_SERVERS[1][0],
    "gamelift-ping.eu-west-1.api.aws": BEACONS[0],
    "gamelift-ping.eu-west-2.api.aws": BEACONS[1],
    "gamelift-ping.eu-central-1.api.aws": BEACONS[2],
    "gamelift-ping.us-east-1.api.aws": BEACONS[3],
    "gamelift-ping.ap-southeast-2.api.aws": BEACONS[4],
    "gamelift-ping.us-west-2.api.aws": BEACONS[5],
}
SECURE = ("login.salesforce.com", "www.microsoft.com", "www.mozilla.org", *(
    name for name, address in NAMES.items() if address in ECHOES
))  # fmt: skip
SERVERS = Path(__file__).with_name("public_servers.py")

# keys as large as those of the real root, so that its DNSKEY answer does not fit 512 bytes
NAMED = """
options {{
  directory "{folder}";
  pid-file none;
  session-keyfile "{folder}/session.key";
  listen-on {{ {resolver}; {open_resolver}; }};
  listen-on-v6 {{ none; }};
  recursion no;
  dnssec-validation no;
}};
controls {{ }};
dnssec-policy "rsa" {{
  keys {{
    ksk lifetime unlimited algorithm rsasha256 2048;
    zsk lifetime unlimited algorithm rsasha256 2048;
  }};
}};
zone "." {{
  type primary; file "{folder}/root"; dnssec-policy "rsa"; inline-signing yes;
}};
"""
NGINX = (
    NGINX_HEAD
    + """\
  ssl_certificate {folder}/public.pem;
  ssl_certificate_key {folder}/public.pem;
  server {{ listen {portal_check}:80; return 200 "Microsoft Connect Test"; }}
  server {{ listen {other_portal_check}:80; return 200 "success"; }}
  server {{
    listen {salesforce}:443 ssl; listen {microsoft}:443 ssl; listen {mozilla}:443 ssl;
    return 200 "A page";
  }}
  server {{
    listen {port_tester}:10062; listen {port_tester}:443; return 200 "Port test successful!";
  }}
}}
"""
)


class PublicWorld(Internet):
    """An internet without anything of ours or of the service's."""

    def start(self) -> None:
        """Everything at once; return when all of it answers."""
        addresses = {*NAMES.values(), RESOLVER, OPEN_RESOLVER}
        self.space.addresses(*(f"{address}/32" for address in sorted(addresses)))
        pem = server_pem(self.authority, names=SECURE)
        (self.folder / "public.pem").write_bytes(pem)
        self._start_names()
        self._start_pages()
        for address, port in STUN_SERVERS:
            self._start_coturn(address, str(port))
        certificate = str(self.folder / "public.pem")
        self.space.start(
            sys.executable, str(SERVERS), certificate, certificate, *BEACONS, "--", *ECHOES,
            log="public",
        )  # fmt: skip
        self.space.wait_for("tcp", 53, 80, 443, 10062)
        self.space.wait_for("udp", 7770, 3478, 19302)

    def profile(self) -> str:
        """Nothing: the program runs as it is shipped."""
        return ""

    def _start_names(self) -> None:
        lines = ["$TTL 60", ". SOA ns. host. 1 3600 600 86400 60", ". NS ns.", f"ns. A {RESOLVER}"]
        lines += [f"{name}. A {address}" for name, address in NAMES.items()]
        (self.folder / "root").write_text("\n".join((*lines, "")))
        config = self.folder / "named.conf"
        config.write_text(
            NAMED.format(folder=self.folder, resolver=RESOLVER, open_resolver=OPEN_RESOLVER)
        )
        self.space.start("named", "-g", "-c", str(config), log="named")

    def _start_pages(self) -> None:
        config = self.folder / "nginx.conf"
        config.write_text(
            NGINX.format(
                folder=self.folder,
                portal_check=PORTAL_CHECK,
                other_portal_check=OTHER_PORTAL_CHECK,
                salesforce=SALESFORCE,
                microsoft=MICROSOFT,
                mozilla=MOZILLA,
                port_tester=PORT_TESTER,
            )
        )
        self.space.start("nginx", "-g", "daemon off;", "-c", str(config), log="nginx")


def trust_public(site: Site) -> None:
    """On this workstation the lab's authority is a public one: it stands in Mozilla's list too."""
    roots = site.folder / "roots.pem"
    roots.write_text(f"{Path(certifi.where()).read_text()}\n{site.internet.authority.pem}")
    holder = site.workstation.start(
        "sh", "-c", 'mount --bind "$0" "$1" && echo mounted && exec sleep infinity',
        str(roots), certifi.where(), log="mounts",
    )  # fmt: skip
    log = site.folder / f"{site.workstation.name}-mounts.log"
    wait_until(lambda: "mounted" in log.read_text(), "the roots to be mounted")
    site.workstation.mounts_of = holder.pid
