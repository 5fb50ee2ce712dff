"""Words of the window: pages, roles, what a sign is called."""

import re

from natwizard.drawing.signs import Activity, Sign
from natwizard.model.finding import Finding, Page, Status
from natwizard.model.language import _, ngettext
from natwizard.model.profile import Role
from natwizard.model.writing import labelled
from natwizard.report.plain import plain
from natwizard.report.words import DOT, status_count, status_word

END_OF_WORD = re.compile(r"[\s:;,]")
SCHEMES = frozenset(("ws", "wss", "http", "https"))
WIDE_DOT = "\u2002\u00b7\u2002"


def sign_word(sign: Sign) -> str:
    """The word beside a glyph."""
    match sign:
        case Activity.WAITING:
            return _("Waiting")
        case Activity.RUNNING:
            return _("Running")
        case status:
            return status_word(status)


def page_title(page: Page) -> str:
    """The page's name, in the rail and on top of it."""
    return {
        Page.BROWSERS: _("Browsers"),
        Page.COMPUTER: _("Computer"),
        Page.SCREEN: _("Screen"),
        Page.CONNECTION: _("Connection"),
        Page.FIREWALL_PORTS: _("Firewall ports"),
        Page.WEBPHONE_PORT: _("Webphone port"),
        Page.UDP_MEDIA: _("UDP media"),
        Page.EDNS: _("EDNS"),
        Page.WEBSOCKETS: _("Websockets"),
        Page.WEB_FILTERS: _("Web filters"),
        Page.ADMINISTRATOR: _("Administrator"),
    }[page]


def page_line(page: Page) -> str:
    """One plain line under the title."""
    return {
        Page.BROWSERS: _("Which browsers are here, and are they up to date?"),
        Page.COMPUTER: _("Is this computer strong enough for calls in a browser?"),
        Page.SCREEN: _("Does the webphone fit on your screen?"),
        Page.CONNECTION: _("How does this computer reach the internet?"),
        Page.FIREWALL_PORTS: _("Can this computer reach the ports that calls use?"),
        Page.WEBPHONE_PORT: _("The webphone talks to the service through TCP port 10062."),
        Page.UDP_MEDIA: _("A test call: 50 packets a second, just like a voice call."),
        Page.EDNS: _("Do name lookups still work when they ask for more?"),
        Page.WEBSOCKETS: _("Can one connection stay open, as the webphone needs?"),
        Page.WEB_FILTERS: _("Does anything on the way open your encrypted traffic?"),
        Page.ADMINISTRATOR: _("For whoever looks after the org or the site."),
    }[page]


def role_title(role: Role) -> str:
    """The role as the person would choose it."""
    return {
        Role.WEBPHONE: _("In the browser"),
        Role.SIP_DEVICE: _("Desk phone or app"),
        Role.MOBILE: _("On a mobile"),
        Role.OVER_THE_TOP: _("On another phone"),
        Role.ADMINISTRATOR: _("I look after the site"),
    }[role]


def role_line(role: Role) -> str:
    """What the role means, in the first person."""
    return {
        Role.WEBPHONE: _("I answer calls in a Salesforce tab."),
        Role.SIP_DEVICE: _("A phone on my desk, or a softphone."),
        Role.MOBILE: _("Calls reach me on my mobile phone."),
        Role.OVER_THE_TOP: _("Calls ring on a phone that is not part of the service."),
        Role.ADMINISTRATOR: _("Every check, and the questions for administrators."),
    }[role]


def airy(text: str) -> str:
    """More room around the dots between parts than running text has."""
    return text.replace(DOT, WIDE_DOT)


def capitalised(text: str) -> str:
    """The first letter large, the rest as it is; host names and schemes keep their spelling."""
    first = END_OF_WORD.split(text, maxsplit=1)[0]
    if first in SCHEMES or "." in first.rstrip("."):
        return text
    return text[:1].upper() + text[1:]


def measured_line(finding: Finding) -> str:
    """The second line of a row: what was measured, and the limit or what would pass."""
    if finding.status is Status.NOT_APPLICABLE:
        return plain(capitalised(finding.expected))
    return plain(WIDE_DOT.join(filter(None, (capitalised(finding.observed), _wanted(finding)))))


def _wanted(finding: Finding) -> str:
    gauge = finding.gauge
    if gauge is not None and gauge.unit and not gauge.higher_is_better:
        from natwizard.checks.shared.number_format import limit_with_unit

        return _("limit {limit}").format(limit=limit_with_unit(gauge.limit, gauge.unit))
    # a profile's own sentence may stand here, which no preposition fits before
    return labelled(_("Needed"), finding.expected) if finding.expected else ""


def page_pill(sign: Sign, count: int, done: int, total: int) -> str:
    """The pill beside the title: "3 of 7 done", "1 problem", "All OK"."""
    match sign:
        case Activity.RUNNING:
            return _("{done} of {total} done").format(done=done, total=total)
        case Activity.WAITING:
            return _("Waiting")
        case Status.PASS:
            return _("All OK")
        case Status.NOT_APPLICABLE:
            return _("Not needed")
        case status:
            return status_count(status, count)


def time_left(seconds: int | None) -> str:
    """Honest, in steps: "About 25 s left", "Almost done"."""
    if seconds is None:
        return ""
    if seconds == 0:
        return _("Almost done")
    if seconds < 60:
        return _("About {seconds} s left").format(seconds=seconds)
    minutes = round(seconds / 60)
    return ngettext("About {count} minute left", "About {count} minutes left", minutes).format(
        count=minutes
    )
