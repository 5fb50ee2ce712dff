"""websocket.open: every way it can stand has its own words."""

import pytest
from reach_cases import (
    FOUND,
    NOT_FOUND,
    SILENT_WEB,
    WORKING_WEB,
    assert_plain,
    case_of,
    reached,
    websocket,
)

from natwizard.checks.base import NoLimits
from natwizard.checks.websocket_open import judge
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.reach import Looked
from natwizard.probes.web import WEB, WebEvidence
from natwizard.probes.websocket import WEBSOCKET, WebsocketEvidence, WebsocketTry
from natwizard.probes.websocket_reach import WebsocketReach

TIMED_OUT = FailureCode.TIMED_OUT
REFUSED = FailureCode.UPGRADE_REFUSED
PROXY = "proxy.example.com:3128"


def entry(
    reach: WebsocketReach,
    *,
    secure: bool = True,
    proxy: str = "",
    lookup: Looked = FOUND,
    host: str = "echo.example.com",
) -> WebsocketTry:
    return WebsocketTry(
        url=f"{'wss' if secure else 'ws'}://{host}/",
        secure=secure,
        proxy=proxy,
        lookup=lookup,
        addresses=(reach,) if lookup.ok else (),
    )


OPEN = websocket(reached())
PLAIN_OPEN = websocket(reached(secure=False))


def said(*tries: WebsocketTry, web: WebEvidence = WORKING_WEB) -> Judgement:
    case = case_of((WEBSOCKET, WebsocketEvidence(tries=tries)), (WEB, web))
    judgement = judge(case, NoLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    ("reach", "status", "summary"),
    [
        (OPEN, Status.PASS, "Websockets open, and messages come back whole."),
        (
            websocket(reached(), upgrade=REFUSED, detail="HTTP 200"),
            Status.FAIL,
            "Something answers, but takes the websocket for a web page.",
        ),
        (
            websocket(reached(), upgrade=FailureCode.HTTP_STATUS, detail="HTTP 403"),
            Status.FAIL,
            "The websocket is refused with a web server's answer.",
        ),
        (
            websocket(reached(), upgrade=FailureCode.CONNECTION_RESET),
            Status.FAIL,
            "Something cuts websockets as they open.",
        ),
        (
            websocket(reached(), upgrade=TIMED_OUT),
            Status.FAIL,
            "Something swallows websockets as they open.",
        ),
        (
            websocket(reached(), upgrade=FailureCode.BAD_ANSWER),
            Status.FAIL,
            "Something answers that is no websocket server.",
        ),
        (
            websocket(reached(), echo=TIMED_OUT),
            Status.FAIL,
            "Websockets open, but messages get lost in them.",
        ),
        (
            websocket(reached(), echo=FailureCode.BAD_ANSWER),
            Status.FAIL,
            "Websockets open, but messages come back changed.",
        ),
        (
            websocket(reached(), echo=FailureCode.CLOSED_EARLY),
            Status.FAIL,
            "Websockets open, then are cut.",
        ),
        (
            websocket(reached(tls=FailureCode.TLS_FAILED)),
            Status.FAIL,
            "The websocket's connection cannot be encrypted.",
        ),
        (
            websocket(reached(connect=FailureCode.CONNECTION_REFUSED)),
            Status.FAIL,
            "Connections to the websocket test server are turned away.",
        ),
        (
            websocket(reached(connect=TIMED_OUT)),
            Status.UNKNOWN,
            "The websocket test server could not be reached.",
        ),
        (
            websocket(reached(tls=FailureCode.CERTIFICATE_UNTRUSTED)),
            Status.WARN,
            "Websockets open, but under a certificate that is not public.",
        ),
    ],
)
def test_each_ending_has_its_words(reach: WebsocketReach, status: Status, summary: str) -> None:
    judgement = said(entry(reach))
    assert (judgement.status, judgement.summary) == (status, summary)


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
    assert judgement.summary == "Secure websockets open; plain ones are stopped."
    assert "HTTP 426" in judgement.observed


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
        (OPEN, OPEN, Status.PASS, "Websockets open, and messages come back whole."),
        (
            websocket(reached(connect=TIMED_OUT)),
            OPEN,
            Status.PASS,
            "Websockets open, and messages come back whole.",
        ),
        (
            OPEN,
            websocket(reached(tunnel=FailureCode.HTTP_STATUS, proxy=PROXY)),
            Status.WARN,
            "Websockets open directly, but not through your proxy.",
        ),
        (
            websocket(reached(connect=TIMED_OUT)),
            websocket(reached(tunnel=FailureCode.HTTP_STATUS, proxy=PROXY)),
            Status.FAIL,
            "Your proxy does not let websockets through.",
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
    direct: WebsocketReach, proxied: WebsocketReach, status: Status, summary: str
) -> None:
    judgement = said(entry(direct), entry(proxied, proxy=PROXY))
    assert (judgement.status, judgement.summary) == (status, summary)
    assert f"wss://echo.example.com/ through {PROXY}" in [
        detail.label for detail in judgement.details
    ]
