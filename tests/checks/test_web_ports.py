"""port.tcp80 and port.tcp443: the real page, another one, or none."""

from socket import AF_INET, AF_INET6

import pytest
from cases.reach_cases import (
    ENDPOINT,
    FOUND,
    LARGE_LOST,
    NOT_FOUND,
    SILENT_WEB,
    assert_plain,
    case_of,
    ok,
    page_try,
    reached,
    secure_page,
    websocket,
)
from cases.udp_cases import UDP_SILENT, UDP_WORKS
from msgspec.structs import replace

from natwizard.checks import port_web_pages
from natwizard.checks.base import EvidenceMissing, NoLimits
from natwizard.checks.port_web_pages import (
    OURS,
    PageFacts,
    PageOutcome,
    judge_tcp80,
    judge_tcp443,
)
from natwizard.checks.shared.connection_outcome import ConnectionStep
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.connection.reachability import Reachability
from natwizard.probes.connection.trace import ProxyChoice
from natwizard.probes.network import Endpoint, ProxyScript, ScriptTrouble
from natwizard.probes.stun.binding import STUN, StunEvidence
from natwizard.probes.web import WEB, PageReachability, PageTry, WebEvidence
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry

TIMED_OUT = FailureCode.TIMED_OUT
REFUSED = FailureCode.CONNECTION_REFUSED
RESET = FailureCode.CONNECTION_RESET
UNTRUSTED = FailureCode.CERTIFICATE_UNTRUSTED
PORTAL = "http://login.example.net/?to=www.example.com"


def plain(*tries: PageTry, https: PageTry | None = None) -> Judgement:
    evidence = WebEvidence(http=tries, https=(https or secure_page(),))
    judgement = judge_tcp80(case_of((WEB, evidence)), NoLimits())
    assert_plain(judgement)
    return judgement


OTHER_PAGE = "http://page.example.net:80/"
UNNAMED = page_try(url=OTHER_PAGE, lookup=NOT_FOUND)
CONTROL_SILENT = page_try(reached(connect=TIMED_OUT), url=OTHER_PAGE)


def beside(control: PageTry, tried: PageTry, *, public: bool = True) -> Judgement:
    evidence = WebEvidence(
        http=(tried,), http_control=(control,), http_is_public=public, https=(secure_page(),)
    )
    judgement = judge_tcp80(case_of((WEB, evidence)), NoLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    "tried",
    [
        page_try(reached(connect=TIMED_OUT)),
        page_try(reached(connect=REFUSED)),
        page_try(lookup=NOT_FOUND),
        page_try(answer=TIMED_OUT),
        page_try(answer=RESET),
    ],
)
@pytest.mark.parametrize("public", [True, False])
def test_a_server_that_does_not_answer_says_nothing_of_the_port_where_another_does(
    tried: PageTry, *, public: bool
) -> None:
    judgement = beside(page_try(url=OTHER_PAGE), tried, public=public)
    assert (judgement.status, judgement.summary) == (Status.PASS, "Web pages come through.")
    assert judgement.observed.startswith("page.example.net: the page came in ")
    assert "; www.example.com: " in judgement.observed


def test_a_port_is_blocked_where_two_strangers_are_silent_or_an_own_server() -> None:
    blocked = "Your network blocks web pages on port 80."
    silent = page_try(reached(connect=TIMED_OUT))
    for control, public in ((CONTROL_SILENT, True), (CONTROL_SILENT, False), (UNNAMED, False)):
        judgement = beside(control, silent, public=public)
        assert (judgement.status, judgement.summary) == (Status.FAIL, blocked)


def test_one_stranger_that_is_silent_alone_is_no_proof() -> None:
    judgement = beside(UNNAMED, page_try(reached(connect=TIMED_OUT)))
    assert judgement.status is Status.WARN
    assert "proves nothing" in judgement.summary


def test_a_login_page_in_place_of_the_second_page_is_one() -> None:
    portal = page_try(url=OTHER_PAGE, status=302, location=PORTAL)
    judgement = beside(portal, page_try(lookup=NOT_FOUND))
    assert judgement.summary == "This network wants you to sign in first."


