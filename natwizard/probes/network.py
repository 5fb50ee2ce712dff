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
        proxy: the first of it that we can speak with, "http://host:port"; empty for direct.
        detail: the raw trouble, made safe to show.
    """

    address: QuotingText = ""
    answer: QuotingText = ""
    proxy: QuotingText = ""
    trouble: ScriptTrouble | None = None
    detail: QuotingText = ""


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

    async def connect_tcp(self, endpoint: Endpoint, *, timeout_s: float) -> socket.socket:
        """A connected, non-blocking socket. Raises OSError, TimeoutError."""
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

    def proxy_for(self, url: str) -> str:
        """The system's proxy for a URL as "http://host:port", or empty for a direct way.

        Raises ScriptDecides where a script would have to be fetched and run for that.
        """
        ...

    async def find_proxy(self, url: str, *, timeout_s: float) -> str:
        """`proxy_for` off the event loop, and what a script says where one decides.

        Empty where the script does not work: browsers go directly then. `timeout_s` is for the
        settings; a script has bounds of its own (`SystemNetwork`). Raises TimeoutError.
        """
        ...

    async def find_proxy_script(self, url: str, *, timeout_s: float) -> ProxyScript | None:
        """What the script said of a URL; None where no script decides, or the system runs it."""
        ...

    def route_to(self, endpoint: Endpoint) -> Route | None:
        """The way to an address, found without sending a packet; None if there is none."""
        ...
