"""What the line does, read out of all evidence: who is a witness, and who is none."""

import pytest
from cases.reach_cases import (
    LARGE_LOST,
    NO_SEGMENT_SIZES,
    SILENT_ANYHOW,
    failed,
    ok,
    page_try,
    reached,
    secure_page,
    swallowed,
)
from cases.udp_cases import UDP_SILENT, UDP_WORKS, figures, flow, media, path, stun
from msgspec.structs import replace

from natwizard.checks.shared.line import LineFacts, line_facts
from natwizard.model.outcome import Attempt, FailureCode, Gathered, Outcome
from natwizard.probes.connection.reachability import Looked, Reachability, SegmentTrial
from natwizard.probes.connection.websocket_client import Echoed, WebsocketReachability
from natwizard.probes.dns_servers import Asked, DnsEvidence, ResolverAnswers
from natwizard.probes.media.call_load import StepFigures
from natwizard.probes.media.calls import CallsEvidence
from natwizard.probes.sip import SipEvidence
from natwizard.probes.stun.binding import StunEvidence
from natwizard.probes.stun.udp_range import PortResult, PortSpan, RangeEvidence
from natwizard.probes.web import WebEvidence
from natwizard.probes.websocket import WebsocketAttempt, WebsocketEvidence

SILENT, REFUSED = FailureCode.TIMED_OUT, FailureCode.CONNECTION_REFUSED
NO_WAY = FailureCode.NETWORK_UNREACHABLE


def facts_of(**evidence: object) -> LineFacts:
    brought: dict[str, Outcome[object]] = {
        name: Gathered(evidence=each) for name, each in evidence.items()
    }
    return line_facts(brought)


def plain_page(status: int, *, holds_expected: bool) -> WebEvidence:
    """What came in place of the page over plain HTTP."""
    return WebEvidence(http=(page_try(status=status, expected=holds_expected),))


def test_nothing_gathered_tells_nothing() -> None:
    assert facts_of() == LineFacts()
    assert not facts_of().leads_out


@pytest.mark.parametrize(
    ("status", "holds_expected", "leads_out"),
    [(200, True, True), (204, False, True), (200, False, False), (302, False, False)],
)
def test_a_page_is_a_witness_and_a_login_page_is_none(
    status: int, *, holds_expected: bool, leads_out: bool
) -> None:
    facts = facts_of(web=plain_page(status, holds_expected=holds_expected))
    assert facts.leads_out is facts.tcp_leads_out is leads_out
    assert facts.pages_answered == {80}


def test_udp_that_answers_shows_that_the_line_leads_out() -> None:
    assert facts_of(stun=UDP_WORKS).leads_out
    assert not facts_of(stun=UDP_WORKS).tcp_leads_out
    assert not facts_of(stun=UDP_SILENT).leads_out
    assert facts_of(media=media(figures())).udp_leads_out
    assert facts_of(media=media(code=FailureCode.CONNECTION_REFUSED)).udp_refused


def test_pages_over_either_port_are_told_apart() -> None:
    assert facts_of(web=WebEvidence(https=(page_try(),))).pages_answered == {443}
    both = WebEvidence(https=(page_try(),), http_control=(page_try(),))
    assert facts_of(web=both).pages_answered == {80, 443}


@pytest.mark.parametrize(
    ("trial", "leads"), [(LARGE_LOST, True), (SILENT_ANYHOW, False), (NO_SEGMENT_SIZES, False)]
)
def test_what_comes_in_small_segments_shows_that_the_line_leads_out(
    trial: SegmentTrial, *, leads: bool
) -> None:
    """Where packets of full size get lost, nothing else may be seen to come."""
    line = facts_of(web=WebEvidence(https=(secure_page(swallowed(trial)),)))
    assert line.leads_out is leads


@pytest.mark.parametrize(
    ("kbit_s", "room"), [(None, False), (99 * 10, False), (100 * 10, True), (50_000.0, True)]
)
def test_a_line_of_ten_calls_has_room_beside_one(kbit_s: float | None, *, room: bool) -> None:
    """A call is counted with 100 kbit/s each way."""
    assert LineFacts(echo_kbit_s=kbit_s).has_room_beside_voice is room


