"""port.webphone: every way it can stand has its own words."""

import pytest
from cases.reach_cases import (
    ENDPOINT,
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
    swallowed,
    websocket,
)
from msgspec.structs import replace

from natwizard.checks.base import EvidenceMissing, NoLimits
from natwizard.checks.port_webphone import WebphoneFacts, judge
from natwizard.model.finding import FarEnd, Judgement, Owner, Status
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.quantity import Unit
from natwizard.probes.connection.reachability import Looked, Reachability, SegmentTrial
from natwizard.probes.connection.trace import ProxyChoice
from natwizard.probes.connection.websocket_client import WebsocketReachability
from natwizard.probes.public_port import PUBLIC_PORT, PublicPortEvidence
from natwizard.probes.service_addresses import (
    SERVICE_ADDRESSES,
    ServiceAddressesEvidence,
    ServiceName,
)
from natwizard.probes.web import WEB, PageTry, WebEvidence
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry

TIMED_OUT = FailureCode.TIMED_OUT
REFUSED = FailureCode.CONNECTION_REFUSED
RESET = FailureCode.CONNECTION_RESET
NO_WAY = FailureCode.NETWORK_UNREACHABLE
NO_PROXY = "The proxy that is set for this computer does not answer."

OPEN = websocket(reached())
SILENT = websocket(reached(connect=TIMED_OUT, tries=3))
SHUT = websocket(reached(connect=REFUSED))
CUT = websocket(reached(tls=RESET))
HUNG_UP = websocket(reached(tls=FailureCode.CLOSED_EARLY))
SWALLOWED = websocket(reached(tls=TIMED_OUT))
SPOILT = websocket(reached(tls=FailureCode.TLS_FAILED))
UNREACHABLE = websocket(reached(connect=NO_WAY))
FORBIDDEN = websocket(reached(), upgrade=FailureCode.HTTP_STATUS, detail="HTTP 403")
STRIPPED = websocket(
    reached(tls=FailureCode.CERTIFICATE_UNTRUSTED),
    upgrade=FailureCode.UPGRADE_REFUSED,
    detail="HTTP 200",
)
UNTRUSTED = websocket(reached(tls=FailureCode.CERTIFICATE_UNTRUSTED))
UPGRADE_CUT = websocket(reached(), upgrade=RESET)


def by_ipv6(reach: Reachability) -> WebsocketReachability:
    return websocket(replace(reach, family="IPv6"))


def one(*addresses: WebsocketReachability, lookup: Looked = FOUND, proxy: str = "") -> WebphoneTry:
    return WebphoneTry(
        target="phone.example.com:10062", lookup=lookup, addresses=addresses, proxy=proxy
    )


