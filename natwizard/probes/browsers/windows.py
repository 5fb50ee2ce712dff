"""Copies of browsers on Windows, from the registry and known folders; no program is started."""

import struct
from collections.abc import Iterator

from msgspec import Struct

from natwizard.probes.browsers.browser_copy import (
    Browser,
    BrowserFamily,
    Channel,
    InstallScope,
    firefox_version,
    major,
    version_numbers,
)
from natwizard.probes.browsers.executable import ReadAt
from natwizard.probes.host import Host, executable_of, reader

# The resource type of a version (winuser.h)
RT_VERSION = 16
# IMAGE_DIRECTORY_ENTRY_RESOURCE
RESOURCE_DIRECTORY = 2
# dwSignature of VS_FIXEDFILEINFO (verrsrc.h)
FIXED_INFO = struct.pack("<I", 0xFEEF04BD)
# Set in an entry that leads to another directory (IMAGE_RESOURCE_DATA_IS_DIRECTORY)
SUBDIRECTORY = 0x80000000
LARGEST_HEADER = 4096
# Sizes in the file are a stranger's: without bounds one of them fills the memory
LARGEST_VERSION = 64 * 1024
LARGEST_DIRECTORY = 1024


class _Section(Struct, frozen=True, kw_only=True):
    address: int
    size: int
    file_offset: int


def read_pe_version(read: ReadAt) -> str:
    """ "158.0.8120.45", or empty where the file has no version. OSErrors pass through."""
    try:
        return _read_version(read)
    except (struct.error, _NoResource):
        return ""


class _NoResource(Exception):
    """The file has no version resource, or one that leads nowhere."""


def _read_version(read: ReadAt) -> str:
    header = read(0, LARGEST_HEADER)
    (place,) = struct.unpack_from("<I", header, 0x3C)
    if header[:2] != b"MZ" or header[place : place + 4] != b"PE\0\0":
        raise _NoResource
    sections, resources = _sections(header, place)
    root = _file_offset(sections, resources)
    name = _entry(read, root, 0, RT_VERSION)
    language = _entry(read, root, name, None)
    data = _entry(read, root, language, None)
    address, size = struct.unpack("<II", read(root + data, 8))
    info = read(_file_offset(sections, address), min(size, LARGEST_VERSION))
    found = info.find(FIXED_INFO)
    if found < 0:
        raise _NoResource
    high, low = struct.unpack_from("<II", info, found + 8)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _sections(header: bytes, place: int) -> tuple[list[_Section], int]:
    """The section table, and the address of the resources."""
    count, optional_size = struct.unpack_from("<H12xH", header, place + 6)
    optional = place + 24
    (magic,) = struct.unpack_from("<H", header, optional)
    # where the data directories begin: in PE32+ fields before them are wider
    directories = optional + (112 if magic == 0x20B else 96)
    (resources,) = struct.unpack_from("<I", header, directories + 8 * RESOURCE_DIRECTORY)
    sections = []
    # the Windows loader takes no more sections (PE format, COFF file header)
    for number in range(min(count, 96)):
        start = optional + optional_size + 40 * number
        size, address, raw_size, raw = struct.unpack_from("<IIII", header, start + 8)
        sections.append(_Section(address=address, size=max(size, raw_size), file_offset=raw))
    return sections, resources


def _file_offset(sections: list[_Section], address: int) -> int:
    for section in sections:
        if section.address <= address < section.address + section.size:
            return section.file_offset + address - section.address
    raise _NoResource


def _entry(read: ReadAt, root: int, directory: int, wanted: int | None) -> int:
    """Where the wanted (or the first) entry of a resource directory points, from the root."""
    start = root + (directory & ~SUBDIRECTORY)
    named, numbered = struct.unpack("<HH", read(start + 12, 4))
    count = min(named + numbered, LARGEST_DIRECTORY)
    table = read(start + 16, 8 * count)
    for number in range(count):
        key, target = struct.unpack_from("<II", table, 8 * number)
        if wanted is None or key == wanted:
            return int(target)
    raise _NoResource


