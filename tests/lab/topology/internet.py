"""The internet of the lab: real servers, each at an address of its own on one machine.

bind9 knows the names, nginx serves pages and websockets, coturn STUN, and the reflector what
no Debian package offers: STAMP, a SIP mirror, an echo behind nginx.
"""

import sys
from pathlib import Path

from lab.topology.wires import Space
from servers.nginx_files import NGINX_HEAD
from servers.reach_lab import common_name, make_authority, make_intermediate, server_pem

from natwizard.reflector.certificates import OwnCertificate, make_certificate

WEB, CONTROL = "198.51.100.10", "198.51.100.11"
REFLECTOR, REFLECTOR_CONTROL = "198.51.100.21", "198.51.100.22"
STUN, STUN_CONTROL = "198.51.100.31", "198.51.100.32"
RESOLVER, LARGE_RESOLVER = "198.51.100.53", "198.51.100.54"
WEB_6, CONTROL_6 = "2001:db8:1::10", "2001:db8:1::11"
ADDRESSES = (
    WEB,
    CONTROL,
    REFLECTOR,
    REFLECTOR_CONTROL,
    STUN,
    STUN_CONTROL,
    RESOLVER,
    LARGE_RESOLVER,
)

NAMES = {
    "example.com": (WEB,),
    "www.example.com": (WEB, WEB_6),
    "phone.example.com": (WEB, WEB_6),
    "crm.example.com": (WEB, WEB_6),
    "stun.example.com": (STUN,),
    "media.example.com": (REFLECTOR,),
    "sip.example.com": (REFLECTOR,),
    "control.example.net": (CONTROL, CONTROL_6),
    "www.example.net": (CONTROL, CONTROL_6),
}
PHRASE = "This is the real page"
RANGE_PORTS = tuple(str(port) for port in range(5_100, 64_001, 3_100))
# of 100 bytes: too large for one packet of 1,500 bytes, and too large for 512 only
LARGE_STRINGS, MIDDLING_STRINGS = 18, 9
IDLE_S = 9.0  # squid looks at its timeouts once a second, or seconds later on a busy machine

PROFILE = """
extends = "natterbox"
schema_version = 1
name = "Lab"
version = "1"

[targets]
http = "http://www.example.com/"
http_expect = "{phrase}"
https = "https://www.example.com/"
https_expect = "{phrase}"
webphone = "phone.example.com:10062"
webphone_path = "/echo"
webphone_control = "control.example.net:10062"
websocket = ["wss://www.example.com/echo", "ws://www.example.com/echo"]
tls = ["crm.example.com:443"]
tls_control = ["www.example.net:443"]
tls_floor = "crm.example.com:443"
stun = ["stun.example.com:5060", "stun.example.com:3479"]
stun_control = ["{stun_control}:3478"]
media = "media.example.com:18620"
udp_range = "media.example.com"
udp_range_ports = [{range_ports}]
sip = ["sip.example.com:5060", "sip.example.com:5050", "sip.example.com:5061"]
sip_tls = "sip.example.com:5061"
sip_mirror = "{mirror}:5060"
resolver_control = "{resolver}:53"
dns_name = "example.com."
dns_large_name = "large.example.com."
dns_large_type = "TXT"
extra_roots = ['''
{authority}''', '''
{other_authority}''']

[feeds]
chrome = ""
edge = ""
firefox = ""

[[requirements]]
id = "ip.ranges"
limits = {{ ranges = ["198.51.100.0/24", "2001:db8:1::/64"] }}

[[requirements]]
id = "port.dns"
limits = {{ first_answer_ms = 750 }}

[[requirements]]
id = "websocket.open"
limits = {{ idle_s = {idle_s} }}
"""

NGINX = (
    NGINX_HEAD
    + """\
  ssl_certificate {folder}/server.pem;
  ssl_certificate_key {folder}/server.key;
  server {{
    listen {web}:80; listen {web}:443 ssl; listen {web}:10062 ssl;
    listen [{web_6}]:80; listen [{web_6}]:443 ssl; listen [{web_6}]:10062 ssl;
    listen {control}:443 ssl; listen {control}:10062 ssl;
    listen [{control_6}]:443 ssl; listen [{control_6}]:10062 ssl;
    location / {{ return 200 "{phrase}\\n"; }}
    location /echo {{
      proxy_pass http://{reflector}:80;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 300s;
    }}
    location /hasty {{
      proxy_pass http://{reflector}:80;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 1s;
    }}
    location /refused {{ return 403; }}
    location /page {{ return 200 "no websocket here\\n"; }}
  }}
  {odd_servers}
}}
"""
)
ODD_SERVER = """
  server {{
    listen {web}:{port} ssl;
    ssl_certificate {folder}/{port}.pem;
    ssl_certificate_key {folder}/{port}.pem;
    return 200 "ok";
  }}
"""
# ports of servers with a certificate that is bad, though nobody opens anything
EXPIRED, WRONG_NAME, SELF_SIGNED, INCOMPLETE = range(8441, 8445)

