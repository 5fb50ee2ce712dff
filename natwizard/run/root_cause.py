"""One cause behind several findings, told once. A pure step after judging."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import Struct

from natwizard.checks.base import AnyCheck
from natwizard.checks.browser_tls import BROWSER_TLS
from natwizard.checks.browser_webrtc import BROWSER_WEBRTC
from natwizard.checks.computer_clock import COMPUTER_CLOCK, ClockFacts
from natwizard.checks.dns_edns import DNS_EDNS, EdnsFacts, EdnsKind
from natwizard.checks.filter_tls_interception import (
    FILTER_TLS_INTERCEPTION,
    ChainFacts,
    ChainTrust,
)
from natwizard.checks.ip_ranges import IP_RANGES, RangeFacts
from natwizard.checks.link_wired import LINK_WIRED
from natwizard.checks.nat_sip_alg import NAT_SIP_ALG
from natwizard.checks.port_dns import PORT_DNS
from natwizard.checks.port_sip import PORT_SIP, SipFacts
from natwizard.checks.port_web_pages import PORT_TCP80, PORT_TCP443, PageFacts, PageOutcome
from natwizard.checks.port_webphone import PORT_WEBPHONE, WebphoneFacts
from natwizard.checks.quality_bandwidth import QUALITY_BANDWIDTH
from natwizard.checks.quality_latency_under_load import QUALITY_LATENCY_UNDER_LOAD
from natwizard.checks.shared.connection_outcome import (
    ConnectionFacts,
    ConnectionStep,
    LargeSegments,
    LostFamily,
)
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.missing_evidence import VOID, VoidFacts
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.udp_range import UDP_RANGE_CHECK, RangeAnswers
from natwizard.checks.udp_stun import UDP_STUN, StunFacts
from natwizard.checks.verdict import Verdict, failed, unknown
from natwizard.checks.websocket_open import WEBSOCKET_OPEN
from natwizard.model.finding import Finding, Owner, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import SILENCES, FailureCode
from natwizard.model.report import RootCause
from natwizard.probes.network import ScriptTrouble

F = TypeVar("F", bound=Struct)

# beginnings of names: whatever check is added to such a family is explained with the others
ACROSS_THE_NETWORK = ("port.", "udp.", "quality.", "dns.", "websocket.", "filter.", "nat.")
BY_NAME_SERVERS = ("dns.",)
BY_WEBSOCKETS = ("websocket.",)
BY_UDP = ("udp.", "nat.", "quality.", BROWSER_WEBRTC.name)
TO_SERVICE_ADDRESSES = ("ip.", BROWSER_TLS.name)

ASIDE = {Status.NOT_APPLICABLE, Status.MANUAL, Status.NOT_SET_UP}
NOT_MEASURED = {Status.FAIL, Status.UNKNOWN}
PAGES = (PORT_TCP80, PORT_TCP443)
CONNECTIONS = (PORT_TCP443, PORT_WEBPHONE, WEBSOCKET_OPEN)
FOR_WANT_OF_ROOM = {*SILENCES, FailureCode.HELD_BACK}
SECURE = (FILTER_TLS_INTERCEPTION, *CONNECTIONS)


@dataclass(frozen=True, slots=True)
class FindingIndex:
    """The findings of a run and the facts behind them, asked by check."""

    findings: tuple[Finding, ...]
    facts: Mapping[str, Struct] = field(default_factory=dict)
    line: LineFacts = field(default_factory=LineFacts)

    def status(self, check: AnyCheck) -> Status | None:
        """How a check stands; None where it was not in the plan."""
        found = (finding.status for finding in self.findings if finding.check == check.name)
        return next(found, None)

    def facts_of(self, check: AnyCheck, kind: type[F]) -> F | None:
        """What a check saw; None where it was not in the plan, or its evidence is missing."""
        facts = self.facts.get(check.name)
        return facts if isinstance(facts, kind) else None

    def pages(self) -> dict[str, PageFacts]:
        """What came in place of the pages, by check."""
        found = {page.name: self.facts_of(page, PageFacts) for page in PAGES}
        return {name: facts for name, facts in found.items() if facts is not None}

    def connections(self) -> dict[str, ConnectionFacts]:
        """How far connections came, by check, those to the pages first."""
        checks = (*PAGES, PORT_WEBPHONE, WEBSOCKET_OPEN)
        found = {check.name: self.facts_of(check, ConnectionFacts) for check in checks}
        return {name: facts for name, facts in found.items() if facts is not None}

    def network(self) -> tuple[Finding, ...]:
        """What was measured across the network for this role."""
        return tuple(
            finding
            for finding in self.findings
            if finding.check.startswith(ACROSS_THE_NETWORK) and finding.status not in ASIDE
        )

    def troubled(self, *prefixes: str) -> tuple[str, ...]:
        """Checks that are not as they should be, by the beginning of their names."""
        fine = {Status.PASS, *ASIDE}
        return tuple(
            finding.check
            for finding in self.findings
            if finding.check.startswith(prefixes) and finding.status not in fine
        )

    def unknown(self, *checks: str) -> tuple[str, ...]:
        """Those of these checks that could not tell."""
        found = {finding.check: finding.status for finding in self.findings}
        return tuple(check for check in checks if found.get(check) is Status.UNKNOWN)

    def stuck(self, step: ConnectionStep, checks: Iterable[AnyCheck]) -> tuple[str, ...]:
        """Those of these checks whose connection came to its end at a step, by others' doing: not
        because this computer could not try, or had no turn to hear an answer.
        """
        connections = self.connections()
        return tuple(
            check.name
            for check in checks
            if check.name in connections
            and connections[check.name].step is step
            and connections[check.name].code not in OWN_TROUBLE
        )


def _names(checks: Iterable[AnyCheck]) -> tuple[str, ...]:
    return tuple(check.name for check in checks)


def _proxy_dead(index: FindingIndex) -> tuple[str, ...]:
    """No connection to the proxy comes about, and the line is not why.

    Some machine turned it away, or pages come without it.
    """
    failures = {
        name: facts.proxy_failure
        for name, facts in index.connections().items()
        if facts.proxy_failure is not None
    }
    refused = FailureCode.CONNECTION_REFUSED in failures.values()
    without = any(facts.by_proxy is False for facts in index.pages().values())
    if not failures or not (refused or without):
        return ()
    behind = index.troubled(*_names(SECURE), BROWSER_TLS.name)
    return (*failures, *index.unknown(*behind))


def _proxy_fails(index: FindingIndex) -> tuple[str, ...]:
    """The proxy brings no page at all, so that no port behind it can be judged by it."""
    pages = index.pages()
    if not pages or not all(facts.proxy_fails for facts in pages.values()):
        return ()
    behind = index.troubled(*_names(SECURE), BROWSER_TLS.name)
    return tuple(dict.fromkeys((*index.troubled(*pages), *behind)))


def _proxy_password(index: FindingIndex) -> tuple[str, ...]:
    asked = [name for name, facts in index.pages().items() if facts.outcome is PageOutcome.PASSWORD]
    asked += [
        name
        for name, facts in index.connections().items()
        if facts.code is FailureCode.PROXY_AUTHENTICATION and name != PORT_TCP80.name
    ]
    if not asked:
        return ()
    behind = index.troubled(*BY_WEBSOCKETS, FILTER_TLS_INTERCEPTION.name, BROWSER_TLS.name)
    return (*index.troubled(*_names(PAGES)), *asked, *behind)


def _proxy_script(index: FindingIndex) -> tuple[str, ...]:
    """Pages do not come by the direct way, and browsers take another that we cannot."""
    return _without_pages(index, lambda page: page.script_unusable)


def _proxy_script_broken(index: FindingIndex) -> tuple[str, ...]:
    """Pages do not come by the direct way, and the script that is to name another is broken.

    Where its server is silent, too, the line may be down.
    """

    def is_why(page: PageFacts) -> bool:
        silent = page.script is not None and page.script.trouble is ScriptTrouble.NO_ANSWER
        return page.script_broken and not silent

    return _without_pages(index, is_why)


def _without_pages(index: FindingIndex, is_why: Callable[[PageFacts], bool]) -> tuple[str, ...]:
    pages = index.pages()
    scripted = {name: page for name, page in pages.items() if is_why(page)}
    nothing = all(page.outcome is PageOutcome.NOTHING for page in scripted.values())
    real = any(page.outcome is PageOutcome.REAL for page in pages.values())
    if not scripted or not nothing or real:
        return ()
    return (*scripted, *index.troubled(*_names((*PAGES, *SECURE)), BROWSER_TLS.name))


def _proxy_script_unused(index: FindingIndex) -> tuple[str, ...]:
    """A script is broken, and pages come without it."""
    pages = index.pages()
    return tuple(
        check.name
        for check in PAGES
        if index.status(check) is Status.WARN
        and (page := pages.get(check.name)) is not None
        and page.script_broken
        and page.outcome is PageOutcome.REAL
    )


def _proxy_only(index: FindingIndex) -> tuple[str, ...]:
    """A webphone's port that fails has a fix of its own: at the proxy, or beside it."""
    if not any(page.by_proxy for page in index.pages().values()):
        return ()
    others = (*_names((PORT_SIP, PORT_DNS)), *index.unknown(PORT_WEBPHONE.name))
    shut = index.troubled(*BY_UDP, *others, *BY_NAME_SERVERS, *BY_WEBSOCKETS)
    not_measured = {each.check for each in index.findings if each.status in NOT_MEASURED}
    return tuple(check for check in shut if check in not_measured)


