"""One cause behind many findings, as a table of cases; and what depends on it says so."""

import pytest
from msgspec import Struct
from msgspec.structs import replace
from report.samples import report_of

from natwizard.checks.browser_version import BrowserFacts
from natwizard.checks.computer_clock import ClockFacts
from natwizard.checks.dns_edns import EdnsFacts, EdnsKind
from natwizard.checks.filter_tls_interception import ChainFacts, ChainTrust
from natwizard.checks.ip_ranges import RangeFacts
from natwizard.checks.port_sip import SipFacts
from natwizard.checks.port_web_pages import PageFacts, PageOutcome
from natwizard.checks.port_webphone import WebphoneFacts
from natwizard.checks.quality_loss import LossFacts, Silence
from natwizard.checks.shared.connection_outcome import (
    ConnectionFacts,
    ConnectionStep,
    LargeSegments,
    LostFamily,
)
from natwizard.checks.shared.far_end import NoBeaconAnswered
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.checks.udp_range import RangeAnswers
from natwizard.checks.udp_stun import StunFacts
from natwizard.model.finding import Finding, Owner, Page, Remedy, Status
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.report import Readiness
from natwizard.probes.network import ProxyScript, ScriptTrouble
from natwizard.report.details import fixes_of
from natwizard.run.conclusion import Conclusion
from natwizard.run.conclusion import conclude as conclude_findings
from natwizard.run.judging import Judged, facts_of
from natwizard.run.root_cause import ACROSS_THE_NETWORK, CAUSES, root_cause_of

PASS, WARN, FAIL, UNKNOWN = Status.PASS, Status.WARN, Status.FAIL, Status.UNKNOWN
LONGEST_SENTENCE = 70


def connection(kind: type[ConnectionFacts], **seen: object) -> ConnectionFacts:
    """Facts of a connection, with codes and steps by their names."""
    script = seen.pop("script", None)
    if script:
        seen["script"] = ProxyScript(trouble=ScriptTrouble(script))
    for name in ("code", "proxy_failure"):
        if name in seen:
            seen[name] = FailureCode(seen[name])
    step = ConnectionStep[str(seen.pop("step", "done")).upper()]
    return kind(**{"port": 0, "code": None, **seen, "step": step})


PLAIN_FACTS: dict[str, type[Struct]] = {
    "browser.version": BrowserFacts,
    "computer.clock": ClockFacts,
    "ip.ranges": RangeFacts,
    "port.sip": SipFacts,
    "udp.range": RangeAnswers,
    "udp.stun": StunFacts,
}


def facts(check: str, seen: dict[str, object]) -> Struct | None:
    """The facts of a check, of the type that its rule brings."""
    match check:
        case "port.tcp80" | "port.tcp443" if seen:
            outcome = PageOutcome(seen.pop("outcome", "nothing"))
            return connection(PageFacts, outcome=outcome, **seen)
        case "port.webphone" if seen:
            return connection(WebphoneFacts, **seen)
        case "websocket.open" if seen:
            return connection(ConnectionFacts, **seen)
        case "dns.edns" if seen:
            return EdnsFacts(kind=EdnsKind[str(seen["edns"]).upper()])
        case "filter.tls_interception" if seen:
            trust = ChainTrust[str(seen.pop("trust")).upper()]
            return ChainFacts(**{"controls": 0, "controls_public": 0, **seen, "trust": trust})
        case _ if seen:
            assert check in PLAIN_FACTS, f"{check} brings no facts"
            return PLAIN_FACTS[check](**seen)
        case _:
            return None


def finding(check: str, status: Status, **seen: object) -> Judged:
    found = Finding(
        check=check,
        requirement=check,
        title=check,
        page=Page.CONNECTION,
        required=True,
        status=status,
        summary=f"{check} is {status}.",
        observed="",
        expected="",
        remedy=None if status is PASS else Remedy(text=f"Mend {check}.", owner=Owner.AGENT),
    )
    return Judged(finding=found, facts=facts(check, seen))


def conclude(judged: tuple[Judged, ...]) -> Conclusion:
    once = conclude_findings(tuple(each.finding for each in judged), facts_of(judged), LineFacts())
    assert conclude_findings(once.findings, facts_of(judged), LineFacts()) == once, (
        "twice changes nothing"
    )
    return once


HEALTHY = (
    finding("computer.ram", PASS),
    finding("link.wired", WARN),
    finding("nat.mapping", PASS),
    finding("port.tcp80", PASS, outcome="real", step="done", by_proxy=False),
    finding("port.tcp443", PASS, outcome="real", step="done", by_proxy=False),
    finding("port.dns", PASS),
    finding("udp.stun", PASS, answered=2),
    finding("udp.range", PASS, answered=20),
    finding("ip.ranges", PASS),
    finding("port.webphone", PASS, step="done"),
    finding("quality.loss", PASS),
    finding("dns.edns", PASS),
    finding("websocket.open", PASS, step="done"),
    finding("filter.tls_interception", PASS, trust="public", controls=1, controls_public=1),
)

LOGIN = (
    finding("port.tcp80", FAIL, outcome="login", step="done"),
    finding("port.tcp443", FAIL, outcome="nothing", step="connection", code="timed_out"),
    finding("udp.stun", FAIL, answered=0),
    finding("port.webphone", FAIL, step="connection", code="timed_out"),
    finding("websocket.open", UNKNOWN, step="connection"),
    finding("filter.tls_interception", UNKNOWN, trust="unseen"),
)
PASSWORD = (
    finding("port.tcp80", WARN, outcome="password", step="done"),
    finding("port.tcp443", WARN, outcome="password", step="proxy", code="proxy_authentication"),
    finding("port.webphone", UNKNOWN, step="proxy", code="proxy_authentication"),
)
NAMELESS = (
    finding("port.tcp80", UNKNOWN, outcome="nothing", step="name"),
    finding("port.tcp443", UNKNOWN, outcome="nothing", step="name"),
    finding("port.dns", FAIL),
    finding("dns.edns", UNKNOWN),
    finding("udp.stun", UNKNOWN, answered=0),
    finding("port.webphone", UNKNOWN, step="name"),
)
EDNS_DROPPED = (finding("dns.edns", FAIL, edns="dropped"),)
NO_NAMES = (
    finding("port.tcp80", UNKNOWN, outcome="nothing", step="name"),
    finding("port.tcp443", UNKNOWN, outcome="nothing", step="name"),
    finding("udp.stun", UNKNOWN, answered=0),
)
ANSWERS_PLAIN = (finding("port.dns", PASS), *EDNS_DROPPED)
CLOCK = (
    finding("filter.tls_interception", FAIL, trust="expired", controls=1, controls_public=0),
    finding("port.tcp443", WARN, outcome="real", step="done"),
)