NAMED = """
options {{
  directory "{folder}";
  pid-file none;
  session-keyfile "{folder}/session.key";
  listen-on {{ {address}; }};
  listen-on-v6 {{ none; }};
  recursion yes;
  allow-query {{ any; }};
  dnssec-validation no;
  max-udp-size {largest};
}};
controls {{ }};
zone "example.com" {{ type primary; file "{folder}/example.com"; }};
zone "example.net" {{ type primary; file "{folder}/example.net"; }};
"""


class Internet:
    """The servers of one lab, in one namespace."""

    def __init__(self, space: Space, folder: Path) -> None:
        self.space = space
        self.folder = folder
        self.certificate: OwnCertificate = make_certificate(tuple(NAMES))
        self.authority = make_authority(common_name("Lab Trust Root", "Lab Trust"))

    def start(self) -> None:
        """Everything at once; return when all of it answers."""
        self.space.addresses(*(f"{address}/32" for address in ADDRESSES))
        self.space.addresses(f"{WEB_6}/128", f"{CONTROL_6}/128")
        self._write("server.pem", self.certificate.certificate_pem)
        self._write("server.key", self.certificate.key_pem)
        self._start_named()
        self._start_nginx()
        for address, port in ((STUN, "5060"), (STUN, "3479"), (STUN_CONTROL, "3478")):
            self._start_coturn(address, port)
        self.space.start(
            sys.executable, "-m", "natwizard", "reflector",
            "--bind", REFLECTOR, "--control-bind", REFLECTOR_CONTROL,
            "--certificate", str(self.folder / "server.pem"),
            "--key", str(self.folder / "server.key"),
            "--range", ",".join(RANGE_PORTS),
            log="reflector",
        )  # fmt: skip
        self.space.wait_for("tcp", 53, 80, 443, 10062, 5060, 5061)

    def profile(self) -> str:
        """The profile that points natwizard here."""
        return PROFILE.format(
            phrase=PHRASE,
            idle_s=IDLE_S,
            stun_control=STUN_CONTROL,
            mirror=REFLECTOR,
            resolver=RESOLVER,
            range_ports=", ".join(f'"{port}"' for port in RANGE_PORTS),
            authority=self.certificate.authority_pem,
            other_authority=self.authority.pem,
        )

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def _start_named(self) -> None:
        for zone in ("example.com", "example.net"):
            lines = [
                "$TTL 60",
                f"@ SOA ns.{zone}. host.{zone}. 1 3600 600 86400 60",
                f"@ NS ns.{zone}.",
                f"ns A {RESOLVER}",
            ]
            lines += [
                f"{name}. {'AAAA' if ':' in address else 'A'} {address}"
                for name, addresses in NAMES.items()
                if name == zone or name.endswith(f".{zone}")
                for address in addresses
            ]
            if zone == "example.com":
                lines += [
                    f"large TXT {strings(LARGE_STRINGS)}",
                    f"middling TXT {strings(MIDDLING_STRINGS)}",
                ]
            self._write(zone, "\n".join((*lines, "")))
        for address, largest in ((RESOLVER, 1232), (LARGE_RESOLVER, 4096)):
            folder = self.folder / f"named-{address}"
            folder.mkdir()
            for zone in ("example.com", "example.net"):
                (folder / zone).write_text((self.folder / zone).read_text())
            (folder / "named.conf").write_text(
                NAMED.format(folder=folder, address=address, largest=largest)
            )
            self.space.start("named", "-g", "-c", str(folder / "named.conf"), log="named")

    def _odd_certificates(self) -> None:
        names = ("crm.example.com",)
        root = self.authority
        middle = make_intermediate(root, common_name("Lab Trust 1", "Lab Trust"))
        for port, pem in (
            (EXPIRED, server_pem(root, names=names, days=(-20, -2))),
            (WRONG_NAME, server_pem(root, names=("other.example.com",))),
            (SELF_SIGNED, server_pem(None, names=names)),
            (INCOMPLETE, server_pem(middle, names=names)),
        ):
            (self.folder / f"{port}.pem").write_bytes(pem)

    def _start_nginx(self) -> None:
        self._odd_certificates()
        config = self.folder / "nginx.conf"
        config.write_text(
            NGINX.format(
                folder=self.folder,
                web=WEB,
                control=CONTROL,
                web_6=WEB_6,
                control_6=CONTROL_6,
                reflector=REFLECTOR,
                phrase=PHRASE,
                odd_servers="".join(
                    ODD_SERVER.format(web=WEB, port=port, folder=self.folder)
                    for port in (EXPIRED, WRONG_NAME, SELF_SIGNED, INCOMPLETE)
                ),
            )
        )
        self.space.start("nginx", "-g", "daemon off;", "-c", str(config), log="nginx")

    def _start_coturn(self, address: str, port: str) -> None:
        self.space.start(
            "turnserver", "-n", "--stun-only", "--no-cli", "--no-tls", "--no-dtls",
            "--no-rfc5780", "-L", address, "-p", port,
            "--log-file=stdout", "--pidfile", str(self.folder / f"turn-{address}-{port}.pid"),
            log="coturn",
        )  # fmt: skip


def strings(count: int) -> str:
    """So many of 100 bytes, as a zone writes them."""
    return " ".join('"' + f"{number:02d}" * 50 + '"' for number in range(count))
