"""How findings name copies of browsers, their vendors' lists, and the way to an update."""

from datetime import date
from enum import Enum, auto

from natwizard.model.finding import Detail
from natwizard.model.language import N_, _
from natwizard.model.writing import NBSP, date_words
from natwizard.probes.browsers.browser_copy import (
    TITLES,
    Browser,
    BrowserFamily,
    InstallScope,
    major,
)
from natwizard.probes.browsers.newest_versions import NewestVersionsEvidence, Origin

SCOPE_WORDS = {
    InstallScope.MACHINE: N_("for everyone on this computer"),
    InstallScope.USER: N_("for this account"),
    InstallScope.SNAP: N_("as a snap"),
    InstallScope.FLATPAK: N_("as a flatpak"),
    InstallScope.STORE: N_("from the store"),
}
ORIGIN_WORDS = {
    Origin.LIVE: N_("asked the vendor on {day}"),
    Origin.CACHE: N_("the vendor's answer of {day}"),
    Origin.SNAPSHOT: N_("shipped list of {day}"),
}


def day(iso_date: str) -> str:
    """ "2026-11-09" as "9 Nov 2026"."""
    try:
        told = date.fromisoformat(iso_date)
    except ValueError:
        return iso_date
    return date_words(told).replace(" ", NBSP)


def name_and_major(browser: Browser) -> str:
    """ "Chrome 157"."""
    version = major(browser.version) or _("(version not told)")
    return f"{browser.name} {version}"


def copy_lines(browsers: tuple[Browser, ...], default_told: str) -> tuple[Detail, ...]:
    """One line for each copy, and the default browser where it is none of these."""
    lines = tuple(Detail(label=browser.name, text=_copy_text(browser)) for browser in browsers)
    if any(browser.is_default for browser in browsers):
        return lines
    told = default_told or _("this computer does not tell")
    return (*lines, Detail(label=_("Default browser"), text=told))


def list_line(evidence: NewestVersionsEvidence) -> Detail:
    """Where the newest versions are known from."""
    parts = []
    for newest in evidence.newest:
        origin = _(ORIGIN_WORDS[newest.origin]).format(day=day(newest.as_of))
        parts.append(f"{TITLES[newest.family]} {newest.version} ({origin})")
    return Detail(label=_("Newest versions"), text="; ".join(parts))


def _copy_text(browser: Browser) -> str:
    parts = [
        browser.version or _("version not told"),
        _("{bits}-bit").format(bits=browser.bits) if browser.bits else _("bits not told"),
        _(SCOPE_WORDS[browser.scope]),
        _("default browser") if browser.is_default else "",
        _("running") if browser.running else "",
        _("{version} waits for a restart").format(version=browser.waiting_version)
        if browser.waiting_version
        else "",
        browser.path,
    ]
    return ", ".join(part for part in parts if part)


class UpdateWay(Enum):
    """How a copy gets its update."""

    NOT_SUPPORTED = auto()
    SNAP = auto()
    PACKAGED = auto()
    BY_ITSELF = auto()


def update_way(browser: Browser) -> UpdateWay:
    """Of this copy."""
    if browser.family is BrowserFamily.CHROMIUM:
        return UpdateWay.NOT_SUPPORTED
    if browser.scope is InstallScope.SNAP:
        return UpdateWay.SNAP
    return UpdateWay.PACKAGED if _is_packaged(browser) else UpdateWay.BY_ITSELF


def _is_packaged(browser: Browser) -> bool:
    """On Linux the system's packages update a browser, except in the account's own folder."""
    is_linux = browser.path.startswith("/") and "/Contents/MacOS/" not in browser.path
    return is_linux and browser.scope in (InstallScope.MACHINE, InstallScope.FLATPAK)