@pytest.mark.parametrize(
    ("durations_s", "refused"), [((0.9,), True), ((0.9, 1.0), False), ((1.0,), False), ((), False)]
)
def test_names_that_a_server_refuses_fail_before_anybody_asks_again(
    durations_s: tuple[float, ...], refused: bool
) -> None:
    """A resolver that nobody answers tells the same, but later (resolv.conf(5), timeout)."""
    lookups = [
        replace(
            failed(FailureCode.NAME_LOOKUP_FAILED, "look_up", seconds=each),
            target=f"name{place}.example.com:443",
        )
        for place, each in enumerate(durations_s)
    ]
    websocket = WebsocketEvidence(
        tries=tuple(
            WebsocketAttempt(url=f"wss://{each.target}/", secure=True, lookup=each, addresses=())
            for each in lookups
        )
    )
    assert facts_of(websocket=websocket).names_refused is refused


def echoes(*taken: tuple[int, float]) -> WebsocketEvidence:
    """A websocket that echoed messages of so many bytes in so many seconds."""
    tried = tuple(
        Attempt(
            operation="echo",
            target="t",
            started_s=0.0,
            duration_s=took_s,
            value=Echoed(size_bytes=size, frames=1),
        )
        for size, took_s in taken
    )
    reach = Reachability(family="IPv4", connects=())
    lookup: Looked = Attempt(
        operation="look_up", target="t", started_s=0.0, duration_s=0.0, value=()
    )
    way = WebsocketReachability(reach=reach, echoes=tried)
    return WebsocketEvidence(
        tries=(WebsocketAttempt(url="wss://t/", secure=True, lookup=lookup, addresses=(way,)),)
    )


@pytest.mark.parametrize(
    ("taken", "kbit_s"),
    [
        ((), None),
        (((100_000, 2.0),), 800.0),  # a hundred kilobytes there and back in two seconds
        (((100_000, 2.0), (100_000, 4.0)), 400.0),
        (((50_000, 1.0),), 800.0),
        (((49_999, 1.0),), None),  # too small to tell
        (((100_000, 0.0),), None),
    ],
)
def test_large_echoes_tell_the_rate_of_the_line(
    taken: tuple[tuple[int, float], ...], kbit_s: float | None
) -> None:
    assert facts_of(websocket=echoes(*taken)).echo_kbit_s == kbit_s


def test_the_round_trip_is_that_of_voice_or_else_of_connections() -> None:
    assert facts_of(media=media(figures(median_ms=33.0))).round_trip_ms == 33.0
    connected = secure_page().addresses[0].reach.connects[0].duration_s
    assert facts_of(web=WebEvidence(https=(secure_page(),))).round_trip_ms == 1000 * connected


def connects(*tried: tuple[str, FailureCode | None]) -> SipEvidence:
    """Connections to places, as "192.0.2.1:443"; of which probe does not matter."""
    return SipEvidence(
        tries=(),
        line=tuple(
            replace(failed(code, "connect_tcp") if code else ok(None, "connect_tcp"), target=place)
            for place, code in tried
        ),
    )


def test_what_was_silent_and_answered_besides_got_lost() -> None:
    """As behind a router that lets so many new connections through each second."""
    open_again = connects(*(("192.0.2.1:443", code) for code in (SILENT, SILENT, None, None, None)))
    assert facts_of(sip=open_again).loses_much
    shut = connects(*(("192.0.2.1:443", code) for code in (None, None, None)), *(
        ("192.0.2.1:10062", SILENT),) * 3)  # fmt: skip
    assert not facts_of(sip=shut).loses_much
    refused = connects(("192.0.2.1:443", FailureCode.CONNECTION_REFUSED), ("192.0.2.1:443", None))
    assert not facts_of(sip=refused).loses_much


@pytest.mark.parametrize(
    ("tried", "dead"),
    [
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", NO_WAY), ("[2001:db8::1]:80", None)), "IPv4"),
        ((("[2001:db8::1]:80", SILENT), ("[2001:db8::2]:80", SILENT), ("192.0.2.1:80", None)),
         "IPv6"),
        # one server may be down
        ((("192.0.2.1:80", SILENT), ("192.0.2.1:81", SILENT), ("[2001:db8::1]:80", None)), ""),
        # somebody is there who says no
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", REFUSED), ("[2001:db8::1]:80", None)), ""),
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", SILENT), ("192.0.2.3:80", None)), ""),
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", SILENT)), ""),
    ],
)  # fmt: skip
def test_a_family_is_dead_where_nobody_answers_over_it_alone(
    tried: tuple[tuple[str, FailureCode | None], ...], dead: str
) -> None:
    assert facts_of(sip=connects(*tried)).dead_family == dead