def secure(*tries: PageTry, http: PageTry | None = None) -> Judgement:
    evidence = WebEvidence(https=tries, http=(http or page_try(),))
    judgement = judge_tcp443(case_of((WEB, evidence)), NoLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    ("tried", "status", "summary"),
    [
        (page_try(), Status.PASS, "Web pages come through."),
        (
            page_try(status=301, location="https://www.example.com/"),
            Status.PASS,
            "Web pages come through.",
        ),
        (
            page_try(status=301, location="https://example.com/"),
            Status.PASS,
            "Web pages come through.",
        ),
        (
            page_try(status=302, location=PORTAL),
            Status.FAIL,
            "This network wants you to sign in first.",
        ),
        (
            page_try(expected=False),
            Status.WARN,
            "Port 80 is open, but the test page did not come.",
        ),
        (page_try(status=511), Status.FAIL, "This network wants you to sign in first."),
        (
            page_try(status=403),
            Status.WARN,
            "Port 80 is open, but the test page did not come.",
        ),
        (
            page_try(status=302, location="/again"),
            Status.WARN,
            "Port 80 is open, but the test page did not come.",
        ),
        (
            page_try(status=302, location="http://[junk"),
            Status.WARN,
            "Port 80 is open, but the test page did not come.",
        ),
        (
            page_try(reached(connect=TIMED_OUT)),
            Status.FAIL,
            "Your network blocks web pages on port 80.",
        ),
        (
            page_try(reached(connect=REFUSED)),
            Status.FAIL,
            "Web pages on port 80 are turned away.",
        ),
        (
            page_try(reached(connect=RESET)),
            Status.FAIL,
            "Connections to port 80 are cut at once.",
        ),
        (
            page_try(answer=TIMED_OUT),
            Status.FAIL,
            "Port 80 takes the question, but no page comes back.",
        ),
        (page_try(answer=RESET), Status.FAIL, "Something cuts web pages on port 80."),
        (
            page_try(answer=FailureCode.BAD_ANSWER),
            Status.FAIL,
            "Something that is no web server answers on port 80.",
        ),
        (
            page_try(lookup=NOT_FOUND),
            Status.UNKNOWN,
            "The name of the test page could not be looked up.",
        ),
    ],
)
def test_port_80_has_words_for_each_ending(tried: PageTry, status: Status, summary: str) -> None:
    judgement = plain(tried)
    assert (judgement.status, judgement.summary) == (status, summary)


def test_a_login_page_is_for_the_person_to_deal_with() -> None:
    judgement = plain(page_try(expected=False), https=secure_page(reached(connect=TIMED_OUT)))
    assert judgement.observed == "a login page answers in place of the real page"
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.AGENT


@pytest.mark.parametrize(
    ("https", "udp", "status"),
    [
        (secure_page(), UDP_WORKS, Status.WARN),
        (secure_page(), UDP_SILENT, Status.FAIL),
        (secure_page(reached(tls=UNTRUSTED)), UDP_WORKS, Status.FAIL),
        (secure_page(reached(connect=TIMED_OUT)), UDP_WORKS, Status.FAIL),
    ],
)
def test_a_stand_in_is_no_login_page_where_all_else_gets_out(
    https: PageTry, udp: StunEvidence, status: Status
) -> None:
    web = WebEvidence(http=(page_try(expected=False),), https=(https,))
    judgement = port_web_pages.judge_tcp80(case_of((WEB, web), (STUN, udp)), NoLimits())
    assert judgement.status is status
    facts = judgement.facts
    assert isinstance(facts, PageFacts)
    assert (facts.outcome is PageOutcome.LOGIN) == (status is Status.FAIL)


@pytest.mark.parametrize(
    ("control", "owner"),
    [
        ((), Owner.HELPDESK),
        ((CONTROL_SILENT,), Owner.HELPDESK),
        ((page_try(url=OTHER_PAGE),), Owner.HELPDESK),
        ((page_try(url=OTHER_PAGE, expected=False),), Owner.NETWORK_TEAM),
    ],
)
@pytest.mark.parametrize("udp", [(), ((STUN, UDP_WORKS),)])
def test_one_page_that_has_changed_is_no_filters_doing(
    control: tuple[PageTry, ...], owner: Owner, udp: tuple[tuple[object, object], ...]
) -> None:
    """A second one by another owner has to show the same."""
    web = WebEvidence(
        http=(page_try(expected=False),), http_control=control, https=(secure_page(),)
    )
    judgement = judge_tcp80(case_of((WEB, web), *udp), NoLimits())
    assert judgement.status is Status.WARN
    assert judgement.remedy is not None
    assert judgement.remedy.owner is owner


