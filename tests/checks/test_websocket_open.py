"""websocket.open: every way it can stand has its own words."""

import pytest
from cases.reach_cases import (
    FOUND,
    LARGE_LOST,
    LATE_ONCE,
    NO_SEGMENT_SIZES,
    NOT_FOUND,
    SILENT_ANYHOW,
    SILENT_WEB,
    WORKING_WEB,
    assert_plain,
    case_of,
    failed,
    ok,
    page_try,
    reached,
    secure_page,
    swallowed,
    websocket,
)
from msgspec import ValidationError
from msgspec.structs import replace

from natwizard.checks.shared.far_end import PublicVerdict, judge_by_far_end
from natwizard.checks.websocket_open import WEBSOCKET_OPEN, WebsocketLimits, judge
from natwizard.model.finding import FarEnd, Judgement, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.connection.reachability import Looked, Reachability, SegmentTrial
from natwizard.probes.connection.trace import ProxyChoice
from natwizard.probes.connection.websocket_client import WebsocketReachability
from natwizard.probes.web import WEB, WebEvidence
from natwizard.probes.websocket import WEBSOCKET, WebsocketAttempt, WebsocketEvidence
from natwizard.probes.websocket_hold import WEBSOCKET_HOLD, HoldEvidence, WebsocketHold
from natwizard.reflector.limits import PATIENCE_S, Stage

TIMED_OUT = FailureCode.TIMED_OUT
REFUSED = FailureCode.UPGRADE_REFUSED
GONE = FailureCode.CONNECTION_REFUSED
NO_PROXY = "The proxy that is set for this computer does not answer."
PROXY = "proxy.example.com:3128"


def test_a_websocket_is_held_for_longer_than_proxies_bear_and_less_than_our_server_does() -> None:
    """They hang up on a quiet connection after a minute; the test server must not seem to."""
    assert 60 < WebsocketLimits().idle_s < PATIENCE_S[Stage.TALKED]


def entry(
    reach: WebsocketReachability,
    *,
    secure: bool = True,
    proxy: str = "",
    lookup: Looked = FOUND,
    host: str = "echo.example.com",
) -> WebsocketAttempt:
    return WebsocketAttempt(
        url=f"{'wss' if secure else 'ws'}://{host}/",
        secure=secure,
        proxy=proxy,
        lookup=lookup,
        addresses=(reach,) if lookup.ok else (),
    )


OPEN = websocket(reached())
UNVERIFIED = reached(tls=FailureCode.CERTIFICATE_UNTRUSTED)
PLAIN_OPEN = websocket(reached(secure=False))


def said(*tries: WebsocketAttempt, web: WebEvidence = WORKING_WEB) -> Judgement:
    case = case_of((WEBSOCKET, WebsocketEvidence(tries=tries)), (WEB, web))
    judgement = judge(case, WebsocketLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    ("reach", "status", "summary"),
    [
        (OPEN, Status.PASS, "Lasting connections open, and messages come back whole."),
        (
            websocket(UNVERIFIED, upgrade=REFUSED, detail="HTTP 200"),
            Status.FAIL,
            "Something answers, but takes the connection for a web page.",
        ),
        (
            websocket(UNVERIFIED, upgrade=FailureCode.HTTP_STATUS, detail="HTTP 403"),
            Status.FAIL,
            "Lasting connections are refused with a web server's answer.",
        ),
        (
            websocket(reached(), upgrade=FailureCode.CONNECTION_RESET),
            Status.FAIL,
            "Something cuts lasting connections as they open.",
        ),
        (
            websocket(reached(), upgrade=TIMED_OUT),
            Status.FAIL,
            "Something swallows lasting connections as they open.",
        ),
        (
            websocket(UNVERIFIED, upgrade=FailureCode.BAD_ANSWER),
            Status.FAIL,
            "Something else answers in the test server's place.",
        ),
        (
            websocket(reached(), echo=TIMED_OUT),
            Status.FAIL,
            "Lasting connections open, but large messages get lost.",
        ),
        (
            websocket(UNVERIFIED, echo=TIMED_OUT),
            Status.FAIL,
            "Lasting connections open, but messages get lost in them.",
        ),
        (
            websocket(UNVERIFIED, echo=FailureCode.BAD_ANSWER),
            Status.FAIL,
            "Lasting connections open, but messages come back changed.",
        ),
        (
            websocket(reached(), echo=FailureCode.CLOSED_EARLY),
            Status.FAIL,
            "Lasting connections open, then are cut.",
        ),
        (
            websocket(reached(tls=FailureCode.TLS_FAILED)),
            Status.FAIL,
            "Lasting connections cannot be encrypted.",
        ),
        (
            websocket(reached(connect=FailureCode.CONNECTION_REFUSED)),
            Status.FAIL,
            "Connections to the test server are turned away.",
        ),
        (
            websocket(reached(connect=TIMED_OUT)),
            Status.UNKNOWN,
            "The test server for lasting connections could not be reached.",
        ),
        (
            websocket(reached(tls=FailureCode.CERTIFICATE_UNTRUSTED)),
            Status.WARN,
            "Lasting connections open, but nobody known vouches for them.",
        ),
    ],
)
def test_each_ending_has_its_words(
    reach: WebsocketReachability, status: Status, summary: str
) -> None:
    judgement = said(entry(reach))
    assert (judgement.status, judgement.summary) == (status, summary)