CLOCK_PROVEN = (
    finding("computer.clock", FAIL, outside_validity=True),
    finding("port.tcp443", FAIL, outcome="nothing", step="encryption"),
    finding("port.webphone", FAIL, step="encryption"),
)


def no_pages(status: Status, **seen: str) -> tuple[Judged, ...]:
    stuck = {"outcome": "nothing", "step": "connection", **seen}
    return (finding("port.tcp80", status, **stuck), finding("port.tcp443", status, **stuck))


def without_pages(status: Status, script: str) -> tuple[Judged, ...]:
    return (
        *no_pages(status, script=script),
        finding("port.webphone", FAIL, step="connection", code="timed_out"),
    )


BY_SCRIPT = without_pages(UNKNOWN, "other_kind")
BROKEN_SCRIPT = without_pages(FAIL, "syntax")
UNFETCHED = without_pages(UNKNOWN, "no_answer")[:2]
UNUSED = tuple(
    finding(page, WARN, outcome="real", step="done", by_proxy=False, script="throws")
    for page in ("port.tcp80", "port.tcp443")
)
ONLY_BY_PROXY = (
    finding("port.tcp443", PASS, outcome="real", step="done", by_proxy=True),
    finding("udp.stun", FAIL, answered=0),
    finding("udp.range", FAIL, answered=0),
)
INSPECTED = (
    finding("filter.tls_interception", FAIL, trust="private_store_only", controls_public=0),
    finding("port.tcp443", WARN, outcome="real", step="done"),
    finding("port.webphone", WARN, step="done"),
    finding("websocket.open", FAIL, step="exchange"),
)
CUT = (
    finding("filter.tls_interception", FAIL, trust="cut"),
    finding("port.webphone", FAIL, step="encryption", code="connection_reset"),
)
NO_UDP = (
    finding("udp.stun", FAIL, answered=0),
    finding("udp.range", UNKNOWN, answered=0),
    finding("quality.loss", UNKNOWN),
    finding("nat.mapping", UNKNOWN),
)
NO_IPV4 = (finding("udp.stun", FAIL, answered=0, without_ipv4=True),)
HIDDEN = (
    finding("port.webphone", FAIL, step="name", hidden=True),
    finding("ip.ranges", WARN, hidden=2),
    finding("websocket.open", UNKNOWN, step="name"),
)
NO_PROXY = (
    finding("port.tcp80", WARN, outcome="real", by_proxy=False, proxy_failure="timed_out"),
    finding("port.tcp443", WARN, outcome="real", by_proxy=False, proxy_failure="timed_out"),
    finding("port.webphone", FAIL, step="connection", proxy_failure="timed_out"),
    finding("filter.tls_interception", UNKNOWN, trust="unseen"),
)


PROXY_GONE = no_pages(FAIL, proxy_failure="connection_refused")
PROXY_SILENT = no_pages(UNKNOWN, proxy_failure="timed_out")
LARGE_LOST = (
    finding("port.tcp443", FAIL, outcome="nothing", step="encryption", code="timed_out",
            large_segments=LargeSegments.LOST),
    finding("port.webphone", FAIL, step="encryption", code="timed_out"),
    finding("port.sip", FAIL, silent_at_encryption=True),
    finding("nat.sip_alg", UNKNOWN),
    finding("dns.edns", WARN, edns="large_lost"),
)  # fmt: skip
LARGE_LOST_OF_IPV6 = (
    finding("port.tcp443", WARN, outcome="real", step="done", lost_family="IPv6",
            large_segments=LargeSegments.LOST),
)  # fmt: skip
SWALLOWED_TOO = (
    finding("port.tcp443", FAIL, outcome="nothing", step="encryption", code="timed_out",
            large_segments=LargeSegments.SUSPECTED),
    finding("port.webphone", FAIL, step="encryption", code="timed_out"),
)  # fmt: skip
BUSY_AT_NAMES = (
    finding("port.tcp80", UNKNOWN, outcome="nothing", step="name", code="machine_busy"),
    finding("port.tcp443", UNKNOWN, outcome="nothing", step="name", code="machine_busy"),
    finding("port.dns", UNKNOWN),
    finding("port.webphone", UNKNOWN, step="name", code="machine_busy"),
    finding("websocket.open", UNKNOWN, step="name", code="machine_busy"),
)
DOWN = (finding("port.webphone", UNKNOWN, step="connection", service_down=True),)
ONLY_IPV4 = (finding("port.webphone", WARN, step="done", lost_family="IPv6"),)
PAGES_BY_IPV4 = (finding("port.tcp443", WARN, outcome="real", step="done", lost_family="IPv6"),)
PORT_SHUT_OVER_IPV6 = (
    finding("port.webphone", WARN, step="done", lost_family="IPv6", why_lost=LostFamily.PORT_SHUT),
)
SERVER_DOWN_OVER_IPV6 = (
    finding(
        "port.tcp443", WARN, outcome="real", step="done", lost_family="IPv6",
        why_lost=LostFamily.SERVER_DOWN,
    ),
)  # fmt: skip
NO_LINK = (finding("link.wired", FAIL),)
CABLE = (finding("link.wired", PASS),)
ROUTER_ANSWERS = (finding("port.dns", PASS), finding("dns.edns", PASS))
ROUTER_FAILS = (finding("port.dns", WARN),)


STUCK = {"port.tcp80", "port.tcp443", "port.webphone", "websocket.open"}


def nothing_answers(*, step: str = "connection") -> tuple[Judged, ...]:
    silent = {"step": step, "code": "timed_out"}
    aside = {"computer.ram", "link.wired", "ip.ranges"}
    names = [each.finding.check for each in HEALTHY if each.finding.check not in aside]
    return tuple(finding(name, UNKNOWN, **(silent if name in STUCK else {})) for name in names)


BAD_PROXY = (
    finding("port.tcp80", WARN, outcome="real", step="done", by_proxy=False, proxy_fails=True),
    finding("port.tcp443", WARN, outcome="real", step="done", by_proxy=False, proxy_fails=True),
    finding("port.webphone", FAIL, step="proxy", code="http_status"),
    finding("filter.tls_interception", UNKNOWN, trust="unseen"),
)
BY_A_STRICT_PROXY = (finding("port.webphone", FAIL, step="proxy", code="http_status"),)


