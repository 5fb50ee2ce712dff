"""browser.version: is Chrome, Edge or Firefox the newest stable release?

Chromium is made of the same parts as Chrome and is judged by Chrome's versions, but a finding
that rests on it says that the vendor names the other three.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.browser_texts import (
    UpdateWay,
    copy_lines,
    day,
    list_line,
    name_and_major,
    update_way,
)
from natwizard.checks.shared.number_format import tried_lines
from natwizard.checks.verdict import Verdict, VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _, ngettext_noop
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browsers.browser_copy import (
    TITLES,
    Browser,
    BrowserFamily,
    Channel,
    major,
    version_numbers,
)
from natwizard.probes.browsers.installed import BROWSERS, BrowsersEvidence
from natwizard.probes.browsers.newest_versions import (
    NEWEST_VERSIONS,
    Newest,
    NewestVersionsEvidence,
    Origin,
)

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
    # of those that come every two weeks, as Chrome's do from 153 on
    extended_majors: int = 4


class BrowserFacts(Struct, frozen=True, kw_only=True):
    """How many browsers are installed that calls can be taken in."""

    found: int


class BrowserFreshness(VerdictTable):
    """In order, best first."""

    CURRENT = passed(N_("{browser} is up to date."))
    RESTART = warned(
        N_("{browser} waits for a restart to finish its update."),
        N_("Close all windows of {title} and start it again."),
    )
    ROLLING_OUT = warned(
        ngettext_noop(
            "A newer {browser} came out {days} day ago.",
            "A newer {browser} came out {days} days ago.",
        )
    )
    LONG_TERM = warned(
        N_("{browser} follows a slower line than the service asks for."),
        N_("Ask for the stable {title}, or use another browser for calls."),
        owner=Owner.HELPDESK,
    )
    PRERELEASE = warned(
        N_("{browser} is a test version, not the stable one."),
        N_("Ask for the stable {title}, or use another browser for calls."),
        owner=Owner.HELPDESK,
    )
    UNCONFIRMED = warned(
        N_("We could not check for the newest browser."),
        N_("Connect to the internet, then run again."),  # ASK_THE_BROWSER where it is connected
    )
    LIKELY_BEHIND = warned(N_("{browser} is probably out of date."))
    NO_VERSION = unknown(
        N_("We could not see which version {browser} is."),
        N_("Open the menu, Help, About, and read the version there."),
    )
    ONE_BEHIND = failed(N_("{browser} is one version behind."))
    BEHIND = failed(N_("{browser} is out of date."))


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
) -> BrowserFreshness:
    """Judge a copy; one that waits for a restart is judged by what the restart brings."""
    now = _standing(browser, browser.version, evidence, limits)
    if not browser.waiting_version:
        return now
    after = _standing(browser, browser.waiting_version, evidence, limits)
    if now is BrowserFreshness.CURRENT and browser.waiting_version != browser.version:
        return now
    good = (BrowserFreshness.CURRENT, BrowserFreshness.UNCONFIRMED, BrowserFreshness.ROLLING_OUT)
    return BrowserFreshness.RESTART if after in good else after


def _standing(
    browser: Browser, version: str, evidence: NewestVersionsEvidence | None, limits: VersionLimits
) -> BrowserFreshness:
    newest = evidence.of(browser.family) if evidence else None
    if not major(version):
        return BrowserFreshness.NO_VERSION
    if newest is None or evidence is None:
        return BrowserFreshness.UNCONFIRMED
    behind = major(newest.version) - major(version)
    if not is_confirmed(newest, evidence.looked_on, limits):
        return _unconfirmed(browser, version, newest)
    if browser.channel in PRERELEASES:
        return BrowserFreshness.PRERELEASE if behind <= 0 else _behind(behind)
    if behind <= 0:
        return BrowserFreshness.CURRENT
    if browser.channel is Channel.ESR:
        return (
            BrowserFreshness.LONG_TERM
            if _is_long_term(version, newest)
            else BrowserFreshness.BEHIND
        )
    if browser.channel is Channel.EXTENDED and behind <= limits.extended_majors:
        return BrowserFreshness.LONG_TERM
    if behind == 1:
        days = days_since(newest.released_on, evidence.looked_on)
        if days is None or days <= limits.rollout_days:
            return BrowserFreshness.ROLLING_OUT
    return _behind(behind)


def _behind(majors: int) -> BrowserFreshness:
    return BrowserFreshness.ONE_BEHIND if majors == 1 else BrowserFreshness.BEHIND


def _is_long_term(version: str, newest: Newest) -> bool:
    return any(major(line) == major(version) for line in newest.long_term)


def _unconfirmed(browser: Browser, version: str, newest: Newest) -> BrowserFreshness:
    """An old list can only show that a copy is older than what was known then."""
    if browser.channel in PRERELEASES:
        return BrowserFreshness.PRERELEASE
    if browser.channel is Channel.ESR:
        lines = [line for line in newest.long_term if major(line) == major(version)]
        known = lines[0] if lines else ""
        is_old = bool(known) and version_numbers(version) < version_numbers(known)
        return BrowserFreshness.LIKELY_BEHIND if is_old else BrowserFreshness.UNCONFIRMED
    if browser.channel is Channel.EXTENDED:
        return BrowserFreshness.UNCONFIRMED
    certain = max(major(newest.at_least), major(newest.version))
    return (
        BrowserFreshness.LIKELY_BEHIND if major(version) < certain else BrowserFreshness.UNCONFIRMED
    )


OUT_TODAY = N_("A newer {browser} came out today.")
OUT_SOMETIME = N_("A newer {browser} is out.")
ASK_THE_BROWSER = N_("Open the menu, Help, About: {title} says there whether it is up to date.")
NO_BROWSER = failed(
    N_("This computer has no Chrome, Edge or Firefox."),
    N_("Ask for Chrome, Edge or Firefox to be installed."),
    owner=Owner.HELPDESK,
)
# what to do about a row without a remedy: a copy that is old gets its update in its own way
UPDATES: Final[Mapping[UpdateWay, tuple[str, Owner]]] = {
    UpdateWay.NOT_SUPPORTED: (
        N_("Ask for Chrome, Edge or Firefox; Chromium comes with your system's updates."),
        Owner.HELPDESK,
    ),
    UpdateWay.SNAP: (
        N_("Close {title} for an hour: its update installs while it is closed."),
        Owner.AGENT,
    ),
    UpdateWay.PACKAGED: (N_("Install the system's updates, then restart {title}."), Owner.HELPDESK),
    UpdateWay.BY_ITSELF: (N_("Open the menu, Help, About, then restart {title}."), Owner.AGENT),
}


def judge(inputs: Inputs, limits: VersionLimits) -> Judgement:
    """The best copy counts: one good browser is enough to take calls."""
    found = inputs.evidence(BROWSERS)
    lists = inputs.evidence_or_none(NEWEST_VERSIONS)
    if not found.browsers:
        return _no_browser(found)
    standings = [(browser, standing_of(browser, lists, limits)) for browser in found.browsers]
    browser, standing = min(standings, key=_preference)
    newest = lists.of(browser.family) if lists else None
    days = days_since(newest.released_on, lists.looked_on) if newest and lists else None
    title = TITLES[browser.family]
    verdict = _verdict(browser, standing, newest, lists, limits, connected=inputs.line.leads_out)
    return verdict.judgement(
        count=days or 0,
        texts={
            "browser": title if standing is BrowserFreshness.ROLLING_OUT else browser.name,
            "title": title,
            "days": days,
        },
        observed=_observed(browser, standing, newest),
        expected=_expected(browser, standing, newest),
        measured=_measured(browser, newest, found),
        details=_details(browser, found, lists, standings),
        tried=tried_lines(lists.attempts) if lists else (),
        facts=BrowserFacts(found=len(found.browsers)),
    )


def _preference(pair: tuple[Browser, BrowserFreshness]) -> tuple[int, bool, bool]:
    browser, standing = pair
    return standing.value, browser.family is BrowserFamily.CHROMIUM, not browser.is_default


def _no_browser(found: BrowsersEvidence) -> Judgement:
    return NO_BROWSER.judgement(
        observed=_("none found"),
        expected=_("Chrome, Edge or Firefox"),
        measured=(Quantity(name="browsers_found", value=0, unit=Unit.COUNT),),
        details=copy_lines((), found.default_told),
        facts=BrowserFacts(found=len(found.browsers)),
    )


def _verdict(
    browser: Browser,
    standing: BrowserFreshness,
    newest: Newest | None,
    lists: NewestVersionsEvidence | None,
    limits: VersionLimits,
    *,
    connected: bool,
) -> Verdict:
    """A list older than some weeks can show that a copy is old, but not that it is new."""
    verdict = standing.verdict
    looked_on = lists.looked_on if lists else ""
    if standing is BrowserFreshness.UNCONFIRMED:
        if connected:  # a filter keeps the lists from us
            verdict = replace(verdict, remedy=ASK_THE_BROWSER)
        age = days_since(newest.as_of, looked_on) if newest else None
        useful = age is not None and age <= limits.list_useful_days
        return verdict if useful else replace(verdict, status=Status.UNKNOWN)
    if standing is BrowserFreshness.ROLLING_OUT:
        days = days_since(newest.released_on, looked_on) if newest else None
        if not days:
            verdict = replace(verdict, summary=OUT_SOMETIME if days is None else OUT_TODAY)
    if verdict.remedy or verdict.status is Status.PASS:
        return verdict
    remedy, owner = UPDATES[update_way(browser)]
    return replace(verdict, remedy=remedy, owner=owner)


def _observed(browser: Browser, standing: BrowserFreshness, newest: Newest | None) -> str:
    text = name_and_major(browser)
    if (
        standing in (BrowserFreshness.UNCONFIRMED, BrowserFreshness.LIKELY_BEHIND)
        and newest is not None
    ):
        return _("{browser}; list from {day}").format(browser=text, day=day(newest.as_of))
    return text


def _expected(browser: Browser, standing: BrowserFreshness, newest: Newest | None) -> str:
    if newest is None or standing is BrowserFreshness.UNCONFIRMED:
        return _("newest stable release")
    return f"{TITLES[browser.family]} {major(newest.version)}"


def _measured(
    browser: Browser, newest: Newest | None, found: BrowsersEvidence
) -> tuple[Quantity, ...]:
    values = (
        Quantity(name="browser", value=browser.family.value, unit=Unit.TEXT),
        Quantity(name="installed_version", value=browser.version, unit=Unit.TEXT),
        Quantity(name="browsers_found", value=len(found.browsers), unit=Unit.COUNT),
    )
    if newest is None:
        return values
    return (*values, Quantity(name="newest_version", value=newest.version, unit=Unit.TEXT))


def _details(
    browser: Browser,
    found: BrowsersEvidence,
    lists: NewestVersionsEvidence | None,
    standings: list[tuple[Browser, BrowserFreshness]],
) -> tuple[Detail, ...]:
    notes = []
    if browser.family is BrowserFamily.CHROMIUM:
        text = _("The vendor names Chrome, Edge and Firefox; Chromium is what Chrome is made of.")
        notes.append(Detail(label=_("Please note"), text=text))
    default = next((pair for pair in standings if pair[0].is_default), None)
    if default is not None and default[1].verdict.status is Status.FAIL:
        text = _("Links open in {other}, which is old. Use {browser} for calls.")
        text = text.format(other=name_and_major(default[0]), browser=browser.name)
        notes.append(Detail(label=_("Please note"), text=text))
    known = (list_line(lists),) if lists else ()
    return (*notes, *copy_lines(found.browsers, found.default_told), *known)


BROWSER_VERSION = Check(
    name="browser.version",
    meaning=N_(
        "The webphone runs in your browser. An old one has faults that are mended by now, and "
        "may stop working with the service from one day to the next."
    ),
    title=N_("Browser version"),
    term="Browser",
    page=Page.BROWSERS,
    stands_for_page=True,
    needs=(BROWSERS, NEWEST_VERSIONS),
    limits=VersionLimits,
    judge=judge,
)
