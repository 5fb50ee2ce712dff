"""Writes down what a real Windows or macOS says about itself: record_machine.py FOLDER.

Run by CI on every push: what registries, adapters, name servers and sound devices look like there
becomes a fixture below tests/fixtures/hosts, where nobody can make one up. Names of people,
computers and networks, hardware addresses and public addresses are masked; the same one is masked
the same way everywhere, so that what belongs together still does.
"""

import getpass
import ipaddress
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PATIENCE_S = 120
MOST_BYTES = 2_000_000
PROBES = ("browsers", "browser_policy", "processor", "memory", "screens", "audio", "link",
          "dns_servers")  # fmt: skip
REGISTRY = {
    "browsers": r"HKLM\SOFTWARE\Clients\StartMenuInternet",
    "app-paths": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths",
    "https-choice": r"HKCU\Software\Microsoft\Windows\Shell\Associations\UrlAssociations\https",
    "network-class": (
        r"HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e972-e325-11ce-bfc1-08002be10318}"
    ),
    "interfaces": r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces",
    "interfaces-6": r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip6\Parameters\Interfaces",
    "name-rules": r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig",
    "capture": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\MMDevices\Audio\Capture",
    "render": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\MMDevices\Audio\Render",
    "consent": (
        r"HKCU\Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore"
    ),
    "policies-chrome": r"HKLM\SOFTWARE\Policies\Google",
    "policies-edge": r"HKLM\SOFTWARE\Policies\Microsoft\Edge",
    "policies-firefox": r"HKLM\SOFTWARE\Policies\Mozilla",
}
# whether this Windows grants times of arrival, and whether an adapter stamps: an answer of a name
# server comes by a real one (docs/decisions/0205)
ARRIVALS = """
import socket
from natwizard.probes.media.arrival import prepare_arrivals, receive
from natwizard.system.datagrams import DatagramSocket
from natwizard.system.windows_network import name_servers
server = next(each for each in name_servers() if ":" not in each)
with DatagramSocket(socket.AF_INET) as datagrams:
    prepare_arrivals(datagrams)
    print("granted" if datagrams.is_timed else "refused")
    datagrams.connect((server, 53))
    datagrams.settimeout(5)
    datagrams.send(bytes.fromhex("1234010000010000000000000000020001"))
    print("waited, ns:", receive(datagrams).waited_ns)
"""
ADVANCED = (
    "Get-NetAdapterAdvancedProperty -AllProperties | "
    "Format-Table Name, RegistryKeyword, RegistryValue | Out-String -Width 200"
)
WINDOWS = {
    "arrival-times": (sys.executable, "-c", ARRIVALS),
    "adapters-advanced": ("powershell", "-NoProfile", "-Command", ADVANCED),
    "ipconfig": ("ipconfig", "/all"),
    "netsh-interfaces": ("netsh", "interface", "ipv4", "show", "interfaces"),
    "netsh-wlan": ("netsh", "wlan", "show", "interfaces"),
    "netsh-dns": ("netsh", "interface", "ip", "show", "dnsservers"),
    "netsh-proxy": ("netsh", "winhttp", "show", "proxy"),
    "netsh-excluded": ("netsh", "interface", "ipv4", "show", "excludedportrange", "udp"),
    "route": ("route", "print"),
    **{
        f"registry-{name}-{bits}": ("reg", "query", key, "/s", f"/reg:{bits}")
        for name, key in REGISTRY.items()
        for bits in (64, 32)
    },
}
MACOS = {
    "hardware-ports": ("networksetup", "-listallhardwareports"),
    "route": ("netstat", "-rn"),
    "interfaces": ("ifconfig", "-a"),
    "resolvers": ("scutil", "--dns"),
    "proxies": ("scutil", "--proxy"),
    "airport": ("system_profiler", "-json", "SPAirPortDataType"),
    "audio": ("system_profiler", "-json", "SPAudioDataType"),
    "displays": ("system_profiler", "-json", "SPDisplaysDataType"),
}
COMMANDS = {"win32": WINDOWS, "darwin": MACOS}

HARDWARE = re.compile(r"\b(?:[0-9A-Fa-f]{1,2}([-:]))(?:[0-9A-Fa-f]{1,2}\1){4,}[0-9A-Fa-f]{1,2}\b")
ADDRESS_4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
ADDRESS_6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
NETWORK = re.compile(r"^(\s*B?SSID\s*:\s*)(\S.*)$", re.MULTILINE)


class Masks:
    """Replaces what tells who and where; one mask a name or address, numbered as they come."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = sorted({name for name in names if len(name) > 2}, key=len, reverse=True)
        self._given: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The text, masked."""
        text = NETWORK.sub(lambda found: found[1] + self._one("network-{}", found[2]), text)
        text = HARDWARE.sub(lambda found: self._one("02-00-00-00-00-{:02x}", found[0]), text)
        text = ADDRESS_4.sub(lambda found: self._address(found[0], "203.0.113.{}"), text)
        text = ADDRESS_6.sub(lambda found: self._address(found[0], "2001:db8::{:x}"), text)
        for name in self._names:
            text = re.sub(
                re.escape(name), self._one("name-{}", name.lower()), text, flags=re.IGNORECASE
            )
        return text

    def _one(self, form: str, secret: str) -> str:
        if secret not in self._given:
            self._given[secret] = form.format(len(self._given) + 1)
        return self._given[secret]

    def _address(self, text: str, form: str) -> str:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:  # a time, a version
            return text
        return self._one(form, text) if address.is_global else text


def record(folder: Path) -> None:
    """One file for each command, with its exit code first."""
    folder.mkdir(parents=True, exist_ok=True)
    masks = Masks((getpass.getuser(), platform.node(), platform.node().partition(".")[0]))
    commands = dict(COMMANDS.get(sys.platform, {}))
    commands |= {
        f"probe-{name}": (sys.executable, "-m", "natwizard", "probe", name) for name in PROBES
    }
    for name, words in commands.items():
        (folder / f"{name}.txt").write_text(masks(said(words)), "utf-8")
        print(name, flush=True)


def said(words: Sequence[str]) -> str:
    """Exit code and output of a command, or why there is none."""
    try:
        result = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as trouble:
        return f"{' '.join(words)}\n{trouble}\n"
    text = result.stdout[:MOST_BYTES].decode("utf-8", "replace")
    return f"{' '.join(words)}\nexit code {result.returncode}\n{text}"


if __name__ == "__main__":
    record(Path(sys.argv[1]))
