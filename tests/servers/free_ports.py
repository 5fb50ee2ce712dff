"""Ports for servers that are told theirs on a command line, before they open it."""

import random
import socket

# Below where systems take the ports of sockets that ask for none (32768 on Linux, 49152 elsewhere):
# nobody else's socket gets one of these between the look and the server's start
FIRST, LAST = 20_000, 32_000
TRIES = 50


def free_port(
    kind: socket.SocketKind = socket.SOCK_STREAM,
    *,
    host: str = "127.0.0.1",
) -> int:
    """A port of this address that nobody has just now."""
    chance = random.SystemRandom()
    for _try in range(TRIES):
        port = chance.randint(FIRST, LAST)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port in {TRIES} tries from {FIRST} to {LAST} of {host}")