def test_what_says_that_somebody_has_to_sign_in_is_believed() -> None:
    assert plain(page_try(status=511)).status is Status.FAIL


@pytest.mark.parametrize("code", [TIMED_OUT, FailureCode.NETWORK_UNREACHABLE])
def test_silence_everywhere_is_no_verdict(code: FailureCode) -> None:
    judgement = plain(page_try(reached(connect=code)), https=secure_page(reached(connect=code)))
    assert judgement.status is Status.UNKNOWN
    assert judgement.summary == "Nothing answered, so port 80 could not be tested."


def test_a_refusal_needs_no_other_answer() -> None:
    https = secure_page(reached(connect=TIMED_OUT))
    assert plain(page_try(reached(connect=REFUSED)), https=https).status is Status.FAIL


@pytest.mark.parametrize(
    ("tried", "status", "summary"),
    [
        (secure_page(), Status.PASS, "Secure web pages come through."),
        (
            secure_page(status=302, location="https://login.example.net/"),
            Status.PASS,
            "Secure web pages come through.",
        ),
        (
            secure_page(expected=False),
            Status.WARN,
            "Port 443 is open, but the test page did not come.",
        ),
        (
            secure_page(reached(tls=UNTRUSTED)),
            Status.WARN,
            "Secure pages come, but nobody known vouches for them.",
        ),
        (
            secure_page(reached(tls=UNTRUSTED), expected=False),
            Status.FAIL,
            "This network wants you to sign in first.",
        ),
        (
            secure_page(reached(tls=UNTRUSTED), status=302, location=PORTAL),
            Status.FAIL,
            "This network wants you to sign in first.",
        ),
        (
            secure_page(reached(tls=RESET)),
            Status.FAIL,
            "Something cuts secure pages, port 443, as encryption begins.",
        ),
        (
            secure_page(reached(tls=TIMED_OUT)),
            Status.FAIL,
            "Secure pages on port 443 fall silent as encryption begins.",
        ),
        (
            secure_page(reached(tls=FailureCode.TLS_FAILED)),
            Status.FAIL,
            "Secure pages on port 443 cannot be encrypted.",
        ),
        (
            secure_page(reached(connect=TIMED_OUT)),
            Status.FAIL,
            "Your network blocks web pages on port 443.",
        ),
    ],
)
def test_port_443_has_words_for_each_ending(tried: PageTry, status: Status, summary: str) -> None:
    judgement = secure(tried)
    assert (judgement.status, judgement.summary) == (status, summary)


PROXY = "proxy.example.com:3128"
BLOCKED = secure_page(reached(connect=TIMED_OUT))


SERVES_NONE = "Port 443 is open, but the test page's server serves no page."
NO_PAGE_NAME = "The name of the test page could not be looked up."
TURNED_AWAY = "Web pages on port 80 are turned away."
DID_NOT_COME = "Port 443 is open, but the test page did not come."


def through_proxy(*, seconds: float) -> Reachability:
    """A connection that the proxy took so long to open."""
    tunnel = ok(200, "open_tunnel", ms=1000 * seconds)
    return replace(reached(proxy=PROXY), tunnel=tunnel)


NO_PROXY = "The proxy that is set for this computer does not answer."