SERVERS_OWN = (
    *(
        websocket(reached(), upgrade=code, detail=detail)
        for code, detail in (
            (REFUSED, "HTTP 200"),
            (REFUSED, "HTTP 302 Found"),
            (REFUSED, "HTTP 426 Upgrade Required"),
            (FailureCode.HTTP_STATUS, "HTTP 403 Forbidden"),
            (FailureCode.HTTP_STATUS, "HTTP 451 Unavailable For Legal Reasons"),
            (FailureCode.HTTP_STATUS, "HTTP 503 Service Unavailable"),
            (FailureCode.BAD_ANSWER, "no HTTP"),
        )
    ),
    *(
        websocket(reached(), echo=code)
        for code in (
            FailureCode.BAD_ANSWER,
            FailureCode.COMPRESSED,
            FailureCode.TOO_LARGE,
            FailureCode.HELD_BACK,
            FailureCode.CLOSED_BY_PEER,
        )
    ),
)


@pytest.mark.parametrize("reach", SERVERS_OWN)
def test_what_only_the_far_end_can_do_is_laid_on_nobody_on_the_way(
    reach: WebsocketReachability,
) -> None:
    """Nobody reads or writes in a connection that a public authority vouches for."""
    judgement = said(entry(reach))
    assert judgement.status is Status.UNKNOWN
    assert judgement.remedy is not None
    assert not judgement.remedy.request
    assert "filter" not in f"{judgement.summary} {judgement.remedy.text}"


def test_a_server_that_says_goodbye_itself_was_cut_by_nobody_on_a_plain_one_either() -> None:
    closed = websocket(reached(secure=False), echo=FailureCode.CLOSED_BY_PEER)
    assert said(entry(closed, secure=False)).status is Status.UNKNOWN


def test_a_quiet_websocket_that_its_server_ends_was_held() -> None:
    judgement = said_later((entry(OPEN),), *held(FailureCode.CLOSED_BY_PEER))
    assert judgement.status is Status.PASS
    assert "the server itself ended it after 60\u00a0s" in judgement.observed


def test_silence_after_the_handshake_counts_only_where_pages_come() -> None:
    swallowed = entry(websocket(reached(), upgrade=TIMED_OUT))
    assert said(swallowed, web=WORKING_WEB).status is Status.FAIL
    assert said(swallowed, web=SILENT_WEB).status is Status.UNKNOWN


def test_a_name_that_leads_nowhere_is_unknown() -> None:
    assert said(entry(OPEN, lookup=NOT_FOUND)).status is Status.UNKNOWN


def test_plain_websockets_that_fail_alone_are_advice() -> None:
    stripped = websocket(reached(secure=False), upgrade=REFUSED, detail="HTTP 426")
    judgement = said(entry(stripped, secure=False), entry(OPEN))
    assert judgement.status is Status.WARN
    assert judgement.summary == "Secure lasting connections open; plain ones are stopped."
    assert "HTTP 426" in judgement.observed


def taken_at(place: str) -> WebEvidence:
    """Pages over TLS, and one over plain HTTP from this place."""
    connects = (replace(ok(None, "connect_tcp"), target=place),)
    plain = page_try(replace(reached(secure=False), connects=connects))
    return replace(WORKING_WEB, http=(plain,))


