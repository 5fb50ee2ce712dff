"""One cause behind many findings, as a table of cases; and what depends on it says so."""

import pytest
from report.samples import report_of

from natwizard.model.finding import Finding, Owner, Page, Remedy, Status
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.report import Readiness
from natwizard.report.details import fixes_of
from natwizard.run.conclusion import conclude
from natwizard.run.root_cause import CAUSES, root_cause_of

PASS, WARN, FAIL, UNKNOWN = Status.PASS, Status.WARN, Status.FAIL, Status.UNKNOWN
LONGEST_SENTENCE = 70


def finding(check: str, status: Status, **measured: str | int) -> Finding:
    return Finding(
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
        measured=tuple(
            Quantity(name=name, value=value, unit=Unit.TEXT) for name, value in measured.items()
        ),
    )


HEALTHY = (
    finding("computer.ram", PASS),
    finding("link.wired", WARN),
    finding("nat.mapping", PASS),
    finding("port.tcp80", PASS, came="real", reached="done", way="direct"),
    finding("port.tcp443", PASS, came="real", reached="done", way="direct"),
    finding("port.dns", PASS, answering_udp=1),
    finding("udp.stun", PASS, answered=2),
    finding("udp.range", PASS, ports_answered=20),
    finding("ip.ranges", PASS),
    finding("port.webphone", PASS, reached="done"),
    finding("quality.loss", PASS),
    finding("dns.edns", PASS),
    finding("websocket.open", PASS, reached="done"),
    finding("filter.tls_interception", PASS, trust="public", controls=1, controls_public=1),
)

LOGIN = (
    finding("port.tcp80", FAIL, came="login", reached="done"),
    finding("port.tcp443", FAIL, came="nothing", reached="connection", failure="timed_out"),
    finding("udp.stun", FAIL, answered=0),
    finding("port.webphone", FAIL, reached="connection", failure="timed_out"),
    finding("websocket.open", UNKNOWN, reached="connection"),
    finding("filter.tls_interception", UNKNOWN, trust="unseen"),
)
PASSWORD = (
    finding("port.tcp80", WARN, came="password", reached="done"),
    finding("port.tcp443", WARN, came="password", reached="proxy", failure="proxy_authentication"),
    finding("port.webphone", UNKNOWN, reached="proxy", failure="proxy_authentication"),
)
NAMELESS = (
    finding("port.tcp80", UNKNOWN, came="nothing", reached="name"),
    finding("port.tcp443", UNKNOWN, came="nothing", reached="name"),
    finding("port.dns", FAIL, answering_udp=0),
    finding("dns.edns", UNKNOWN),
    finding("udp.stun", UNKNOWN, answered=0),
    finding("port.webphone", UNKNOWN, reached="name"),
)
EDNS_DROPPED = (finding("dns.edns", FAIL, edns="dropped"),)
NO_NAMES = (
    finding("port.tcp80", UNKNOWN, came="nothing", reached="name"),
    finding("port.tcp443", UNKNOWN, came="nothing", reached="name"),
    finding("udp.stun", UNKNOWN, answered=0),
)
ANSWERS_PLAIN = (finding("port.dns", PASS, answering_udp=1), *EDNS_DROPPED)
CLOCK = (
    finding("filter.tls_interception", FAIL, trust="expired", controls=1, controls_public=0),
    finding("port.tcp443", WARN, came="real", reached="done"),
)


def no_pages(status: Status, **measured: str) -> tuple[Finding, ...]:
    stuck = {"came": "nothing", "reached": "connection", **measured}
    return (finding("port.tcp80", status, **stuck), finding("port.tcp443", status, **stuck))


def without_pages(status: Status, script: str) -> tuple[Finding, ...]:
    return (
        *no_pages(status, proxy_script=script),
        finding("port.webphone", FAIL, reached="connection", failure="timed_out"),
    )