@pytest.mark.parametrize(
    ("direct", "proxied", "status", "summary"),
    [
        (secure_page(), secure_page(proxy=PROXY), Status.PASS, "Secure web pages come through."),
        (BLOCKED, secure_page(proxy=PROXY), Status.PASS, "Secure web pages come through."),
        (
            secure_page(),
            secure_page(reached(tunnel=FailureCode.PROXY_AUTHENTICATION, proxy=PROXY), proxy=PROXY),
            Status.WARN,
            "Your proxy asks for a password that we do not have.",
        ),
        (
            BLOCKED,
            secure_page(status=407, proxy=PROXY),
            Status.WARN,
            "Your proxy asks for a password that we do not have.",
        ),
        (
            secure_page(),
            secure_page(reached(connect=REFUSED, proxy=PROXY), proxy=PROXY),
            Status.WARN,
            NO_PROXY,
        ),
        (
            secure_page(),
            secure_page(reached(connect=TIMED_OUT, proxy=PROXY), proxy=PROXY),
            Status.WARN,
            NO_PROXY,
        ),
        (
            secure_page(),
            secure_page(reached(tunnel=FailureCode.HTTP_STATUS, proxy=PROXY), proxy=PROXY),
            Status.WARN,
            "Pages come directly, but not through your proxy.",
        ),
        # a machine that turns connections away shows that the line carries; silence does not
        (
            BLOCKED,
            secure_page(reached(connect=REFUSED, proxy=PROXY), proxy=PROXY),
            Status.FAIL,
            NO_PROXY,
        ),
        (
            BLOCKED,
            secure_page(reached(connect=TIMED_OUT, proxy=PROXY), proxy=PROXY),
            Status.FAIL,
            "Your network blocks web pages on port 443.",
        ),
        (
            BLOCKED,
            secure_page(reached(tunnel=FailureCode.HTTP_STATUS, proxy=PROXY), proxy=PROXY),
            Status.FAIL,
            "Your proxy does not let the test page through.",
        ),
        (
            BLOCKED,
            secure_page(reached(tunnel=FailureCode.PROXY_FOUND_NOBODY, proxy=PROXY), proxy=PROXY),
            Status.UNKNOWN,
            "Your proxy could not reach the test page's server.",
        ),
        (
            secure_page(),
            secure_page(through_proxy(seconds=9.0), proxy=PROXY),
            Status.WARN,
            "Your proxy takes 9\u00a0s to open a connection.",
        ),
        (
            BLOCKED,
            secure_page(through_proxy(seconds=4.1), proxy=PROXY),
            Status.WARN,
            "Your proxy takes 4\u00a0s to open a connection.",
        ),
        (
            BLOCKED,
            secure_page(through_proxy(seconds=2.9), proxy=PROXY),
            Status.PASS,
            "Secure web pages come through.",
        ),
    ],
)
def test_a_proxy_is_another_way(
    direct: PageTry, proxied: PageTry, status: Status, summary: str
) -> None:
    judgement = secure(direct, proxied)
    assert (judgement.status, judgement.summary) == (status, summary)
    assert PROXY in [detail.text for detail in judgement.details]