def said(
    service: WebphoneTry,
    control: WebphoneTry | None = None,
    web: WebEvidence | Failure = WORKING_WEB,
    proxied: WebphoneTry | None = None,
    proxied_control: WebphoneTry | None = None,
    names: tuple[ServiceName, ...] = (),
) -> Judgement:
    evidence = WebphoneEvidence(
        port=10062,
        direct=service,
        control=control,
        proxied=proxied,
        proxied_control=proxied_control,
    )
    looked_up = ServiceAddressesEvidence(names=names)
    case = case_of((WEBPHONE, evidence), (WEB, web), (SERVICE_ADDRESSES, looked_up))
    judgement = judge(case, NoLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    ("service", "control", "web", "status", "summary"),
    [
        (OPEN, None, WORKING_WEB, Status.PASS, "The webphone can connect."),
        (OPEN, SILENT, SILENT_WEB, Status.PASS, "The webphone can connect."),
        (
            SILENT,
            SILENT,
            WORKING_WEB,
            Status.FAIL,
            "Your network blocks the webphone's port, 10062.",
        ),
        (
            SILENT,
            None,
            WORKING_WEB,
            Status.FAIL,
            "Your network blocks the webphone's port, 10062.",
        ),
        (
            SILENT,
            None,
            SILENT_WEB,
            Status.UNKNOWN,
            "Nothing answered, so the webphone's port could not be tested.",
        ),
        (
            SILENT,
            SILENT,
            SILENT_WEB,
            Status.UNKNOWN,
            "Nothing answered, so the webphone's port could not be tested.",
        ),
        (
            SILENT,
            OPEN,
            WORKING_WEB,
            Status.UNKNOWN,
            "The service does not answer, but your network lets calls out.",
        ),
        (
            SILENT,
            OPEN,
            SILENT_WEB,
            Status.UNKNOWN,
            "The service does not answer, but your network lets calls out.",
        ),
        (
            SHUT,
            SHUT,
            WORKING_WEB,
            Status.FAIL,
            "The webphone's port, 10062, is turned away.",
        ),
        (
            SHUT,
            OPEN,
            WORKING_WEB,
            Status.UNKNOWN,
            "The service does not answer, but your network lets calls out.",
        ),
        (
            UNREACHABLE,
            None,
            WORKING_WEB,
            Status.FAIL,
            "A router or firewall says no to the webphone's port, 10062.",
        ),
        (
            UNREACHABLE,
            None,
            SILENT_WEB,
            Status.UNKNOWN,
            "Nothing answered, so the webphone's port could not be tested.",
        ),
        (
            CUT,
            CUT,
            WORKING_WEB,
            Status.FAIL,
            "Something cuts the webphone's connection as encryption begins.",
        ),
        (
            HUNG_UP,
            None,
            WORKING_WEB,
            Status.FAIL,
            "Something cuts the webphone's connection as encryption begins.",
        ),
        (
            SWALLOWED,
            None,
            WORKING_WEB,
            Status.FAIL,
            "Something on the way swallows the webphone's connection.",
        ),
        (
            SPOILT,
            None,
            WORKING_WEB,
            Status.FAIL,
            "Something spoils the webphone's encryption.",
        ),
        (
            FORBIDDEN,
            None,
            WORKING_WEB,
            Status.WARN,
            "Your network lets the webphone out, but its server refuses it.",
        ),
        (
            STRIPPED,
            None,
            WORKING_WEB,
            Status.FAIL,
            "Something on the way refuses the webphone's connection.",
        ),
        (
            UNTRUSTED,
            None,
            WORKING_WEB,
            Status.WARN,
            "The webphone's port is open, but nobody known vouches for it.",
        ),
        (
            UPGRADE_CUT,
            None,
            WORKING_WEB,
            Status.FAIL,
            "Something cuts the webphone's connection after it is encrypted.",
        ),
    ],
)
def test_each_ending_has_its_words(
    service: WebsocketReachability,
    control: WebsocketReachability | None,
    web: WebEvidence,
    status: Status,
    summary: str,
) -> None:
    judgement = said(one(service), one(control) if control else None, web)
    assert (judgement.status, judgement.summary) == (status, summary)


def test_silence_is_told_with_tries_control_and_port_443() -> None:
    judgement = said(one(SILENT), one(SILENT))
    assert judgement.observed == (
        "no answer in 3 tries of 3\u00a0s; control server too; 443 answers"
    )
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.NETWORK_TEAM
    assert "192.0.2.1:10062" in judgement.remedy.request


def test_an_open_websocket_is_told_with_the_time_it_took() -> None:
    assert said(one(OPEN)).observed == "open after 80\u00a0ms"


def test_a_refusal_is_told_with_its_time() -> None:
    assert said(one(SHUT), one(SHUT)).observed.startswith("turned away after 4.0\u00a0ms")


def test_a_reset_is_told_with_its_place() -> None:
    assert "after the first encrypted message" in said(one(CUT), one(CUT)).observed


def test_a_silent_service_is_told_with_the_control_s_time() -> None:
    assert "control server answered in 20\u00a0ms" in said(one(SILENT), one(OPEN)).observed


def test_one_open_address_is_enough() -> None:
    judgement = said(one(UNREACHABLE, SILENT, OPEN))
    assert judgement.status is Status.PASS
    assert [stage.status for stage in judgement.stages] == [Status.PASS] * 4


def test_an_address_without_a_way_says_less_than_one_that_is_silent() -> None:
    assert said(one(SILENT, UNREACHABLE)).summary.startswith("Your network blocks")


