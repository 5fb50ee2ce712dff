"""The real network: sockets of this computer, its resolvers, proxies and routes."""

import asyncio
import ipaddress
import socket
import sys
import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from natwizard.model.address import HostPort, canonical_host, canonical_ip, is_literal
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import (
    DIRECT,
    EgressInterface,
    Endpoint,
    ProxyEntry,
    ProxyKind,
    ProxyList,
    Route,
    ScriptDecides,
)
from natwizard.system.command import windows_folder
from natwizard.system.datagrams import datagram_socket
from natwizard.system.facts import NO_NAMES, ask, ask_table
from natwizard.system.own_firewall import barred, dropped_here, turned_away_here
from natwizard.system.proxy.desktop_proxy import desktop_proxies
from natwizard.system.proxy.proxy_rules import PROXY_PORTS
from natwizard.system.proxy.proxy_scripts import ProxyScripts
from natwizard.system.ways_out import open_udp_by, ways_out
from natwizard.system.windows_network import name_is_absent, name_servers

if TYPE_CHECKING:
    from PySide6.QtNetwork import QNetworkProxy


__all__ = ["run_detached"]


def interface_of(local_address: str) -> str:
    """The OS's name of the interface with this address, or empty."""
    for name, addresses in ask_table(psutil.net_if_addrs).items():
        if any(address.address.split("%")[0] == local_address for address in addresses):
            return name
    return ""


def resolv_conf_servers(path: Path) -> tuple[str, ...]:
    """Addresses of its `nameserver` lines; a line that is none spoils no other (resolv.conf(5))."""
    try:
        with path.open("rb") as file:
            text = file.read(RESOLV_CONF_BYTES).decode("ascii", "replace")
    except OSError:
        return ()
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and is_literal(words[1]):
            found.append(canonical_host(words[1]))
    return tuple(dict.fromkeys(found))


def hosts_file_addresses(path: Path, host: str) -> tuple[str, ...]:
    """Addresses of its lines for a name; a line that is none spoils no other (hosts(5)).

    Raises OSError.
    """
    with path.open("rb") as file:
        text = file.read(HOSTS_FILE_BYTES).decode("utf-8-sig", "replace")
    wanted, found = host.lower().rstrip("."), []
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or ("",)
        if is_literal(address) and wanted in (name.lower().rstrip(".") for name in names):
            found.append(canonical_host(address))
    return tuple(dict.fromkeys(found))


def _hosts_file() -> Path:
    """Windows looks beside its drivers, whatever the registry's DataBasePath once said."""
    if sys.platform != "win32":
        return Path("/etc/hosts")
    return windows_folder() / "System32" / "drivers" / "etc" / "hosts"


HOSTS_FILE = _hosts_file()
HOSTS_FILE_BYTES = 16 * 1024 * 1024

RESOLV_CONF = "/etc/resolv.conf"
RESOLV_CONF_BYTES = 64 * 1024

SCRIPT_S = 15.0
"""For a proxy script in all: to fetch it, to start the child that runs it, to wait for others."""
# Where settings name no port, Qt says 0 or this (decision 95)
UNTOLD_PORT = 65535
_ONE_AT_A_TIME = threading.Lock()
# Each costs a look at its route, twice a second (run.line_watch); ways_out looks at so many,
# and at the way to anywhere by IPv4 and IPv6
DESTINATIONS_KEPT = 16


