"""How one copy of a browser stands against the newest stable release."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from natwizard.probes.browser_copy import Browser, Channel, major, version_numbers
from natwizard.probes.newest_versions import Newest, NewestVersionsEvidence, Origin

PRERELEASES = (Channel.BETA, Channel.DEV, Channel.NIGHTLY)


class VersionLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days and versions that decide what is new enough.

    Attributes:
        rollout_days: so long vendors take to offer a new major version to everybody.
        list_fresh_days: a kept list this old still counts as today's: what came since is
            within `rollout_days` and would be advice at most.
        list_useful_days: an older list says nothing at all.
        extended_majors: versions that an extended channel (eight weeks) may be behind.
    """

    rollout_days: int = 7
    list_fresh_days: int = 7
    list_useful_days: int = 28
    extended_majors: int = 4


class Standing(StrEnum):
    """In order, best first."""

    CURRENT = "current"
    RESTART = "restart"
    ROLLING_OUT = "rolling_out"
    LONG_TERM = "long_term"
    PRERELEASE = "prerelease"
    UNCONFIRMED = "unconfirmed"
    LIKELY_BEHIND = "likely_behind"
    NO_VERSION = "no_version"
    ONE_BEHIND = "one_behind"
    BEHIND = "behind"


def rank(standing: Standing) -> int:
    """0 is best."""
    return list(Standing).index(standing)


def days_since(iso_date: str, looked_on: str) -> int | None:
    """Whole days between two ISO dates, at least 0; None where one is no date."""
    try:
        passed = date.fromisoformat(looked_on) - date.fromisoformat(iso_date)
    except ValueError:
        return None
    return max(0, passed.days)


def is_confirmed(newest: Newest, looked_on: str, limits: VersionLimits) -> bool:
    """Whether a list is good enough to call a browser old. The shipped one never is."""
    if newest.origin is Origin.SNAPSHOT:
        return False
    age = days_since(newest.as_of, looked_on)
    return age is not None and age <= limits.list_fresh_days


def standing_of(
    browser: Browser, evidence: NewestVersionsEvidence | None, limits: VersionLimits
) -> Standing:
    """Judge a copy; one that waits for a restart is judged by what the restart brings."""
    now = _standing(browser, browser.version, evidence, limits)
    if not browser.waiting_version:
        return now
    after = _standing(browser, browser.waiting_version, evidence, limits)
    if now is Standing.CURRENT and browser.waiting_version != browser.version:
        return now
    good = (Standing.CURRENT, Standing.UNCONFIRMED, Standing.ROLLING_OUT)
    return Standing.RESTART if after in good else after


def _standing(
    browser: Browser,
    version: str,
    evidence: NewestVersionsEvidence | None,
    limits: VersionLimits,
) -> Standing:
    newest = evidence.of(browser.family) if evidence else None
    if not major(version):
        return Standing.NO_VERSION
    if newest is None or evidence is None:
        return Standing.UNCONFIRMED
    behind = major(newest.version) - major(version)
    if not is_confirmed(newest, evidence.looked_on, limits):
        return _unconfirmed(browser, version, newest)
    if browser.channel in PRERELEASES:
        return Standing.PRERELEASE if behind <= 0 else _behind(behind)
    if behind <= 0:
        return Standing.CURRENT
    if browser.channel is Channel.ESR:
        return Standing.LONG_TERM if _is_long_term(version, newest) else Standing.BEHIND
    if browser.channel is Channel.EXTENDED and behind <= limits.extended_majors:
        return Standing.LONG_TERM
    if behind == 1:
        days = days_since(newest.released_on, evidence.looked_on)
        if days is None or days <= limits.rollout_days:
            return Standing.ROLLING_OUT
    return _behind(behind)


def _behind(majors: int) -> Standing:
    return Standing.ONE_BEHIND if majors == 1 else Standing.BEHIND


def _is_long_term(version: str, newest: Newest) -> bool:
    return any(major(line) == major(version) for line in newest.long_term)


def _unconfirmed(browser: Browser, version: str, newest: Newest) -> Standing:
    """An old list can only show that a copy is older than what was known then."""
    if browser.channel in PRERELEASES:
        return Standing.PRERELEASE
    if browser.channel is Channel.ESR:
        lines = [line for line in newest.long_term if major(line) == major(version)]
        known = lines[0] if lines else ""
        is_old = bool(known) and version_numbers(version) < version_numbers(known)
        return Standing.LIKELY_BEHIND if is_old else Standing.UNCONFIRMED
    if browser.channel is Channel.EXTENDED:
        return Standing.UNCONFIRMED
    certain = max(major(newest.at_least), major(newest.version))
    return Standing.LIKELY_BEHIND if major(version) < certain else Standing.UNCONFIRMED
