"""The network as probes may use it. `system.network` is the real one."""

import socket
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.privacy import QuotingText, ServerText


class Endpoint(Struct, frozen=True, kw_only=True):
    """One resolved address of a target, ready for a socket."""

    family: socket.AddressFamily
    address: ServerText
    port: int

    def __str__(self) -> str:
        return str(HostPort(self.address, self.port))


class Route(Struct, frozen=True, kw_only=True):
    """How packets to an address leave: `interface` is the OS's name of it, empty if unknown."""

    local_address: str
    interface: str


class ProxyKind(StrEnum):
    """What is spoken to a proxy. This program speaks HTTP with them; the others are shown."""

    DIRECT = "direct"
    """No proxy: an entry of a list like any other."""
    HTTP = "http"
    HTTPS = "https"
    SOCKS4 = "socks4"
    SOCKS5 = "socks5"
    QUIC = "quic"


class ProxyEntry(Struct, frozen=True, kw_only=True):
    """One entry of a list of proxies; `server` is None for the direct way alone."""

    kind: ProxyKind
    server: HostPort | None = None

    @property
    def spoken(self) -> bool:
        """Whether this program can go that way."""
        return self.kind in {ProxyKind.DIRECT, ProxyKind.HTTP}

    def __str__(self) -> str:
        return f"{self.kind}://{self.server}" if self.server is not None else self.kind.value


DIRECT = ProxyEntry(kind=ProxyKind.DIRECT)


class ProxyList(Struct, frozen=True, kw_only=True):
    """The ways that browsers try for one URL, in this order; none at all is the direct way.

    Attributes:
        script: what was said by a script (PAC) that this program ran; None where none decides,
            or the system runs it by itself.
    """

    entries: tuple[ProxyEntry, ...] = ()
    script: "ProxyScript | None" = None

    def __str__(self) -> str:
        """Empty for the direct way alone; else "http://a:8080; socks5://b:1080; direct"."""
        if all(entry.server is None for entry in self.entries):
            return ""
        return "; ".join(map(str, self.entries))


class ScriptDecides(ValueError):
    """The system's settings leave the proxy to a script (PAC): what it says is another question.

    Attributes:
        address: where the script lies; empty where the network is to tell (WPAD).
    """

    def __init__(self, address: str) -> None:
        super().__init__(address or "found by the network (WPAD)")
        self.address = address


class ScriptTrouble(StrEnum):
    """Why a proxy script does not decide. Adding one means adding its words in the checks."""

    # whoever keeps the script can mend these; browsers go directly
    NOT_FETCHED = "not_fetched"
    NO_ANSWER = "no_answer"
    """Its server is silent or has no address: the line itself may be down."""
    SYNTAX = "syntax"
    NO_FUNCTION = "no_function"
    THROWS = "throws"
    ENDLESS = "endless"
    GREEDY = "greedy"
    NONSENSE = "nonsense"
    # nothing is wrong: the network names no script
    NONE_NAMED = "none_named"
    # browsers have a way that this program has not
    OTHER_KIND = "other_kind"
    NOT_RUN = "not_run"


class ProxyScript(Struct, frozen=True, kw_only=True):
    """What a proxy script (PAC) said of one URL.

    Attributes:
        address: where it lies, without a password; empty where the network named none.
        answer: as it gave it ("PROXY proxy.example.com:8080; DIRECT"), made safe to show.
        detail: the raw trouble, made safe to show.
        names_s: what it waited for name servers.
    """

    address: QuotingText = ""
    answer: QuotingText = ""
    trouble: ScriptTrouble | None = None
    detail: QuotingText = ""
    names_s: float = 0.0


class EgressInterface(Struct, frozen=True, kw_only=True):
    """An interface with a route to the internet, and its own address."""

    family: socket.AddressFamily
    interface: str
    local_address: str


class Network(Protocol):
    """Sockets, name lookups and routes; every call is bounded by its timeout."""

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        """Ask the system's resolver; IPv4 and IPv6 in its order. Raises gaierror, TimeoutError."""
        ...

    async def in_hosts_file(self, host: str, *, timeout_s: float) -> tuple[str, ...]:
        """Addresses that this computer's hosts file has for a name; none where it has no line.

        Raises OSError where it cannot be read, TimeoutError.
        """
        ...

    async def name_of(self, address: str, *, timeout_s: float) -> str:
        """What the system's resolver calls an address (PTR); whoever owns it may write anything.

        Raises gaierror where it has no name, TimeoutError.
        """
        ...

    async def connect_tcp(
        self, endpoint: Endpoint, *, timeout_s: float, segment_bytes: int = 0
    ) -> socket.socket:
        """A connected, non-blocking socket.

        Args:
            segment_bytes: the most that either side puts into one segment (MSS; RFC 9293, 3.7.1);
                0 leaves that to the system.

        Raises OSError, TimeoutError, CannotGather (NOT_SUPPORTED) where the system cannot limit
        segments.
        """
        ...

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        """An unbound, non-blocking datagram socket."""
        ...

    def ways_out(self, family: socket.AddressFamily) -> tuple[EgressInterface, ...]:
        """Every interface that leads out, whichever the system prefers; sends nothing."""
        ...

    def open_udp_by(self, way: EgressInterface) -> socket.socket:
        """As `open_udp`, but packets leave by this interface. Raises OSError."""
        ...

    def resolvers(self) -> tuple[str, ...]:
        """Addresses of the resolvers this system asks, in its order; empty if it has none."""
        ...

    def proxy_for(self, url: str) -> ProxyList:
        """What the system's settings name for an http, https, ws or wss URL.

        Raises ScriptDecides where a script would have to be fetched and run for that.
        """
        ...

    async def find_proxies(self, url: str, *, timeout_s: float) -> ProxyList:
        """`proxy_for` off the event loop, and what a script says where one decides.

        Empty where the script does not work: browsers go directly then. `timeout_s` is for the
        settings; a script has bounds of its own (`SystemNetwork`). Raises TimeoutError.
        """
        ...

    def route_to(self, endpoint: Endpoint) -> Route | None:
        """The way to an address, found without sending a packet; None if there is none."""
        ...