@pytest.mark.parametrize(
    ("service", "statuses"),
    [
        (SILENT, [Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.NOT_APPLICABLE]),
        (CUT, [Status.PASS, Status.PASS, Status.FAIL, Status.NOT_APPLICABLE]),
        (FORBIDDEN, [Status.PASS, Status.PASS, Status.PASS, Status.FAIL]),
        (UNTRUSTED, [Status.PASS, Status.PASS, Status.WARN, Status.PASS]),
    ],
)
def test_the_strip_shows_how_far_it_came(
    service: WebsocketReachability, statuses: list[Status]
) -> None:
    stages = said(one(service)).stages
    assert [stage.name for stage in stages] == ["Name", "Connection", "Encryption", "Websocket"]
    assert [stage.status for stage in stages] == statuses
    assert all(stage.text for stage in stages)


def test_a_name_that_came_late_is_not_to_be_corrected() -> None:
    late = said(one(lookup=failed(FailureCode.TIMED_OUT, "look_up")))
    assert late.summary == "A name could not be looked up in time."


@pytest.mark.parametrize(
    ("trial", "control", "summary", "facts"),
    [
        (LARGE_LOST, None, "Packets of full size get lost, so connections fall silent.", "lost"),
        # the way to the service alone may be that thin: it is not down
        (LARGE_LOST, OPEN, "Packets of full size get lost, so connections fall silent.", "lost"),
        (NO_SEGMENT_SIZES, None, "Port 10062 falls silent once packets of full size are due.",
         "suspected"),
        (SILENT_ANYHOW, None, "Something on the way swallows the webphone's connection.", None),
        (LATE_ONCE, None, "Something on the way swallows the webphone's connection.", None),
        (None, None, "Something on the way swallows the webphone's connection.", None),
    ],
)  # fmt: skip
def test_the_size_of_packets_is_told_from_a_filter(
    trial: SegmentTrial | None,
    control: WebsocketReachability | None,
    summary: str,
    facts: str | None,
) -> None:
    found = said(one(websocket(swallowed(trial))), one(control) if control else None)
    assert (found.status, found.summary) == (Status.FAIL, summary)
    assert isinstance(found.facts, WebphoneFacts)
    assert found.facts.large_segments == facts
    assert found.remedy is not None
    assert found.remedy.owner is Owner.NETWORK_TEAM


def test_where_one_family_alone_loses_packets_of_full_size_it_is_named() -> None:
    found = said(one(OPEN, websocket(swallowed(LARGE_LOST, "IPv6"))))
    assert found.status is Status.WARN
    assert found.summary == "Packets of full size get lost over IPv6, and programs hang there."
    assert found.remedy is not None
    assert "MSS" in found.remedy.text
    silent = said(one(OPEN, websocket(swallowed(SILENT_ANYHOW, "IPv6"))))
    assert silent.summary == "The webphone can connect, but not over IPv6."


def astray(
    connect: FailureCode | None, hosts_file: tuple[str, ...] | FailureCode = ()
) -> tuple[ServiceName, ...]:
    """Two answers for one name; whether a connection to the other one came about, and what the
    hosts file has.
    """
    read = (
        failed(hosts_file, "read_hosts_file")
        if isinstance(hosts_file, FailureCode)
        else ok(hosts_file, "read_hosts_file")
    )
    reached_there = failed(connect) if connect else ok(ENDPOINT, "connect_elsewhere")
    return (
        ServiceName(
            host="phone.example.com",
            settings=("targets.webphone",),
            addresses=ok(("192.0.2.1",), "look_up"),
            control=ok(("198.51.100.7",), "ask_control"),
            elsewhere=reached_there,
            hosts_file=read,
        ),
    )


