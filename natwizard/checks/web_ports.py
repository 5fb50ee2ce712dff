"""The rule of port.tcp80 and port.tcp443: did the real page come, and if not, what came?"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from natwizard.checks.shared.connection_outcome import (
    OWN_TROUBLE,
    ConnectionOutcome,
    ConnectionStep,
    could_not_try,
    ending_words,
    failure_quantity,
    lost_family,
    page_ending,
)
from natwizard.checks.shared.number_format import milliseconds, tried_by
from natwizard.checks.shared.proxy_script import (
    PageOutcome,
    explains,
    script_lines,
    script_quantity,
    script_remedy,
    script_status,
    script_summary,
)
from natwizard.checks.shared.proxy_unreachable import dead_proxy, is_dead, proxy_quantity, refused
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Detail, Judgement, Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.connection.page_exchange import PageResponseHead
from natwizard.probes.network import ProxyScript
from natwizard.probes.web import PageTry

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}


def trouble(port: int, ending: ConnectionOutcome) -> str:
    """What was seen, in one sentence."""
    code = ending.code
    if ending.step is ConnectionStep.ENCRYPTION:
        if code is FailureCode.TIMED_OUT:
            text = _("Secure pages on port {port} fall silent as encryption begins.")
        elif code in CUT:
            text = _("Something cuts secure pages, port {port}, as encryption begins.")
        else:
            text = _("Secure pages on port {port} cannot be encrypted.")
    elif ending.step is ConnectionStep.EXCHANGE:
        if code is FailureCode.TIMED_OUT:
            text = _("Port {port} takes the question, but no page comes back.")
        elif code in CUT:
            text = _("Something cuts web pages on port {port}.")
        else:
            text = _("Something that is no web server answers on port {port}.")
    elif code is FailureCode.TIMED_OUT:
        text = _("Your network blocks web pages on port {port}.")
    elif code in CUT:
        text = _("Connections to port {port} are cut at once.")
    else:
        text = _("Web pages on port {port} are turned away.")
    return text.format(port=port)


SECURE_PORT = 443
LOGIN_REQUIRED = 511  # RFC 6585, section 6: made for captive portals
NEEDS_LINE = {FailureCode.TIMED_OUT, FailureCode.NETWORK_UNREACHABLE}


class PagePath(Struct, frozen=True, kw_only=True):
    """How a page fared by one way; `page` is None where nothing was answered."""

    came: PageOutcome
    ending: ConnectionOutcome
    page: PageResponseHead | None = None


def judge_port(
    port: int,
    tries: Sequence[PageTry],
    *,
    other_port_answers: bool,
    expected: str,
    script: ProxyScript | None = None,
) -> Judgement:
    """Judge one port. `tries` are the direct way, then the proxy's; never empty.

    Silence only counts against the port where the other one answers.

    Args:
        script: of the proxy, and what it said of this page; None where none decides.
    """
    direct = _way(tries[0])
    proxied = _way(tries[1]) if len(tries) > 1 else None
    if (
        direct.came is not PageOutcome.REAL
        and proxied is not None
        and proxied.came is PageOutcome.REAL
    ):
        deciding = proxied
        said = Verdict(status=Status.PASS, summary=_pass_summary(port))
    elif (
        direct.came is PageOutcome.REAL
        and proxied is not None
        and proxied.came is not PageOutcome.REAL
    ):
        deciding, said = direct, _proxy_fails(proxied, by_script=script is not None)
    elif proxied is not None and proxied.came is PageOutcome.PASSWORD:
        deciding, said = proxied, _proxy_fails(proxied)
    elif proxied is not None and refused(proxied.ending):
        deciding, said = proxied, dead_proxy(Status.FAIL)
    elif script is not None and explains(script, direct.came):
        deciding = direct
        said = _by_script(script, direct, other_port_answers=other_port_answers)
    else:
        deciding, said = direct, _say(port, direct, other_port_answers=other_port_answers)
    lost = _lost_family(tries[0]) if port == SECURE_PORT and proxied is None else ""
    if lost and said.status is Status.PASS:
        said = _not_by(lost)
    return Judgement(
        status=said.status,
        summary=said.summary,
        observed=_observed(direct, proxied),
        expected=expected,
        measured=(
            *_measured(port, deciding),
            *((Quantity(name="lost_family", value=lost, unit=Unit.TEXT),) if lost else ()),
            *_way_used(direct, proxied),
            *proxy_quantity(proxied.ending if proxied is not None else None),
            *script_quantity(script),
        ),
        remedy=said.remedy,
        details=(*_details(tries, direct, proxied), *script_lines(script)),
        tried=tried_by(tries),
    )


def _lost_family(page_try: PageTry) -> str:
    return lost_family(
        [(each.reach.family, page_ending(page_try.lookup, (each,))) for each in page_try.addresses]
    )


def _not_by(family: str) -> Verdict:
    return Verdict(
        status=Status.WARN,
        summary=_("Secure web pages come, but not over {family}.").format(family=family),
        remedy=Remedy(
            text=_("Ask to repair {family} to the internet, or to switch it off.").format(
                family=family
            ),
            owner=Owner.NETWORK_TEAM,
            request=_(
                "Please repair the way to the internet over {family}, or switch {family} off in"
                " this network: pages come only over the other one, and browsers lose time on this."
            ).format(family=family),
        ),
    )


def _way(page_try: PageTry) -> PagePath:
    ending = page_ending(page_try.lookup, page_try.addresses)
    pages = [each.page for each in page_try.addresses if each.page is not None and each.page.ok]
    verdicts = [
        (_came(page.value, page_try.url, ending), page.value)
        for page in pages
        if page.value is not None
    ]
    if not verdicts:
        asked = ending.code is FailureCode.PROXY_AUTHENTICATION
        return PagePath(came=PageOutcome.PASSWORD if asked else PageOutcome.NOTHING, ending=ending)
    real = [verdict for verdict in verdicts if verdict[0] is PageOutcome.REAL]
    came, page = (real or verdicts)[0]
    return PagePath(came=came, ending=ending, page=page)


def _came(page: PageResponseHead, url: str, ending: ConnectionOutcome) -> PageOutcome:
    """Over a verified connection nobody on the way can have put another page in place."""
    verified = url.startswith("https:") and ending.verified
    if page.status == 407:
        return PageOutcome.PASSWORD
    if page.status == LOGIN_REQUIRED:
        return PageOutcome.LOGIN
    if page.status >= 400:
        return PageOutcome.STATUS
    if page.status >= 300:
        return _redirected(page, url, verified=verified)
    if page.holds_expected:
        return PageOutcome.REAL
    return PageOutcome.OTHER if verified else PageOutcome.LOGIN


def _redirected(page: PageResponseHead, url: str, *, verified: bool) -> PageOutcome:
    here, there = urlsplit(url), _split(page.location)
    if there is None or not there[1] or _related(here.hostname or "", there[1]):
        same_scheme = there is None or there[0] in {"", here.scheme}
        return PageOutcome.LOOP if same_scheme else PageOutcome.REAL
    return PageOutcome.REAL if verified else PageOutcome.LOGIN


def _split(location: str) -> tuple[str, str] | None:
    """Scheme and host of a stranger's URL; None if it is none."""
    try:
        parts = urlsplit(location)
        return parts.scheme.lower(), parts.hostname or ""
    except ValueError:
        return None


