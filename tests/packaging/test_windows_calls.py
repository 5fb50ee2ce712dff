"""What Windows says where sound devices are, and where there is no network: under wine.

The computer that builds has neither a sound card nor, for these tests, a way out: ALSA's own null
device stands for a headset, a network namespace for a pulled cable.
"""

import ast
import ctypes
import json
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging_lab import ROOT
from steps import wine
from steps.environment import run
from wine_lab import PATIENCE_S, Windows

from natwizard.probes.media import winsock
from natwizard.probes.media.arrival import WINDOWS_TIMESTAMP
from natwizard.system.windows import PropertyKey, PropertyValue
from natwizard.system.windows_network import (
    AdapterAddresses,
    InterfaceRow,
    InterfaceTable,
    NameServer,
    SocketAddress,
)

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]

SOUND = """
</usr/share/alsa/alsa.conf>
pcm.!default { type null }
ctl.!default { type null }
"""
SCRIPT = """
import asyncio, json, sys
sys.path.insert(0, sys.argv[1])
from natwizard.model.address import HostPort
from natwizard.probes.audio import AudioEvidence, look_for_audio
from natwizard.probes.failures import CannotGather, failure_from
from natwizard.system.environment import system_host
from natwizard.system.loop import make_loop
from natwizard.system.network import SystemNetwork

network = SystemNetwork()
try:
    make_loop().run_until_complete(network.resolve(HostPort("phone.lab.test", 443), timeout_s=60))
    code = ""
except OSError as error:
    code = failure_from(error, "resolve").code
try:
    audio = look_for_audio(system_host())
except CannotGather:  # a wine that never had a sound driver has no list of devices either
    audio = AudioEvidence(microphones=(), speakers=())
print("told", json.dumps({
    "resolvers": network.resolvers(), "code": code,
    "microphones": audio.microphones, "default": audio.default_microphone,
    "calls": audio.call_microphone, "speaker": audio.call_speaker,
}))
"""


FIELDS = {
    "MIB_IF_ROW2": (
        InterfaceRow,
        {
            "InterfaceLuid": "luid", "InterfaceIndex": "index", "InterfaceGuid": "guid",
            "Alias": "alias", "Description": "description", "Mtu": "mtu", "Type": "type",
            "TunnelType": "tunnel_type", "MediaType": "media_type",
            "PhysicalMediumType": "physical_medium_type", "AccessType": "access_type",
            "DirectionType": "direction_type", "InterfaceAndOperStatusFlags": "flags",
            "OperStatus": "oper_status", "AdminStatus": "admin_status",
            "MediaConnectState": "media_connect_state", "NetworkGuid": "network_guid",
            "ConnectionType": "connection_type", "TransmitLinkSpeed": "transmit_bit_s",
            "ReceiveLinkSpeed": "receive_bit_s", "InOctets": "counters",
        },
    ),
    "IP_ADAPTER_ADDRESSES_LH": (
        AdapterAddresses,
        {
            "Next": "next", "AdapterName": "name", "FirstDnsServerAddress": "name_servers",
            "FriendlyName": "friendly_name", "IfType": "type", "OperStatus": "oper_status",
            "ZoneIndices": "zone_indices", "TransmitLinkSpeed": "transmit_bit_s",
            "FirstGatewayAddress": "gateway", "Ipv4Metric": "ipv4_metric",
            "Ipv6Metric": "ipv6_metric",
        },
    ),
    "IP_ADAPTER_DNS_SERVER_ADDRESS_XP": (NameServer, {"Next": "next", "Address": "place"}),
    "SOCKET_ADDRESS": (SocketAddress, {"lpSockaddr": "address", "iSockaddrLength": "length"}),
    "MIB_IF_TABLE2": (InterfaceTable, {"NumEntries": "count", "Table": "first"}),
    "PROPVARIANT": (PropertyValue, {"vt": "kind", "pwszVal": "text"}),
    "PROPERTYKEY": (PropertyKey, {"fmtid": "format", "pid": "number"}),
    "WSAMSG": (
        winsock.WsaMessage,
        {
            "name": "name", "namelen": "name_length", "lpBuffers": "buffers",
            "dwBufferCount": "buffer_count", "Control": "control", "dwFlags": "flags",
        },
    ),
    "WSABUF": (winsock.WsaBuffer, {"len": "length", "buf": "place"}),
    "WSACMSGHDR": (
        winsock.ControlHeader,
        {"cmsg_len": "length", "cmsg_level": "level", "cmsg_type": "kind"},
    ),
    "TIMESTAMPING_CONFIG": (
        winsock.TimestampingConfig,
        {"Flags": "flags", "TxTimestampsBuffered": "tx_timestamps_buffered"},
    ),
}  # fmt: skip
WHOLE = (
    "MIB_IF_ROW2", "PROPVARIANT", "PROPERTYKEY", "SOCKET_ADDRESS", "WSAMSG", "WSABUF", "WSACMSGHDR",
    "TIMESTAMPING_CONFIG",
)  # fmt: skip
NUMBERS = {
    "SIO_TIMESTAMPING": winsock.SIO_TIMESTAMPING,
    "SIO_GET_EXTENSION_FUNCTION_POINTER": winsock.SIO_GET_EXTENSION_FUNCTION_POINTER,
    "TIMESTAMPING_FLAG_RX": winsock.TIMESTAMPING_FLAG_RX,
    "SO_TIMESTAMP": WINDOWS_TIMESTAMP,
    "WSA_CMSG_LEN(0)": winsock.HEADER_BYTES,
    "WSA_CMSGHDR_ALIGN(1)": winsock.ALIGNMENT,
}
COMPILE = (wine.COMPILER, "-D_WIN32_WINNT=0x0A00", "-DNTDDI_VERSION=0x0A00000A", "-c", "-o")
HEADERS = """
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <netioapi.h>
#include <propidl.h>
#include <propsys.h>
#include <stddef.h>
"""