@pytest.mark.parametrize(
    ("hosts_file", "status", "first", "seen"),
    [
        (
            ("192.0.2.1",),
            Status.FAIL,
            "Take the line for phone.example.com out of this computer's hosts file.",
            "phone.example.com leads to 192.0.2.1",
        ),
        (
            (),
            Status.UNKNOWN,
            "Ask the service's support whether 192.0.2.1 is down, then look at your name server.",
            "it has no line for phone.example.com",
        ),
        (
            FailureCode.NOT_PERMITTED,
            Status.UNKNOWN,
            "Ask the service's support whether 192.0.2.1 is down, then look at your name server.",
            "could not be read",
        ),
    ],
)
def test_who_leads_to_a_dead_address_is_told_by_the_hosts_file(
    hosts_file: tuple[str, ...] | FailureCode, status: Status, first: str, seen: str
) -> None:
    """One server of several may be down: nobody looks for lines in a file that has none."""
    found = said(one(SILENT), one(OPEN), names=astray(None, hosts_file))
    assert found.status is status
    assert found.remedy is not None
    assert (found.remedy.owner, found.remedy.text) == (Owner.HELPDESK, first)
    assert "198.51.100.7" in found.remedy.request
    assert seen in [line.text for line in found.details if line.label == "Hosts file"]


def test_a_server_that_answers_elsewhere_is_not_down() -> None:
    down = said(one(SILENT), one(OPEN), names=astray(FailureCode.TIMED_OUT))
    assert down.summary.startswith("The service does not answer")
    # several servers have one name: where the one here answers, nothing is wrong
    assert said(one(OPEN), one(OPEN), names=astray(None)).status is Status.PASS
    assert said(one(CUT), one(CUT), names=astray(None)).summary.startswith("Something cuts")


def test_the_strip_tells_what_each_stage_took() -> None:
    judgement = said(one(OPEN))
    assert {stage.text for stage in judgement.stages} == {"20\u00a0ms"}
    times = {each.name: each.value for each in judgement.measured if each.unit is Unit.MILLISECOND}
    assert set(times.values()) == {20.0}
    assert {"name", "connection", "encryption", "websocket"} <= set(times)


def test_a_name_that_leads_nowhere_is_not_the_network_s_fault() -> None:
    judgement = said(one(lookup=NOT_FOUND))
    assert judgement.status is Status.UNKNOWN
    assert judgement.stages[0].status is Status.FAIL


def named(*addresses: str, elsewhere: str) -> ServiceName:
    found = ok(addresses, "look_up") if addresses else failed(FailureCode.NAME_NOT_FOUND)
    return ServiceName(
        host="phone.example.com",
        settings=("targets.webphone",),
        addresses=found,
        control=ok((elsewhere,), "ask_control"),
    )


@pytest.mark.parametrize(
    ("service", "name", "status"),
    [
        (one(lookup=NOT_FOUND), named(elsewhere="192.0.2.10"), Status.FAIL),
        (one(SHUT), named("10.0.0.1", elsewhere="192.0.2.10"), Status.FAIL),
        (one(SILENT), named("0.0.0.0", elsewhere="192.0.2.10"), Status.FAIL),
        (one(OPEN), named("10.0.0.1", elsewhere="192.0.2.10"), Status.PASS),
    ],
)
def test_a_name_that_a_filter_withholds_is_told_as_that(
    service: WebphoneTry, name: ServiceName, status: Status
) -> None:
    judgement = said(service, one(OPEN), names=(name,))
    hidden = "Something hides the webphone's server from this computer."
    assert (judgement.status, judgement.summary == hidden) == (status, status is Status.FAIL)
    if status is Status.FAIL:
        assert judgement.remedy is not None
        assert "DNS filtering" in judgement.remedy.request


def test_a_name_that_nobody_knows_is_no_outage() -> None:
    judgement = said(one(lookup=NOT_FOUND), one(OPEN))
    assert judgement.status is Status.UNKNOWN
    assert isinstance(judgement.facts, WebphoneFacts)
    assert not judgement.facts.service_down


def test_a_dead_proxy_on_a_dead_line_proves_nothing() -> None:
    dead = websocket(reached(connect=TIMED_OUT, proxy="p:3128"))
    judgement = said(one(SILENT), web=SILENT_WEB, proxied=one(dead, proxy="p:3128"))
    assert (judgement.status, judgement.summary) == (Status.UNKNOWN, NO_PROXY)