class SystemNetwork:
    """`probes.network.Network` on real sockets.

    Attributes:
        destinations: addresses that were asked for so far, one of each family and host, a few.
    """

    destinations: tuple[Endpoint, ...] = ()

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        """getaddrinfo, as browsers see it; an address is returned without asking anyone."""
        if (literal := _literal(target)) is not None:
            self._note((literal,))
            return (literal,)
        # getaddrinfo cannot be interrupted: its thread is left behind, not waited for.
        # Not wait_for: until Python 3.12 it forgets a cancellation that meets the result.
        async with asyncio.timeout(timeout_s):
            endpoints = await run_detached(lambda: _look_up(target), name=f"resolve {target.host}")
        self._note(endpoints)
        return endpoints

    async def in_hosts_file(self, host: str, *, timeout_s: float) -> tuple[str, ...]:
        """From the system's file, which lists against adverts fill with megabytes."""
        async with asyncio.timeout(timeout_s):
            return await run_detached(
                lambda: hosts_file_addresses(HOSTS_FILE, host), name="read hosts file"
            )

    async def name_of(self, address: str, *, timeout_s: float) -> str:
        """getnameinfo, which cannot be interrupted either."""
        async with asyncio.timeout(timeout_s):
            name, _port = await run_detached(
                lambda: socket.getnameinfo((address, 0), socket.NI_NAMEREQD),
                name=f"name of {address}",
            )
        return name

    def _note(self, endpoints: tuple[Endpoint, ...]) -> None:
        """Keep the first of each family: whoever watches the line asks for their routes."""
        known = {endpoint.address for endpoint in self.destinations}
        first = {endpoint.family: endpoint for endpoint in reversed(endpoints)}
        new = tuple(each for each in first.values() if each.address not in known)
        self.destinations = (*self.destinations, *new)[:DESTINATIONS_KEPT]

    async def connect_tcp(
        self, endpoint: Endpoint, *, timeout_s: float, segment_bytes: int = 0
    ) -> socket.socket:
        """Connect without blocking the loop; the socket is closed again if that fails.

        Raises PermissionError (EPERM) where a firewall of this computer's own is known to be why.
        """
        connection = socket.socket(endpoint.family, socket.SOCK_STREAM)
        connection.setblocking(False)
        # asyncio does so only for sockets that were made for TCP by number
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if segment_bytes:
                _limit_segments(connection, segment_bytes)
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().sock_connect(
                    connection, (endpoint.address, endpoint.port)
                )
        except TimeoutError as error:
            if _is_connected(connection):
                return connection  # it came in time, and this program was late to see it
            stopped = dropped_here(connection)
            connection.close()
            if stopped:
                raise barred(endpoint) from error
            raise
        except OSError as error:
            connection.close()
            if await turned_away_here(endpoint, self.route_to(endpoint), error.errno or 0):
                raise barred(endpoint) from error
            raise
        except BaseException:
            connection.close()
            raise
        return connection

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        """A datagram socket that never blocks."""
        datagrams = datagram_socket(family)
        datagrams.setblocking(False)
        return datagrams

    def ways_out(self, family: socket.AddressFamily) -> tuple[EgressInterface, ...]:
        """From the system's own tables."""
        return ways_out(family)

    def open_udp_by(self, way: EgressInterface) -> socket.socket:
        """Bound to the interface, not to its address alone."""
        return open_udp_by(way)

    def resolvers(self) -> tuple[str, ...]:
        """From resolv.conf, or those of Windows' adapters that are up; none if there is neither."""
        if sys.platform != "win32":
            return resolv_conf_servers(Path(RESOLV_CONF))
        return ask(name_servers, NO_NAMES)

    def proxy_for(self, url: str) -> ProxyList:
        """What the settings name: Linux' own are read here, the others' through Qt.

        Qt knows manual settings and PAC files alike there, and nothing of websockets: those go by
        a SOCKS proxy first, then by the one of https, then by that of http.

        Raises ScriptDecides where Linux' settings name a script.
        """
        if sys.platform == "linux":
            return desktop_proxies(url)
        scheme, colon, rest = url.partition(":")
        schemes = {"ws": ("ws", "https", "http"), "wss": ("wss", "https", "http")}
        for each in schemes.get(scheme, (scheme,)):
            found = _ask_qt(each + colon + rest)
            if str(found):
                return found
        return ProxyList()

    async def find_proxies(self, url: str, *, timeout_s: float) -> ProxyList:
        """As `proxy_for`; settings that hang are left behind, not waited for.

        A script that the desktop names is fetched and run here, in at most `SCRIPT_S`.
        """
        name = f"proxy for {url[:40]}"
        try:
            async with asyncio.timeout(timeout_s):
                return await run_detached(lambda: self.proxy_for(url), name=name)
        except ScriptDecides as script:
            address = script.address
        scripts = self._scripts  # made here, on one thread
        async with asyncio.timeout(SCRIPT_S):
            return await run_detached(lambda: scripts.ask(address, url), name=name)

    @cached_property
    def _scripts(self) -> ProxyScripts:
        return ProxyScripts(self)

    def route_to(self, endpoint: Endpoint) -> Route | None:
        """Connecting a datagram socket picks the route and sends nothing."""
        with socket.socket(endpoint.family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((endpoint.address, endpoint.port))
            except OSError:
                return None
            local_address = str(canonical_ip(probe.getsockname()[0]))
        return Route(local_address=local_address, interface=interface_of(local_address))


def _ask_qt(url: str) -> ProxyList:
    """One thread at a time: PySide6 fills in its classes when they are first used, and crashes

    where several threads are the first (seen with 6.11.1 on Python 3.11).
    """
    with _ONE_AT_A_TIME:
        from PySide6.QtCore import QUrl
        from PySide6.QtNetwork import QNetworkProxyFactory, QNetworkProxyQuery

        return proxy_list(QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(url))))