@pytest.mark.parametrize(
    ("came", "summary"),
    [
        (secure_page(status=503), SERVES_NONE),
        (secure_page(status=500), SERVES_NONE),
        (secure_page(status=429), SERVES_NONE),  # whole offices ask at once, by one address
        # whoever opens the connection may say so, too
        (secure_page(reached(tls=FailureCode.CERTIFICATE_UNTRUSTED), status=503), DID_NOT_COME),
        (secure_page(status=403), DID_NOT_COME),
        (secure_page(status=404), DID_NOT_COME),
    ],
)
def test_a_server_that_says_it_cannot_is_filtered_by_nobody(came: PageTry, summary: str) -> None:
    judgement = secure(came)
    assert (judgement.status, judgement.summary) == (Status.WARN, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.HELPDESK


def led_to(*addresses: str) -> PageTry:
    """A page whose name was led there, where the connection was turned away."""
    places = tuple(
        Endpoint(family=AF_INET6 if ":" in each else AF_INET, address=each, port=80)
        for each in addresses
    )
    lookup = ok(places, "look_up")
    return replace(page_try(reached(connect=REFUSED, secure=False)), lookup=lookup)


@pytest.mark.parametrize(
    ("addresses", "summary"),
    [
        (("0.0.0.0",), NO_PAGE_NAME),
        (("::",), NO_PAGE_NAME),
        (("0.0.0.0", "::"), NO_PAGE_NAME),
        (("0.0.0.0", "192.0.2.1"), TURNED_AWAY),
        (("192.0.2.1",), TURNED_AWAY),
    ],
)
def test_a_name_that_a_filter_leads_nowhere_closes_no_port(
    addresses: tuple[str, ...], summary: str
) -> None:
    """Lists against telemetry hide the pages that systems look for a login page with."""
    judgement = plain(led_to(*addresses))
    assert judgement.summary == summary
    assert (judgement.status is Status.FAIL) == (summary == TURNED_AWAY)


@pytest.mark.parametrize("status", [429, 503])
def test_without_encryption_anybody_may_have_said_it(status: int) -> None:
    assert plain(page_try(status=status)).summary.endswith("but the test page did not come.")


def test_a_page_that_is_not_set_is_no_target() -> None:
    with pytest.raises(EvidenceMissing) as missing:
        judge_tcp80(case_of((WEB, WebEvidence(https=(secure_page(),)))), NoLimits())
    assert missing.value.failure.detail == "targets.http"
    with pytest.raises(EvidenceMissing) as missing:
        judge_tcp443(case_of((WEB, WebEvidence(http=(page_try(),)))), NoLimits())
    assert missing.value.failure.detail == "targets.https"
    with pytest.raises(EvidenceMissing):
        judge_tcp80(case_of(), NoLimits())


def test_all_silent_is_unknown_for_both() -> None:
    case = case_of((WEB, SILENT_WEB))
    assert judge_tcp80(case, NoLimits()).status is Status.UNKNOWN
    assert judge_tcp443(case, NoLimits()).status is Status.UNKNOWN


SCRIPT = ProxyScript(address="http://scripts.example.com/p.pac")
BROKEN = set(ScriptTrouble) - {
    ScriptTrouble.NONE_NAMED,
    ScriptTrouble.OTHER_KIND,
    ScriptTrouble.NOT_RUN,
}


def by_script(http: PageTry, script: ProxyScript, *proxied: PageTry) -> Judgement:
    """Nothing answers on port 443."""
    evidence = WebEvidence(
        http=(http, *proxied), https=SILENT_WEB.https, http_choice=ProxyChoice(script=script)
    )
    judgement = judge_tcp80(case_of((WEB, evidence)), NoLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize("trouble", sorted(BROKEN))
def test_a_broken_script_is_advice_where_pages_come_without_it(trouble: ScriptTrouble) -> None:
    script = replace(SCRIPT, trouble=trouble, detail="line 3: SyntaxError")
    judgement = by_script(page_try(), script)
    assert judgement.status is Status.WARN
    assert "script" in judgement.summary
    assert "browsers" in judgement.summary
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.NETWORK_TEAM
    assert SCRIPT.address in judgement.remedy.request
    assert f"{SCRIPT.address}: line 3: SyntaxError" in [each.text for each in judgement.details]
    assert {each.name: each.value for each in judgement.measured}["proxy_script"] == trouble.value


@pytest.mark.parametrize("trouble", sorted(BROKEN))
def test_a_broken_script_is_why_nothing_comes_unless_the_line_is_down(
    trouble: ScriptTrouble,
) -> None:
    judgement = by_script(SILENT_WEB.http[0], replace(SCRIPT, trouble=trouble))
    line_may_be_down = trouble is ScriptTrouble.NO_ANSWER
    assert judgement.status is (Status.UNKNOWN if line_may_be_down else Status.FAIL)
    assert "script" in judgement.summary


@pytest.mark.parametrize("trouble", [ScriptTrouble.OTHER_KIND, ScriptTrouble.NOT_RUN])
def test_what_browsers_reach_another_way_is_not_blocked(trouble: ScriptTrouble) -> None:
    script = replace(SCRIPT, trouble=trouble, answer="SOCKS socks.example.com:1080")
    judgement = by_script(SILENT_WEB.http[0], script)
    assert judgement.status is Status.UNKNOWN
    assert judgement.remedy is not None
    assert "browser" in judgement.remedy.text
    assert any(script.answer in each.text for each in judgement.details)
    assert by_script(page_try(), script).status is Status.PASS


def test_a_network_that_names_no_script_changes_nothing() -> None:
    none = ProxyScript(trouble=ScriptTrouble.NONE_NAMED)
    assert by_script(page_try(), none).status is Status.PASS
    judgement = by_script(SILENT_WEB.http[0], none)
    assert judgement.status is Status.UNKNOWN
    assert "script" not in judgement.summary
    assert any("WPAD" in each.text for each in judgement.details)


@pytest.mark.parametrize(
    ("script", "broken", "unusable"),
    [
        (None, False, False),
        (SCRIPT, False, False),
        *(
            (
                replace(SCRIPT, trouble=trouble),
                trouble not in (ScriptTrouble.NONE_NAMED, *OURS),
                trouble in (ScriptTrouble.OTHER_KIND, ScriptTrouble.NOT_RUN),
            )
            for trouble in ScriptTrouble
        ),
    ],
)
def test_a_script_is_to_be_mended_by_somebody_or_beyond_this_program(
    script: ProxyScript | None, broken: bool, unusable: bool
) -> None:
    facts = PageFacts(
        step=ConnectionStep.DONE, code=None, port=80, outcome=PageOutcome.REAL, script=script
    )
    assert (facts.script_broken, facts.script_unusable) == (broken, unusable)


@pytest.mark.parametrize("passed_over", [(), ("a.example.com:1", "b.example.com:2")])
def test_proxies_that_take_no_connection_are_listed(passed_over: tuple[str, ...]) -> None:
    choice = ProxyChoice(listed="some", passed_over=passed_over)
    evidence = WebEvidence(http=(page_try(),), https=SILENT_WEB.https, http_choice=choice)
    judgement = judge_tcp80(case_of((WEB, evidence)), NoLimits())
    lines = [each.text for each in judgement.details if each.label == "No connection"]
    assert lines == [", ".join(passed_over)][: len(passed_over)]


def test_a_login_page_comes_before_a_script_that_it_has_spoilt() -> None:
    portal = page_try(status=302, location=PORTAL)
    judgement = by_script(portal, replace(SCRIPT, trouble=ScriptTrouble.SYNTAX))
    assert judgement.summary == "This network wants you to sign in first."


def test_a_script_that_works_is_told_with_its_answer() -> None:
    script = replace(SCRIPT, answer=f"PROXY {PROXY}; DIRECT")
    judgement = by_script(SILENT_WEB.http[0], script, page_try(proxy=PROXY))
    assert judgement.status is Status.PASS
    assert f"{SCRIPT.address} answers: {script.answer}" in [each.text for each in judgement.details]
    dead = by_script(page_try(), script, replace(SILENT_WEB.http[0], proxy=PROXY))
    assert dead.status is Status.WARN
    assert dead.summary == NO_PROXY
    assert dead.remedy is not None
    assert "script" in dead.remedy.text
    direct = by_script(page_try(), SCRIPT)
    assert direct.status is Status.PASS
    assert any("the direct way" in each.text for each in direct.details)


IPV6_SILENT = PageReachability(reach=replace(reached(connect=TIMED_OUT), family="IPv6"))
IPV6_ABSENT = PageReachability(
    reach=replace(reached(connect=FailureCode.NETWORK_UNREACHABLE), family="IPv6")
)


@pytest.mark.parametrize(
    ("other", "status"), [(IPV6_SILENT, Status.WARN), (IPV6_ABSENT, Status.PASS)]
)
def test_a_family_that_leads_nowhere_is_named(other: PageReachability, status: Status) -> None:
    tried = secure_page()
    judgement = secure(replace(tried, addresses=(*tried.addresses, other)))
    assert judgement.status is status
    assert isinstance(judgement.facts, PageFacts)
    assert judgement.facts.lost_family == ("IPv6" if status is Status.WARN else "")
    assert status is Status.PASS or "not over IPv6" in judgement.summary


def test_the_way_on_which_a_page_came_is_measured() -> None:
    def route(judgement: Judgement) -> object:
        return next((each.value for each in judgement.measured if each.name == "route"), None)

    dead = replace(SILENT_WEB.http[0], proxy=PROXY)
    assert route(plain(page_try())) == "direct"
    assert route(plain(page_try(), dead)) == "direct"
    assert route(plain(SILENT_WEB.http[0], page_try(proxy=PROXY))) == "proxy"
    assert route(plain(SILENT_WEB.http[0], dead)) is None


@pytest.mark.parametrize(
    ("proxied", "fails"),
    [
        (page_try(proxy=PROXY), False),
        (replace(SILENT_WEB.http[0], proxy=PROXY), False),  # nobody is there
        (page_try(answer=RESET, proxy=PROXY), True),
        (page_try(status=502, proxy=PROXY), True),
    ],
)
def test_a_proxy_fails_where_it_answers_and_brings_no_page(
    proxied: PageTry, *, fails: bool
) -> None:
    told = plain(page_try(), proxied)
    assert isinstance(told.facts, PageFacts)
    assert told.facts.proxy_fails is fails


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, PageOutcome.REAL),
        (299, PageOutcome.REAL),
        (300, PageOutcome.LOOP),
        (399, PageOutcome.LOOP),
        (400, PageOutcome.STATUS),
        (407, PageOutcome.PASSWORD),
        (500, PageOutcome.STATUS),
        (511, PageOutcome.LOGIN),
    ],
)
def test_a_status_tells_what_came_in_place_of_the_page(status: int, outcome: PageOutcome) -> None:
    """A redirect without a place to go to leads nowhere."""
    facts = plain(page_try(status=status)).facts
    assert isinstance(facts, PageFacts)
    assert facts.outcome is outcome