def with_(*faults: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """The healthy findings with these in their place; the first fault of a check counts."""
    found = {each.finding.check: each for each in HEALTHY}
    for fault in reversed(faults):
        found |= {each.finding.check: each for each in fault}
    return tuple(found.values())


@pytest.mark.parametrize(
    ("faults", "code", "explains"),
    [
        ((), "", set()),
        ((NO_LINK, nothing_answers()), "no_network", {"link.wired", "port.tcp443", "udp.stun"}),
        ((nothing_answers(),), "no_internet", {"port.tcp443", "udp.stun", "quality.loss"}),
        ((CABLE, nothing_answers(step="name")), "no_internet", {"port.tcp443", "port.dns"}),
        # a router with no line answers names by itself, or says that it cannot
        ((CABLE, ROUTER_ANSWERS, nothing_answers()), "no_internet", {"port.tcp443", "udp.stun"}),
        ((ROUTER_FAILS, nothing_answers(step="name")), "no_internet", {"port.dns"}),
        ((LOGIN,), "captive_portal", {each.finding.check for each in LOGIN}),
        ((PASSWORD,), "proxy_password", {each.finding.check for each in PASSWORD}),
        ((NAMELESS,), "dns_broken", {each.finding.check for each in NAMELESS}),
        ((BY_SCRIPT,), "proxy_script", {each.finding.check for each in BY_SCRIPT}),
        (
            (BY_SCRIPT, nothing_answers()),
            "proxy_script",
            {each.finding.check for each in BY_SCRIPT},
        ),
        ((BROKEN_SCRIPT,), "proxy_script_broken", {each.finding.check for each in BROKEN_SCRIPT}),
        ((UNFETCHED, nothing_answers()), "no_internet", {"port.tcp443", "udp.stun"}),
        ((UNUSED,), "proxy_script_unused", {"port.tcp80", "port.tcp443"}),
        ((UNUSED, NO_UDP), "udp_blocked", {each.finding.check for each in NO_UDP}),
        ((HIDDEN,), "name_filtered", {each.finding.check for each in HIDDEN}),
        ((HIDDEN, NO_UDP), "name_filtered", {each.finding.check for each in HIDDEN}),
        ((NO_PROXY,), "proxy_dead", {each.finding.check for each in NO_PROXY}),
        ((NO_PROXY, INSPECTED), "proxy_dead", {each.finding.check for each in NO_PROXY}),
        ((PROXY_GONE, nothing_answers()), "proxy_dead", {"port.tcp80", "port.tcp443"}),
        ((PROXY_SILENT, nothing_answers()), "no_internet", {"port.tcp443", "udp.stun"}),
        ((BAD_PROXY,), "proxy_fails", {each.finding.check for each in BAD_PROXY}),
        ((BAD_PROXY, nothing_answers()), "proxy_fails", {"port.tcp80", "port.tcp443"}),
        # it lets pages through, and one port not: that is a rule of it, and no cause of its own
        ((BY_A_STRICT_PROXY,), "", set()),
        ((CLOCK,), "clock_wrong", {"filter.tls_interception", "port.tcp443"}),
        ((CLOCK_PROVEN,), "clock_wrong", {"computer.clock", "port.tcp443", "port.webphone"}),
        # certificates that are out of date where servers confirm this clock: not the clock
        ((CLOCK, (finding("computer.clock", PASS),)), "", set()),
        ((CLOCK, (finding("computer.clock", WARN),)), "clock_wrong", {"port.tcp443"}),
        # no other site to compare with, or another one whose certificate is good today
        (((finding("filter.tls_interception", FAIL, trust="expired"),),), "", set()),
        (
            (
                (
                    finding(
                        "filter.tls_interception",
                        FAIL,
                        trust="expired",
                        controls=2,
                        controls_public=1,
                    ),
                ),
            ),
            "",
            set(),
        ),
        ((ONLY_BY_PROXY,), "proxy_only", {"udp.stun", "udp.range"}),
        ((INSPECTED,), "tls_inspection", {each.finding.check for each in INSPECTED}),
        # another server's certificate is nobody's inspection
        (
            (
                (
                    finding("filter.tls_interception", FAIL, trust="wrong_name"),
                    finding("port.webphone", FAIL, step="encryption"),
                    finding("websocket.open", FAIL, step="encryption"),
                ),
            ),
            "",
            set(),
        ),
        ((CUT,), "tls_cut", {"filter.tls_interception", "port.webphone"}),
        ((NO_UDP,), "udp_blocked", {each.finding.check for each in NO_UDP}),
        ((NO_IPV4, NO_UDP), "ipv4_broken", {each.finding.check for each in NO_UDP}),
        ((DOWN,), "service_down", {"port.webphone"}),
        (
            (LARGE_LOST,),
            "large_packets_lost",
            {"port.tcp443", "port.webphone", "port.sip", "nat.sip_alg", "dns.edns"},
        ),
        (
            (LARGE_LOST, NO_UDP),
            "large_packets_lost",
            {"port.tcp443", "port.webphone", "port.sip", "nat.sip_alg", "dns.edns"},
        ),
        # IPv6 leads somewhere, for small packets: its row says more
        ((LARGE_LOST_OF_IPV6,), "", set()),
        ((SWALLOWED_TOO,), "", set()),
        ((BUSY_AT_NAMES,), "", set()),
        ((ONLY_IPV4,), "ipv6_broken", {"port.webphone"}),
        ((PAGES_BY_IPV4,), "ipv6_broken", {"port.tcp443"}),
        ((ONLY_IPV4, PAGES_BY_IPV4), "ipv6_broken", {"port.webphone", "port.tcp443"}),
        # IPv6 leads out, and one port or one server of it does not answer
        ((PORT_SHUT_OVER_IPV6,), "", set()),
        ((SERVER_DOWN_OVER_IPV6,), "", set()),
        ((PORT_SHUT_OVER_IPV6, PAGES_BY_IPV4), "ipv6_broken", {"port.tcp443"}),
        # pairs: the one that hides the other is told, and claims no more than its own
        ((LOGIN, NO_UDP), "captive_portal", {each.finding.check for each in (*LOGIN, *NO_UDP)}),
        ((LOGIN, INSPECTED), "captive_portal", {each.finding.check for each in LOGIN}),
        ((NAMELESS, ONLY_IPV4), "dns_broken", {each.finding.check for each in NAMELESS}),
        # a stub that asks with EDNS alone gets no name, though plain questions are answered
        ((EDNS_DROPPED, NO_NAMES), "dns_broken", {each.finding.check for each in NO_NAMES}),
        (
            (ANSWERS_PLAIN, nothing_answers(step="name")),
            "dns_broken",
            {"dns.edns", "port.tcp80"},
        ),
        # what is looked up nowhere is hidden by nobody
        ((NAMELESS, (finding("ip.ranges", WARN, hidden=True),)), "dns_broken", {"ip.ranges"}),
        ((EDNS_DROPPED,), "", set()),
        ((INSPECTED, NO_UDP), "tls_inspection", {each.finding.check for each in INSPECTED}),
        ((CUT, NO_UDP), "tls_cut", {"filter.tls_interception", "port.webphone"}),
        ((NO_UDP, DOWN), "udp_blocked", {each.finding.check for each in NO_UDP}),
        ((NO_UDP, ONLY_IPV4), "udp_blocked", {each.finding.check for each in NO_UDP}),
        ((PASSWORD, NO_UDP), "proxy_password", {each.finding.check for each in PASSWORD}),
        ((NO_LINK, nothing_answers(), NO_UDP), "no_network", {"link.wired", "udp.stun"}),
        # one finding of its own needs no cause
        (((finding("dns.edns", FAIL),),), "", set()),
        (((finding("port.webphone", FAIL, step="connection"),),), "", set()),
        (((finding("udp.stun", FAIL, answered=1),),), "", set()),
        (((finding("udp.stun", FAIL, answered=0),),), "", set()),
        ((NO_LINK,), "", set()),
    ],
)
def test_a_cause_is_named_once_for_all_it_explains(
    faults: tuple[tuple[Judged, ...], ...], code: str, explains: set[str]
) -> None:
    judged = with_(*faults)
    cause = root_cause_of(tuple(each.finding for each in judged), facts_of(judged), LineFacts())
    assert (cause.code if cause else "") == code
    if cause:
        assert explains <= set(cause.explains)
        fine = {each.finding.check for each in judged if each.finding.status is PASS}
        assert not fine & set(cause.explains)
        assert "computer.ram" not in cause.explains


def test_no_cause_is_named_where_the_rows_are_not_there() -> None:
    assert root_cause_of((), {}, LineFacts()) is None
    assert root_cause_of((finding("computer.ram", FAIL).finding,), {}, LineFacts()) is None


def test_causes_are_one_plain_sentence_each() -> None:
    said = {cause.code: cause.sentence for cause in CAUSES}
    assert len(said) == len(set(said.values()))
    # one may have two ways to mend it, and is told alike
    assert {(cause.code, cause.sentence) for cause in CAUSES} == set(said.items())
    for cause in CAUSES:
        for sentence in filter(None, (cause.sentence, cause.until_then)):
            assert len(sentence) <= LONGEST_SENTENCE
            assert sentence.endswith(".")
            assert "!" not in sentence


def test_a_login_page_stops_the_avalanche() -> None:
    concluded = conclude(with_(LOGIN))
    found = {each.check: each for each in concluded.findings}
    assert concluded.verdict is Readiness.NOT_READY
    assert [each.check for each in concluded.findings if each.status is FAIL] == ["port.tcp80"]
    waiting = found["port.webphone"]
    assert waiting.status is UNKNOWN
    assert waiting.summary == "This can be tested once you have signed in."
    assert waiting.remedy == found["port.tcp80"].remedy
    [depends] = [detail for detail in waiting.details if detail.label == "Depends on"]
    assert depends.text == "port.tcp80: This network wants you to sign in first."
    assert not found["port.dns"].details


def test_both_pages_that_lead_to_the_login_show_it() -> None:
    both = finding("port.tcp443", FAIL, outcome="login", step="done")
    first = finding("port.tcp80", FAIL, outcome="login", step="done")
    same = tuple(
        replace(each, finding=replace(each.finding, summary="x")) for each in (both, first)
    )
    concluded = conclude(with_(same))
    assert {each.check for each in concluded.findings if each.status is FAIL} == {
        "port.tcp80",
        "port.tcp443",
    }


def test_what_is_measured_all_the_same_keeps_its_verdict() -> None:
    concluded = conclude(with_(NO_UDP))
    found = {each.check: each for each in concluded.findings}
    assert found["udp.stun"].status is FAIL
    assert found["udp.stun"].details == ()
    assert found["quality.loss"].details[0].text.startswith("udp.stun: ")


def test_silence_everywhere_is_no_problem_of_this_computer() -> None:
    concluded = conclude(with_(nothing_answers()))
    assert concluded.verdict is Readiness.COULD_NOT_TELL


@pytest.mark.parametrize(
    ("port", "socket", "follows"),
    [
        ({"step": "connection", "port": 10062}, {"step": "connection", "port": 10062}, True),
        ({"step": "connection", "port": 10062}, {"step": "connection", "port": 443}, False),
        ({"step": "connection", "port": 10062}, {"step": "exchange", "port": 10062}, False),
        ({"step": "exchange", "port": 10062}, {"step": "exchange", "port": 10062}, False),
        ({}, {}, False),
    ],
)
def test_a_websocket_behind_a_shut_port_is_no_further_problem(
    port: dict[str, object], socket: dict[str, object], *, follows: bool
) -> None:
    shut = finding("port.webphone", FAIL, **port)
    concluded = conclude(with_((shut, finding("websocket.open", UNKNOWN, **socket))))
    found = {each.check: each for each in concluded.findings}["websocket.open"]
    assert (found.depends_on == "port.webphone") is follows
    assert (found.remedy == shut.finding.remedy) is follows


def test_a_websocket_behind_port_443_waits_for_that_port() -> None:
    shut = finding("port.tcp443", FAIL, outcome="nothing", step="connection", port=443)
    behind = finding("websocket.open", UNKNOWN, step="connection", port=443)
    concluded = conclude(with_((shut, behind)))
    found = {each.check: each for each in concluded.findings}["websocket.open"]
    assert (found.depends_on, found.remedy) == ("port.tcp443", shut.finding.remedy)


def test_a_bad_proxy_leaves_the_ports_behind_it_untested() -> None:
    clock = finding("computer.clock", UNKNOWN)
    concluded = conclude((*with_(BAD_PROXY), clock))
    found = {each.check: each for each in concluded.findings}
    assert found["port.tcp80"].status is found["port.tcp443"].status is WARN
    assert found["port.webphone"].status is found["filter.tls_interception"].status is UNKNOWN
    assert found["computer.clock"].depends_on == "port.tcp80"
    assert concluded.verdict is Readiness.COULD_NOT_TELL


def test_udp_is_not_blocked_where_voice_comes_back() -> None:
    judged = with_(NO_UDP)
    line = LineFacts(media_answered=True)
    findings = tuple(each.finding for each in judged)
    assert conclude_findings(findings, facts_of(judged), line).root_cause is None


@pytest.mark.parametrize("gets_out", [True, False])
def test_this_computers_own_firewall_is_the_cause_of_what_it_leaves_untested(
    gets_out: bool,
) -> None:
    said = judge_missing("x", "y", Failure(code=FailureCode.BLOCKED_HERE, operation="ask_stun"))
    stopped = finding("udp.stun", UNKNOWN)
    stopped = replace(stopped, finding=replace(stopped.finding, remedy=said.remedy))
    elsewhere = finding("quality.loss", UNKNOWN)
    judged = with_((stopped, elsewhere, finding("nat.mapping", UNKNOWN)))
    findings = tuple(each.finding for each in judged)
    line = LineFacts(blocked_here=True, page_came=gets_out)
    concluded = conclude_findings(findings, facts_of(judged), line)
    assert concluded.root_cause is not None
    assert concluded.root_cause.code == "blocked_here"
    explains = {"udp.stun", "nat.mapping"} | (set() if gets_out else {"quality.loss"})
    assert set(concluded.root_cause.explains) == explains
    [mend] = {each.remedy.text for each in concluded.findings if each.check in explains}
    assert "security program" in mend


@pytest.mark.parametrize(("installed", "follows"), [(0, True), (1, False)])
def test_a_browser_that_is_not_there_is_one_problem_and_not_two(
    installed: int, *, follows: bool
) -> None:
    missing = finding("browser.version", FAIL, found=installed)
    concluded = conclude(with_((missing, finding("browser.bits", UNKNOWN))))
    found = {each.check: each for each in concluded.findings}["browser.bits"]
    assert (found.depends_on == "browser.version") is follows


def test_what_follows_from_a_fix_is_listed_with_it_and_not_after_it() -> None:
    stuck: dict[str, object] = {"step": "connection", "port": 10062}
    faults = (
        finding("port.webphone", FAIL, **stuck),
        finding("websocket.open", UNKNOWN, **stuck),
        finding("dns.edns", UNKNOWN),
    )
    findings = conclude(with_(faults)).findings
    fixes = fixes_of(report_of(findings, Readiness.NOT_READY))
    assert [fix.finding.check for fix in fixes] == ["port.webphone", "dns.edns", "link.wired"]
    assert fixes[0].also == ("websocket.open",)


THIN = LineFacts(carried_kbit_s=64.0, line_full=True)


def on_a_thin_line(line: LineFacts, *more: Judged) -> Conclusion:
    judged = with_((finding("quality.bandwidth", FAIL), *more))
    return conclude_findings(tuple(each.finding for each in judged), facts_of(judged), line)


def test_a_thin_line_is_told_with_its_figures_and_nothing_else_is_red() -> None:
    concluded = on_a_thin_line(
        THIN,
        finding("quality.loss", FAIL),
        finding("websocket.open", FAIL, step="done", code="held_back"),
        finding("port.tcp443", FAIL, outcome="nothing", step="encryption", code="timed_out"),
    )
    assert concluded.root_cause is not None
    assert concluded.root_cause.code == "thin_line"
    assert concluded.root_cause.summary == "quality.bandwidth is fail."
    red = [each.check for each in concluded.findings if each.status is FAIL]
    assert red == ["quality.bandwidth"]


def test_on_a_thin_line_one_target_of_several_that_fell_silent_is_no_advice() -> None:
    lost = (FailureCode.HELD_BACK,)
    row = finding("websocket.open", WARN, step="done", others_lost=lost)
    [told] = [
        each for each in on_a_thin_line(THIN, row).findings if each.check == row.finding.check
    ]
    assert (told.status, told.depends_on) == (UNKNOWN, "quality.bandwidth")
    refused = finding(
        "websocket.open", WARN, step="done", others_lost=(FailureCode.CONNECTION_REFUSED,)
    )
    found = on_a_thin_line(THIN, refused).findings
    [told] = [each for each in found if each.check == row.finding.check]
    assert told.status is WARN


@pytest.mark.parametrize(
    ("kind", "status"), [("buffer_lost", UNKNOWN), ("version_lost", UNKNOWN), ("stripped", WARN)]
)
def test_on_a_thin_line_lookups_that_got_lost_accuse_nobody(kind: str, status: Status) -> None:
    lost = finding("dns.edns", WARN, edns=kind)
    slow = finding("port.dns", WARN)
    found = {each.check: each.status for each in on_a_thin_line(THIN, lost, slow).findings}
    assert (found["dns.edns"], found["port.dns"]) == (status, UNKNOWN)


def test_a_line_with_room_for_one_stream_excuses_no_loss_and_no_closed_port() -> None:
    line = LineFacts(carried_kbit_s=448.0, line_full=True)
    concluded = on_a_thin_line(
        line,
        finding("quality.loss", FAIL),
        finding("port.tcp443", FAIL, outcome="nothing", step="connection", code="timed_out"),
    )
    red = {each.check for each in concluded.findings if each.status is FAIL}
    assert red == {"quality.bandwidth", "quality.loss", "port.tcp443"}


def test_what_a_row_depends_on_is_named_by_its_title() -> None:
    stuck: dict[str, object] = {"step": "name"}
    judged = with_(
        (finding("port.webphone", FAIL, **stuck), finding("link.wired", UNKNOWN)), NO_UDP
    )
    titled_ = tuple(
        replace(each, finding=replace(each.finding, title=f"The {number}th row"))
        for number, each in enumerate(judged)
    )
    concluded = conclude(titled_)
    depending = [each for each in concluded.findings if each.depends_on]
    assert depending
    names = {each.check for each in concluded.findings}
    for each in depending:
        assert not [name for name in names for detail in each.details if name in detail.text]


def test_the_queue_of_a_line_that_is_too_thin_is_no_advice_of_its_own() -> None:
    line = LineFacts(carried_kbit_s=448.0, line_full=True)
    queue = finding("quality.latency_under_load", WARN)
    found = {each.check: each for each in on_a_thin_line(line, queue).findings}
    told = found["quality.latency_under_load"]
    assert (told.status, told.depends_on) == (UNKNOWN, "quality.bandwidth")


def test_without_udp_its_own_rows_fail_and_the_others_say_that_they_were_not_measured() -> None:
    concluded = conclude(with_((*NO_UDP, finding("udp.range", FAIL, answered=0))))
    found = {each.check: each for each in concluded.findings}
    assert found["udp.stun"].status is found["udp.range"].status is FAIL
    assert found["quality.loss"].status is UNKNOWN
    assert found["quality.loss"].summary == "Not measured: UDP is blocked."
    remedies = {found[check].remedy for check in ("udp.stun", "udp.range", "quality.loss")}
    assert len(remedies) == 1


@pytest.mark.parametrize("code", ["no_network", "no_internet", "udp_blocked"])
def test_a_cause_that_no_row_knows_the_fix_of_has_its_own(code: str) -> None:
    [cause] = [cause for cause in CAUSES if cause.code == code]
    assert cause.fix is not None
    assert cause.fix.what_to_do() is not None


BUSY = Failure(code=FailureCode.MACHINE_BUSY, operation="ask")


def busy(check: str) -> Judged:
    """A row whose probe got no turn."""
    missing = judge_missing(check, "", BUSY)
    found = finding(check, UNKNOWN).finding
    return Judged(
        finding=replace(found, summary=missing.summary, remedy=missing.remedy), facts=missing.facts
    )


@pytest.mark.parametrize(("share", "code"), [(1.0, "computer_busy"), (0.3, "no_internet")])
def test_a_network_of_which_nothing_had_time_to_be_seen_is_not_accused(
    share: float, code: str
) -> None:
    """Nothing answered, and of most of it nobody could have heard an answer."""
    silent = with_(nothing_answers(step="name"))
    network = [each for each in silent if each.finding.check.startswith(ACROSS_THE_NETWORK)]
    starved = {each.finding.check for each in network[round(len(network) * (1 - share)) :]}
    judged = tuple(
        busy(each.finding.check) if each.finding.check in starved else each for each in silent
    )
    concluded = conclude(judged)
    assert concluded.root_cause is not None
    assert concluded.root_cause.code == code
    if code == "computer_busy":
        first = next(each for each in fixes_of(report_of(concluded.findings, concluded.verdict)))
        assert first.text == "Close programs you do not need, then run again."


# ---- where a cause ends: what looks alike and is something else


def cause(*faults: tuple[Judged, ...], line: LineFacts | None = None) -> tuple[str, set[str]]:
    """The cause of these faults in a healthy run, and what it explains."""
    judged = with_(*faults)
    findings = tuple(each.finding for each in judged)
    found = root_cause_of(findings, facts_of(judged), line or LineFacts())
    if found is None:
        return "", set()
    fine = {each.check for each in findings if each.status is PASS}
    assert not fine & set(found.explains)
    assert len(set(found.explains)) == len(found.explains)
    return found.code, set(found.explains)


def void(check: str, code: FailureCode) -> tuple[Judged, ...]:
    missing = judge_missing(check, "", Failure(code=code, operation="x"))
    return (replace(finding(check, UNKNOWN), facts=missing.facts),)


SLEPT, CHANGED, STOOD = FailureCode.SLEPT, FailureCode.LINE_CHANGED, FailureCode.STOOD_STILL


@pytest.mark.parametrize(
    ("faults", "code", "explains"),
    [
        ((void("udp.stun", SLEPT),), "computer_slept", {"udp.stun"}),
        ((void("udp.stun", CHANGED),), "line_changed", {"udp.stun"}),
        ((void("udp.stun", STOOD),), "stood_still", {"udp.stun"}),
        # whoever wakes up connects anew, and whoever connects anew may have stood still meanwhile
        (
            (void("udp.stun", CHANGED), void("dns.edns", SLEPT), void("quality.loss", STOOD)),
            "computer_slept",
            {"udp.stun", "dns.edns", "quality.loss"},
        ),
        (
            (void("udp.stun", STOOD), void("dns.edns", CHANGED)),
            "line_changed",
            {"udp.stun", "dns.edns"},
        ),
    ],
)
def test_what_happened_to_this_computer_explains_what_it_voided_and_no_more(
    faults: tuple[tuple[Judged, ...], ...], code: str, explains: set[str]
) -> None:
    other = finding("port.sip", FAIL)
    assert cause(*faults, (other,)) == (code, explains)


@pytest.mark.parametrize(("of_eight", "code"), [(4, "computer_busy"), (3, "")])
def test_a_busy_computer_is_the_cause_from_half_of_the_network_on(of_eight: int, code: str) -> None:
    rows = ("port.tcp80", "port.tcp443", "port.dns", "udp.stun", "udp.range", "dns.edns",
            "quality.loss", "nat.mapping")  # fmt: skip
    judged = (
        finding("link.wired", PASS),
        *(busy(row) if place < of_eight else finding(row, PASS) for place, row in enumerate(rows)),
    )
    found = root_cause_of(tuple(e.finding for e in judged), facts_of(judged), LineFacts())
    assert (found.code if found else "") == code


def test_a_row_without_a_network_is_no_proof_that_there_is_none() -> None:
    """As where only the cable was asked for."""
    alone = (finding("link.wired", FAIL),)
    assert root_cause_of((alone[0].finding,), {}, LineFacts()) is None
    for name in ("computer.ram", "browser.version"):
        both = (*alone, finding(name, FAIL))
        assert root_cause_of(tuple(each.finding for each in both), {}, LineFacts()) is None


def stopped_here(check: str, status: Status = UNKNOWN) -> tuple[Judged, ...]:
    said = judge_missing(check, "", Failure(code=FailureCode.BLOCKED_HERE, operation="x"))
    found = finding(check, status)
    return (replace(found, finding=replace(found.finding, remedy=said.remedy)),)


def test_this_computers_firewall_takes_a_row_and_a_proof() -> None:
    blocked = LineFacts(blocked_here=True, page_came=True)
    assert cause(stopped_here("udp.stun"), line=blocked)[0] == "blocked_here"
    # nobody said so in this run; or it was said, and no row rests on it
    assert cause(stopped_here("udp.stun"), line=LineFacts(page_came=True)) == ("", set())
    unknown = (finding("nat.mapping", UNKNOWN),)
    assert cause(unknown, line=blocked) == ("", set())
    # a row that was measured all the same is not explained away
    assert cause(stopped_here("udp.stun", FAIL), unknown, line=blocked) == ("", set())


def test_pages_that_stay_away_while_others_answer_are_no_missing_internet() -> None:
    assert cause(no_pages(FAIL, code="timed_out")) == ("", set())
    one = no_pages(FAIL, code="timed_out")[:1]
    assert cause(one, nothing_answers()[2:]) == ("", set())


def test_a_script_is_not_the_cause_where_a_page_comes() -> None:
    real = finding("port.tcp443", PASS, outcome="real", step="done")
    assert cause(BY_SCRIPT[:1], (real,))[0] == ""
    assert cause(BROKEN_SCRIPT[:1], (real,))[0] == ""


def test_what_no_proxy_carries_is_what_has_to_be_let_out() -> None:
    """And the webphone's port, if that fails, at the proxy or beside it, by its own fix."""
    asks = Remedy(owner=Owner.NETWORK_TEAM, text="Ask to allow outgoing TCP 10062 to the service.")
    phone = finding("port.webphone", FAIL, step="connection")
    phone = replace(phone, finding=replace(phone.finding, remedy=asks))
    unseen = finding("nat.load_balancing", UNKNOWN)
    concluded = conclude(with_(ONLY_BY_PROXY, (unseen, phone)))
    assert concluded.root_cause is not None
    assert concluded.root_cause.code == "proxy_only"
    assert "port.webphone" not in concluded.root_cause.explains
    fixes = [each.text for each in fixes_of(report_of(concluded.findings, concluded.verdict))]
    assert fixes[0] == "Ask to allow outgoing UDP 3479, 5060 and 5000 to 64000."
    assert asks.text in fixes


def test_only_what_could_not_be_measured_is_laid_on_a_proxy_that_is_the_one_way() -> None:
    slow = finding("port.sip", WARN)
    code, explains = cause(ONLY_BY_PROXY, (slow,))
    assert code == "proxy_only"
    assert "port.sip" not in explains


@pytest.mark.parametrize(
    ("hidden", "explained"), [(0, False), (2, True)], ids=["all seen", "two hidden"]
)
def test_names_that_a_filter_hides_are_no_puzzle_where_none_are_looked_up(
    hidden: int, explained: bool
) -> None:
    status = WARN if hidden else PASS
    code, explains = cause(NAMELESS, (finding("ip.ranges", status, hidden=hidden),))
    assert code == "dns_broken"
    assert ("ip.ranges" in explains) is explained


@pytest.mark.parametrize(
    ("line", "dns", "code"),
    [
        (LineFacts(names_late=True), (finding("port.dns", WARN),), "names_late"),
        (
            LineFacts(names_late=True, names_refused=True),
            (finding("port.dns", WARN),),
            "dns_broken",
        ),
        (LineFacts(), (finding("port.dns", WARN),), "dns_broken"),
        (LineFacts(names_late=True), (finding("port.dns", FAIL),), "dns_broken"),
        (LineFacts(names_late=True), (finding("port.dns", WARN), *EDNS_DROPPED), "dns_broken"),
    ],
    ids=["late", "refused", "silent", "the server fails", "EDNS gets lost"],
)
def test_names_are_late_only_where_servers_answer_at_all(
    line: LineFacts, dns: tuple[Judged, ...], code: str
) -> None:
    found, explains = cause(dns, NO_NAMES[:2], line=line)
    assert found == code
    # its row shows it where it is what gets lost, and nowhere else
    assert ("dns.edns" in explains) is (len(dns) > 1)


@pytest.mark.parametrize(
    ("servers", "others", "code"),
    [(FAIL, UNKNOWN, "dns_broken"), (WARN, PASS, "dns_broken"), (WARN, UNKNOWN, "")],
)
def test_names_are_to_blame_where_the_network_or_a_name_server_shows_life(
    servers: Status, others: Status, code: str
) -> None:
    """One page has no name, the other came further; nothing else is known."""
    judged = (
        finding("port.tcp80", UNKNOWN, outcome="nothing", step="name"),
        finding("port.tcp443", UNKNOWN, outcome="nothing", step="exchange"),
        finding("port.dns", servers),
        finding("udp.range", others, answered=0),
    )
    found = root_cause_of(tuple(e.finding for e in judged), facts_of(judged), LineFacts())
    assert (found.code if found else "") == code


def large(**seen: object) -> Judged:
    lost = {"outcome": "nothing", "step": "encryption", "code": "timed_out",
            "large_segments": LargeSegments.LOST}  # fmt: skip
    return finding("port.tcp443", FAIL, **(lost | seen))


@pytest.mark.parametrize(
    ("other", "explained"),
    [
        (finding("port.webphone", FAIL, step="encryption", code="timed_out"), True),
        (finding("port.webphone", FAIL, step="exchange", code="timed_out"), True),
        # never connected, or told why: no matter of sizes
        (finding("port.webphone", FAIL, step="connection", code="timed_out"), False),
        (finding("port.webphone", FAIL, step="encryption", code="connection_reset"), False),
        (finding("port.sip", FAIL, silent_at_encryption=True), True),
        (finding("port.sip", FAIL, silent_at_encryption=False), False),
        (finding("dns.edns", WARN, edns="large_lost"), True),
        (finding("dns.edns", WARN, edns="fragments_lost"), True),
        (finding("dns.edns", WARN, edns="stripped"), False),
        (finding("nat.sip_alg", UNKNOWN), True),
        (finding("nat.sip_alg", FAIL), False),
    ],
)
def test_packets_of_full_size_explain_silence_alone(other: Judged, explained: bool) -> None:
    code, explains = cause((large(), other))
    assert code == "large_packets_lost"
    assert (other.finding.check in explains) is explained


def test_a_line_that_loses_much_proves_nothing_of_sizes() -> None:
    lossy = LineFacts(packets_sent=500, packets_lost=100)
    assert lossy.loses_much
    assert cause((large(),), line=lossy) == ("", set())


def test_what_is_hidden_is_told_of_the_row_that_saw_it() -> None:
    seen = finding("port.webphone", FAIL, step="connection", hidden=False)
    assert cause((seen, finding("ip.ranges", WARN, hidden=1))) == ("name_filtered", {"ip.ranges"})
    assert cause((seen, finding("ip.ranges", WARN, hidden=0))) == ("", set())


def test_whoever_opens_traffic_explains_connections_that_got_as_far_as_encryption() -> None:
    opened = finding("filter.tls_interception", FAIL, trust="unknown_authority")
    rows = (
        finding("port.tcp443", FAIL, outcome="nothing", step="encryption", code="tls_failed"),
        finding("port.webphone", FAIL, step="connection", code="timed_out"),
        finding("websocket.open", WARN, step="done"),
    )
    explains = {"filter.tls_interception", "port.tcp443", "websocket.open"}
    assert cause((opened, *rows)) == ("tls_inspection", explains)


@pytest.mark.parametrize(("status", "code"), [(FAIL, "tls_cut"), (UNKNOWN, ""), (WARN, "")])
def test_a_cut_that_is_not_proven_is_no_cause(status: Status, code: str) -> None:
    assert cause((finding("filter.tls_interception", status, trust="cut"), CUT[1]))[0] == code


@pytest.mark.parametrize(
    ("answered", "code"), [(0, "udp_blocked"), (1, "")], ids=["nothing", "one port of twenty"]
)
def test_udp_is_not_blocked_where_one_port_answers(answered: int, code: str) -> None:
    assert cause((NO_UDP[0], finding("udp.range", FAIL, answered=answered)))[0] == code


def test_a_line_without_ipv4_says_so_by_its_own_row() -> None:
    judged = with_(NO_IPV4, NO_UDP)
    told = root_cause_of(tuple(each.finding for each in judged), facts_of(judged), LineFacts())
    assert told is not None
    assert told.summary == "udp.stun is fail."


@pytest.mark.parametrize(
    ("status", "full", "code"),
    [(FAIL, True, "thin_line"), (FAIL, False, ""), (WARN, True, "")],
)
def test_a_line_is_too_thin_where_it_was_full_and_carried_too_little(
    status: Status, full: bool, code: str
) -> None:
    line = LineFacts(carried_kbit_s=64.0, line_full=full)
    assert cause((finding("quality.bandwidth", status),), line=line)[0] == code


@pytest.mark.parametrize(
    ("carried_kbit_s", "excused"), [(None, False), (110.0, False), (109.9, True)]
)
def test_one_stream_fills_a_line_of_less_than_its_own_rate_and_a_tenth(
    carried_kbit_s: float | None, excused: bool
) -> None:
    """100 kbit/s is what a call is counted with: from there on its loss is the line's own."""
    line = LineFacts(carried_kbit_s=carried_kbit_s, line_full=True)
    code, explains = cause(
        (finding("quality.bandwidth", FAIL), finding("quality.loss", FAIL)), line=line
    )
    assert code == "thin_line"
    assert ("quality.loss" in explains) is excused


@pytest.mark.parametrize(
    ("seen", "excused"),
    [
        ({"step": "done", "code": "held_back"}, True),
        ({"step": "proxy", "code": "timed_out"}, True),
        ({"step": "done", "code": "closed_early"}, False),
        ({"step": "connection", "code": "held_back"}, False),
        ({"step": "done", "lost_family": "IPv6"}, False),
    ],
)
def test_a_line_with_room_for_one_call_excuses_what_waited_behind_the_calls(
    seen: dict[str, str], excused: bool
) -> None:
    line = LineFacts(carried_kbit_s=448.0, line_full=True)
    row = finding("websocket.open", WARN, **seen)
    code, explains = cause((finding("quality.bandwidth", FAIL), row), line=line)
    assert code == "thin_line"
    assert ("websocket.open" in explains) is excused


# ---- what waits for another row


@pytest.mark.parametrize("status", [FAIL, UNKNOWN])
@pytest.mark.parametrize("lost", [LossFacts(silence=Silence.BLOCKED), NoBeaconAnswered()])
def test_nothing_of_a_call_is_measured_where_no_voice_packet_comes_back(
    status: Status, lost: Struct
) -> None:
    names = ("bandwidth", "latency", "jitter", "mos", "latency_under_load")
    rows = tuple(finding(f"quality.{name}", UNKNOWN) for name in names)
    loss = replace(finding("quality.loss", status), facts=lost)
    concluded = conclude(with_((loss, *rows)))
    behind = {each.check for each in concluded.findings if each.depends_on == "quality.loss"}
    assert behind == {f"quality.{name}" for name in names}


@pytest.mark.parametrize(
    ("status", "lost"),
    [(FAIL, None), (WARN, LossFacts(silence=Silence.BLOCKED)), (PASS, NoBeaconAnswered())],
)
def test_a_line_that_loses_some_leaves_the_other_rows_to_themselves(
    status: Status, lost: Struct | None
) -> None:
    loss = replace(finding("quality.loss", status), facts=lost)
    concluded = conclude(with_((loss, finding("quality.jitter", FAIL))))
    found = {each.check: each for each in concluded.findings}["quality.jitter"]
    assert (found.status, found.depends_on) == (FAIL, "")


@pytest.mark.parametrize(
    ("port", "socket"),
    [({}, {"step": "connection", "port": 443}), ({"step": "connection", "port": 443}, {})],
)
def test_a_port_that_nobody_looked_at_keeps_no_websocket_waiting(
    port: dict[str, object], socket: dict[str, object]
) -> None:
    rows = (finding("port.webphone", FAIL, **port), finding("websocket.open", UNKNOWN, **socket))
    found = {each.check: each for each in conclude(with_(rows)).findings}
    assert found["websocket.open"].depends_on == ""


def test_what_came_through_waits_for_nobody() -> None:
    stuck: dict[str, object] = {"step": "connection", "port": 443}
    rows = (finding("port.webphone", FAIL, **stuck), finding("websocket.open", WARN, **stuck))
    found = {each.check: each for each in conclude(with_(rows)).findings}["websocket.open"]
    assert (found.status, found.depends_on) == (WARN, "")


def test_of_two_shut_ports_the_first_is_waited_for() -> None:
    stuck: dict[str, object] = {"step": "connection", "port": 443}
    rows = (
        finding("port.webphone", FAIL, **stuck),
        finding("port.tcp443", FAIL, outcome="nothing", **stuck),
        finding("websocket.open", UNKNOWN, **stuck),
    )
    found = {each.check: each for each in conclude(with_(rows)).findings}["websocket.open"]
    assert found.depends_on == "port.webphone"
    assert [detail.label for detail in found.details].count("Depends on") == 1


@pytest.mark.parametrize("bits", [FAIL, UNKNOWN])
def test_a_browser_that_nobody_looked_for_is_not_missing(bits: Status) -> None:
    rows = (finding("browser.version", FAIL), finding("browser.bits", bits))
    found = {each.check: each for each in conclude(with_(rows)).findings}["browser.bits"]
    assert (found.status, found.depends_on) == (bits, "")


def test_a_row_that_asks_for_nothing_is_given_nothing_to_do_by_its_cause() -> None:
    judged = with_(NO_UDP)
    silent = tuple(
        replace(each, finding=replace(each.finding, remedy=None))
        if each.finding.check == "udp.stun"
        else each
        for each in judged
    )
    found = {each.check: each for each in conclude(silent).findings}
    assert found["udp.stun"].remedy is None
    assert found["quality.loss"].remedy == {e.finding.check: e for e in judged}[
        "quality.loss"
    ].finding.remedy  # fmt: skip


def test_rows_of_the_cause_itself_that_could_not_tell_say_that_they_were_not_measured() -> None:
    found = {each.check: each for each in conclude(with_(NO_UDP)).findings}
    assert found["udp.range"].status is UNKNOWN
    assert found["udp.range"].summary == "Not measured: UDP is blocked."