def proxy_list(found: "Iterable[QNetworkProxy]") -> ProxyList:
    """Qt's list in its order. A port that is not told is the usual one: Qt says 0 or 65535."""
    from PySide6.QtNetwork import QNetworkProxy

    kinds = {
        QNetworkProxy.ProxyType.HttpProxy: ProxyKind.HTTP,
        QNetworkProxy.ProxyType.HttpCachingProxy: ProxyKind.HTTP,
        QNetworkProxy.ProxyType.Socks5Proxy: ProxyKind.SOCKS5,
    }
    entries = []
    for proxy in found:
        kind = kinds.get(proxy.type())
        if proxy.type() is QNetworkProxy.ProxyType.NoProxy:
            entries.append(DIRECT)
        elif kind is not None and proxy.hostName():
            port = proxy.port() if 0 < proxy.port() < UNTOLD_PORT else PROXY_PORTS[kind]
            server = HostPort(proxy.hostName(), port)
            entries.append(ProxyEntry(kind=kind, server=server))
    return ProxyList(entries=tuple(entries))


def _limit_segments(connection: socket.socket, segment_bytes: int) -> None:
    """Of both directions, before it connects (tcp(7)). Windows has no such option, and macOS asks
    the far end for segments of the interface's size all the same (XNU, tcp_mssopt).
    """
    if sys.platform != "linux":
        raise CannotGather(
            Failure(code=FailureCode.NOT_SUPPORTED, operation="limit_segments", detail=sys.platform)
        )
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment_bytes)


def _is_connected(connection: socket.socket) -> bool:
    try:
        connection.getpeername()
    except OSError:
        return False
    return True


def _look_up(target: HostPort) -> tuple[Endpoint, ...]:
    """getaddrinfo, with "nobody could be asked" told from "there is no such name" on Windows too.

    It says WSAHOST_NOT_FOUND for both there: a computer without a network would be told that the
    service's name is wrong.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME and not name_is_absent(target.host):
            raise socket.gaierror(
                socket.EAI_AGAIN, "no name server could be asked, or none had an answer"
            ) from error
        raise
    return tuple(
        dict.fromkeys(
            _endpoint(str(address[0]), target.port, family)
            for family, _type, _protocol, _name, address in found
        )
    )


def _literal(target: HostPort) -> Endpoint | None:
    try:
        ipaddress.ip_address(target.host)
    except ValueError:
        return None
    return _endpoint(target.host, target.port, socket.AF_UNSPEC)


def _endpoint(text: str, port: int, family: socket.AddressFamily) -> Endpoint:
    """In the one spelling of addresses; ::ffff:a.b.c.d is reached by IPv4."""
    try:
        version = canonical_ip(text).version
    except ValueError:  # what a system's own resolver may yet invent
        return Endpoint(family=family, address=text, port=port)
    return Endpoint(
        family=socket.AF_INET6 if version == 6 else socket.AF_INET,
        address=canonical_host(text),
        port=port,
    )