def _no_udp_by_proxy(index: FindingIndex) -> tuple[str, ...]:
    """No proxy carries voice, so that it is UDP that has to be let out beside it."""
    shut = _proxy_only(index)
    return (UDP_STUN.name, *shut) if shut and _udp_blocked(index) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCauseRule:
    """One cause that can be known by its findings.

    Attributes:
        recognise: the checks it explains, the one that shows it first; none where it is not it.
        until_then: what those that depend on it say where it leaves them untested.
        shown_by: beginnings of the names of checks that measured the cause itself: what is bad of
            them stays as it is.
        fix: what to do, where no single row knows it; else it is that of the row that shows it.
        also: names of checks that follow from it where they could not tell.
        told_by_row: the sentence of the row that shows it says more, with figures.
    """

    code: str
    sentence: str
    recognise: Callable[[FindingIndex], tuple[str, ...]]
    until_then: str = ""
    shown_by: tuple[str, ...] = ()
    fix: Verdict | None = None
    told_by_row: bool = False
    also: tuple[str, ...] = ()


NEEDS_PAGES = (COMPUTER_CLOCK.name, BROWSER_TLS.name, FILTER_TLS_INTERCEPTION.name)
"""What is told by secure servers, and by nobody where none is reached."""

CONNECT = unknown("", N_("Connect this computer to a network, then run again."))
LET_OUT = unknown(
    "",
    N_("See which firewall or security program here stops natwizard, and allow it."),
    owner=Owner.HELPDESK,
)
MEND_PROXY = unknown(
    "",
    N_("Ask whether the proxy works, and whether it is the right one."),
    N_(
        "Please see what is wrong with the proxy that this computer is given, or give it another:"
        " it answers, but no page came through it, whatever the port."
    ),
)
LEAD_OUT = unknown(
    "",
    N_("Ask why this network does not lead to the internet, then run again."),
    N_(
        "Please see why this network does not lead to the internet: no web server, name server or"
        " UDP server beyond it answered this computer."
    ),
)
PROXY_ONLY = N_("This network lets traffic out only through a proxy.")
ALLOW_UDP = failed(
    "",
    N_("Ask to allow outgoing UDP 3479, 5060 and 5000 to 64000."),
    N_(
        "Please allow outgoing UDP 3479 and 5060 (STUN) and 5000 to 64000 (voice) from all"
        " computers that take calls, and the answers. No server answered this computer over UDP,"
        " while other traffic gets out."
    ),
)


