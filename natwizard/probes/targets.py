"""Targets of the profile as values; one that cannot be read ends the probe by its name."""

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.failures import CannotGather
from natwizard.probes.web_address import WebAddress


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
