"""Makes resources/newest-versions.toml anew from the vendors' own lists, whole or not at all.

Run before a release, on a machine with internet: python packaging/refresh_newest_versions.py

On one without, have the lists fetched elsewhere (--addresses prints from where, and under which
name to keep each) and hand over their folder:

    python packaging/refresh_newest_versions.py --from FOLDER

Exit codes: 0 written, 1 a vendor did not answer (nothing is written).
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from natwizard.model.profile import Feeds
from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.release_feeds import (
    FeedPlatform,
    Release,
    read_feed,
    with_history,
)
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.https.client import DOWNLOAD, download
from natwizard.profiles.read import read_profile_file, shipped_profile
from natwizard.system.network import SystemNetwork

PLACE = Path(__file__).resolve().parents[1] / "resources" / "newest-versions.toml"
# Most agents sit at such a computer; majors of the other systems come on the same days.
SYSTEM = FeedPlatform(chrome_platform="win64", edge_platform="Windows", edge_architecture="x64")

HEAD = """\
# Newest stable browsers, for computers that cannot ask the vendors.
# Made by packaging/refresh_newest_versions.py on {day} from:
{sources}
# A finding that rests on this file never says "out of date" for certain and never fails.

as_of = "{day}"
"""
ROW = """
[{family}]
version = "{version}"
{released_on}at_least = "{version}"
"""


HISTORY = "firefox_history"
Fetch = Callable[[str], Awaitable[bytes]]
"""A list by its name (chrome, edge, firefox, firefox_history)."""


async def fetch_all(fetch: Fetch, *, with_days: bool) -> dict[BrowserFamily, Release]:
    """Every vendor's newest release. Raises what the first bad one raises."""
    releases = {
        family: read_feed(family, await fetch(family.value), SYSTEM)
        for family in (BrowserFamily.CHROME, BrowserFamily.EDGE, BrowserFamily.FIREFOX)
    }
    if with_days:
        firefox = with_history(releases[BrowserFamily.FIREFOX], await fetch(HISTORY))
        releases[BrowserFamily.FIREFOX] = firefox
    return releases


def addresses_of(feeds: Feeds) -> dict[str, str]:
    """From where each list comes, by its name; one without an address is left out."""
    told = {
        BrowserFamily.CHROME.value: feeds.chrome.replace("{platform}", SYSTEM.chrome_platform),
        BrowserFamily.EDGE.value: feeds.edge,
        BrowserFamily.FIREFOX.value: feeds.firefox,
        HISTORY: feeds.firefox_history,
    }
    return {name: url for name, url in told.items() if url}


def as_toml(releases: dict[BrowserFamily, Release], urls: dict[str, str], day: str) -> str:
    """The file's text; every version in it was really seen."""
    sources = "\n".join(f"#   {name}: {url}" for name, url in urls.items())
    text = HEAD.format(day=day, sources=sources)
    for family, release in releases.items():
        text += ROW.format(
            family=family.value,
            version=release.version,
            # a day that is not told is not guessed: today's would read as "rolling out"
            released_on=f'released_on = "{release.released_on}"\n' if release.released_on else "",
        )
        if release.long_term:
            lines = ", ".join(f'"{version}"' for version in release.long_term)
            text += f"long_term = [{lines}]\n"
    return text


def main(arguments: list[str] | None = None) -> int:
    """Ask, then replace the file in one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", type=Path, help="take feeds from this profile")
    parser.add_argument("--output", type=Path, default=PLACE)
    parser.add_argument("--from", dest="folder", type=Path, help="read the lists from here")
    parser.add_argument("--addresses", action="store_true", help="print where the lists are")
    options = parser.parse_args(arguments)
    profile = read_profile_file(options.profile) if options.profile else shipped_profile()
    urls = addresses_of(profile.feeds)
    if options.addresses:
        print("\n".join(f"{name}.json  {url}" for name, url in urls.items()))
        return 0

    async def fetch(name: str) -> bytes:
        if options.folder:
            return (options.folder / f"{name}.json").read_bytes()
        return await download(SystemNetwork(), urls[name], DOWNLOAD, profile.targets.extra_roots)

    try:
        releases = asyncio.run(fetch_all(fetch, with_days=HISTORY in urls))
    except (CannotGather, BadAnswer, OSError, ValueError, KeyError) as error:
        print(f"nothing written: {error or type(error).__name__}", file=sys.stderr)
        return 1
    part = options.output.with_suffix(".part")
    part.write_text(as_toml(releases, urls, datetime.now(UTC).date().isoformat()), "utf-8")
    part.replace(options.output)
    for family, release in releases.items():
        print(f"{family.value} {release.version}, since {release.released_on or 'not told'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