def _void(index: FindingIndex, *codes: FailureCode) -> tuple[str, ...]:
    """What was voided by something that happened to this computer in mid-run."""
    found = ((each.check, index.facts.get(each.check)) for each in index.findings)
    return tuple(
        check for check, facts in found if isinstance(facts, VoidFacts) and facts.code in codes
    )


def _slept(index: FindingIndex) -> tuple[str, ...]:
    """A computer that wakes up connects anew: what that voided is the sleep's, too."""
    asleep = _void(index, FailureCode.SLEPT)
    return (*asleep, *_void(index, *VOID)) if asleep else ()


def _line_changed(index: FindingIndex) -> tuple[str, ...]:
    """This computer's own connection changed in mid-run."""
    changed = _void(index, FailureCode.LINE_CHANGED)
    return (*changed, *_void(index, FailureCode.STOOD_STILL)) if changed else ()


def _stood_still(index: FindingIndex) -> tuple[str, ...]:
    """This program got no turn for seconds, on a computer that was awake."""
    return _void(index, FailureCode.STOOD_STILL)


def _busy(index: FindingIndex) -> tuple[str, ...]:
    """So much got no turn that what is left proves nothing of the network as a whole."""
    busy = _void(index, FailureCode.MACHINE_BUSY)
    beyond = {each.check for each in index.network()}
    return busy if beyond and 2 * len(beyond.intersection(busy)) >= len(beyond) else ()


