"""The newest stable version of each browser: asked of the vendors, else kept, else shipped."""

import asyncio
import os
import tempfile
import tomllib
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from natwizard.assets import asset
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.model.profile import Feeds
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.browsers.browser_copy import BrowserFamily, major
from natwizard.probes.browsers.release_feeds import (
    FeedPlatform,
    Release,
    read_feed,
    system_of,
    with_history,
)
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.https.client import DOWNLOAD, download

SNAPSHOT = "newest-versions.toml"
CACHE_NAME = "newest-versions.json"
# A hundred times what three answers take
CACHE_LIMIT_BYTES = 64 * 1024


class ShippedRelease(Release, frozen=True, kw_only=True):
    """A release of the shipped list; `at_least` was really seen, the rest may be reckoned."""

    at_least: str = ""


class ReleaseSnapshot(Struct, frozen=True, kw_only=True):
    """The shipped list. `as_of` is the ISO date it was made on."""

    as_of: str
    chrome: ShippedRelease
    edge: ShippedRelease
    firefox: ShippedRelease

    def of(self, family: BrowserFamily) -> ShippedRelease:
        """The row of a browser; Chromium counts along with Chrome."""
        return {BrowserFamily.EDGE: self.edge, BrowserFamily.FIREFOX: self.firefox}.get(
            family, self.chrome
        )


class CachedRelease(Struct, frozen=True, kw_only=True):
    """One vendor's answer: which feed gave it, and on which ISO date."""

    feed: str
    as_of: str
    release: Release


class ReleaseCache(Struct, frozen=True, kw_only=True):
    """Answers of the vendors by browser."""

    format: int = 1
    answers: dict[BrowserFamily, CachedRelease] = {}


def shipped_snapshot() -> ReleaseSnapshot:
    """The list that comes with the program."""
    return msgspec.convert(tomllib.loads(asset(SNAPSHOT).read_text("utf-8")), type=ReleaseSnapshot)


def read_cache(folder: str, today: date) -> ReleaseCache:
    """What was kept; empty where nothing is, or where it cannot be read or lies in the future."""
    try:
        with (Path(folder) / CACHE_NAME).open("rb") as file:
            cache = msgspec.json.decode(file.read(CACHE_LIMIT_BYTES), type=ReleaseCache)
        answers = {
            family: cached
            for family, cached in cache.answers.items()
            if date.fromisoformat(cached.as_of) <= today
        }
    except (OSError, ValueError, msgspec.MsgspecError):
        return ReleaseCache()
    return ReleaseCache(answers=answers) if cache.format == 1 else ReleaseCache()


def write_cache(folder: str, cache: ReleaseCache) -> None:
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


FAMILIES = (BrowserFamily.CHROME, BrowserFamily.EDGE, BrowserFamily.FIREFOX)
KEPT_LIST_RULES_DAYS = 28
"""For so long an answer that is older than the kept one is taken for a fault of the feed."""
# Faster than any vendor brings them: what is beyond this is no list of theirs
MAJORS_A_WEEK = 1
# The shipped list may be reckoned, and lie behind by some
MAJORS_SPARE = 12


class Origin(StrEnum):
    """Where a version comes from."""

    LIVE = "live"
    CACHE = "cache"
    SNAPSHOT = "snapshot"


class Newest(Struct, frozen=True, kw_only=True):
    """The newest stable release of one browser, as far as it is known.

    Attributes:
        released_on: ISO date on which its major version came out; empty where not known.
        as_of: ISO date of the list that says so.
        at_least: a version that is certain even where `version` is reckoned.
    """

    family: BrowserFamily
    version: PublicText
    origin: Origin
    as_of: PublicText
    released_on: PublicText = ""
    long_term: tuple[PublicText, ...] = ()
    at_least: PublicText = ""


class NewestVersionsEvidence(Struct, frozen=True, kw_only=True):
    """What is known of each browser.

    Attributes:
        looked_on: ISO date (UTC) of this look; ages count from it.
        attempts: one for each feed that the profile names; the value is the version it gave.
    """

    looked_on: PublicText
    newest: tuple[Newest, ...]
    attempts: tuple[Attempt[QuotingText], ...]

    def of(self, family: BrowserFamily) -> Newest | None:
        """The row of a browser; Chromium is measured by Chrome."""
        wanted = BrowserFamily.CHROME if family is BrowserFamily.CHROMIUM else family
        return next((newest for newest in self.newest if newest.family is wanted), None)


async def gather(context: ProbeContext) -> NewestVersionsEvidence:
    """Ask all vendors at once; what they answer is kept for the next time."""
    return await look_up(context, datetime.now(UTC).date(), shipped_snapshot())


async def look_up(
    context: ProbeContext, today: date, snapshot: ReleaseSnapshot
) -> NewestVersionsEvidence:
    """`gather` with its clock and its shipped list given. Nothing is raised: there is a list."""
    folder = context.host.cache_directory()
    cache, system = await run_detached(
        lambda: (read_cache(folder, today), system_of(context.host)), name="kept versions"
    )
    feeds = {family: _feed(context.feeds, family, system) for family in FAMILIES}
    asked: dict[BrowserFamily, Attempt[Release]] = {}
    async with asyncio.TaskGroup() as group:
        history = group.create_task(_firefox_history(context), name="history of firefox")
        for family, url in feeds.items():
            if url:
                kept = _kept(cache, family, url, today)
                work = _ask(context, family, url, system, snapshot, kept, today, asked)
                group.create_task(work, name=f"feed {family}")
    answers = dict(cache.answers)
    for family, attempt in asked.items():
        if attempt.value is not None:
            release = _dated(attempt.value, family, history.result())
            release = _with_first_day(release, cache.answers.get(family))
            answers[family] = CachedRelease(
                feed=feeds[family], as_of=today.isoformat(), release=release
            )
    if answers != cache.answers:
        with suppress(OSError):  # a full or read-only disk costs only the next time
            await run_detached(
                lambda: write_cache(folder, ReleaseCache(answers=answers)), name="keep"
            )
    return NewestVersionsEvidence(
        looked_on=today.isoformat(),
        newest=tuple(
            _newest(family, feeds[family], answers.get(family), asked.get(family), snapshot)
            for family in FAMILIES
        ),
        attempts=tuple(_as_version(asked[family]) for family in FAMILIES if family in asked),
    )


