"""Web addresses of a profile (http, https, ws, wss) taken apart."""

from typing import Self
from urllib.parse import urlsplit

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.failures import CannotGather

SECURE = {"https", "wss"}
PLAIN = {"http", "ws"}


class WebAddress(Struct, frozen=True, kw_only=True):
    """Where to connect, and what to ask for there.

    Attributes:
        resource: path and query, at least "/".
    """

    scheme: str
    target: HostPort
    resource: str

    @property
    def secure(self) -> bool:
        """Whether TLS comes before the first request."""
        return self.scheme in SECURE

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an address; ValueError says what was expected."""
        parts = urlsplit(url)
        if parts.scheme not in SECURE | PLAIN or not parts.hostname:
            raise ValueError(f"expected http(s):// or ws(s):// and a host, got {url[:80]!r}")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError(f"expected an address in plain ASCII, got {url[:80]!r}")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = (443 if parts.scheme in SECURE else 80) if parts.port is None else parts.port
        resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = parse_host_port(host, default_port=port)
        return cls(scheme=parts.scheme, target=target, resource=resource)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.target}{self.resource}"

    def host_header(self) -> str:
        """Host as browsers send it: without the port where it goes without saying."""
        if self.target.port == (443 if self.secure else 80):
            return str(self.target).removesuffix(f":{self.target.port}")
        return str(self.target)


def read_target(text: str, setting: str, *, default_port: int | None = None) -> HostPort:
    """A host and port. Raises CannotGather."""
    try:
        return parse_host_port(text, default_port=default_port)
    except ValueError as error:
        raise _unreadable(setting, error) from error


def read_address(url: str, setting: str, schemes: tuple[str, ...]) -> WebAddress:
    """A web address of one of these schemes. Raises CannotGather."""
    try:
        address = WebAddress.parse(url)
        if address.scheme not in schemes:
            raise ValueError(f"expected {' or '.join(schemes)}, got {address.scheme}")
        return address
    except ValueError as error:
        raise _unreadable(setting, error) from error


def _unreadable(setting: str, error: ValueError) -> CannotGather:
    return CannotGather(
        Failure(code=FailureCode.BAD_ANSWER, operation="read_profile", detail=f"{setting}: {error}")
    )