def test_times_of_pages_are_measured_to_a_hundredth_of_a_millisecond() -> None:
    tried = page_try()
    [address] = tried.addresses
    assert address.page is not None
    quick = replace(address, page=replace(address.page, duration_s=0.0123456))
    measured = plain(replace(tried, addresses=(quick,))).measured
    assert {each.name: each.value for each in measured}["page"] == 12.35


def test_of_several_addresses_the_real_page_counts_wherever_it_stands() -> None:
    real, portal = page_try(), page_try(status=302, location=PORTAL)
    for first, second in ((real, portal), (portal, real)):
        both = replace(first, addresses=(*first.addresses, *second.addresses))
        judgement = plain(both)
        assert (judgement.status, judgement.summary) == (Status.PASS, "Web pages come through.")
    two = replace(portal, addresses=portal.addresses * 2)
    assert plain(two).summary == "This network wants you to sign in first."


# what others show of a port, and what only its server can do ------------------------------------

DIRECT_443 = "192.0.2.7:443"


def secure_beside(tried: PageTry, *others: str) -> Judgement:
    """Port 443, where servers at these places took connections."""
    places = tuple(
        WebphoneTry(target="x", lookup=FOUND, addresses=(websocket(by_place(other)),))
        for other in others
    )
    webphone = WebphoneEvidence(port=10062, direct=places[0], control=places[-1])
    evidence = WebEvidence(https=(tried,), http=(page_try(),))
    judgement = judge_tcp443(case_of((WEB, evidence), (WEBPHONE, webphone)), NoLimits())
    assert_plain(judgement)
    return judgement