@pytest.mark.parametrize(
    ("plain", "place", "status"),
    [
        (reached(connect=TIMED_OUT), "192.0.2.9:443", Status.WARN),
        (reached(connect=TIMED_OUT), "192.0.2.9:80", Status.PASS),
        (reached(connect=TIMED_OUT), "192.0.2.1:80", Status.PASS),
        (reached(connect=GONE), "192.0.2.9:443", Status.WARN),
        (reached(connect=GONE), "192.0.2.9:80", Status.PASS),
        (reached(connect=GONE), "192.0.2.1:80", Status.WARN),
        (reached(connect=FailureCode.NETWORK_UNREACHABLE), "192.0.2.9:443", Status.PASS),
        (reached(connect=FailureCode.MACHINE_BUSY), "192.0.2.9:443", Status.PASS),
    ],
)
def test_one_connection_that_did_not_come_about_stops_no_plain_websockets(
    plain: Reachability, place: str, status: Status
) -> None:
    """Where that port took another one: a firewall may let only so many begin in a second, and a
    server may be down.
    """
    tries = entry(websocket(plain), secure=False), entry(OPEN)
    assert said(*tries, web=taken_at(place)).status is status


def test_a_name_that_is_not_found_stops_no_plain_websockets() -> None:
    assert said(entry(OPEN, secure=False, lookup=NOT_FOUND), entry(OPEN)).status is Status.PASS


@pytest.mark.parametrize("secure", [True, False])
def test_what_a_lossy_line_swallows_nobody_stops(secure: bool) -> None:
    late = entry(websocket(reached(secure=secure), upgrade=TIMED_OUT), secure=secure, host="b.test")
    pages = [secure_page() for _ in range(4)]
    again = tuple(
        secure_page(replace(reached(), connects=(ok(None, "connect_tcp", 1_100),)))
        for _ in range(2)
    )
    assert said(late, entry(OPEN), web=replace(WORKING_WEB, https=(*pages,))).status is Status.WARN
    lossy = replace(WORKING_WEB, https=(*pages, *again))
    assert said(late, entry(OPEN), web=lossy).status is Status.PASS


def test_a_second_server_that_turns_connections_away_may_be_down() -> None:
    gone = entry(websocket(reached(connect=GONE)), host="other.example.com")
    assert said(gone, entry(OPEN), web=taken_at("192.0.2.9:443")).status is Status.PASS
    assert said(gone, entry(OPEN), web=taken_at("192.0.2.9:80")).status is Status.WARN


def test_secure_websockets_decide_where_only_plain_ones_open() -> None:
    cut = entry(websocket(reached(tls=FailureCode.CONNECTION_RESET)))
    assert said(entry(PLAIN_OPEN, secure=False), cut).status is Status.FAIL


def test_plain_ones_decide_where_no_others_are_set() -> None:
    judgement = said(entry(PLAIN_OPEN, secure=False))
    assert judgement.status is Status.PASS
    assert [stage.name for stage in judgement.stages] == [
        "Name",
        "Connection",
        "Websocket",
        "Messages",
    ]


def test_one_of_two_servers_is_enough_with_a_word_about_the_other() -> None:
    refused = entry(websocket(reached(), upgrade=REFUSED), host="other.example.com")
    assert said(entry(OPEN), refused).status is Status.WARN
    silent = entry(websocket(reached(connect=TIMED_OUT)), host="other.example.com")
    assert said(entry(OPEN), silent).status is Status.PASS


@pytest.mark.parametrize(
    ("direct", "proxied", "status", "summary"),
    [
        (OPEN, OPEN, Status.PASS, "Lasting connections open, and messages come back whole."),
        (
            websocket(reached(connect=TIMED_OUT)),
            OPEN,
            Status.PASS,
            "Lasting connections open, and messages come back whole.",
        ),
        (OPEN, websocket(reached(connect=GONE, proxy=PROXY)), Status.WARN, NO_PROXY),
        (OPEN, websocket(reached(connect=TIMED_OUT, proxy=PROXY)), Status.WARN, NO_PROXY),
        (
            websocket(reached(connect=TIMED_OUT)),
            websocket(reached(connect=GONE, proxy=PROXY)),
            Status.FAIL,
            NO_PROXY,
        ),
        (
            websocket(reached(connect=TIMED_OUT)),
            websocket(reached(connect=TIMED_OUT, proxy=PROXY)),
            Status.UNKNOWN,
            NO_PROXY,
        ),
        (
            OPEN,
            websocket(reached(tunnel=FailureCode.HTTP_STATUS, proxy=PROXY)),
            Status.WARN,
            "Lasting connections open directly, but not through your proxy.",
        ),
        (
            websocket(reached(connect=TIMED_OUT)),
            websocket(reached(tunnel=FailureCode.HTTP_STATUS, proxy=PROXY)),
            Status.FAIL,
            "Your proxy does not let lasting connections through.",
        ),
        (
            websocket(reached(connect=TIMED_OUT)),
            websocket(reached(tunnel=FailureCode.PROXY_AUTHENTICATION, proxy=PROXY)),
            Status.UNKNOWN,
            "Your proxy asks for a password that we do not have.",
        ),
    ],
)
def test_where_a_proxy_is_set_its_way_decides(
    direct: WebsocketReachability, proxied: WebsocketReachability, status: Status, summary: str
) -> None:
    judgement = said(entry(direct), entry(proxied, proxy=PROXY))
    assert (judgement.status, judgement.summary) == (status, summary)
    assert f"wss://echo.example.com/ through {PROXY}" in [
        detail.label for detail in judgement.details
    ]


