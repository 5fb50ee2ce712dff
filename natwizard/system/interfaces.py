"""Which network interface owns a local address."""

import psutil


def interface_of(local_address: str) -> str:
    """The OS's name of the interface with this address, or empty."""
    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address.split("%")[0] == local_address for address in addresses):
            return name
    return ""
