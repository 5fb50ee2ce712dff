"""Where a profile is looked for. The first hit wins; a bad one is told, never skipped."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from natwizard.model.language import N_
from natwizard.model.profile import Profile
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import (
    parse_profile,
    read_profile_bytes,
    read_profile_file,
    shipped_profile,
)

FILE_NAME = "natwizard.toml"
VARIABLE = "NATWIZARD_PROFILE"
SHIPPED_PLACE = N_("shipped with natwizard")


Fetch = Callable[[str], bytes]
"""The bytes at an https address (`system.profile_download`). Raises ProfileMistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundProfile:
    """A profile and where it came from, as the report names it."""

    profile: Profile
    location: str


def find_profile(explicit: str = "", fetch: Fetch | None = None) -> FoundProfile:
    """Look where `--profile`, the environment, the administrator and the person may have put one.

    `explicit` is a path or an https address. Raises ProfileMistake.
    """
    named = explicit or os.environ.get(VARIABLE, "")
    if named:
        return load_profile(named, fetch)
    for path in standard_places():
        if _may_be_there(path):
            return FoundProfile(profile=read_profile_file(path), location=str(path))
    return FoundProfile(profile=shipped_profile(), location=SHIPPED_PLACE)


def glance_at_profile(explicit: str = "") -> FoundProfile | None:
    """The same profile, with its IDs and limits unread; None where that needs the network.

    Raises ProfileMistake.
    """
    named = explicit or os.environ.get(VARIABLE, "")
    if named.startswith(("http://", "https://")):
        return None
    places = (
        [Path(named)] if named else [place for place in standard_places() if _may_be_there(place)]
    )
    if not places:
        return FoundProfile(profile=shipped_profile(whole=False), location=SHIPPED_PLACE)
    profile = read_profile_file(places[0], whole=False)
    return FoundProfile(profile=profile, location=named or str(places[0]))


def load_profile(place: str, fetch: Fetch | None = None) -> FoundProfile:
    """Load a profile from a path or an https address. Raises ProfileMistake."""
    return FoundProfile(profile=parse_profile(read_place(place, fetch), place), location=place)


def read_place(place: str, fetch: Fetch | None = None) -> bytes:
    """The bytes at a path or, where `fetch` is given, an https address; bounded in size.

    Raises ProfileMistake.
    """
    if place.startswith("http://"):
        raise ProfileMistake(place, "profiles are fetched over https only")
    if place.startswith("https://"):
        if fetch is None:
            raise ProfileMistake(place, "expected a file, not an address")
        return fetch(place)
    return read_profile_bytes(Path(place))


def standard_places() -> Iterator[Path]:
    """Beside the program, then for this computer, then for this person."""
    yield program_folder() / FILE_NAME
    yield platformdirs.site_config_path("natwizard", appauthor=False) / FILE_NAME
    yield user_place()


def _may_be_there(place: Path) -> bool:
    """Whether a profile lies at one of the standard places.

    A home folder that this account may not enter keeps none for it. Where that is so of a folder
    of the administrator's, reading tells what is wrong.
    """
    try:
        return place.is_file()
    except OSError:
        return place != user_place()


def has_own_profile() -> bool:
    """Whether a profile for this person alone is kept."""
    return _may_be_there(user_place())


def program_folder() -> Path:
    """Where the program lies; a portable one brings its profile along."""
    return Path(sys.executable if getattr(sys, "frozen", False) else sys.argv[0]).parent


def is_for_everybody() -> bool:
    """Whether a profile that a person does not choose comes before the one kept for them."""
    everybody = [place for place in standard_places() if place != user_place()]
    return bool(os.environ.get(VARIABLE)) or any(map(_may_be_there, everybody))


def user_place() -> Path:
    """Where a profile for this person alone is kept."""
    return platformdirs.user_config_path("natwizard", appauthor=False) / FILE_NAME