def _feed(feeds: Feeds, family: BrowserFamily, system: FeedPlatform) -> str:
    urls = {
        BrowserFamily.CHROME: feeds.chrome,
        BrowserFamily.EDGE: feeds.edge,
        BrowserFamily.FIREFOX: feeds.firefox,
    }
    return urls[family].replace("{platform}", system.chrome_platform)


async def _ask(
    context: ProbeContext,
    family: BrowserFamily,
    url: str,
    system: FeedPlatform,
    snapshot: ReleaseSnapshot,
    kept: CachedRelease | None,
    today: date,
    asked: dict[BrowserFamily, Attempt[Release]],
) -> None:
    async def fetch() -> Release:
        async with context.rate_limiter.flow():
            content = await download(context.network, url, DOWNLOAD, context.targets.extra_roots)
        release = read_feed(family, content, system)
        _doubt(release, family, snapshot, kept, today)
        return release

    asked[family] = await context.attempt("download", url, fetch)


async def _firefox_history(context: ProbeContext) -> bytes | None:
    """None where there is no address, or no answer: then a major's first day is not known."""
    url = context.feeds.firefox_history
    if not (url and context.feeds.firefox):
        return None
    try:
        async with context.rate_limiter.flow():
            return await download(context.network, url, DOWNLOAD, context.targets.extra_roots)
    except (CannotGather, BadAnswer, OSError):
        return None


def _dated(release: Release, family: BrowserFamily, history: bytes | None) -> Release:
    if family is not BrowserFamily.FIREFOX or history is None:
        return release
    try:
        return with_history(release, history)
    except BadAnswer:
        return release


def _doubt(
    release: Release,
    family: BrowserFamily,
    snapshot: ReleaseSnapshot,
    kept: CachedRelease | None,
    today: date,
) -> None:
    """Refuse what cannot be: a list from long ago, a version from the far future."""
    told, shipped = major(release.version), snapshot.of(family)
    if kept is not None and told < major(kept.release.version):
        raise BadAnswer(
            f"{release.version} is older than {kept.release.version}, known since {kept.as_of}"
        )
    if told < major(shipped.at_least):
        raise BadAnswer(f"{release.version} is older than {shipped.at_least}, seen before")
    weeks = max(0, (today - date.fromisoformat(snapshot.as_of)).days // 7)
    highest = major(shipped.version) + MAJORS_SPARE + MAJORS_A_WEEK * weeks
    if told > highest:
        raise BadAnswer(f"{release.version} cannot be: {highest} would be the highest by now")


def _kept(
    cache: ReleaseCache, family: BrowserFamily, url: str, today: date
) -> CachedRelease | None:
    """The kept answer of this feed, as long as it outweighs an older live one."""
    cached = cache.answers.get(family)
    if cached is None or cached.feed != url:
        return None
    age_days = (today - date.fromisoformat(cached.as_of)).days
    return cached if age_days <= KEPT_LIST_RULES_DAYS else None


def _with_first_day(release: Release, before: CachedRelease | None) -> Release:
    """A list that dates the newest patch of a major; an earlier look may have known better."""
    if before is None or major(before.release.version) != major(release.version):
        return release
    days = [day for day in (release.released_on, before.release.released_on) if day]
    return replace(release, released_on=min(days, default=""))


def _newest(
    family: BrowserFamily,
    url: str,
    answer: CachedRelease | None,
    asked: Attempt[Release] | None,
    snapshot: ReleaseSnapshot,
) -> Newest:
    shipped = snapshot.of(family)
    live = asked is not None and asked.ok
    usable = answer is not None and bool(url) and answer.feed == url
    if answer is not None and usable and (live or answer.as_of > snapshot.as_of):
        return Newest(
            family=family,
            version=answer.release.version,
            origin=Origin.LIVE if live else Origin.CACHE,
            as_of=answer.as_of,
            released_on=answer.release.released_on,
            long_term=answer.release.long_term,
            at_least=answer.release.version,
        )
    return Newest(
        family=family,
        version=shipped.version,
        origin=Origin.SNAPSHOT,
        as_of=snapshot.as_of,
        released_on=shipped.released_on,
        long_term=shipped.long_term,
        at_least=shipped.at_least,
    )


def _as_version(attempt: Attempt[Release]) -> Attempt[str]:
    return Attempt(
        operation=attempt.operation,
        target=attempt.target,
        started_s=attempt.started_s,
        duration_s=attempt.duration_s,
        value=attempt.value.version if attempt.value else None,
        failure=attempt.failure,
    )


NEWEST_VERSIONS = Probe(
    name="newest_versions",
    title=N_("Asking which browsers are newest"),
    evidence=NewestVersionsEvidence,
    phase=Phase.REACHABILITY,
    typical_s=1.0,
    # each download ends after 4 s (DOWNLOAD), the lists come side by side
    deadline_s=10.0,
    stands_alone=True,
    gather=gather,
)