# The account's own copies first; 32-bit programs write into a view of their own
HIVES = (("HKCU", 64), ("HKLM", 64), ("HKLM", 32))
START_MENU = r"SOFTWARE\Clients\StartMenuInternet"
UNINSTALL = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
APP_PATHS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths"
FIREFOX_KEYS = r"SOFTWARE\Mozilla\Mozilla Firefox"
STORE_PACKAGES = (
    r"HKCU\SOFTWARE\Classes\Local Settings\Software\Microsoft\Windows"
    r"\CurrentVersion\AppModel\Repository\Packages"
)
STORE_FIREFOX = r"VFS\ProgramFiles\Firefox Package Root\firefox.exe"

PROGRAMS = ("chrome.exe", "msedge.exe", "firefox.exe")
INSTALLED_NAMES = ("google chrome", "chromium", "microsoft edge", "mozilla firefox", "firefox")
"""How the names of these programs begin where Windows lists what is installed."""
CHROME_NAME = "google chrome"
FOLDERS = ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)", "LOCALAPPDATA")
KNOWN_PLACES = (
    r"Google\Chrome\Application\chrome.exe",
    r"Google\Chrome Beta\Application\chrome.exe",
    r"Google\Chrome Dev\Application\chrome.exe",
    r"Google\Chrome SxS\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Microsoft\Edge Beta\Application\msedge.exe",
    r"Microsoft\Edge Dev\Application\msedge.exe",
    r"Microsoft\Edge SxS\Application\msedge.exe",
    r"Mozilla Firefox\firefox.exe",
    r"Mozilla Firefox ESR\firefox.exe",
    r"Firefox Developer Edition\firefox.exe",
    r"Firefox Nightly\firefox.exe",
)
# WebView2 and Edge's updater have programs of the browser's name in folders of their own
NOT_BROWSERS = ("\\edgewebview\\", "\\edgecore\\", "\\edgeupdate\\")
# "SxS", side by side, is the folder of Canary
CHANNEL_FOLDERS = ((" beta\\", Channel.BETA), (" dev\\", Channel.DEV), (" sxs\\", Channel.NIGHTLY))

# Update policy of an administrator: the long line of releases (8 weeks each).
TARGET_CHANNEL = {
    BrowserFamily.CHROME: (
        r"SOFTWARE\Policies\Google\Update",
        "TargetChannel{8A69D345-D564-463C-AFF1-A69D9E530F96}",
    ),
    BrowserFamily.EDGE: (
        r"SOFTWARE\Policies\Microsoft\EdgeUpdate",
        "TargetChannel{56EB18F8-B008-4CBD-B6D2-8C97FE7E9062}",
    ),
}


def windows_browsers(host: Host) -> tuple[Browser, ...]:
    """Every copy, each program file once."""
    found: dict[str, Browser] = {}
    for told, name in _programs(host):
        path = host.real_path(told) if told else ""
        if not path or path.casefold() in found:
            continue
        browser = _browser(host, path, name)
        if browser is not None:
            found[path.casefold()] = browser
    return tuple(found.values())


def command_program(command: str) -> str:
    """The program of a registry command line, with or without quotes and arguments."""
    text = command.strip()
    if text.startswith('"'):
        return text[1:].partition('"')[0]
    end = text.lower().find(".exe")
    return text[: end + 4] if end >= 0 else ""


def _programs(host: Host) -> Iterator[tuple[str, str]]:
    """Program files, and what Windows calls the program there ("Google Chrome"), or empty."""
    for hive, bits in HIVES:
        start_menu = rf"{hive}\{START_MENU}"
        for name in host.registry_subkeys(start_menu, bits=bits):
            values = host.registry_values(rf"{start_menu}\{name}\shell\open\command", bits=bits)
            yield command_program(str(values.get("", ""))), name
        for program in PROGRAMS:
            values = host.registry_values(rf"{hive}\{APP_PATHS}\{program}", bits=bits)
            yield command_program(str(values.get("", ""))), ""
        firefox = rf"{hive}\{FIREFOX_KEYS}"
        for version in host.registry_subkeys(firefox, bits=bits):
            values = host.registry_values(rf"{firefox}\{version}\Main", bits=bits)
            yield str(values.get("PathToExe", "")), ""
        yield from _installed_programs(host, rf"{hive}\{UNINSTALL}", bits)
    for folder in FOLDERS:
        if root := host.environment(folder):
            yield from ((rf"{root}\{place}", "") for place in KNOWN_PLACES)
    for name in host.registry_subkeys(STORE_PACKAGES):
        if name.startswith("Mozilla.Firefox_"):
            values = host.registry_values(rf"{STORE_PACKAGES}\{name}")
            yield rf"{values.get('PackageRootFolder', '')}\{STORE_FIREFOX}", ""