@pytest.mark.parametrize(
    ("proxied", "control", "status", "summary"),
    [
        (
            websocket(reached(tunnel=FailureCode.HTTP_STATUS, proxy="p:3128")),
            None,
            Status.FAIL,
            "Your proxy does not let the webphone through.",
        ),
        (
            websocket(reached(tunnel=FailureCode.HTTP_STATUS, proxy="p:3128")),
            OPEN,
            Status.FAIL,
            "Your proxy does not let the webphone through.",
        ),
        # it let the connection through, and found nobody
        (
            websocket(reached(tunnel=FailureCode.PROXY_FOUND_NOBODY, proxy="p:3128")),
            None,
            Status.UNKNOWN,
            "Your proxy could not reach the webphone's server.",
        ),
        (
            websocket(reached(tunnel=FailureCode.PROXY_FOUND_NOBODY, proxy="p:3128")),
            OPEN,
            Status.UNKNOWN,
            "The service does not answer, but your network lets calls out.",
        ),
        (
            websocket(reached(tunnel=TIMED_OUT, proxy="p:3128")),
            None,
            Status.UNKNOWN,
            "Your proxy could not reach the webphone's server.",
        ),
        (
            websocket(reached(tunnel=FailureCode.PROXY_AUTHENTICATION, proxy="p:3128")),
            None,
            Status.UNKNOWN,
            "Your proxy asks for a password that we do not have.",
        ),
        (websocket(reached(connect=REFUSED, proxy="p:3128")), OPEN, Status.FAIL, NO_PROXY),
        (websocket(reached(connect=TIMED_OUT, proxy="p:3128")), None, Status.FAIL, NO_PROXY),
        (websocket(reached(proxy="p:3128")), None, Status.PASS, "The webphone can connect."),
    ],
)
def test_where_a_proxy_is_set_its_way_decides(
    proxied: WebsocketReachability,
    control: WebsocketReachability | None,
    status: Status,
    summary: str,
) -> None:
    judgement = said(
        one(SILENT),
        proxied=one(proxied, proxy="p:3128"),
        proxied_control=one(control) if control else None,
    )
    assert (judgement.status, judgement.summary) == (status, summary)
    assert judgement.observed.startswith("through the proxy: ")
    assert "Without the proxy" in [detail.label for detail in judgement.details]


def test_without_web_evidence_silence_proves_nothing() -> None:
    missed = Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.http")
    assert said(one(SILENT), web=missed).status is Status.UNKNOWN


def test_an_address_that_is_not_known_is_asked_for() -> None:
    missed = Failure(
        code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.webphone"
    )
    judgement = judge(case_of((WEBPHONE, missed), (WEB, WORKING_WEB)), NoLimits())
    assert judgement.status is Status.NOT_SET_UP
    assert judgement.observed == "not set up"
    assert [detail.text for detail in judgement.details] == ["targets.webphone"]


def test_other_missing_evidence_is_passed_on() -> None:
    missed = Failure(code=FailureCode.DEADLINE, operation="webphone")
    with pytest.raises(EvidenceMissing):
        judge(case_of((WEBPHONE, missed)), NoLimits())


def test_addresses_of_one_family_that_lead_nowhere_are_advice() -> None:
    lost = by_ipv6(reached(connect=TIMED_OUT, tries=3))
    judgement = said(one(OPEN, lost))
    assert judgement.status is Status.WARN
    assert judgement.summary == "The webphone can connect, but not over IPv6."
    assert isinstance(judgement.facts, WebphoneFacts)
    assert judgement.facts.lost_family == "IPv6"


@pytest.mark.parametrize(
    "other",
    [
        by_ipv6(reached(connect=NO_WAY)),  # a computer without IPv6 loses no time
        SILENT,  # one dead address of two
    ],
    ids=["no IPv6", "same family"],
)
def test_what_costs_no_time_is_no_advice(other: WebsocketReachability) -> None:
    assert said(one(OPEN, other)).status is Status.PASS


@pytest.mark.parametrize(
    ("schemes", "words"),
    [
        ("Negotiate, NTLM", "browsers sign in with the account of Windows by themselves"),
        ('Basic realm="office"', 'Basic realm="office"'),
        ("", "it does not say how"),
    ],
)
def test_a_proxy_that_wants_a_password_says_which_way(schemes: str, words: str) -> None:
    asked = failed(FailureCode.PROXY_AUTHENTICATION, "open_tunnel", detail=schemes)
    reach = replace(reached(tunnel=TIMED_OUT, proxy="p:3128"), tunnel=asked)
    judgement = said(one(SILENT), proxied=one(websocket(reach), proxy="p:3128"))
    told = [each.text for each in judgement.details if each.label == "The proxy asks for"]
    assert len(told) == 1
    assert words in told[0]