def test_structures_are_laid_out_as_windows_headers_say(tmp_path: Path) -> None:
    """The compiler checks them: every field that is read, at the place where ctypes reads it."""
    claims = [
        f'_Static_assert(offsetof({name}, {theirs}) == {getattr(ours, mine).offset}, "{theirs}");'
        for name, (ours, fields) in FIELDS.items()
        for theirs, mine in fields.items()
    ]
    claims += [
        f'_Static_assert(sizeof({name}) == {ctypes.sizeof(FIELDS[name][0])}, "{name}");'
        for name in WHOLE
    ]
    claims += [f'_Static_assert({name} == {ours}u, "{name}");' for name, ours in NUMBERS.items()]
    source = tmp_path / "layout.c"
    source.write_text(HEADERS + "\n".join(claims), "utf-8")
    run([*COMPILE, tmp_path / "layout.o", source])
    source.write_text(HEADERS + claims[0].replace("== 0", "== 4"), "utf-8")
    with pytest.raises(SystemExit):  # the compiler does look
        run([*COMPILE, tmp_path / "layout.o", source])


class Declared(NamedTuple):
    """A function as `windows_function` gives it types, by their names in ctypes."""

    name: str
    result: str
    arguments: tuple[str, ...]


def declared_functions() -> set[Declared]:
    """Of all modules; a call that does not name its function in so many words is one too many."""
    found = set()
    for path in (ROOT / "natwizard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "windows_function":
                name = node.args[1]
                assert isinstance(name, ast.Constant), f"{path}:{node.lineno}"
                types = [ast.unparse(each).rpartition(".")[2] for each in node.args[2:]]
                found.add(Declared(str(name.value), types[0], tuple(types[1:])))
    return found


BYTES = {
    "c_int": 4, "c_int32": 4, "c_uint32": 4, "c_long": 4, "HRESULT": 4, "c_uint16": 2,
    "c_uint64": 8, "c_size_t": 8, "c_void_p": 8, "c_wchar_p": 8, "POINT": 8,
}  # fmt: skip
"""Of ctypes' types on 64-bit Windows."""
FUNCTION_HEADERS = f"""{HEADERS}
#include <objbase.h>
#include <wtsapi32.h>
#include <shellscalingapi.h>
#include <windns.h>
#include <wintrust.h>
#include <softpub.h>
#include <mmsystem.h>
"""
OF_THE_COMPILER = re.compile(r"__attribute__ *\(\(.*?\)\)|__declspec *\(.*?\)|__stdcall|extern")


def prototype(name: str, headers: str) -> tuple[str, list[str]]:
    """Types of a function's result and arguments, as the preprocessed headers have them."""
    found = re.search(rf"([^;{{}}#]*?)\b{name} *\(([^()]*)\)", headers)
    assert found, f"{name}: not in these headers"
    result = found[1].strip().splitlines()[-1].strip() if found[1].strip() else ""
    arguments = [each.strip() for each in found[2].split(",")]
    if arguments in ([""], ["void"], ["VOID"]):
        return result, []
    return result, [re.sub(r"\b\w+$", "", each).strip() or each for each in arguments]


def test_functions_have_the_types_of_windows_headers(tmp_path: Path) -> None:
    """The compiler compares sizes: what is cut short or has somebody else's bits above it shows."""
    functions = sorted(declared_functions())
    assert len(functions) > 30
    source = tmp_path / "functions.c"
    source.write_text(FUNCTION_HEADERS, "utf-8")
    command = [*COMPILE[:3], "-E", "-P", str(source)]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8")
    headers = OF_THE_COMPILER.sub(" ", told)
    claims = []
    for function in functions:
        result, arguments = prototype(function.name, headers)
        assert len(arguments) == len(function.arguments), function
        if function.result == "None":
            assert result.lower().endswith("void"), function
        else:
            arguments, ours = [result, *arguments], (function.result, *function.arguments)
            claims += [
                f'_Static_assert(sizeof({theirs}) == {BYTES[mine]}, "{function.name}: {theirs}");'
                for theirs, mine in zip(arguments, ours, strict=True)
            ]
    source.write_text("\n".join((FUNCTION_HEADERS, *claims)), "utf-8")
    run([*COMPILE, tmp_path / "functions.o", source])


def ask(windows: Windows, *prefix: str, sound: Path | None = None) -> dict[str, object]:
    environment = dict(windows.environment)
    if sound is not None:
        drivers = environment["WINEDLLOVERRIDES"]
        environment["WINEDLLOVERRIDES"] = drivers.replace(f";{wine.WITHOUT_SOUND}", "")
        environment["ALSA_CONFIG_PATH"] = str(sound)
    words = [wine.interpreter(), "-c", SCRIPT, wine.path(ROOT)]
    done = subprocess.run(
        [*prefix, *wine.command(words)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    _head, found, told = done.stdout.decode(errors="replace").partition("told ")
    assert found, done
    return dict(json.loads(told))


def test_a_headset_is_named_with_what_windows_prefers_it_for(
    windows: Windows, tmp_path: Path
) -> None:
    sound = tmp_path / "asound.conf"
    sound.write_text(SOUND, "utf-8")
    told = ask(windows, sound=sound)
    assert told["microphones"]
    assert told["default"] == told["calls"] == told["microphones"][0]
    assert told["speaker"]


def test_without_a_network_a_name_is_not_said_to_be_wrong(windows: Windows) -> None:
    alone = ("unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"')
    told = ask(windows, *alone, "alone")
    assert told["code"] == "name_lookup_failed"
    assert told["microphones"] == []
