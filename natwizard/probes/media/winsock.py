"""Reads datagrams by WSARecvMsg, which Windows has and Python's `socket` there has not.

For one thing: what Windows says beside a datagram, above all when it came (SO_TIMESTAMP). Sources:
"Winsock timestamping" and "LPFN_WSARECVMSG callback function" (Microsoft Learn); mswsock.h,
winsock2.h, mstcpip.h of 64-bit Windows. The module imports everywhere; the calls are Windows' own.
"""

import ctypes
import select
import socket
import sys
import uuid
from collections.abc import Callable, Iterator
from ctypes import POINTER, Structure, c_int32, c_size_t, c_uint16, c_uint32, c_uint64, c_void_p
from typing import ClassVar, TypeAlias

SIO_TIMESTAMPING = 0x9800_00EB
"""_WSAIOW(IOC_VENDOR, 235): build 20348 or newer (Windows 11, Server 2022), UDP alone."""
TIMESTAMPING_FLAG_RX = 0x1
SIO_GET_EXTENSION_FUNCTION_POINTER = 0xC800_0006
WSAID_WSARECVMSG = uuid.UUID("f689d7c8-6f1f-436b-8a53-e54fe351c322").bytes_le
FAMILY_4, FAMILY_6 = 2, 23
"""AF_INET and AF_INET6 as Windows numbers them."""
NAME_BYTES, DATAGRAM_BYTES, CONTROL_BYTES = 28, 65_535, 128
"""Room for the longer of the two addresses (SOCKADDR_IN6), for any datagram (Windows calls it an
error where a longer one is cut off), and for a few messages beside it."""

Ancillary: TypeAlias = list[tuple[int, int, bytes]]
Message: TypeAlias = tuple[bytes, Ancillary, tuple[str, int]]


class TimestampingConfig(Structure):
    """TIMESTAMPING_CONFIG."""

    _fields_: ClassVar = [("flags", c_uint32), ("tx_timestamps_buffered", c_uint16)]


class WsaBuffer(Structure):
    """WSABUF."""

    _fields_: ClassVar = [("length", c_uint32), ("place", c_void_p)]


class WsaMessage(Structure):
    """WSAMSG."""

    _fields_: ClassVar = [
        ("name", c_void_p),
        ("name_length", c_int32),
        ("buffers", POINTER(WsaBuffer)),
        ("buffer_count", c_uint32),
        ("control", WsaBuffer),
        ("flags", c_uint32),
    ]


class ControlHeader(Structure):
    """WSACMSGHDR: its length counts this header."""

    _fields_: ClassVar = [("length", c_size_t), ("level", c_int32), ("kind", c_int32)]


HEADER_BYTES = ctypes.sizeof(ControlHeader)
ALIGNMENT = ctypes.alignment(ControlHeader)