def held(
    code: FailureCode | None = None, *, proxy: str = "", seconds: float = 60.0
) -> tuple[WebsocketHold, ...]:
    quiet = ok(None, "hold_websocket", 75_000) if code is None else failed(code, seconds=seconds)
    address = replace(websocket(reached()), echoes=(ok(None, "ping_websocket"), quiet))
    return (
        WebsocketHold(url="wss://echo.example.com/", proxy=proxy, lookup=FOUND, address=address),
    )


def said_later(
    tries: tuple[WebsocketAttempt, ...], *holds: WebsocketHold, idle_s: float = 75.0
) -> Judgement:
    case = case_of(
        (WEBSOCKET, WebsocketEvidence(tries=tries)),
        (WEB, WORKING_WEB),
        (WEBSOCKET_HOLD, HoldEvidence(idle_s=idle_s, tries=holds)),
    )
    judgement = judge(case, WebsocketLimits())
    assert_plain(judgement)
    return judgement


def test_a_websocket_that_was_held_says_for_how_long() -> None:
    judgement = said_later((entry(OPEN),), *held())
    assert judgement.status is Status.PASS
    assert judgement.observed.endswith("held for 75\u00a0s")


@pytest.mark.parametrize(
    ("code", "summary", "observed"),
    [
        (
            FailureCode.CLOSED_EARLY,
            "Something hangs up on a quiet connection.",
            "cut after 60\u00a0s",
        ),
        (
            FailureCode.CONNECTION_RESET,
            "Something hangs up on a quiet connection.",
            "cut after 60\u00a0s",
        ),
        (
            FailureCode.TIMED_OUT,
            "Something forgets a quiet connection.",
            "no answer after 75\u00a0s of quiet",
        ),
    ],
)
def test_a_quiet_websocket_that_ends_is_a_problem(
    code: FailureCode, summary: str, observed: str
) -> None:
    judgement = said_later((entry(OPEN),), *held(code))
    assert (judgement.status, judgement.summary) == (Status.FAIL, summary)
    assert (judgement.observed, judgement.expected) == (observed, "held for 75\u00a0s")


def test_the_way_that_browsers_take_is_the_one_that_must_hold() -> None:
    both = (entry(OPEN), entry(websocket(reached(proxy=PROXY)), proxy=PROXY))
    cut = FailureCode.CLOSED_EARLY
    by_proxy = said_later(both, *held(), *held(cut, proxy=PROXY))
    assert by_proxy.status is Status.FAIL
    assert by_proxy.remedy is not None
    assert "proxy's idle timeout" in by_proxy.remedy.text
    assert said_later(both, *held(cut), *held(proxy=PROXY)).status is Status.PASS


@pytest.mark.parametrize(
    ("holds", "idle_s"),
    [((), 75.0), (held(FailureCode.CLOSED_EARLY), 3.0)],
    ids=["not held", "held for less than the limit"],
)
def test_what_was_not_held_long_enough_changes_nothing(
    holds: tuple[WebsocketHold, ...], idle_s: float
) -> None:
    judgement = said_later((entry(OPEN),), *holds, idle_s=idle_s)
    assert judgement.status is Status.PASS
    assert "held" not in judgement.observed


def test_the_services_own_test_page_stands_beside_the_result() -> None:
    page = "https://test.example.com/websockets"
    evidence = WebsocketEvidence(tries=(entry(OPEN),), test_page=page)
    judgement = judge(case_of((WEBSOCKET, evidence), (WEB, WORKING_WEB)), WebsocketLimits())
    assert [each.text for each in judgement.details if each.label == "Test in your browser"] == [
        page
    ]
    assert "Test in your browser" not in {each.label for each in said(entry(OPEN)).details}