def by_place(place: str) -> Reachability:
    family = "IPv6" if place.startswith("[") else "IPv4"
    taken = replace(ok(None, "connect_tcp"), target=place)
    return replace(reached(), family=family, connects=(taken,))


@pytest.mark.parametrize("code", [TIMED_OUT, REFUSED, RESET, FailureCode.NETWORK_UNREACHABLE])
def test_a_port_that_others_answer_on_is_not_blocked(code: FailureCode) -> None:
    tried = secure_page(reached(connect=code))
    assert secure_beside(tried, "192.0.2.7:10062").status is Status.FAIL
    down = secure_beside(tried, DIRECT_443)
    assert down.status is Status.WARN
    assert down.summary == "Port 443 is open, but the test page's server does not answer."
    assert down.remedy is not None
    assert (down.remedy.owner, down.remedy.request) == (Owner.HELPDESK, "")


def test_its_own_address_is_no_other_server() -> None:
    tried = secure_page(reached(connect=TIMED_OUT))
    own = f"{ENDPOINT.address}:443"
    assert secure_beside(tried, own).summary == "Your network blocks web pages on port 443."


@pytest.mark.parametrize(
    ("others", "summary", "owner"),
    [
        (("192.0.2.7:443",), "Secure web pages come, but not over IPv6.", Owner.NETWORK_TEAM),
        (
            ("[2001:db8::7]:10062",),
            "Port 443 is open, but not over IPv6.",
            Owner.NETWORK_TEAM,
        ),
        (
            ("[2001:db8::7]:443",),
            "The server answers, but not over IPv6.",
            Owner.HELPDESK,
        ),
    ],
)
def test_a_family_is_blamed_for_no_more_than_is_known_of_it(
    others: tuple[str, ...], summary: str, owner: Owner
) -> None:
    lost = PageReachability(reach=replace(reached(connect=TIMED_OUT), family="IPv6"))
    page = secure_page()
    judgement = secure_beside(replace(page, addresses=(*page.addresses, lost)), *others)
    assert (judgement.status, judgement.summary) == (Status.WARN, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is owner


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        (
            FailureCode.UNANSWERED,
            "Port 443 is open, but the test page's server does not answer.",
        ),
        *(
            (code, "Port 443 is open, but the test page's server serves no page.")
            for code in (FailureCode.BAD_ANSWER, FailureCode.TLS_FAILED, FailureCode.TOO_LARGE)
        ),
    ],
)
def test_within_a_verified_connection_nobody_on_the_way_is_to_blame(
    code: FailureCode, summary: str
) -> None:
    judgement = secure(secure_page(answer=code))
    assert (judgement.status, judgement.summary) == (Status.WARN, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.HELPDESK
    # nobody vouches for who said so, and a filter may have
    assert secure(secure_page(reached(tls=UNTRUSTED), answer=code)).status is Status.FAIL
    assert plain(page_try(answer=code)).status is Status.FAIL


def test_a_question_that_arrived_says_nothing_where_packets_of_full_size_get_lost() -> None:
    answer = secure_page(answer=FailureCode.UNANSWERED)
    (address,) = answer.addresses
    large = replace(answer, addresses=(replace(address, segments=LARGE_LOST),))
    assert secure(large).summary == "Packets of full size get lost, so connections fall silent."


@pytest.mark.parametrize(
    ("first", "https", "summary"),
    [
        (page_try(expected=False), secure_page(),
         "Port 80 is open, but the test page did not come."),
        (page_try(status=302, location=PORTAL), secure_page(),
         "Port 80 is open, but the test page did not come."),
        # some portals let the second page through, and no secure one
        (page_try(expected=False), secure_page(reached(connect=TIMED_OUT)),
         "This network wants you to sign in first."),
        (page_try(expected=False), secure_page(reached(tls=UNTRUSTED)),
         "This network wants you to sign in first."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("udp", [UDP_WORKS, UDP_SILENT])
def test_a_page_that_its_own_server_has_changed_is_no_login_page(
    first: PageTry, https: PageTry, summary: str, udp: StunEvidence
) -> None:
    evidence = WebEvidence(http=(first,), http_control=(page_try(url=OTHER_PAGE),), https=(https,))
    judgement = judge_tcp80(case_of((WEB, evidence), (STUN, udp)), NoLimits())
    assert_plain(judgement)
    assert judgement.summary == summary
    assert isinstance(judgement.facts, PageFacts)
    is_login = judgement.facts.outcome is PageOutcome.LOGIN
    assert is_login is (judgement.status is Status.FAIL)


def test_a_page_server_that_wants_a_certificate_is_no_filter() -> None:
    wanted = secure_page(reached(tls=FailureCode.CERTIFICATE_WANTED))
    judged = port_web_pages.judge_tcp443(case_of((WEB, WebEvidence(https=(wanted,)))), NoLimits())
    assert judged.status is Status.WARN
    assert judged.remedy is not None
    assert "certificate of this computer" in judged.remedy.text


def test_a_certificate_that_is_out_of_date_is_no_inspection() -> None:
    tried = secure_page(reached(tls=FailureCode.CERTIFICATE_UNTRUSTED))
    (address,) = tried.addresses
    assert address.reach.tls is not None
    assert address.reach.tls.failure is not None
    failure = replace(address.reach.tls.failure, detail="certificate is not yet valid")
    reach = replace(address.reach, tls=replace(address.reach.tls, failure=failure))
    judged = secure(replace(tried, addresses=(replace(address, reach=reach),)))
    assert judged.summary == "The server's proof of identity is out of date."
    # nobody on the way can have put another page in place of it
    assert address.page is not None
    assert address.page.value is not None
    other = replace(address.page, value=replace(address.page.value, holds_expected=False))
    changed = secure(replace(tried, addresses=(replace(address, reach=reach, page=other),)))
    assert changed.summary == "Port 443 is open, but the test page did not come."
    assert judged.status is Status.WARN