def control_messages(control: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Level, type and data of each message in a control buffer; what is cut short ends the list."""
    place = 0
    while place + HEADER_BYTES <= len(control):
        header = ControlHeader.from_buffer_copy(control, place)
        if not HEADER_BYTES <= header.length <= len(control) - place:
            return
        yield header.level, header.kind, control[place + HEADER_BYTES : place + header.length]
        place += (header.length + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def source_of(name: bytes) -> tuple[str, int]:
    """Address and port in a SOCKADDR of Windows; nothing and 0 of other families."""
    family, port = int.from_bytes(name[:2], "little"), int.from_bytes(name[2:4], "big")
    if family == FAMILY_4 and len(name) >= 8:
        return socket.inet_ntop(socket.AF_INET, name[4:8]), port
    if family == FAMILY_6 and len(name) >= 24:
        return socket.inet_ntop(socket.AF_INET6, name[8:24]), port
    return "", 0


if sys.platform == "win32":
    from natwizard.windows_functions import windows_function

    IOCTL = windows_function(
        "ws2_32", "WSAIoctl", c_int32, c_size_t, c_uint32, c_void_p, c_uint32, c_void_p, c_uint32,
        c_void_p, c_void_p, c_void_p,
    )  # fmt: skip
    COUNTER = windows_function("kernel32", "QueryPerformanceCounter", c_int32, c_void_p)
    FREQUENCY = windows_function("kernel32", "QueryPerformanceFrequency", c_int32, c_void_p)
    RECEIVE = ctypes.WINFUNCTYPE(
        c_int32, c_size_t, c_void_p, c_void_p, c_void_p, c_void_p, use_last_error=True
    )

    def counter() -> tuple[int, int]:
        """Windows' performance counter now, and its ticks in a second."""
        return _counter(COUNTER), _counter(FREQUENCY)

    def _counter(ask: Callable[..., int]) -> int:
        value = c_uint64()
        ask(ctypes.byref(value))
        return value.value

    class MessageSocket(socket.socket):
        """A UDP socket that can tell what Windows says beside a datagram.

        Attributes:
            is_timed: Windows agreed to tell when datagrams come.
        """

        is_timed = False
        _reader: "_Reader | None" = None

        def ask_for_times(self) -> None:
            """Have Windows tell when datagrams come; whether it does is up to the adapter's driver.

            Raises OSError where Windows is older than build 20348 (Windows 11, Server 2022).
            """
            config = TimestampingConfig(flags=TIMESTAMPING_FLAG_RX)
            _control(self.fileno(), SIO_TIMESTAMPING, bytes(config), 0)
            self._reader = self._reader or _Reader(self.fileno())
            self.is_timed = True

        def receive_message(self) -> Message:
            """The next datagram with what Windows says beside it; for one thread at a time.

            Raises OSError as `recvfrom` does (TimeoutError, BlockingIOError, ConnectionResetError).
            """
            reader = self._reader = self._reader or _Reader(self.fileno())
            timeout_s = self.gettimeout()
            while True:
                try:
                    return reader.read()
                except BlockingIOError:
                    if not timeout_s:
                        raise
                if not select.select([self], [], [], timeout_s)[0]:
                    raise TimeoutError("timed out")

    def _control(handle: int, code: int, question: bytes, answer_bytes: int) -> bytes:
        """WSAIoctl. Raises OSError."""
        answer, count = ctypes.create_string_buffer(answer_bytes), c_uint32()
        places = (answer, answer_bytes, ctypes.byref(count), None, None)
        if IOCTL(handle, code, question, len(question), *places):
            raise ctypes.WinError(ctypes.get_last_error())
        return answer.raw[: count.value]

    class _Reader:
        """WSARecvMsg of one socket, with the buffers that it fills; they are made once."""

        def __init__(self, handle: int) -> None:
            told = _control(
                handle,
                SIO_GET_EXTENSION_FUNCTION_POINTER,
                WSAID_WSARECVMSG,
                ctypes.sizeof(c_void_p),
            )
            self._handle = handle
            self._receive = RECEIVE(int.from_bytes(told, "little"))
            self._name = ctypes.create_string_buffer(NAME_BYTES)
            self._data = ctypes.create_string_buffer(DATAGRAM_BYTES)
            self._control = ctypes.create_string_buffer(CONTROL_BYTES)
            self._buffer = WsaBuffer(DATAGRAM_BYTES, ctypes.addressof(self._data))
            self._message = WsaMessage(
                name=ctypes.addressof(self._name),
                buffers=ctypes.pointer(self._buffer),
                buffer_count=1,
            )

        def read(self) -> Message:
            message, count = self._message, c_uint32()
            message.name_length, message.flags = NAME_BYTES, 0
            message.control = WsaBuffer(CONTROL_BYTES, ctypes.addressof(self._control))
            if self._receive(self._handle, ctypes.byref(message), ctypes.byref(count), None, None):
                raise ctypes.WinError(ctypes.get_last_error())
            control = ctypes.string_at(self._control, min(message.control.length, CONTROL_BYTES))
            return (
                ctypes.string_at(self._data, min(count.value, DATAGRAM_BYTES)),
                list(control_messages(control)),
                source_of(ctypes.string_at(self._name, NAME_BYTES)),
            )

else:

    def counter() -> tuple[int, int]:
        """There is no such counter here."""
        return 0, 1

    class MessageSocket(socket.socket):
        """There is no Winsock here: a socket as any other."""

        is_timed = False

        def ask_for_times(self) -> None:
            """Raises OSError."""
            raise OSError("only Windows can be asked so")

        def receive_message(self) -> Message:
            """Raises OSError."""
            raise OSError("only Windows can be asked so")