def step(calls: int, sent: int, lost: int) -> StepFigures:
    return StepFigures(
        calls=calls,
        duration_s=2.0,
        sent=sent,
        received=sent - lost,
        late=0,
        round_trip_ms=20.0,
        p95_ms=21.0,
        send_late_p95_ms=0.1,
    )


def test_losses_of_a_full_line_do_not_count_as_the_lines() -> None:
    calls = CallsEvidence(
        path=path(),
        asked=5,
        idle=step(1, 50, 0),
        steps=(step(3, 300, 2), step(5, 500, 200)),
        carried=3,
        arrived_kbit_s=310.0,
        line_full=True,
    )
    facts = facts_of(media=media(figures(sent=500, lost=1)), calls=calls)
    assert (facts.packets_sent, facts.packets_lost) == (850, 3)
    assert (facts.carried_kbit_s, facts.line_full) == (310.0, True)
    assert facts.round_trip_ms == 21.0


@pytest.mark.parametrize(
    ("late", "others", "names_late"),
    [(0, 2, False), (1, 0, False), (1, 1, False), (2, 0, True), (2, 2, True), (2, 3, False),
     (3, 3, True), (3, 4, False)],
)  # fmt: skip
def test_names_are_late_where_two_and_half_of_them_are(
    late: int, others: int, *, names_late: bool
) -> None:
    gone = failed(FailureCode.TIMED_OUT, "look_up")
    found = ok((), "look_up")
    lookups = [replace(gone, target=f"late{n}.example.com:80") for n in range(late)]
    lookups += [replace(found, target=f"host{n}.example.com:80") for n in range(others)]
    # addresses are no names, nor is what a report may hold in their place
    lookups += [replace(gone, target=odd) for odd in ("192.0.2.7:80", "[2001:db8::1]:80", "junk:x")]
    web = WebEvidence(http=tuple(page_try(lookup=each) for each in lookups))
    assert facts_of(web=web).names_late is names_late


def lookup_of(target: str, *, late: bool) -> Looked:
    missed = failed(FailureCode.TIMED_OUT, "look_up")
    return replace(missed if late else ok((), "look_up"), target=target)


@pytest.mark.parametrize(
    ("late", "in_time", "names_late"),
    [
        # one lost question, for which four lookups of one name wait
        (("a:80", "a:443", "a:8080", "a:8443"), ("b:10062", "c:10062"), False),
        (("a:80", "a:443", "b:10062"), ("c:10062", "d:443", "e:443"), False),
        (("a:80", "a:443"), ("a:10062", "b:10062"), False),  # it came at another moment
        (("a:80", "a:443", "b:10062"), ("c:10062",), True),
        (("a:80", "a:443", "a:10062"), (), True),  # all that there is to look up
        (("a:80",), ("a:443", "a:10062"), False),
    ],
)
def test_a_name_counts_once_at_however_many_ports(
    late: tuple[str, ...], in_time: tuple[str, ...], *, names_late: bool
) -> None:
    lookups = [lookup_of(f"{each[0]}.example.com{each[1:]}", late=True) for each in late]
    lookups += [lookup_of(f"{each[0]}.example.com{each[1:]}", late=False) for each in in_time]
    web = WebEvidence(http=tuple(page_try(lookup=each) for each in lookups))
    assert facts_of(web=web).names_late is names_late


@pytest.mark.parametrize("control", [False, True])
@pytest.mark.parametrize(("plain", "tcp"), [(True, True), (True, False), (False, True)])
def test_an_own_name_server_that_answers_anything_is_a_witness(
    control: bool, plain: bool, tcp: bool
) -> None:
    def asked(came: bool) -> Asked:
        return ok(None) if came else failed(SILENT)

    server = ResolverAnswers(
        resolver="192.0.2.53:53", plain=asked(plain), tcp=asked(tcp), control=control
    )
    facts = facts_of(dns_servers=DnsEvidence(resolvers=(server,)))
    assert facts.name_server_answered is not control
    dead = replace(server, plain=failed(SILENT), tcp=failed(SILENT))
    assert not facts_of(dns_servers=DnsEvidence(resolvers=(dead,))).name_server_answered