def _blocked_here(index: FindingIndex) -> tuple[str, ...]:
    """This computer's own firewall said no; what it left untested is nobody else's doing."""
    asks_here = _(LET_OUT.remedy)
    shown = tuple(
        each.check
        for each in index.network()
        if each.status is Status.UNKNOWN and each.remedy and each.remedy.text == asks_here
    )
    if not index.line.blocked_here or not shown:
        return ()
    behind = ("nat.",) if index.line.leads_out else (*ACROSS_THE_NETWORK, *TO_SERVICE_ADDRESSES)
    return (*shown, *index.unknown(*index.troubled(*behind)))


def _no_network(index: FindingIndex) -> tuple[str, ...]:
    network = index.network()
    lost = bool(network) and all(finding.status in NOT_MEASURED for finding in network)
    if lost and index.status(LINK_WIRED) in NOT_MEASURED:
        return (LINK_WIRED.name, *(finding.check for finding in network))
    return ()


def _captive_portal(index: FindingIndex) -> tuple[str, ...]:
    shows = [name for name, facts in index.pages().items() if facts.outcome is PageOutcome.LOGIN]
    if not shows:
        return ()
    return (*shows, *index.troubled(*ACROSS_THE_NETWORK, *TO_SERVICE_ADDRESSES))


def _no_internet(index: FindingIndex) -> tuple[str, ...]:
    """Both page servers silent as soon as they are asked, and nothing beyond answers either.

    A name server may stand in this building, so its answers prove nothing; one that others
    outlive (it fails) is a fault of its own.
    """
    by_resolver = (PORT_DNS.name, *BY_NAME_SERVERS)
    beyond = [each for each in index.network() if not each.check.startswith(by_resolver)]
    failing = index.status(PORT_DNS) is Status.FAIL or _drops_edns(index)
    pages = _names(PAGES)
    nameless = index.stuck(ConnectionStep.NAME, PAGES) == pages and not failing
    silent = nameless or index.stuck(ConnectionStep.CONNECTION, PAGES) == pages
    if silent and all(finding.status in NOT_MEASURED for finding in beyond):
        return index.troubled(*ACROSS_THE_NETWORK)
    return ()


