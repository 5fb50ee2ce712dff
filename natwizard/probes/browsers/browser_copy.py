"""One installed copy of a browser, as values."""

from enum import StrEnum

from msgspec import Struct

from natwizard.model.privacy import FilePath, PublicText
from natwizard.probes.host import Host, ini_values, read_text


class BrowserFamily(StrEnum):
    """Browsers we look for: the three that the vendor names, and Chromium, base of two."""

    CHROME = "chrome"
    EDGE = "edge"
    FIREFOX = "firefox"
    CHROMIUM = "chromium"


class Channel(StrEnum):
    """Which line of releases a copy follows."""

    STABLE = "stable"
    EXTENDED = "extended"
    ESR = "esr"
    BETA = "beta"
    DEV = "dev"
    NIGHTLY = "nightly"


class InstallScope(StrEnum):
    """For whom, and by which kind of package, a copy is installed."""

    MACHINE = "machine"
    USER = "user"
    SNAP = "snap"
    FLATPAK = "flatpak"
    STORE = "store"


TITLES = {
    BrowserFamily.CHROME: "Chrome",
    BrowserFamily.EDGE: "Edge",
    BrowserFamily.FIREFOX: "Firefox",
    BrowserFamily.CHROMIUM: "Chromium",
}


class Browser(Struct, frozen=True, kw_only=True):
    """One copy on this computer.

    Attributes:
        version: of the file on disk ("158.0.8120.45"); empty where nothing tells it.
        bits: 32 or 64, from the program's own header; 0 where it could not be read.
        machine: processors it is built for ("x86-64", "x86-64, arm64"), or empty.
        path: of the program file.
        running: a process runs from that file now.
        is_default: web links open in it.
        waiting_version: a version that is installed and waits for a restart, or empty.
    """

    family: BrowserFamily
    channel: Channel
    scope: InstallScope
    path: FilePath
    version: PublicText = ""
    bits: int = 0
    machine: PublicText = ""
    running: bool = False
    is_default: bool = False
    waiting_version: PublicText = ""

    @property
    def name(self) -> str:
        """ "Chrome", or with its channel where that is not the stable one: "Firefox ESR"."""
        label = {Channel.STABLE: "", Channel.ESR: "ESR"}.get(self.channel, self.channel.title())
        return f"{TITLES[self.family]} {label}".strip()


def version_numbers(version: str) -> tuple[int, ...]:
    """ "153.7.0esr" as (153, 7, 0); empty where it does not begin with a number."""
    numbers = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        # int() refuses more than 4,300 digits with a ValueError, and no version has ten
        if not digits or len(digits) > 9:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def major(version: str) -> int:
    """The first number of a version, 0 where there is none."""
    return (*version_numbers(version), 0)[0]


CHANNELS = {
    "esr": Channel.ESR,
    "beta": Channel.BETA,
    "aurora": Channel.DEV,
    "nightly": Channel.NIGHTLY,
}
CHANNEL_SETTING = "app.update.channel"
CHANNEL_FRAMEWORK = "Frameworks/ChannelPrefs.framework/ChannelPrefs"
"""Where Firefox on macOS keeps its channel since 2024: a string in a small library."""
# The library holds little but the channel's name
FRAMEWORK_BYTES = 1024 * 1024
ORIGINS = (
    ("firefox-dev", Channel.DEV),
    ("aurora", Channel.DEV),
    ("nightly", Channel.NIGHTLY),
    ("mozilla-central", Channel.NIGHTLY),
    ("mozilla-beta", Channel.BETA),
    ("esr", Channel.ESR),
)
"""Parts of SourceRepository and RemotingName in application.ini, and what they mean."""


def firefox_version(host: Host, folder: str, separator: str = "/") -> tuple[str, Channel]:
    """Read application.ini and channel-prefs.js in a folder; the version is empty without them."""
    application = ini_values(read_text(host, f"{folder}{separator}application.ini"), "App")
    preferences = separator.join((folder, "defaults", "pref", "channel-prefs.js"))
    told = _channel_setting(read_text(host, preferences, limit=65536))
    channel = CHANNELS.get(told, Channel.STABLE)
    origin = " ".join(application.get(key, "") for key in ("sourcerepository", "remotingname"))
    version = application.get("version", "")
    if channel is Channel.STABLE:  # distributions keep the channel "release" or "default"
        meant = (channel for part, channel in ORIGINS if part in f"{origin} {version}".lower())
        channel = next(meant, Channel.STABLE)
    return version.removesuffix("esr"), channel


def framework_channel(host: Host, contents: str) -> Channel | None:
    """Of a Firefox on macOS, by the library in its bundle; None without one."""
    try:
        library = host.read_bytes(f"{contents}/{CHANNEL_FRAMEWORK}", limit=FRAMEWORK_BYTES)
    except OSError:
        return None
    told = (channel for text, channel in CHANNELS.items() if f"\0{text}\0".encode() in library)
    return next(told, Channel.STABLE)


def _channel_setting(script: str) -> str:
    """The value in `pref("app.update.channel", "esr");`."""
    for line in script.splitlines():
        if CHANNEL_SETTING in line and not line.lstrip().startswith("//"):
            parts = line.split('"')
            return parts[3] if len(parts) > 3 else ""
    return ""