def _related(one: str, other: str) -> bool:
    """www.example.com and example.com are one server to a person."""
    one, other = (name.lower().removeprefix("www.") for name in (one, other))
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _pass_summary(port: int) -> str:
    return _("Web pages come through.") if port == 80 else _("Secure web pages come through.")


def _say(port: int, way: PagePath, *, other_port_answers: bool) -> Verdict:
    match way.came:
        case PageOutcome.REAL if way.ending.verified:
            return Verdict(status=Status.PASS, summary=_pass_summary(port))
        case PageOutcome.REAL:
            return Verdict(
                status=Status.WARN,
                summary=_("Secure pages come, but nobody known vouches for them."),
                remedy=Remedy(
                    text=_("Look at the web filters page: something may open your traffic."),
                    owner=Owner.NETWORK_TEAM,
                    request=_(
                        "Please exempt the service from TLS inspection: a page on port {port} came"
                        " with a certificate that no known authority vouches for."
                    ).format(port=port),
                ),
            )
        case PageOutcome.LOGIN:
            return Verdict(
                status=Status.FAIL,
                summary=_("This network wants you to sign in first."),
                remedy=Remedy(
                    text=_("Open your browser, sign in, then run again."), owner=Owner.AGENT
                ),
            )
        case PageOutcome.PASSWORD:
            return _proxy_fails(way)
        case PageOutcome.OTHER | PageOutcome.STATUS | PageOutcome.LOOP:
            return Verdict(
                status=Status.WARN,
                summary=_("Port {port} is open, but the test page did not come.").format(port=port),
                remedy=Remedy(
                    text=_("Check the test page's address, or ask what filters it."),
                    owner=Owner.HELPDESK,
                ),
            )
        case _:
            return _nothing(port, way.ending, other_port_answers=other_port_answers)


