"""Lists of newest versions that are kept: the one shipped, and the one from the last look."""

import os
import tempfile
import tomllib
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from natwizard.assets import asset
from natwizard.probes.browser_copy import Family
from natwizard.probes.release_feeds import Release

SNAPSHOT = "newest-versions.toml"
CACHE_NAME = "newest-versions.json"
CACHE_LIMIT_BYTES = 64 * 1024


class Shipped(Release, frozen=True, kw_only=True):
    """A release of the shipped list; `at_least` was really seen, the rest may be reckoned."""

    at_least: str = ""


class Snapshot(Struct, frozen=True, kw_only=True):
    """The shipped list. `as_of` is the ISO date it was made on."""

    as_of: str
    chrome: Shipped
    edge: Shipped
    firefox: Shipped

    def of(self, family: Family) -> Shipped:
        """The row of a browser; Chromium counts along with Chrome."""
        return {Family.EDGE: self.edge, Family.FIREFOX: self.firefox}.get(family, self.chrome)


class Cached(Struct, frozen=True, kw_only=True):
    """One vendor's answer: which feed gave it, and on which ISO date."""

    feed: str
    as_of: str
    release: Release


class Cache(Struct, frozen=True, kw_only=True):
    """Answers of the vendors by browser."""

    format: int = 1
    answers: dict[Family, Cached] = {}


def shipped_snapshot() -> Snapshot:
    """The list that comes with the program."""
    return msgspec.convert(tomllib.loads(asset(SNAPSHOT).read_text("utf-8")), type=Snapshot)


def read_cache(folder: str, today: date) -> Cache:
    """What was kept; empty where nothing is, or where it cannot be read or lies in the future."""
    try:
        with (Path(folder) / CACHE_NAME).open("rb") as file:
            cache = msgspec.json.decode(file.read(CACHE_LIMIT_BYTES), type=Cache)
        answers = {
            family: cached
            for family, cached in cache.answers.items()
            if date.fromisoformat(cached.as_of) <= today
        }
    except (OSError, ValueError, msgspec.MsgspecError):
        return Cache()
    return Cache(answers=answers) if cache.format == 1 else Cache()


def write_cache(folder: str, cache: Cache) -> None:
    """Keep the answers, whole or not at all. Raises OSError."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place, prefix=CACHE_NAME, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(cache))
        Path(name).replace(place / CACHE_NAME)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