def asked_ports(*tries: int) -> RangeEvidence:
    """Ports that answered when they were asked for the so many-th time; 0 for never."""
    results = tuple(
        PortResult(
            port=5000 + place,
            started_s=0.1,
            duration_ms=20.0,
            tries=each or 6,
            failure=None if each else SILENT,
        )
        for place, each in enumerate(tries)
    )
    return RangeEvidence(
        target="ports.example.com",
        lookup=ok((), "look_up"),
        listed=(PortSpan(low=5000, high=64000),),
        results=results,
    )


@pytest.mark.parametrize(
    ("tries", "first", "again"),
    [((1,), 1, 0), ((2,), 1, 1), ((1, 2, 3), 3, 2), ((0, 1), 1, 0), ((0, 0), 0, 0)],
)
def test_who_answers_the_second_time_tells_of_a_loss(
    tries: tuple[int, ...], first: int, again: int
) -> None:
    facts = facts_of(udp_range=asked_ports(*tries))
    assert (facts.asked_first, facts.asked_again) == (first, again)
    assert facts.range_answered is any(tries)


def stun_flows(*answers: tuple[float, int]) -> StunEvidence:
    """STUN questions answered after so many seconds, when asked for the so many-th time."""
    flows = []
    for number, (time_s, tries) in enumerate(answers):
        answered = flow(f"192.0.2.{number + 1}:3478", public="203.0.113.7 4000")
        value = answered.attempt.value
        assert value is not None
        attempt = replace(answered.attempt, duration_s=time_s, value=replace(value, tries=tries))
        flows.append(replace(answered, attempt=attempt))
    return stun(*flows)


@pytest.mark.parametrize(
    ("shortest_s", "counted"), [(0.02, True), (0.249, True), (0.25, False), (0.6, False)]
)
def test_on_a_line_as_long_as_the_wait_asking_again_tells_nothing(
    shortest_s: float, *, counted: bool
) -> None:
    facts = facts_of(stun=stun_flows((shortest_s, 2), (0.7, 2), (0.8, 1)))
    assert (facts.asked_first, facts.asked_again) == ((3, 2) if counted else (0, 0))


@pytest.mark.parametrize(
    ("times_s", "asked", "again"),
    [
        ((0.02, 0.02), 2, 0),
        ((0.02, 0.999), 2, 0),
        ((0.02, 1.0), 2, 1),
        ((0.499, 1.02), 2, 1),
        # where all are as slow, the line is long and nothing got lost
        ((0.5, 1.02), 0, 0),
        ((1.02, 1.02), 0, 0),
        ((), 0, 0),
    ],
)
def test_a_handshake_that_took_a_second_needed_a_second_try(
    times_s: tuple[float, ...], asked: int, again: int
) -> None:
    tried = tuple(replace(ok(None, "connect_tcp"), duration_s=each) for each in times_s)
    facts = facts_of(sip=SipEvidence(tries=(), line=tried))
    assert (facts.asked_first, facts.asked_again) == (asked, again)


@pytest.mark.parametrize(
    ("first", "again", "sent", "lost", "much"),
    [
        (0, 0, 0, 0, False),
        (5, 1, 0, 0, False),
        (5, 2, 0, 0, True),
        (10, 2, 0, 0, True),  # a fifth
        (11, 2, 0, 0, False),
        (0, 0, 100, 14, False),
        (0, 0, 100, 15, True),
        (0, 0, 0, 1, True),
    ],
)
def test_a_fifth_of_questions_or_fifteen_of_a_hundred_packets_is_much(
    first: int, again: int, sent: int, lost: int, *, much: bool
) -> None:
    facts = LineFacts(asked_first=first, asked_again=again, packets_sent=sent, packets_lost=lost)
    assert facts.loses_much is much


@pytest.mark.parametrize("status", [199, 200, 204, 299, 300, 404])
def test_only_a_page_that_came_is_a_witness(status: int) -> None:
    facts = facts_of(web=plain_page(status, holds_expected=True))
    assert facts.page_came is (200 <= status < 300)