# without a webphone of the service, a page of a stranger on its port ------------------------------


def strangers(*pages: PageTry, witness: tuple[PageTry, ...] = ()) -> Judgement:
    no_target = Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.x")
    seen = PublicPortEvidence(port=10062, pages=pages, witness=witness)
    return judge(case_of((WEBPHONE, no_target), (PUBLIC_PORT, seen)), NoLimits())


ITS_PAGE = "https://page.example.net:10062/"
PAGE = page_try(url=ITS_PAGE)
CONTENT_OF_ANOTHER = page_try(url=ITS_PAGE, expected=False)
NOT_FOUND_THERE = page_try(url=ITS_PAGE, status=404)
WAITS = page_try(url=ITS_PAGE, answer=TIMED_OUT)
SILENT_PAGE = page_try(reached(connect=TIMED_OUT), url=ITS_PAGE)
WITNESS = page_try(url="https://page.example.net:443/")
DEAD_WITNESS = page_try(reached(connect=TIMED_OUT), url="https://page.example.net:443/")
UNSET = "Not set up"


@pytest.mark.parametrize(
    ("pages", "witness", "status", "observed"),
    [
        ((PAGE,), (WITNESS,), Status.PASS, f"{ITS_PAGE} answers"),
        ((PAGE,), (DEAD_WITNESS,), Status.PASS, f"{ITS_PAGE} answers"),
        # by the proxy, where the direct way is shut
        ((SILENT_PAGE, PAGE), (WITNESS,), Status.PASS, f"{ITS_PAGE} answers"),
        ((CONTENT_OF_ANOTHER,), (WITNESS,), Status.WARN, f"another page than that of {ITS_PAGE}"),
        ((NOT_FOUND_THERE,), (WITNESS,), Status.WARN, f"another page than that of {ITS_PAGE}"),
        ((SILENT_PAGE,), (WITNESS,), Status.WARN,
         f"{ITS_PAGE} is silent, https://page.example.net:443/ answers"),
        # a connection on which nothing comes is perhaps a proxy's; a server that sleeps is no proof
        ((WAITS,), (WITNESS,), Status.NOT_SET_UP, None),
        ((SILENT_PAGE,), (DEAD_WITNESS,), Status.NOT_SET_UP, None),
        ((), (), Status.NOT_SET_UP, None),
    ],
)  # fmt: skip
def test_a_strangers_page_tells_whether_the_port_leads_out(
    pages: tuple[PageTry, ...], witness: tuple[PageTry, ...], status: Status, observed: str | None
) -> None:
    told = strangers(*pages, witness=witness)
    assert told.status is status
    asleep = [each.text for each in told.details if each.label == "Public server"]
    if observed is None:
        assert asleep == (["it does not answer on any port"] if pages else [])
        assert told.far_end is None
        return
    assert (told.observed, told.far_end) == (observed, FarEnd.PUBLIC)
    assert told.untried == "the webphone itself was not tried"
    assert len(told.tried) == sum(len(list(each.attempts())) for each in (*pages, *witness))


def test_a_port_that_two_places_answer_differently_on_is_told_with_both() -> None:
    told = strangers(SILENT_PAGE, witness=(WITNESS,))
    assert told.remedy is not None
    assert f"{ITS_PAGE} does not answer on TCP 10062, and does on" in told.remedy.request


REFUSED_BY_PROXY = page_try(reached(tunnel=FailureCode.HTTP_STATUS, proxy="p:3128"), url=ITS_PAGE)
ASLEEP_BY_PROXY = page_try(
    reached(tunnel=FailureCode.PROXY_FOUND_NOBODY, proxy="p:3128"), url=ITS_PAGE
)