BY_SCRIPT = without_pages(UNKNOWN, "other_kind")
BROKEN_SCRIPT = without_pages(FAIL, "syntax")
UNFETCHED = without_pages(UNKNOWN, "no_answer")[:2]
UNUSED = tuple(
    finding(page, WARN, came="real", reached="done", way="direct", proxy_script="throws")
    for page in ("port.tcp80", "port.tcp443")
)
ONLY_BY_PROXY = (
    finding("port.tcp443", PASS, came="real", reached="done", way="proxy"),
    finding("udp.stun", FAIL, answered=0),
    finding("udp.range", FAIL, ports_answered=0),
)
INSPECTED = (
    finding("filter.tls_interception", FAIL, trust="private_store_only", controls_public=0),
    finding("port.tcp443", WARN, came="real", reached="done"),
    finding("port.webphone", WARN, reached="done"),
    finding("websocket.open", FAIL, reached="exchange"),
)
CUT = (
    finding("filter.tls_interception", FAIL, trust="cut"),
    finding("port.webphone", FAIL, reached="encryption", failure="connection_reset"),
)
NO_UDP = (
    finding("udp.stun", FAIL, answered=0),
    finding("udp.range", UNKNOWN, ports_answered=0),
    finding("quality.loss", UNKNOWN),
    finding("nat.mapping", UNKNOWN),
)
HIDDEN = (
    finding("port.webphone", FAIL, reached="name", hidden=1),
    finding("ip.ranges", WARN, hidden=2),
    finding("websocket.open", UNKNOWN, reached="name"),
)
NO_PROXY = (
    finding("port.tcp80", WARN, came="real", way="direct", proxy_failure="timed_out"),
    finding("port.tcp443", WARN, came="real", way="direct", proxy_failure="timed_out"),
    finding("port.webphone", FAIL, reached="connection", proxy_failure="timed_out"),
    finding("filter.tls_interception", UNKNOWN, trust="unseen"),
)


PROXY_GONE = no_pages(FAIL, proxy_failure="connection_refused")
PROXY_SILENT = no_pages(UNKNOWN, proxy_failure="timed_out")
DOWN = (finding("port.webphone", UNKNOWN, reached="connection", control="further"),)
ONLY_IPV4 = (finding("port.webphone", WARN, reached="done", lost_family="IPv6"),)
PAGES_BY_IPV4 = (finding("port.tcp443", WARN, came="real", reached="done", lost_family="IPv6"),)
NO_LINK = (finding("link.wired", FAIL),)
CABLE = (finding("link.wired", PASS),)
ROUTER_ANSWERS = (finding("port.dns", PASS, answering_udp=1), finding("dns.edns", PASS))
ROUTER_FAILS = (finding("port.dns", WARN, answering_udp=1),)


def nothing_answers(*, reached: str = "connection") -> tuple[Finding, ...]:
    silent = {"came": "nothing", "reached": reached, "failure": "timed_out"}
    return tuple(
        finding(each.check, UNKNOWN, **silent)
        for each in HEALTHY
        if each.check not in {"computer.ram", "link.wired", "ip.ranges"}
    )