@pytest.mark.parametrize(
    ("reach", "secured"),
    [
        (reached(), True),
        (reached(tls=FailureCode.CERTIFICATE_UNTRUSTED), True),
        (reached(tls=FailureCode.TLS_FAILED), False),
        (reached(connect=SILENT), False),
        (reached(secure=False), False),
    ],
)
def test_a_handshake_shows_that_encrypted_pages_come(reach: Reachability, *, secured: bool) -> None:
    facts = facts_of(web=WebEvidence(https=(secure_page(reach),)))
    assert facts.secured is facts.secure_pages is secured


def at(place: str, *, proxy: str = "", family: str = "IPv4") -> Reachability:
    """A connection that this place took."""
    taken = replace(ok(None, "connect_tcp"), target=place)
    return replace(reached(proxy=proxy), family=family, connects=(taken,))


def pages_of(*reaches: Reachability) -> WebEvidence:
    return WebEvidence(https=tuple(secure_page(each) for each in reaches))


def test_other_servers_show_that_a_port_is_open_and_a_family_leads_out() -> None:
    line = facts_of(web=pages_of(at("192.0.2.1:443"), at("[2001:db8::1]:10062", family="IPv6")))
    assert line.others_at_port(443, ()) == {"IPv4"}
    assert line.others_at_port(443, ["192.0.2.1"]) == frozenset()
    assert line.others_at_port(10062, ["192.0.2.1"]) == {"IPv6"}
    assert line.others_at_port(80, ()) == frozenset()
    assert line.leads_out_over("IPv6")
    assert not facts_of(web=pages_of(at("192.0.2.1:443"))).leads_out_over("IPv6")


def test_a_proxy_that_takes_connections_shows_nothing_of_what_is_behind_it() -> None:
    line = facts_of(web=pages_of(at("192.0.2.9:443", proxy="proxy.example.com:443")))
    assert line.connected == frozenset()
    assert not line.leads_out_over("IPv4")


@pytest.mark.parametrize("target", ["", "192.0.2.1", "x:y", "192.0.2.1:" + "9" * 5000])
def test_a_place_that_is_none_is_at_no_port(target: str) -> None:
    """A report that is judged again may hold anything."""
    assert facts_of(web=pages_of(at(target))).others_at_port(443, ()) == frozenset()


SIGN = replace(failed(SILENT, "connect_tcp"), target="192.0.2.9:80")


@pytest.mark.parametrize(
    ("signs", "others", "lifeless"),
    [
        ((SIGN,), (), {"192.0.2.9"}),
        ((), (), set()),
        # a machine that turns us away is there
        ((replace(failed(REFUSED, "connect_tcp"), target="192.0.2.9:443"),), (), set()),
        ((replace(ok(None, "connect_tcp"), target="192.0.2.9:5060"),), (), set()),
        # so it is where it answers anybody else
        ((SIGN,), (replace(ok(None, "sip_tcp"), target="192.0.2.9:5060"),), set()),
        ((SIGN,), (replace(ok(None, "sip_tcp"), target="192.0.2.8:5060"),), {"192.0.2.9"}),
    ],
)
def test_a_test_server_is_lifeless_where_nothing_at_all_came_from_it(
    signs: tuple[Attempt[object], ...], others: tuple[Attempt[object], ...], lifeless: set[str]
) -> None:
    silent = PortResult(port=5000, started_s=0.0, duration_ms=1.0, tries=3, failure=SILENT)
    ports = RangeEvidence(
        target="ports.example.com", lookup=ok(()), listed=(), address="192.0.2.9",
        results=(silent,), signs=signs,
    )  # fmt: skip
    assert facts_of(udp_range=ports, others=others).lifeless == lifeless
    answered = replace(ports, results=(replace(silent, failure=None),))
    assert facts_of(udp_range=answered).lifeless == frozenset()


def test_names_are_all_found_where_each_of_several_led_to_an_address() -> None:
    here = page_try()
    there = page_try(lookup=replace(here.lookup, target="control.example.com:80"))
    nowhere = page_try(lookup=replace(failed(SILENT, "look_up"), target="other.example.com:80"))
    assert facts_of(web=WebEvidence(http=(here, there))).names_all_found
    assert not facts_of(web=WebEvidence(http=(here,))).names_all_found
    assert not facts_of(web=WebEvidence(http=(here, there, nowhere))).names_all_found