def _installed_programs(host: Host, key: str, bits: int) -> Iterator[tuple[str, str]]:
    """From the list of installed programs: folder and icon lead to the file, wherever it is."""
    for entry in host.registry_subkeys(key, bits=bits):
        values = host.registry_values(rf"{key}\{entry}", bits=bits)
        name = str(values.get("DisplayName", ""))
        if name.lower().startswith(INSTALLED_NAMES):
            folder = str(values.get("InstallLocation", "")).strip('"').rstrip("\\")
            if folder:
                yield from ((rf"{folder}\{program}", name) for program in PROGRAMS)
            icon = str(values.get("DisplayIcon", "")).rpartition(",")[0]
            yield command_program(icon or str(values.get("DisplayIcon", ""))), name


def _browser(host: Host, path: str, name: str) -> Browser | None:
    family = _family(path, name)
    if family is None:
        return None
    built_for = executable_of(host, path)
    if built_for is None:
        return None
    folder = path.rpartition("\\")[0]
    if family is BrowserFamily.FIREFOX:
        version, channel = firefox_version(host, folder, "\\")
    else:
        version, channel = "", _channel(host, family, path)
    return Browser(
        family=family,
        channel=channel,
        scope=_scope(host, path),
        path=path,
        version=version or _program_version(host, path) or _newest_folder(host, folder),
        bits=built_for.bits,
        machine=built_for.machine,
        waiting_version=_waiting_version(host, path),
    )


def _family(path: str, name: str) -> BrowserFamily | None:
    """By the file's name; Chrome and Chromium share one, so folder and listed name count too."""
    lower = path.lower()
    if any(part in lower for part in NOT_BROWSERS):
        return None
    match lower.rpartition("\\")[2]:
        case "chrome.exe":
            is_chrome = "\\google\\chrome" in lower or name.lower().startswith(CHROME_NAME)
            return BrowserFamily.CHROME if is_chrome else BrowserFamily.CHROMIUM
        case "msedge.exe":
            return BrowserFamily.EDGE
        case "firefox.exe":
            return BrowserFamily.FIREFOX
        case _:
            return None


def _channel(host: Host, family: BrowserFamily, path: str) -> Channel:
    for part, channel in CHANNEL_FOLDERS:
        if part in path.lower():
            return channel
    if family in TARGET_CHANNEL:
        key, value = TARGET_CHANNEL[family]
        told = host.registry_values(rf"HKLM\{key}").get(value, "")
        if str(told).lower() == "extended":
            return Channel.EXTENDED
    return Channel.STABLE


def _scope(host: Host, path: str) -> InstallScope:
    if "\\windowsapps\\" in path.lower():
        return InstallScope.STORE
    own = (str(host.home()), host.environment("LOCALAPPDATA"))
    is_own = any(root and path.casefold().startswith(f"{root}\\".casefold()) for root in own)
    return InstallScope.USER if is_own else InstallScope.MACHINE


def _program_version(host: Host, path: str) -> str:
    try:
        return read_pe_version(reader(host, path))
    except OSError:
        return ""


def _newest_folder(host: Host, folder: str) -> str:
    """Chrome and Edge keep each version in a folder of its name beside the program."""
    names = [name for name in host.list_directory(folder) if len(version_numbers(name)) == 4]
    return max(names, key=version_numbers, default="")


def _waiting_version(host: Host, path: str) -> str:
    """The installer leaves new_chrome.exe beside a chrome.exe that is in use."""
    folder, _, name = path.rpartition("\\")
    waiting = _program_version(host, rf"{folder}\new_{name}")
    return waiting if major(waiting) else ""
