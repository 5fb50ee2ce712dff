"""The browser vendors' lists of releases, read. Pure: bytes in, the newest stable release out.

Sources: Chrome VersionHistory API (developer.chrome.com/docs/web-platform/versionhistory),
Microsoft Edge updates API (edgeupdates.microsoft.com/api/products), Mozilla product-details
(firefox_versions.json, and firefox_history_major_releases.json for the days of majors).
"""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from natwizard.probes.browsers.browser_copy import BrowserFamily, major, version_numbers
from natwizard.probes.failures import BadAnswer
from natwizard.probes.host import Host

# Vendors offer a release to part of the installations first (decision 152)
ROLLED_OUT = 0.5
SHARE_DIGITS = 6
"""Five times 0.1 is a half."""
# It is shown to people, and kept
VERSION_LENGTH = 40

CHROME_PLATFORMS = {"windows": "win64", "macos": "mac", "linux": "linux"}
EDGE_PLATFORMS = {"windows": "Windows", "macos": "MacOS", "linux": "Linux"}
EDGE_ARCHITECTURES = {"x86": "x86", "x86-64": "x64", "arm64": "arm64"}


class Release(Struct, frozen=True, kw_only=True):
    """The newest stable release.

    Attributes:
        released_on: ISO date on which its major version first came out; empty where not told.
        long_term: newest versions of the long-term lines (Firefox ESR), newest first.
    """

    version: str
    released_on: str = ""
    long_term: tuple[str, ...] = ()


class FeedPlatform(Struct, frozen=True, kw_only=True):
    """Whose releases are asked for, in the words of the feeds."""

    chrome_platform: str
    edge_platform: str
    edge_architecture: str


def system_of(host: Host) -> FeedPlatform:
    """The feeds' words for one computer."""
    architecture = host.processor().architecture
    chrome = CHROME_PLATFORMS[host.platform]
    if host.platform == "windows" and host.os_bits == 32:
        chrome = "win"
    if host.platform == "macos" and architecture == "arm64":
        chrome = "mac_arm64"
    return FeedPlatform(
        chrome_platform=chrome,
        edge_platform=EDGE_PLATFORMS[host.platform],
        edge_architecture=EDGE_ARCHITECTURES.get(architecture, "x64"),
    )


def read_feed(family: BrowserFamily, content: bytes, system: FeedPlatform) -> Release:
    """Read one vendor's list. Raises BadAnswer where it is not one, or names no release."""
    try:
        match family:
            case BrowserFamily.CHROME:
                return _read_chrome(content)
            case BrowserFamily.EDGE:
                return _read_edge(content, system)
            case BrowserFamily.FIREFOX:
                return _read_firefox(content)
            case BrowserFamily.CHROMIUM:
                raise BadAnswer("Chromium has no list of its own")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer(f"not the list of {family} releases: {error}"[:300]) from error


class _Serving(Struct):
    start: str = field(default="", name="startTime")
    end: str | None = field(default=None, name="endTime")


class _ChromeRelease(Struct):
    version: str
    serving: _Serving
    fraction: float = 0


class _ChromeList(Struct):
    releases: list[_ChromeRelease]


def _read_chrome(content: bytes) -> Release:
    """The highest version that at least half of the installations are offered now, or a newer one.

    A version is served to several groups at once, and two patches of a new major share what the
    major has. Releases that are over are in the list for the first day of the newest major.
    """
    releases = [
        each
        for each in msgspec.json.decode(content, type=_ChromeList).releases
        if _is_version(each.version)
    ]
    served = sorted(
        (each for each in releases if not each.serving.end),
        key=lambda each: version_numbers(each.version),
        reverse=True,
    )
    shares = accumulate(each.fraction for each in served)
    version = _highest(
        [
            each.version
            for each, share in zip(served, shares, strict=True)
            if round(share, SHARE_DIGITS) >= ROLLED_OUT
        ]
    )
    started = [each.serving.start for each in releases if major(each.version) == major(version)]
    return Release(version=version, released_on=_first_day(started))


class _EdgeRelease(Struct):
    platform: str = field(name="Platform")
    architecture: str = field(name="Architecture")
    version: str = field(name="ProductVersion")
    published: str = field(default="", name="PublishedTime")


class _EdgeProduct(Struct):
    product: str = field(name="Product")
    releases: list[_EdgeRelease] = field(name="Releases")


def _read_edge(content: bytes, system: FeedPlatform) -> Release:
    """Rows of telephones and of older versions stand in the same list."""
    products = msgspec.json.decode(content, type=list[_EdgeProduct])
    rows = [
        row
        for product in products
        if product.product == "Stable"
        for row in product.releases
        if row.platform == system.edge_platform
        and row.architecture in (system.edge_architecture, "universal")
        and _is_version(row.version)
    ]
    version = _highest([row.version for row in rows])
    published = [row.published for row in rows if major(row.version) == major(version)]
    return Release(version=version, released_on=_first_day(published))


def _read_firefox(content: bytes) -> Release:
    """LATEST_FIREFOX_VERSION, and every FIREFOX_ESR... that is not empty.

    LAST_RELEASE_DATE is the newest patch's: the first day of its major only where it is the first.
    """
    values = msgspec.json.decode(content, type=dict[str, object])
    newest = values.get("LATEST_FIREFOX_VERSION")
    if not isinstance(newest, str) or not _is_version(newest):
        raise BadAnswer("LATEST_FIREFOX_VERSION is missing from the list")
    long_term = [
        value.removesuffix("esr")
        for key, value in values.items()
        if key.startswith("FIREFOX_ESR") and isinstance(value, str) and _is_version(value)
    ]
    return Release(
        version=newest,
        released_on=_first_day([str(values.get("LAST_RELEASE_DATE", ""))])
        if not any(version_numbers(newest)[1:])
        else "",
        long_term=tuple(sorted(set(long_term), key=version_numbers, reverse=True)),
    )


def with_history(release: Release, content: bytes) -> Release:
    """The release with its major's first day, as Mozilla's history of majors has it.

    Raises BadAnswer where it is no such history.
    """
    try:
        history = msgspec.json.decode(content, type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer(f"not the history of Firefox: {error}"[:300]) from error
    days = [day for version, day in history.items() if major(version) == major(release.version)]
    return replace(release, released_on=_first_day(days) or release.released_on)


def _highest(versions: Sequence[str]) -> str:
    if not versions:
        raise BadAnswer("the list names no stable release for this system")
    return max(versions, key=version_numbers)


def _is_version(text: str) -> bool:
    return major(text) > 0 and len(text) <= VERSION_LENGTH and text.isascii() and text.isprintable()


def _first_day(times: Sequence[str]) -> str:
    """The earliest ISO date among the texts; what is none is left out."""
    days = []
    for time in times:
        try:
            days.append(date.fromisoformat(time[:10]))
        except ValueError:
            continue
    return min(days).isoformat() if days else ""
