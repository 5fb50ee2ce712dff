"""A long line between two network namespaces: packets take their time, and some get lost.

Usage: delay_line.py SPACE DEVICE SPACE DEVICE DELAY_MS JITTER_MS

Each way takes DELAY_MS and up to JITTER_MS more, evenly by chance; packets may overtake.
"""

import asyncio
import ctypes
import fcntl
import os
import random
import struct
import sys
from pathlib import Path

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000
LARGEST = 65_536


def open_device(space: str, name: str) -> int:
    """A TUN device of a namespace, as a file that packets are read from and written to."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/self/ns/net").open() as here, Path("/run/netns", space).open() as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {space}")
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        libc.setns(here.fileno(), CLONE_NEWNET)
    return device


async def carry(one: int, other: int, delay_s: float, jitter_s: float) -> None:
    """Until it is ended."""
    loop = asyncio.get_running_loop()
    chance = random.Random(1)

    def deliver(to: int, packet: bytes) -> None:
        try:
            os.write(to, packet)
        except OSError:
            return  # the far end is not up yet, or full: a line loses such packets, too

    def take(frm: int, to: int) -> None:
        while True:
            try:
                packet = os.read(frm, LARGEST)
            except OSError:
                return
            loop.call_later(delay_s + jitter_s * chance.random(), deliver, to, packet)

    loop.add_reader(one, take, one, other)
    loop.add_reader(other, take, other, one)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Open both ends and carry."""
    space, device, other_space, other_device, delay_ms, jitter_ms = sys.argv[1:]
    ends = open_device(space, device), open_device(other_space, other_device)
    asyncio.run(carry(*ends, float(delay_ms) / 1000, float(jitter_ms) / 1000))


if __name__ == "__main__":
    main()