def _nothing(port: int, ending: ConnectionOutcome, *, other_port_answers: bool) -> Verdict:
    """No page at all: why?"""
    if ending.step is ConnectionStep.NAME:
        return Verdict(
            status=Status.UNKNOWN,
            summary=_("The name of the test page could not be looked up."),
            remedy=Remedy(
                text=_("Look at the name server's row, then run again."), owner=Owner.HELPDESK
            ),
        )
    if ending.code in OWN_TROUBLE:
        return could_not_try(port)
    if ending.code in NEEDS_LINE and not other_port_answers:
        return Verdict(
            status=Status.UNKNOWN,
            summary=_("Nothing answered, so port {port} could not be tested.").format(port=port),
            remedy=Remedy(text=_("Connect to the internet, then run again."), owner=Owner.AGENT),
        )
    return Verdict(
        status=Status.FAIL,
        summary=trouble(port, ending),
        remedy=Remedy(
            text=_("Ask to allow outgoing TCP {port}.").format(port=port),
            owner=Owner.NETWORK_TEAM,
            request=_(
                "Please allow outgoing TCP {port} from all computers that take calls, with nothing"
                " on the way that opens or cuts it. {seen}"
            ).format(port=port, seen=trouble(port, ending)),
        ),
    )


def _proxy_fails(way: PagePath, *, by_script: bool = False) -> Verdict:
    if way.came is PageOutcome.PASSWORD:
        return Verdict(
            status=Status.WARN,
            summary=_("Your proxy asks for a password that we do not have."),
            remedy=Remedy(
                text=_("Ask for a proxy exception for the service's addresses."),
                owner=Owner.NETWORK_TEAM,
                request=_(
                    "Please exempt the service's addresses from the proxy's sign-in: what takes"
                    " calls has no password for it."
                ),
            ),
        )
    dead = is_dead(way.ending)
    if dead and not by_script:
        return dead_proxy(Status.WARN)
    return Verdict(
        status=Status.WARN,
        summary=dead_proxy(Status.WARN).summary
        if dead
        else _("Pages come directly, but not through your proxy."),
        remedy=Remedy(
            text=_("Ask whether the proxy that the proxy script names is right.")
            if by_script
            else _("Ask whether the proxy's address in your settings is right."),
            owner=Owner.NETWORK_TEAM,
            request=_(
                "Please check the proxy that this computer is given: pages come directly, but not"
                " through it."
            ),
        ),
    )


def _observed(direct: PagePath, proxied: PagePath | None) -> str:
    if proxied is None:
        return _words(direct)
    return _("through the proxy: {proxied}; directly: {direct}").format(
        proxied=_words(proxied), direct=_words(direct)
    )


def _words(way: PagePath) -> str:
    match way.came:
        case PageOutcome.LOGIN:
            return _("a login page answers in place of the real page")
        case PageOutcome.OTHER:
            return _("another page than the expected one")
        case PageOutcome.LOOP:
            return _("a redirect that leads nowhere")
        case PageOutcome.STATUS if way.page is not None:
            return f"HTTP {way.page.status}"
        case PageOutcome.PASSWORD:
            return _("the proxy asks for a password")
        case PageOutcome.REAL:
            time = milliseconds(way.ending.answered_s * 1000)
            return _("the page came in {time}").format(time=time)
        case _:
            return ending_words(way.ending)


def _measured(port: int, way: PagePath) -> tuple[Quantity, ...]:
    found = [
        Quantity(name="port", value=port, unit=Unit.COUNT),
        Quantity(name="came", value=way.came.value, unit=Unit.TEXT),
        Quantity(name="reached", value=way.ending.step.name.lower(), unit=Unit.TEXT),
        *failure_quantity(way.ending.code),
    ]
    if way.page is not None:
        found.append(Quantity(name="http_status", value=way.page.status, unit=Unit.COUNT))
        found.append(
            Quantity(
                name="page",
                value=round(way.ending.answered_s * 1000, 2),
                unit=Unit.MILLISECOND,
            )
        )
    return tuple(found)


def _way_used(direct: PagePath, proxied: PagePath | None) -> tuple[Quantity, ...]:
    """Which way the real page came; absent where it did not come."""
    ways = [("direct", direct), *((("proxy", proxied),) if proxied is not None else ())]
    real = [name for name, way in ways if way.came is PageOutcome.REAL]
    return (Quantity(name="way", value=real[0], unit=Unit.TEXT),) if real else ()


def _details(
    tries: Sequence[PageTry], direct: PagePath, proxied: PagePath | None
) -> tuple[Detail, ...]:
    lines = [Detail(label=_("Page"), text=tries[0].url)]
    pages = [way.page for way in (direct, proxied) if way is not None and way.page is not None]
    lines += [Detail(label=_("Leads on to"), text=page.location) for page in pages if page.location]
    if proxied is not None:
        lines.append(Detail(label=_("Proxy"), text=tries[1].proxy))
    return tuple(lines)


def _by_script(script: ProxyScript, direct: PagePath, *, other_port_answers: bool) -> Verdict:
    silent = direct.ending.code in NEEDS_LINE or direct.ending.step is ConnectionStep.NAME
    return Verdict(
        status=script_status(
            script,
            direct.came,
            all_silent=silent and not other_port_answers,
        ),
        summary=script_summary(script),
        remedy=script_remedy(script),
    )