SILENT_SERVER = websocket(reached(connect=TIMED_OUT))


@pytest.mark.parametrize(
    ("tries", "status", "summary"),
    [
        ((entry(OPEN, host="a.example.com"), entry(SILENT_SERVER, host="b.example.com")),
         Status.PASS, ""),
        ((entry(SILENT_SERVER, host="a.example.com"), entry(OPEN, host="b.example.com")),
         Status.PASS, ""),
        # strangers that are silent accuse nobody
        ((entry(SILENT_SERVER, host="a.example.com"), entry(SILENT_SERVER, host="b.example.com")),
         Status.WARN, PublicVerdict.NO_WEBSOCKET.verdict.summary),
        ((entry(OPEN, lookup=NOT_FOUND),),
         Status.UNKNOWN, PublicVerdict.NO_WEBSOCKET_NAME.verdict.summary),
    ],
)  # fmt: skip
def test_of_public_servers_one_suffices_and_silence_accuses_nobody(
    tries: tuple[WebsocketAttempt, ...], status: Status, summary: str
) -> None:
    evidence = WebsocketEvidence(tries=tries, far_end=FarEnd.PUBLIC)
    inputs = case_of((WEBSOCKET, evidence), (WEB, WORKING_WEB))
    judged = judge_by_far_end(
        "websocket.open", lambda given: judge(given, WebsocketLimits()), inputs
    )
    assert (judged.status, judged.far_end) == (status, FarEnd.PUBLIC)
    assert judged.observed.endswith("by a public server")
    if summary:
        assert judged.summary == summary


@pytest.mark.parametrize("code", [FailureCode.NETWORK_UNREACHABLE, FailureCode.MACHINE_BUSY])
def test_what_never_left_this_computer_shuts_nothing(code: FailureCode) -> None:
    assert said(entry(websocket(reached(connect=code)))).status is Status.UNKNOWN


@pytest.mark.parametrize("idle_s", [0.4, 601])
def test_a_wait_that_no_run_has_time_for_is_refused(idle_s: float) -> None:
    with pytest.raises(ValidationError):
        WEBSOCKET_OPEN.bind({"idle_s": idle_s})
    WEBSOCKET_OPEN.bind({"idle_s": 600})


@pytest.mark.parametrize(
    ("trial", "summary"),
    [
        (LARGE_LOST, "Packets of full size get lost, so connections fall silent."),
        (NO_SEGMENT_SIZES, "Port 443 falls silent once packets of full size are due."),
        (SILENT_ANYHOW, "Lasting connections cannot be encrypted."),
    ],
)
def test_the_size_of_packets_is_told_from_a_filter_of_encryption(
    trial: SegmentTrial, summary: str
) -> None:
    found = said(entry(websocket(swallowed(trial))))
    assert (found.status, found.summary) == (Status.FAIL, summary)


@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize(
    ("trial", "proved"),
    [(LARGE_LOST, True), (LATE_ONCE, False), (SILENT_ANYHOW, False), (NO_SEGMENT_SIZES, False)],
)
def test_large_messages_that_get_lost_for_the_size_of_packets_are_no_filter_s(
    trial: SegmentTrial, proved: bool, secure: bool
) -> None:
    lost = replace(websocket(reached(secure=secure), echo=TIMED_OUT), segments=trial)
    found = said(entry(lost, secure=secure))
    assert found.status is Status.FAIL
    assert found.summary.startswith("Packets of full size get lost") is proved


def test_how_long_it_lasted_is_measured_to_a_tenth_of_a_second() -> None:
    judgement = said_later((entry(OPEN),), *held(FailureCode.CLOSED_EARLY, seconds=60.0444))
    assert {each.name: each.value for each in judgement.measured}["held"] == 60.0


def by_strangers(*tries: WebsocketAttempt, web: WebEvidence = WORKING_WEB) -> Judgement:
    evidence = WebsocketEvidence(tries=tries, far_end=FarEnd.PUBLIC)
    inputs = case_of((WEBSOCKET, evidence), (WEB, web))
    return judge_by_far_end("websocket.open", lambda given: judge(given, WebsocketLimits()), inputs)


STRANGERS = PublicVerdict.NO_WEBSOCKET.verdict.summary
NOT_THERE = PublicVerdict.NO_WEBSOCKET_ANSWER.verdict.summary