def _dns_broken(index: FindingIndex) -> tuple[str, ...]:
    """Names cannot be looked up, while the network or a resolver's row shows life.

    A stub on this computer may ask with EDNS alone. systemd-resolved does for its first seconds:
    where EDNS gets lost, no name comes back though plain questions are answered.
    """
    nameless = index.stuck(ConnectionStep.NAME, (*PAGES, PORT_WEBPHONE, WEBSOCKET_OPEN))
    alive = index.status(PORT_DNS) is Status.FAIL or any(
        finding.status is Status.PASS for finding in index.network()
    )
    shows = index.troubled(PORT_DNS.name)
    if index.stuck(ConnectionStep.NAME, PAGES) and _drops_edns(index):
        shows = (*shows, DNS_EDNS.name)
    if not (nameless and alive and shows):
        return ()
    behind = index.troubled(*ACROSS_THE_NETWORK, *TO_SERVICE_ADDRESSES)
    # whoever looks nothing up hides no single names
    ranges = index.facts_of(IP_RANGES, RangeFacts)
    hidden = (IP_RANGES.name,) if ranges is not None and ranges.hidden else ()
    return (*shows, *index.troubled(*BY_NAME_SERVERS), *nameless, *hidden, *index.unknown(*behind))


def _names_late(index: FindingIndex) -> tuple[str, ...]:
    """The name servers answer, and addresses come later than anybody waits for them here."""
    late = index.line.names_late and not index.line.names_refused
    return _dns_broken(index) if late and _only_late(index) else ()


def _only_late(index: FindingIndex) -> bool:
    return index.status(PORT_DNS) is Status.WARN and not _drops_edns(index)


def _drops_edns(index: FindingIndex) -> bool:
    facts = index.facts_of(DNS_EDNS, EdnsFacts)
    return facts is not None and facts.kind is EdnsKind.DROPPED


SIZE_OF_ANSWERS = {EdnsKind.LARGE_LOST, EdnsKind.FRAGMENTS_LOST}


def _large_packets_lost(index: FindingIndex) -> tuple[str, ...]:
    """Connections fall silent for the size of their packets alone: what else did so is no filter.

    Where that is proved of one family alone, the rows of the other one stand for themselves.
    """
    connections = index.connections()
    shown = [
        name
        for name, facts in connections.items()
        if facts.large_segments is LargeSegments.LOST and not facts.lost_family
    ]
    if not shown or index.line.loses_much:
        return ()
    silent = [
        name
        for name, facts in connections.items()
        if facts.step >= ConnectionStep.ENCRYPTION and facts.code in SILENCES
    ]
    edns = index.facts_of(DNS_EDNS, EdnsFacts)
    answers = index.troubled(DNS_EDNS.name) if edns and edns.kind in SIZE_OF_ANSWERS else ()
    phones = index.facts_of(PORT_SIP, SipFacts)
    if phones is not None and phones.silent_at_encryption:
        silent.append(PORT_SIP.name)
    return (
        *shown, *(index.troubled(*silent) if silent else ()), *answers,
        *index.unknown(NAT_SIP_ALG.name),
    )  # fmt: skip


def _name_filtered(index: FindingIndex) -> tuple[str, ...]:
    """A name server withholds names of the service that another one knows."""
    webphone = index.facts_of(PORT_WEBPHONE, WebphoneFacts)
    ranges = index.facts_of(IP_RANGES, RangeFacts)
    told = [PORT_WEBPHONE.name] if webphone is not None and webphone.hidden else []
    told += [IP_RANGES.name] if ranges is not None and ranges.hidden else []
    if not told:
        return ()
    return (*told, *index.unknown(*index.stuck(ConnectionStep.NAME, CONNECTIONS)))


