"""Which version of natwizard the profile's owner calls the newest. It is told, never installed."""

import re
import tomllib

import msgspec
from msgspec import Struct

from natwizard import __version__
from natwizard.model.profile import Profile
from natwizard.probes.failures import CannotGather
from natwizard.probes.https.client import DOWNLOAD, download
from natwizard.run.runner import Environment

# Two keys; a login page in its place is longer (decision 23)
MOST_BYTES = 10_000
VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")


class NewestVersion(Struct, frozen=True, kw_only=True):
    """What stands at the address.

    Attributes:
        version: up to four numbers, such as 1.4.0.
        link: https address of the page to get it from; empty where the helpdesk sees to it.
    """

    version: str
    link: str = ""


class CannotTell(Exception):
    """One line on why nothing is known of a newer version."""


async def ask_newest(profile: Profile, environment: Environment) -> NewestVersion:
    """Ask the address that the profile names, once. Raises CannotTell."""
    address = profile.updates.address
    if not address:
        raise CannotTell("the profile names no updates.address")
    try:
        content = await download(
            environment.network, address, DOWNLOAD, profile.targets.extra_roots
        )
        return read_newest(content)
    except CannotGather as failed:
        raise CannotTell(f"{address}: {failed.failure.detail}") from failed
    except (OSError, ValueError) as error:
        raise CannotTell(f"{address}: {str(error) or 'no answer in time'}") from error


def read_newest(content: bytes) -> NewestVersion:
    """What the text says; keys unknown to this version are passed over. Raises CannotTell."""
    if len(content) > MOST_BYTES:
        raise CannotTell(f"over {MOST_BYTES} bytes, a short TOML text was expected")
    try:
        newest = msgspec.convert(tomllib.loads(content.decode()), type=NewestVersion)
    except (ValueError, RecursionError) as error:
        raise CannotTell(f"not as expected: {error}") from error
    if not VERSION.fullmatch(newest.version):
        raise CannotTell(f"version: expected numbers such as 1.4.0, got {newest.version[:40]!r}")
    if newest.link and not newest.link.startswith("https://"):
        raise CannotTell("link: expected an address that starts with https://")
    return newest


def is_newer(newest: NewestVersion, than: str = __version__) -> bool:
    """Whether it is newer than this program; the shorter number counts as filled up with zeros."""
    return _numbers(newest.version) > _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    found = VERSION.match(version)
    numbers = tuple(map(int, found[0].split("."))) if found else ()
    return numbers + (0,) * (4 - len(numbers))