OPENED_WEB = replace(WORKING_WEB, https=(secure_page(UNVERIFIED),))
"""Somebody on the way opens secure pages as well."""


@pytest.mark.parametrize(
    ("tried", "web", "status", "summary"),
    [
        (entry(SILENT_SERVER), WORKING_WEB, Status.WARN, STRANGERS),
        (entry(SILENT_SERVER), SILENT_WEB, Status.UNKNOWN, NOT_THERE),
        # somebody on the way said no in their place
        (entry(websocket(reached(tunnel=FailureCode.HTTP_STATUS, proxy=PROXY)), proxy=PROXY),
         WORKING_WEB, Status.FAIL, "Your proxy does not let lasting connections through."),
        (entry(websocket(reached(tunnel=TIMED_OUT, proxy=PROXY)), proxy=PROXY),
         WORKING_WEB, Status.WARN, STRANGERS),
        (entry(websocket(UNVERIFIED, upgrade=FailureCode.HTTP_STATUS, detail="HTTP 403")),
         OPENED_WEB, Status.FAIL,
         "Lasting connections are refused with a web server's answer."),
        # a filter that blocks these strangers alone, and leaves the service's encryption alone
        (entry(websocket(UNVERIFIED, upgrade=FailureCode.HTTP_STATUS, detail="HTTP 403")),
         WORKING_WEB, Status.WARN, STRANGERS),
        (entry(websocket(UNVERIFIED, upgrade=FailureCode.UPGRADE_REFUSED, detail="HTTP 200")),
         WORKING_WEB, Status.WARN, STRANGERS),
        (entry(websocket(reached(), upgrade=TIMED_OUT)), WORKING_WEB, Status.WARN, STRANGERS),
        (entry(websocket(reached(), echo=TIMED_OUT)), WORKING_WEB, Status.WARN, STRANGERS),
    ],
)  # fmt: skip
def test_strangers_accuse_only_whoever_answered_in_their_place(
    tried: WebsocketAttempt, web: WebEvidence, status: Status, summary: str
) -> None:
    told = by_strangers(tried, web=web)
    assert (told.status, told.summary) == (status, summary)


def test_a_proxy_of_a_kind_that_we_do_not_speak_matters_where_nothing_opens() -> None:
    unspoken = ProxyChoice(unspoken="socks4://proxy.example.com:1080")
    for reach, summary in (
        (OPEN, "Lasting connections open, and messages come back whole."),
        (
            websocket(reached(tls=FailureCode.CERTIFICATE_UNTRUSTED)),
            "Lasting connections open, but nobody known vouches for them.",
        ),
    ):
        assert said(replace(entry(reach), choice=unspoken)).summary == summary
    shut = said(replace(entry(SILENT_SERVER), choice=unspoken))
    assert shut.summary not in {
        said(entry(SILENT_SERVER)).summary,
        "Lasting connections open, and messages come back whole.",
    }


@pytest.mark.parametrize("step", ["upgrade", "echo"])
def test_a_server_that_takes_messages_and_answers_none_is_silent_itself(step: str) -> None:
    """What it was sent arrived there, so that nobody on the way swallowed it."""
    code = FailureCode.UNANSWERED
    judgement = said(entry(websocket(reached(), **{step: code})))  # type: ignore[arg-type]
    assert judgement.status is Status.UNKNOWN
    assert judgement.remedy is not None
    assert not judgement.remedy.request
    unverified = said(entry(websocket(UNVERIFIED, **{step: code})))  # type: ignore[arg-type]
    assert unverified.status is Status.FAIL


def test_a_server_that_turns_away_where_others_take_connections_is_down() -> None:
    shut = entry(websocket(reached(connect=GONE)))
    assert said(shut).summary == "Connections to the test server are turned away."
    taken = replace(ok(None, "connect_tcp"), target="192.0.2.7:443")
    page = secure_page(replace(reached(), connects=(taken,)))
    judgement = said(shut, web=WebEvidence(http=(page_try(),), https=(page,)))
    assert judgement.status is Status.UNKNOWN
    assert judgement.summary == "The test server for lasting connections could not be reached."


def test_a_proxy_that_finds_nobody_has_refused_nothing() -> None:
    proxied = websocket(reached(tunnel=FailureCode.PROXY_FOUND_NOBODY, proxy=PROXY))
    judgement = said(entry(websocket(reached(connect=TIMED_OUT))), entry(proxied, proxy=PROXY))
    assert judgement.status is Status.UNKNOWN
    assert "reached" in judgement.summary