def with_(*faults: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The healthy findings with these in their place; the first fault of a check counts."""
    found = {each.check: each for each in HEALTHY}
    for fault in reversed(faults):
        found |= {each.check: each for each in fault}
    return tuple(found.values())


@pytest.mark.parametrize(
    ("faults", "code", "explains"),
    [
        ((), "", set()),
        ((NO_LINK, nothing_answers()), "no_network", {"link.wired", "port.tcp443", "udp.stun"}),
        ((nothing_answers(),), "no_internet", {"port.tcp443", "udp.stun", "quality.loss"}),
        ((CABLE, nothing_answers(reached="name")), "no_internet", {"port.tcp443", "port.dns"}),
        # a router with no line answers names by itself, or says that it cannot
        ((CABLE, ROUTER_ANSWERS, nothing_answers()), "no_internet", {"port.tcp443", "udp.stun"}),
        ((ROUTER_FAILS, nothing_answers(reached="name")), "no_internet", {"port.dns"}),
        ((LOGIN,), "captive_portal", {each.check for each in LOGIN}),
        ((PASSWORD,), "proxy_password", {each.check for each in PASSWORD}),
        ((NAMELESS,), "dns_broken", {each.check for each in NAMELESS}),
        ((BY_SCRIPT,), "proxy_script", {each.check for each in BY_SCRIPT}),
        ((BY_SCRIPT, nothing_answers()), "proxy_script", {each.check for each in BY_SCRIPT}),
        ((BROKEN_SCRIPT,), "proxy_script_broken", {each.check for each in BROKEN_SCRIPT}),
        ((UNFETCHED, nothing_answers()), "no_internet", {"port.tcp443", "udp.stun"}),
        ((UNUSED,), "proxy_script_unused", {"port.tcp80", "port.tcp443"}),
        ((UNUSED, NO_UDP), "udp_blocked", {each.check for each in NO_UDP}),
        ((HIDDEN,), "name_filtered", {each.check for each in HIDDEN}),
        ((HIDDEN, NO_UDP), "name_filtered", {each.check for each in HIDDEN}),
        ((NO_PROXY,), "proxy_dead", {each.check for each in NO_PROXY}),
        ((NO_PROXY, INSPECTED), "proxy_dead", {each.check for each in NO_PROXY}),
        ((PROXY_GONE, nothing_answers()), "proxy_dead", {"port.tcp80", "port.tcp443"}),
        ((PROXY_SILENT, nothing_answers()), "no_internet", {"port.tcp443", "udp.stun"}),
        ((CLOCK,), "clock_wrong", {"filter.tls_interception", "port.tcp443"}),
        ((ONLY_BY_PROXY,), "proxy_only", {"udp.stun", "udp.range"}),
        ((INSPECTED,), "tls_inspection", {each.check for each in INSPECTED}),
        ((CUT,), "tls_cut", {"filter.tls_interception", "port.webphone"}),
        ((NO_UDP,), "udp_blocked", {each.check for each in NO_UDP}),
        ((DOWN,), "service_down", {"port.webphone"}),
        ((ONLY_IPV4,), "ipv6_broken", {"port.webphone"}),
        ((PAGES_BY_IPV4,), "ipv6_broken", {"port.tcp443"}),
        ((ONLY_IPV4, PAGES_BY_IPV4), "ipv6_broken", {"port.webphone", "port.tcp443"}),
        # pairs: the one that hides the other is told, and claims no more than its own
        ((LOGIN, NO_UDP), "captive_portal", {each.check for each in (*LOGIN, *NO_UDP)}),
        ((LOGIN, INSPECTED), "captive_portal", {each.check for each in LOGIN}),
        ((NAMELESS, ONLY_IPV4), "dns_broken", {each.check for each in NAMELESS}),
        # a stub that asks with EDNS alone gets no name, though plain questions are answered
        ((EDNS_DROPPED, NO_NAMES), "dns_broken", {each.check for each in NO_NAMES}),
        (
            (ANSWERS_PLAIN, nothing_answers(reached="name")),
            "dns_broken",
            {"dns.edns", "port.tcp80"},
        ),
        ((EDNS_DROPPED,), "", set()),
        ((INSPECTED, NO_UDP), "tls_inspection", {each.check for each in INSPECTED}),
        ((CUT, NO_UDP), "tls_cut", {"filter.tls_interception", "port.webphone"}),
        ((NO_UDP, DOWN), "udp_blocked", {each.check for each in NO_UDP}),
        ((NO_UDP, ONLY_IPV4), "udp_blocked", {each.check for each in NO_UDP}),
        ((PASSWORD, NO_UDP), "proxy_password", {each.check for each in PASSWORD}),
        ((NO_LINK, nothing_answers(), NO_UDP), "no_network", {"link.wired", "udp.stun"}),
        # one finding of its own needs no cause
        (((finding("dns.edns", FAIL),),), "", set()),
        (((finding("port.webphone", FAIL, reached="connection"),),), "", set()),
        (((finding("udp.stun", FAIL, answered=1),),), "", set()),
        (((finding("udp.stun", FAIL, answered=0),),), "", set()),
        ((NO_LINK,), "", set()),
    ],
)
def test_a_cause_is_named_once_for_all_it_explains(
    faults: tuple[tuple[Finding, ...], ...], code: str, explains: set[str]
) -> None:
    findings = with_(*faults)
    cause = root_cause_of(findings)
    assert (cause.code if cause else "") == code
    if cause:
        assert explains <= set(cause.explains)
        fine = {each.check for each in findings if each.status is PASS}
        assert not fine & set(cause.explains)
        assert "computer.ram" not in cause.explains


def test_no_cause_is_named_where_the_rows_are_not_there() -> None:
    assert root_cause_of(()) is None
    assert root_cause_of((finding("computer.ram", FAIL),)) is None


def test_causes_are_one_plain_sentence_each() -> None:
    assert len({cause.code for cause in CAUSES}) == len(CAUSES)
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
    both = finding("port.tcp443", FAIL, came="login", reached="done")
    first = finding("port.tcp80", FAIL, came="login", reached="done")
    same = tuple(
        Finding(**{name: getattr(each, name) for name in each.__struct_fields__} | {"summary": "x"})
        for each in (both, first)
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


def test_concluding_twice_changes_nothing() -> None:
    once = conclude(with_(LOGIN, NO_UDP))
    assert conclude(once.findings) == once


def test_silence_everywhere_is_no_problem_of_this_computer() -> None:
    concluded = conclude(with_(nothing_answers()))
    assert concluded.verdict is Readiness.COULD_NOT_TELL


@pytest.mark.parametrize(
    ("port", "socket", "follows"),
    [
        ({"reached": "connection", "port": 10062}, {"reached": "connection", "port": 10062}, True),
        ({"reached": "connection", "port": 10062}, {"reached": "connection", "port": 443}, False),
        ({"reached": "connection", "port": 10062}, {"reached": "exchange", "port": 10062}, False),
        ({"reached": "exchange", "port": 10062}, {"reached": "exchange", "port": 10062}, False),
        ({"reached": "connection"}, {"reached": "connection"}, False),
    ],
)
def test_a_websocket_behind_a_shut_port_is_no_further_problem(
    port: dict[str, str | int], socket: dict[str, str | int], *, follows: bool
) -> None:
    shut = finding("port.webphone", FAIL, **port)
    concluded = conclude(with_((shut, finding("websocket.open", UNKNOWN, **socket))))
    found = {each.check: each for each in concluded.findings}["websocket.open"]
    assert (found.depends_on == "port.webphone") is follows
    assert (found.remedy == shut.remedy) is follows
    assert conclude(concluded.findings) == concluded


@pytest.mark.parametrize(("installed", "follows"), [(0, True), (1, False)])
def test_a_browser_that_is_not_there_is_one_problem_and_not_two(
    installed: int, *, follows: bool
) -> None:
    missing = finding("browser.version", FAIL, browsers_found=installed)
    concluded = conclude(with_((missing, finding("browser.bits", UNKNOWN))))
    found = {each.check: each for each in concluded.findings}["browser.bits"]
    assert (found.depends_on == "browser.version") is follows
    assert conclude(concluded.findings) == concluded


def test_what_follows_from_a_fix_is_listed_with_it_and_not_after_it() -> None:
    stuck: dict[str, str | int] = {"reached": "connection", "port": 10062}
    faults = (
        finding("port.webphone", FAIL, **stuck),
        finding("websocket.open", UNKNOWN, **stuck),
        finding("dns.edns", UNKNOWN),
    )
    findings = conclude(with_(faults)).findings
    fixes = fixes_of(report_of(findings, Readiness.NOT_READY))
    assert [fix.finding.check for fix in fixes] == ["port.webphone", "dns.edns", "link.wired"]
    assert fixes[0].also == ("websocket.open",)
