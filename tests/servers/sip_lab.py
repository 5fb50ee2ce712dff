"""Small SIP servers and middleboxes on loopback: silent, mute, hostile, rewriting."""

import contextlib
import selectors
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

from natwizard.model.address import HostPort

Answer = Callable[[bytes], bytes | None]
Rewrite = Callable[[bytes], bytes | None]

WAKE_S = 0.02


@contextlib.contextmanager
def _thread(work: Callable[[threading.Event], None]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def _udp(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((host, port))
    opened.settimeout(WAKE_S)
    return opened


@contextlib.contextmanager
def udp_server(answer: Answer) -> Iterator[tuple[HostPort, list[bytes]]]:
    """Answers datagrams as told; yields where, and what it got."""
    got: list[bytes] = []

    with _udp() as opened:

        def serve(stop: threading.Event) -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError, ConnectionError):
                    datagram, source = opened.recvfrom(8192)
                    got.append(datagram)
                    if (reply := answer(datagram)) is not None:
                        opened.sendto(reply, source)

        with _thread(serve):
            yield HostPort(*opened.getsockname()), got


@contextlib.contextmanager
def tcp_server(
    talk: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None
) -> Iterator[HostPort]:
    """Holds one conversation after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(WAKE_S)

        def serve(stop: threading.Event) -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    opened, _peer = listener.accept()
                    opened.settimeout(5)
                    with contextlib.suppress(OSError), _secured(opened, tls) as talking:
                        talk(talking)

        with _thread(serve):
            yield HostPort(*listener.getsockname())


def _secured(opened: socket.socket, tls: ssl.SSLContext | None) -> socket.socket:
    return tls.wrap_socket(opened, server_side=True) if tls else opened


def mute(opened: socket.socket) -> None:
    """Reads until the peer hangs up, and says nothing."""
    while opened.recv(4096):
        pass


def hang_up(opened: socket.socket) -> None:
    """Reads once, then closes in good order."""
    opened.recv(4096)


def reset(opened: socket.socket) -> None:
    """Reads once, then resets the connection, as inspecting firewalls do."""
    opened.recv(4096)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def babble(opened: socket.socket) -> None:
    """Says something, but not SIP."""
    opened.recv(4096)
    opened.sendall(b"220 mail.example.com ESMTP\r\n\r\n")
    mute(opened)


@contextlib.contextmanager
def udp_middlebox(
    server: HostPort, *, onward: Rewrite, back: Rewrite = lambda reply: reply
) -> Iterator[HostPort]:
    """Passes datagrams on and back through functions; None drops one."""
    with _udp() as inside, _udp() as outside, selectors.DefaultSelector() as selector:
        selector.register(inside, selectors.EVENT_READ)
        selector.register(outside, selectors.EVENT_READ)
        clients: list[tuple[str, int]] = []

        def serve(stop: threading.Event) -> None:
            while not stop.is_set():
                for key, _events in selector.select(WAKE_S):
                    opened = inside if key.fileobj is inside else outside
                    datagram, source = opened.recvfrom(8192)
                    if opened is inside:
                        clients[:] = [source]
                        if (passed := onward(datagram)) is not None:
                            outside.sendto(passed, (server.host, server.port))
                    elif (passed := back(datagram)) is not None:
                        inside.sendto(passed, clients[0])

        with _thread(serve):
            yield HostPort(*inside.getsockname())
