"""Where a reflector listens, and how it names itself to others."""

import ipaddress

from msgspec import Struct

LOOPBACK = "127.0.0.1"
SECOND_LOOPBACK = "127.0.0.2"

# The UDP ports that calls use (the requirement `udp.range`)
RANGE_FIRST_PORT = 5000
RANGE_LAST_PORT = 64000
# Each is a socket: a sample of the range; the whole of it takes a redirect (docs/reflector.md)
RANGE_COUNT = 40


class ReflectorSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one reflector offers. Port 0 chooses a free one; an empty tuple leaves a service out.

    Attributes:
        bind: address to listen on.
        control_bind: another address of this machine; a second secure websocket, STUN ports and
            resolver listen there, to be compared with the first. Empty: there are none.
        public_name: name or address that the printed profile uses; empty means `bind`.
        demo: everything on loopback, with a resolver of its own and nothing left to the internet.
        fall_back: take a free port where a wanted one is in use, instead of failing.
        certificate, key: PEM files; both empty makes an own test authority.
        webphone_port: secure websocket, as the webphone has it.
        http_ports: a short page, and a websocket, without encryption.
        https_ports: the same with it.
        stun_ports: UDP; the first two are printed as the STUN servers.
        media_port: UDP; the one printed for STAMP, which all UDP ports answer.
        range_ports: more UDP ports to answer on; empty spreads 40 over 5000 to 64000.
        sip_ports: UDP and TCP; the first is the mirror.
        sip_tls_port: TLS over TCP.
        dns_ports: UDP and TCP; off by default, since answers are larger than questions.
    """

    bind: str = LOOPBACK
    control_bind: str = ""
    public_name: str = ""
    demo: bool = False
    fall_back: bool = False
    certificate: str = ""
    key: str = ""
    webphone_port: int = 10062
    http_ports: tuple[int, ...] = (80,)
    https_ports: tuple[int, ...] = (443,)
    stun_ports: tuple[int, ...] = (5060, 3479)
    media_port: int = 18620
    range_ports: tuple[int, ...] = ()
    sip_ports: tuple[int, ...] = (5060, 5050)
    sip_tls_port: int = 5061
    dns_ports: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.certificate) != bool(self.key):
            raise ValueError("a certificate and its key come together")
        if ipaddress.ip_address(self.bind).is_unspecified and not self.public_name:
            raise ValueError("a reflector on all addresses needs a public name")
        if self.dns_ports and not ipaddress.ip_address(self.bind).is_loopback:
            raise ValueError("the resolver is for loopback only: its answers would amplify")

    @property
    def name(self) -> str:
        """What others call this reflector."""
        return self.public_name or self.bind


def demo_settings() -> ReflectorSettings:
    """A reflector on loopback, with standard ports where they are free."""
    return ReflectorSettings(
        control_bind=SECOND_LOOPBACK, demo=True, fall_back=True, media_port=0, dns_ports=(53,)
    )
