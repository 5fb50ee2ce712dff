"""Makes resources/newest-versions.toml anew from the vendors' own lists, whole or not at all.

Run before a release, on a machine with internet: python packaging/refresh_newest_versions.py
Exit codes: 0 written, 1 a vendor did not answer (nothing is written).
"""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.release_feeds import FeedPlatform, Release, read_feed
from natwizard.probes.failures import CannotGather
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
released_on = "{released_on}"
at_least = "{version}"
"""


async def fetch_all(
    urls: dict[BrowserFamily, str], extra_roots: tuple[str, ...]
) -> dict[BrowserFamily, Release]:
    """Every vendor's newest release. Raises what the first bad one raises."""
    network = SystemNetwork()
    return {
        family: read_feed(family, await download(network, url, DOWNLOAD, extra_roots), SYSTEM)
        for family, url in urls.items()
    }


def as_toml(
    releases: dict[BrowserFamily, Release], urls: dict[BrowserFamily, str], day: str
) -> str:
    """The file's text; every version in it was really seen."""
    sources = "\n".join(f"#   {family.value}: {url}" for family, url in urls.items())
    text = HEAD.format(day=day, sources=sources)
    for family, release in releases.items():
        text += ROW.format(
            family=family.value,
            version=release.version,
            released_on=release.released_on or day,
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
    options = parser.parse_args(arguments)
    profile = read_profile_file(options.profile) if options.profile else shipped_profile()
    urls = {
        BrowserFamily.CHROME: profile.feeds.chrome.replace("{platform}", SYSTEM.chrome_platform),
        BrowserFamily.EDGE: profile.feeds.edge,
        BrowserFamily.FIREFOX: profile.feeds.firefox,
    }
    try:
        releases = asyncio.run(fetch_all(urls, profile.targets.extra_roots))
    except (CannotGather, OSError, ValueError) as error:
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