def _clock_wrong(index: FindingIndex) -> tuple[str, ...]:
    """Servers tell another time, or certificates of this service and all others look outdated."""
    clock = index.facts_of(COMPUTER_CLOCK, ClockFacts)
    if clock is not None and clock.outside_validity:
        secure = index.troubled(*_names(SECURE), *BY_WEBSOCKETS, BROWSER_TLS.name)
        return (COMPUTER_CLOCK.name, *secure)
    if index.status(COMPUTER_CLOCK) is Status.PASS:
        return ()
    chain = index.facts_of(FILTER_TLS_INTERCEPTION, ChainFacts)
    if chain is None or chain.trust is not ChainTrust.EXPIRED:
        return ()
    if not chain.controls or chain.controls_public:
        return ()
    behind = index.troubled(PORT_TCP443.name, PORT_WEBPHONE.name, *BY_WEBSOCKETS)
    return (FILTER_TLS_INTERCEPTION.name, *behind)


def _tls_inspection(index: FindingIndex) -> tuple[str, ...]:
    chain = index.facts_of(FILTER_TLS_INTERCEPTION, ChainFacts)
    opened = {ChainTrust.UNKNOWN_AUTHORITY, ChainTrust.PRIVATE_STORE_ONLY}
    if chain is None or chain.trust not in opened:
        return ()
    steps = index.connections()
    spoilt = [
        check.name
        for check in CONNECTIONS
        if check.name in steps and steps[check.name].step >= ConnectionStep.ENCRYPTION
    ]
    behind = index.troubled(*spoilt) if spoilt else ()
    return (FILTER_TLS_INTERCEPTION.name, *behind)


def _tls_cut(index: FindingIndex) -> tuple[str, ...]:
    filtered = FILTER_TLS_INTERCEPTION
    chain = index.facts_of(filtered, ChainFacts)
    if index.status(filtered) is not Status.FAIL or chain is None:
        return ()
    if chain.trust is not ChainTrust.CUT:
        return ()
    stuck = index.stuck(ConnectionStep.ENCRYPTION, CONNECTIONS)
    return (filtered.name, *stuck, *index.troubled(BROWSER_TLS.name))


def _ipv4_broken(index: FindingIndex) -> tuple[str, ...]:
    """UDP is dead, and so is all else over IPv4: it is no matter of UDP."""
    stun = index.facts_of(UDP_STUN, StunFacts)
    return _udp_blocked(index) if stun is not None and stun.without_ipv4 else ()


def _udp_blocked(index: FindingIndex) -> tuple[str, ...]:
    stun = index.facts_of(UDP_STUN, StunFacts)
    ranged = index.facts_of(UDP_RANGE_CHECK, RangeAnswers)
    dead = index.status(UDP_STUN) is Status.FAIL and stun is not None and not stun.answered
    if not dead or index.line.media_answered or (ranged is not None and ranged.answered):
        return ()
    return (UDP_STUN.name, *index.troubled(*BY_UDP, PORT_SIP.name))


ROOM_FOR_ALL_KBIT_S = 110.0
"""A line of less is filled by the one stream that loss, jitter and round trip are measured with."""


def _thin_line(index: FindingIndex) -> tuple[str, ...]:
    """More was sent than the line carries, and what fell silent did so for want of room.

    Loss and jitter of a line that has room for one stream are faults of their own.
    """
    line = index.line
    if index.status(QUALITY_BANDWIDTH) is not Status.FAIL or not line.line_full:
        return ()
    full_of_one = line.carried_kbit_s is not None and line.carried_kbit_s < ROOM_FOR_ALL_KBIT_S
    slow = [
        name
        for name, facts in index.connections().items()
        if (full_of_one and (facts.lost_family or FOR_WANT_OF_ROOM.intersection(facts.others_lost)))
        or (facts.code in FOR_WANT_OF_ROOM and facts.step > ConnectionStep.CONNECTION)
    ]
    spoilt = list(index.troubled(*slow)) if slow else []
    spoilt += index.troubled(
        QUALITY_LATENCY_UNDER_LOAD.name
    )  # the queue of a line that is too full
    if full_of_one:
        spoilt += [*index.troubled("quality."), *index.unknown(FILTER_TLS_INTERCEPTION.name)]
        edns = index.facts_of(DNS_EDNS, EdnsFacts)
        if edns is not None and edns.unanswered:
            spoilt += index.troubled(DNS_EDNS.name)
        if index.status(PORT_DNS) is Status.WARN:  # slow answers
            spoilt.append(PORT_DNS.name)
    return (QUALITY_BANDWIDTH.name, *spoilt)