def test_a_proxy_that_refuses_the_port_is_told_from_a_server_that_sleeps() -> None:
    """The proxy takes the connection in either case."""
    shut = strangers(SILENT_PAGE, REFUSED_BY_PROXY, witness=(DEAD_WITNESS, WITNESS))
    assert (shut.status, shut.summary) == (Status.WARN, "Port 10062 is closed to strangers.")
    asleep = strangers(SILENT_PAGE, ASLEEP_BY_PROXY, witness=(DEAD_WITNESS, ASLEEP_BY_PROXY))
    assert asleep.status is Status.NOT_SET_UP


@pytest.mark.parametrize(
    ("reach", "unspoken"), [(OPEN, False), (SILENT, True), (UPGRADE_CUT, True)]
)
def test_a_proxy_that_we_do_not_speak_matters_where_nothing_opens(
    reach: WebsocketReachability, *, unspoken: bool
) -> None:
    choice = ProxyChoice(unspoken="socks4://proxy.example.com:1080")
    evidence = WebphoneEvidence(port=10062, direct=one(reach), choice=choice)
    told = judge(case_of((WEBPHONE, evidence)), NoLimits())
    plain = judge(case_of((WEBPHONE, replace(evidence, choice=ProxyChoice()))), NoLimits())
    assert (told.summary != plain.summary) is unspoken


# what others show of the port, and what only the service can do ----------------------------------


@pytest.mark.parametrize(
    ("place", "summary", "owner"),
    [
        ("[2001:db8::7]:443", "Port 10062 is open, but not over IPv6.", Owner.NETWORK_TEAM),
        ("[2001:db8::7]:10062", "The server answers, but not over IPv6.", Owner.HELPDESK),
        (
            "192.0.2.7:10062",
            "The webphone can connect, but not over IPv6.",
            Owner.NETWORK_TEAM,
        ),
    ],
)
def test_a_family_is_blamed_for_no_more_than_is_known_of_it(
    place: str, summary: str, owner: Owner
) -> None:
    """A rule of a firewall for IPv6 alone shuts one port of it, and IPv6 is not broken."""
    taken = replace(ok(None, "connect_tcp"), target=place)
    control = websocket(replace(reached(), connects=(taken,)))
    judgement = said(one(OPEN, by_ipv6(reached(connect=TIMED_OUT))), one(control))
    assert (judgement.status, judgement.summary) == (Status.WARN, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is owner


@pytest.mark.parametrize(
    ("code", "status", "summary"),
    [
        (
            FailureCode.UNANSWERED,
            Status.UNKNOWN,
            "The service does not answer, but your network lets calls out.",
        ),
        *(
            (
                code,
                Status.WARN,
                "Your network lets the webphone out, but its server refuses it.",
            )
            for code in (FailureCode.TLS_FAILED, FailureCode.TOO_LARGE, FailureCode.BAD_ANSWER)
        ),
    ],
)
def test_within_a_verified_connection_nobody_on_the_way_is_to_blame(
    code: FailureCode, status: Status, summary: str
) -> None:
    judgement = said(one(websocket(reached(), upgrade=code)))
    assert (judgement.status, judgement.summary) == (status, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.HELPDESK
    untrusted = reached(tls=FailureCode.CERTIFICATE_UNTRUSTED)
    assert said(one(websocket(untrusted, upgrade=code))).status is Status.FAIL


def test_a_server_that_wants_a_certificate_refuses_by_itself() -> None:
    wanting = websocket(reached(tls=FailureCode.CERTIFICATE_WANTED))
    judged = said(one(wanting))
    assert judged.status is Status.WARN
    assert judged.summary == "Your network lets the webphone out, but its server refuses it."


def test_a_certificate_that_is_out_of_date_is_no_inspection() -> None:
    detail = "certificate verify failed: certificate has expired (_ssl.c:992)"
    opened = websocket(reached(tls=FailureCode.CERTIFICATE_UNTRUSTED))
    expired = failed(FailureCode.CERTIFICATE_UNTRUSTED, "start_tls", detail=detail)
    judged = said(one(replace(opened, reach=replace(opened.reach, tls=expired))))
    assert judged.status is Status.WARN
    assert judged.summary == "The server's proof of identity is out of date."
    assert judged.remedy is not None
    assert judged.remedy.owner is Owner.HELPDESK