def _service_down(index: FindingIndex) -> tuple[str, ...]:
    webphone = index.facts_of(PORT_WEBPHONE, WebphoneFacts)
    if webphone is None or not webphone.service_down:
        return ()
    return (PORT_WEBPHONE.name, *index.unknown(UDP_STUN.name))


def _ipv6_broken(index: FindingIndex) -> tuple[str, ...]:
    connections = index.connections()
    return tuple(
        check.name
        for check in (PORT_WEBPHONE, PORT_TCP443)
        if check.name in connections
        and connections[check.name].lost_family == "IPv6"
        and connections[check.name].why_lost in {None, LostFamily.LEADS_NOWHERE}
        and connections[check.name].large_segments is not LargeSegments.LOST
    )


# the first that fits is told: whatever makes the others unmeasurable comes before them
CAUSES = (
    RootCauseRule(
        code="computer_slept",
        sentence=N_("This computer slept during the test."),
        recognise=_slept,
        until_then=N_("This can be tested while this computer is awake."),
    ),
    RootCauseRule(
        code="line_changed",
        sentence=N_("The connection of this computer changed during the test."),
        recognise=_line_changed,
        until_then=N_("This can be tested once the connection stays as it is."),
    ),
    RootCauseRule(
        code="stood_still",
        sentence=N_("This computer stood still during the test."),
        recognise=_stood_still,
        until_then=N_("This can be tested once this computer has time for it."),
    ),
    RootCauseRule(
        code="blocked_here",
        sentence=N_("Something on this computer does not let the tests out."),
        recognise=_blocked_here,
        until_then=N_("This can be tested once this computer lets it out."),
        fix=LET_OUT,
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="no_network",
        sentence=N_("This computer has no connection to the internet."),
        recognise=_no_network,
        until_then=N_("This can be tested once there is a connection."),
        fix=CONNECT,
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="captive_portal",
        sentence=N_("This network wants you to sign in first."),
        recognise=_captive_portal,
        until_then=N_("This can be tested once you have signed in."),
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="proxy_script",
        sentence=N_("A proxy script decides here, which this program cannot follow."),
        recognise=_proxy_script,
        until_then=N_("This can be tested once the proxy is named to this program."),
    ),
    RootCauseRule(
        code="proxy_script_broken",
        sentence=N_("The proxy script does not work, and nothing comes through without it."),
        recognise=_proxy_script_broken,
        until_then=N_("This can be tested once the proxy script works."),
    ),
    RootCauseRule(
        code="proxy_dead",
        sentence=N_("The proxy that is set for this computer does not answer."),
        recognise=_proxy_dead,
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="proxy_fails",
        sentence=N_("The proxy that is set for this computer brings no page."),
        recognise=_proxy_fails,
        until_then=N_("This can be tested once the proxy works."),
        shown_by=_names(PAGES),
        fix=MEND_PROXY,
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="computer_busy",
        sentence=N_("This computer was too busy to test the network."),
        recognise=_busy,
        until_then=N_("This can be tested once this computer has time for it."),
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="no_internet",
        sentence=N_("Your network does not lead to the internet."),
        recognise=_no_internet,
        until_then=N_("This can be tested once the network leads out."),
        fix=LEAD_OUT,
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="proxy_password",
        sentence=N_("Your proxy asks for a password that we do not have."),
        recognise=_proxy_password,
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="names_late",
        sentence=N_("Names take too long to look up on this network."),
        recognise=_names_late,
        until_then=N_("This can be tested once names come in time."),
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="dns_broken",
        sentence=N_("Names cannot be looked up on this network."),
        recognise=_dns_broken,
        until_then=N_("This can be tested once names can be looked up."),
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="large_packets_lost",
        sentence=N_("Packets of full size get lost on this line."),
        recognise=_large_packets_lost,
        until_then=N_("This can be tested once packets of full size come through."),
        also=NEEDS_PAGES,
    ),
    RootCauseRule(
        code="name_filtered",
        sentence=N_("Something hides the service's servers from this computer."),
        recognise=_name_filtered,
    ),
    RootCauseRule(
        code="clock_wrong",
        sentence=N_("This computer's clock seems to be wrong."),
        recognise=_clock_wrong,
    ),
    RootCauseRule(
        code="proxy_only",
        sentence=PROXY_ONLY,
        recognise=_no_udp_by_proxy,
        fix=ALLOW_UDP,
    ),
    RootCauseRule(
        code="proxy_only",
        sentence=PROXY_ONLY,
        recognise=_proxy_only,
    ),
    RootCauseRule(
        code="tls_inspection",
        sentence=N_("Something opens your encrypted traffic."),
        recognise=_tls_inspection,
    ),
    RootCauseRule(
        code="tls_cut",
        sentence=N_("Something cuts connections as encryption begins."),
        recognise=_tls_cut,
    ),
    RootCauseRule(
        code="ipv4_broken",
        sentence=N_("IPv4 leads nowhere here, and calls need it."),
        recognise=_ipv4_broken,
        until_then=N_("This can be tested once IPv4 leads to the internet."),
        told_by_row=True,
    ),
    RootCauseRule(
        code="udp_blocked",
        sentence=N_("Your network blocks UDP, the way that calls take."),
        recognise=_udp_blocked,
        until_then=N_("Not measured: UDP is blocked."),
        shown_by=("udp.", "browser.", PORT_SIP.name),
        fix=ALLOW_UDP,
    ),
    RootCauseRule(
        code="thin_line",
        sentence=N_("This line does not carry the calls you need."),
        recognise=_thin_line,
        until_then=N_("This can be told once the line has room for it."),
        told_by_row=True,
    ),
    RootCauseRule(
        code="service_down",
        sentence=N_("The service does not answer, but your network lets calls out."),
        recognise=_service_down,
    ),
    RootCauseRule(
        code="ipv6_broken",
        sentence=N_("IPv6 leads nowhere here, and programs lose time on it."),
        recognise=_ipv6_broken,
    ),
    RootCauseRule(
        code="proxy_script_unused",
        sentence=N_("The proxy script does not work, so browsers go without it."),
        recognise=_proxy_script_unused,
    ),
)


def cause_of(
    findings: tuple[Finding, ...], facts: Mapping[str, Struct], line: LineFacts
) -> tuple[RootCauseRule, RootCause] | None:
    """The first cause that fits, and what it explains here; each check once."""
    index = FindingIndex(findings, facts, line)
    for cause in CAUSES:
        explains = tuple(dict.fromkeys(cause.recognise(index)))
        if explains:
            explains = tuple(dict.fromkeys((*explains, *index.unknown(*cause.also))))
            shown = next(each for each in findings if each.check == explains[0])
            sentence = shown.summary if cause.told_by_row else _(cause.sentence)
            told = RootCause(code=cause.code, summary=sentence, explains=explains)
            return cause, told
    return None


def root_cause_of(
    findings: tuple[Finding, ...], facts: Mapping[str, Struct], line: LineFacts
) -> RootCause | None:
    """Name the cause where all of it has one; None where each finding stands for itself."""
    found = cause_of(findings, facts, line)
    return found[1] if found else None
