"""What this line does: one value made from all evidence of a run, for every rule to look at.

A rule that sees its own probe alone takes a thin line for a filter, and a closed port for a line
that is down. Silence counts against whoever is silent once something else is known to get out.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from msgspec import Struct

from natwizard.model.address import is_literal, parse_host_port
from natwizard.model.outcome import (
    Attempt,
    FailureCode,
    Gathered,
    Missed,
    Outcome,
    all_in,
    attempts_in,
    failures_in,
)
from natwizard.model.profile import UdpService
from natwizard.probes.connection.reachability import Looked, Reachability
from natwizard.probes.dns_servers import DNS_SERVERS, DnsEvidence
from natwizard.probes.media.calls import CALLS, CallsEvidence
from natwizard.probes.media.stream import MEDIA, MediaEvidence
from natwizard.probes.public_udp import PUBLIC_UDP, PublicUdpEvidence
from natwizard.probes.stun.binding import STUN, StunEvidence
from natwizard.probes.stun.udp_range import UDP_RANGE, RangeEvidence
from natwizard.probes.web import WEB, PageTry, WebEvidence
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry
from natwizard.probes.websocket import WEBSOCKET, WebsocketAttempt, WebsocketEvidence

ROOM_KBIT_S = 1000.0
"""Ten times a call's rate. The largest that small exchanges send at once, a server's certificates
(some 4 kB), then hold up a voice packet for 32 ms at most, a few times in its ten seconds."""

LARGE_ECHO_BYTES = 50_000
"""Smaller messages are over before TCP has come up to speed, and tell no rate."""

NO_ADDRESS_CAME = {FailureCode.TIMED_OUT, FailureCode.NAME_LOOKUP_FAILED}
AT_ONCE_S = 1.0
"""The system's resolver waits longer before it asks again (resolv.conf(5), timeout)."""
ASKED_AGAIN_SHARE = 0.2
LOST_SHARE = 0.15
ASKED_AGAIN_S = 0.5
"""After so long a STUN question is sent again (RFC 8489, 6.2.1)."""
CONNECT = "connect_tcp"
OVER_UDP = ("ask_stun", "sip_udp", "greet_reflector")
"""Operations of questions over UDP whose target is one address."""
OF_SERVERS = ("connect_tcp", "ask_stun", "sip_", "greet")
"""Beginnings of operations whose target is one address."""
A_WORD_OF_ITS_OWN = {FailureCode.CONNECTION_REFUSED, FailureCode.BAD_ANSWER}
"""Somebody is there who says it."""
NOBODY_THERE = {FailureCode.TIMED_OUT, FailureCode.NETWORK_UNREACHABLE}
PORT_DIGITS = 5
SYN_AGAIN_S = 1.0
"""After so long a SYN is sent again (RFC 6298, section 2); a handshake over it needed that."""


class LineFacts(Struct, frozen=True, kw_only=True):
    """What got through, from whom, how fast and how well. Evidence that is missing says nothing.

    Attributes:
        pages_answered: ports (80, 443) on which a web server answered, by whatever way.
        page_came: the page that was expected came over plain HTTP: no login page is in its place.
        secure_pages: a TLS handshake came about on port 443.
        secured: so it did, or a websocket opened. An encrypted connection on which nothing came
            is no witness of itself.
        stun_answered, range_answered, media_answered: who answered over UDP.
        stun_hosts: how many different STUN servers were asked: a second one is set.
        udp_refused: a far end, or somebody on the way, turned UDP away (ICMP), so that this
            computer has a network.
        names_found: the system's resolver brought an address for a name.
        names_all_found: it did so for each of two or more that were asked for.
        names_refused: none of the names that did not come took long: a name server said so at once,
            by an error or an answer with nothing in it.
        names_late: of the names that were asked for, two or more, and at least half, did not come
            in time, at whatever port. Of a single name, at two ports.
        blocked_here: a firewall or security program of this computer's own stopped something.
        dead_family: "IPv4" or "IPv6" where nobody took a connection over it, though several were
            tried, while others did over the other one.
        connected: places (address and port) that took a connection, no proxy in between.
        lifeless: addresses of the test server for UDP, and of the service's STUN servers, where
            they answered nothing at all, TCP included: then they may be down, and nobody on the
            way need be why.
        public_udp_answered: a stranger's server did over UDP, by another protocol than DNS.
        udp_silent: nobody answered over UDP, in two or more protocols or places, and one of them
            is no server of the service's, or is known to be there by TCP. The port of name servers
            is another matter: most networks let it out.
        flows_used_up: something on the way took no new UDP flow, while an old one was answered.
        name_server_answered: a name server that this computer is given answered anything.
        round_trip_ms: median of the stream of voice packets, else of the fastest TCP handshakes.
        asked_first, asked_again: questions that were answered (STUN, the range, TCP), and how many
            of these only when they were asked again: what a line loses shows without voice, too.
        connects_first, connects_again: those of TCP alone. A firewall that lets only so many
            connections begin in a second drops SYNs, and no UDP.
        packets_sent, packets_lost: of every stream of voice packets while the line was not full.
        echo_kbit_s: how fast the large messages of the websocket's test went there and back; TCP
            that has just begun may be slower than the line. None where none came back.
        carried_kbit_s: what came back, there and back, in bits of IP; None where not measured.
        line_full: more than this was sent and did not come back, so the line carries no more.
    """

    pages_answered: frozenset[int] = frozenset()
    page_came: bool = False
    secure_pages: bool = False
    secured: bool = False
    stun_answered: bool = False
    range_answered: bool = False
    media_answered: bool = False
    stun_hosts: int = 0
    udp_refused: bool = False
    names_found: bool = False
    names_all_found: bool = False
    names_refused: bool = False
    names_late: bool = False
    blocked_here: bool = False
    dead_family: str = ""
    connected: frozenset[str] = frozenset()
    lifeless: frozenset[str] = frozenset()
    public_udp_answered: bool = False
    udp_silent: bool = False
    flows_used_up: bool = False
    name_server_answered: bool = False
    round_trip_ms: float | None = None
    asked_first: int = 0
    asked_again: int = 0
    connects_first: int = 0
    connects_again: int = 0
    packets_sent: int = 0
    packets_lost: int = 0
    echo_kbit_s: float | None = None
    carried_kbit_s: float | None = None
    line_full: bool = False

    @property
    def tcp_leads_out(self) -> bool:
        """Whether TCP is known to come through. Where somebody has to sign in first, connections
        come about as well, and another page answers: neither is a witness.
        """
        return self.secured or self.page_came

    @property
    def udp_leads_out(self) -> bool:
        """Whether UDP is known to come through."""
        return (
            self.stun_answered
            or self.range_answered
            or self.media_answered
            or self.public_udp_answered
        )

    @property
    def loses_much(self) -> bool:
        """Whether so much gets lost that single silences prove nothing: a question is sent three
        times, and one of a dozen stays unanswered by chance.
        """
        again = any(
            again >= 2 and again >= ASKED_AGAIN_SHARE * first
            for first, again in (
                (self.asked_first, self.asked_again),
                (self.connects_first, self.connects_again),
            )
        )
        return again or self.packets_lost >= LOST_SHARE * max(1, self.packets_sent)

    def others_at_port(self, port: int, besides: Iterable[str]) -> frozenset[str]:
        """Families over which this TCP port is known to be open: to other addresses than those
        given ("192.0.2.1"), whose servers may be down.
        """
        own = frozenset(besides)
        return frozenset(
            place.family
            for place in map(_place, self.connected)
            if place.port == port and place.address not in own
        )

    def leads_out_over(self, family: str) -> bool:
        """Whether TCP over "IPv4" or "IPv6" is known to get out."""
        return any(_place(each).family == family for each in self.connected)

    @property
    def leads_out(self) -> bool:
        """Whether anything is known to come through: then nobody has to be told to connect."""
        return self.tcp_leads_out or self.udp_leads_out

    @property
    def has_room_beside_voice(self) -> bool:
        """Whether small exchanges beside a stream of voice packets are known to leave it alone."""
        return self.echo_kbit_s is not None and self.echo_kbit_s >= ROOM_KBIT_S


def line_facts(outcomes: Mapping[str, Outcome[object]]) -> LineFacts:
    """Read it out of whatever the probes have brought so far."""
    brought = {
        name: outcome.evidence
        for name, outcome in outcomes.items()
        if isinstance(outcome, Gathered)
    }
    missed = [each.failure.code for each in outcomes.values() if isinstance(each, Missed)]
    web, webphone = brought.get(WEB.name), brought.get(WEBPHONE.name)
    websocket, stun = brought.get(WEBSOCKET.name), brought.get(STUN.name)
    ports, media = brought.get(UDP_RANGE.name), brought.get(MEDIA.name)
    calls, name_servers = brought.get(CALLS.name), brought.get(DNS_SERVERS.name)
    pages = (*web.http, *web.http_control, *web.https) if isinstance(web, WebEvidence) else ()
    reached = list(_reached(pages, webphone, websocket))
    lookups = _lookups(pages, webphone, websocket)
    connects = [each for one in brought.values() for each in attempts_in(one, CONNECT)]
    dead_family = _dead_family(connects)
    connected = _connected(brought.values(), connects)
    shown = _shown(brought.values())
    sent, lost = _voice_packets(media, calls)
    line_full = isinstance(calls, CallsEvidence) and calls.line_full
    if line_full:
        # what a thin line drops for want of room is no loss of its own
        connects = [each for each in connects if each.ok]
    over_udp, over_tcp = _asked_again(stun, ports, connects)
    return LineFacts(
        pages_answered=_pages_answered(web),
        page_came=any(_page_came(each) for each in pages if each.url.startswith("http:")),
        secure_pages=_secure_pages_come(web),
        secured=_secure_pages_come(web) or _upgraded(webphone, websocket),
        stun_answered=isinstance(stun, StunEvidence) and stun.came_back,
        range_answered=isinstance(ports, RangeEvidence) and ports.answered > 0,
        media_answered=any(
            each.path.greeted
            for each in (media, calls)
            if isinstance(each, MediaEvidence | CallsEvidence)
        ),
        stun_hosts=_stun_hosts(stun),
        udp_refused=_udp_refused(stun, ports, media, calls),
        names_found=any(each.value for each in lookups),
        names_all_found=len(lookups) > 1 and all(each.value for each in lookups),
        names_refused=_names_refused(lookups),
        names_late=_names_late(lookups),
        blocked_here=any(
            FailureCode.BLOCKED_HERE in failures_in(each) for each in (*brought.values(), *missed)
        ),
        dead_family=dead_family,
        connected=connected,
        lifeless=_lifeless(ports, stun, shown),
        public_udp_answered=_public_udp_answered(brought.get(PUBLIC_UDP.name)),
        udp_silent=_udp_silent(ports, stun, brought.values(), shown),
        flows_used_up=isinstance(ports, RangeEvidence) and ports.flows_used_up,
        name_server_answered=isinstance(name_servers, DnsEvidence)
        and any(
            asked.ok
            for each in name_servers.resolvers
            if not each.control
            for asked in (each.plain, each.tcp)
        ),
        round_trip_ms=_round_trip_ms(media, reached),
        asked_first=len(over_udp) + len(over_tcp),
        asked_again=sum(over_udp) + sum(over_tcp),
        connects_first=len(over_tcp),
        connects_again=sum(over_tcp),
        packets_sent=sent,
        packets_lost=lost,
        echo_kbit_s=_echo_kbit_s(websocket),
        carried_kbit_s=calls.arrived_kbit_s if isinstance(calls, CallsEvidence) else None,
        line_full=line_full,
    )


def _pages_answered(web: object) -> frozenset[int]:
    if not isinstance(web, WebEvidence):
        return frozenset()
    return frozenset(
        port
        for port, tries in ((80, (*web.http, *web.http_control)), (443, web.https))
        if _answers(tries)
    )


def _answers(tries: Iterable[PageTry]) -> bool:
    return any(page.page is not None and page.page.ok for each in tries for page in each.addresses)


def _page_came(page_try: PageTry) -> bool:
    """A page without content (204) is what several test pages answer, and a login page never."""
    return any(
        page.page is not None
        and page.page.value is not None
        and 200 <= page.page.value.status < 300
        and (page.page.value.holds_expected or page.page.value.status == 204)
        for page in page_try.addresses
    )


def _reached(pages: Iterable[PageTry], *others: object) -> Iterable[Reachability]:
    for each in pages:
        yield from (page.reach for page in each.addresses)
    for evidence in others:
        if isinstance(evidence, WebphoneEvidence):
            ways = (evidence.direct, evidence.proxied, evidence.control, evidence.proxied_control)
            for way in ways:
                yield from (address.reach for address in (way.addresses if way else ()))
        if isinstance(evidence, WebsocketEvidence):
            for tried in evidence.tries:
                yield from (address.reach for address in tried.addresses)


def _lookups(pages: Iterable[PageTry], webphone: object, websocket: object) -> tuple[Looked, ...]:
    """Of each name once, by the system's resolver."""
    tries: list[PageTry | WebphoneTry | WebsocketAttempt | None] = [*pages]
    if isinstance(webphone, WebphoneEvidence):
        tries += [webphone.direct, webphone.control]
    if isinstance(websocket, WebsocketEvidence):
        tries += websocket.tries
    found = {
        each.lookup.target: each.lookup
        for each in tries
        if each is not None and _is_name(each.lookup.target)
    }
    return tuple(found.values())


def _names_refused(lookups: Sequence[Looked]) -> bool:
    """The system's resolver says "temporary failure" of names that a server would not look up, too,
    and of an answer that no server with recursion gives (RFC 1035, 4.1.1, RA).
    """
    failed = [each for each in lookups if each.failure is not None]
    return bool(failed) and all(
        each.failure is not None
        and each.failure.code is FailureCode.NAME_LOOKUP_FAILED
        and each.duration_s < AT_ONCE_S
        for each in failed
    )


def _names_late(lookups: Sequence[Looked]) -> bool:
    """The system's resolver asks for more than one type of address, and waits for all of them.

    One question that gets lost makes all lookups of its name late that wait for it: at 80, at 443.
    """
    names: dict[str, list[Looked]] = {}
    for each in lookups:
        names.setdefault(parse_host_port(each.target).host, []).append(each)
    asked = list(names.values()) if len(names) > 1 else [[each] for each in lookups]
    late = [each for each in asked if _is_late(each)]
    return len(late) > 1 and 2 * len(late) >= len(asked)


def _is_late(lookups: Sequence[Looked]) -> bool:
    """Of one name: whether no lookup of it came in time."""
    failures = [each.failure for each in lookups if each.failure is not None]
    none_came = len(failures) == len(lookups)
    return none_came and any(each.code in NO_ADDRESS_CAME for each in failures)


def _is_name(target: str) -> bool:
    """Whether a host and port has a name, and not an address; a report may hold anything."""
    try:
        return not is_literal(parse_host_port(target).host)
    except ValueError:
        return False


def _secured(reach: Reachability) -> bool:
    """In small segments, too: then the line leads out, whatever becomes of larger ones."""
    small = reach.segments.small if reach.segments is not None else None
    shaken = (reach.tls, reach.unverified_tls, small)
    return reach.connected and any(tls is not None and tls.ok for tls in shaken)


def _stun_hosts(stun: object) -> int:
    if not isinstance(stun, StunEvidence):
        return 0
    return len({parse_host_port(server.target).host for server in stun.servers})


def _secure_pages_come(web: object) -> bool:
    pages = (
        (each for tried in web.https for each in tried.addresses)
        if isinstance(web, WebEvidence)
        else ()
    )
    return any(_secured(page.reach) for page in pages)


def _upgraded(webphone: object, websocket: object) -> bool:
    tried: tuple[WebphoneTry | WebsocketAttempt | None, ...] = ()
    if isinstance(webphone, WebphoneEvidence):
        tried += (webphone.direct, webphone.proxied, webphone.control, webphone.proxied_control)
    if isinstance(websocket, WebsocketEvidence):
        tried += websocket.tries
    return any(address.upgraded for way in tried if way for address in way.addresses)


def _udp_refused(stun: object, ports: object, media: object, calls: object) -> bool:
    codes: list[FailureCode | None] = []
    if isinstance(stun, StunEvidence):
        codes += [flow.attempt.failure.code for flow in stun.flows if flow.attempt.failure]
    if isinstance(ports, RangeEvidence):
        codes += [result.failure for result in ports.results]
    for each in (media, calls):
        if isinstance(each, MediaEvidence | CallsEvidence):
            codes += [greeting.failure.code for greeting in each.path.greetings if greeting.failure]
    return FailureCode.CONNECTION_REFUSED in codes


def _round_trip_ms(media: object, reached: Iterable[Reachability]) -> float | None:
    if isinstance(media, MediaEvidence) and media.figures and media.figures.round_trip:
        return media.figures.round_trip.median_ms
    handshakes_s = [
        connect.duration_s for reach in reached for connect in reach.connects if connect.ok
    ]
    return 1000 * median(handshakes_s) if handshakes_s else None


def _echo_kbit_s(websocket: object) -> float | None:
    """The slowest of them: each entry and way must have had room."""
    if not isinstance(websocket, WebsocketEvidence):
        return None
    rates = [
        2 * 8 * echo.value.size_bytes / 1000 / echo.duration_s
        for tried in websocket.tries
        for address in tried.addresses
        for echo in address.echoes
        if echo.value is not None and echo.value.size_bytes >= LARGE_ECHO_BYTES and echo.duration_s
    ]
    return min(rates, default=None)


def _asked_again(
    stun: object, ports: object, connects: Sequence[Attempt[object]]
) -> tuple[list[bool], list[bool]]:
    """Of each question that was answered, over UDP and over TCP: whether it was not at once.

    On a line that is as long as the wait before a question is sent again, each is sent twice, and
    nothing got lost: there only connections tell, whose wait is longer. Whoever took a connection
    is there, so that another one to the same place that stayed silent got lost, too.
    """
    times_s = [each.duration_s for each in connects if each.ok]
    flows = stun.flows if isinstance(stun, StunEvidence) else ()
    answers = [(flow.attempt.duration_s, flow.attempt.value) for flow in flows]
    again = [answer.tries > 1 for _time_s, answer in answers if answer]
    if isinstance(ports, RangeEvidence):
        again += [result.tries > 1 for result in ports.results if result.failure is None]
    shortest_s = min((*times_s, *(time_s for time_s, answer in answers if answer)), default=0.0)
    if shortest_s >= ASKED_AGAIN_S / 2:
        again = []
    late: list[bool] = []
    # where all are as slow, the line is long and nothing got lost
    if min(times_s, default=SYN_AGAIN_S) < SYN_AGAIN_S / 2:
        late += [time_s >= SYN_AGAIN_S for time_s in times_s]
    answered = {each.target for each in connects if each.ok}
    late += [True for each in connects if _is_silent(each) and each.target in answered]
    return again, late


def _dead_family(connects: Sequence[Attempt[object]]) -> str:
    """Nobody is there: silence, or a report that there is no way. Two servers, lest one is down."""
    answered = {_place(each.target).family for each in connects if each.ok}
    silent = [each for each in connects if each.failure and each.failure.code in NOBODY_THERE]
    failed = [_place(each.target) for each in silent]
    for family, other in (("IPv4", "IPv6"), ("IPv6", "IPv4")):
        places = {each.address for each in failed if each.family == family}
        if len(places) > 1 and family not in answered and other in answered:
            return family
    return ""


class _Place(NamedTuple):
    family: str
    address: str
    port: int


def _place(target: str) -> _Place:
    """Of an address with its port, as an endpoint is written: "[2001:db8::1]:443"."""
    address, _colon, port = target.rpartition(":")
    family = "IPv6" if address.startswith("[") else "IPv4"
    number = int(port) if port.isdecimal() and len(port) <= PORT_DIGITS else 0
    return _Place(family, address.strip("[]"), number)


def _connected(brought: Iterable[object], connects: Iterable[Attempt[object]]) -> frozenset[str]:
    """Those of servers: a proxy stands in this network, and takes connections for all of them."""
    proxies = {
        connect.target
        for evidence in brought
        for reach in all_in(evidence, Reachability)
        if reach.proxy
        for connect in reach.connects
    }
    return frozenset(each.target for each in connects if each.ok and each.target not in proxies)


def _lifeless(ports: object, stun: object, shown: frozenset[str]) -> frozenset[str]:
    """Servers that answered nothing by any protocol, though somebody looked for signs of it."""
    looked = set()
    if isinstance(ports, RangeEvidence) and ports.signs and not ports.answered:
        looked.add(ports.address)
    if isinstance(stun, StunEvidence):
        looked |= {_place(each.target).address for each in stun.signs}
    return frozenset(looked - shown)


def _shown(brought: Iterable[object]) -> frozenset[str]:
    """Addresses that somebody is at: anything answered there, or turned us away."""
    return frozenset(
        _place(each.target).address
        for evidence in brought
        for each in all_in(evidence, Attempt)
        if each.operation.startswith(OF_SERVERS) and (each.ok or _is_refusal(each))
    )


def _public_udp_answered(public: object) -> bool:
    return isinstance(public, PublicUdpEvidence) and any(
        each.asked is not None and each.asked.ok and each.asked.value != UdpService.DNS
        for each in public.ports
    )


def _udp_silent(
    ports: object, stun: object, brought: Iterable[object], shown: frozenset[str]
) -> bool:
    """One server is no witness, by however many ports of one protocol it was asked."""
    asked = [
        each
        for evidence in brought
        for each in all_in(evidence, Attempt)
        if each.operation in OVER_UDP
    ]
    heard = any(each.ok or _is_refusal(each) for each in asked)
    silent = {(each.operation, _place(each.target).address) for each in asked if _is_silent(each)}
    if isinstance(ports, RangeEvidence) and ports.results:
        codes = {result.failure for result in ports.results}
        heard = heard or bool(codes & {None, *A_WORD_OF_ITS_OWN})
        silent.add(("range", ports.address))
    flows = stun.flows if isinstance(stun, StunEvidence) else ()
    strangers = {_place(each.attempt.target).address for each in flows if not each.is_service}
    there = any(address in shown or address in strangers for _operation, address in silent)
    return not heard and len(silent) > 1 and there


def _is_refusal(attempt: Attempt[object]) -> bool:
    return attempt.failure is not None and attempt.failure.code in A_WORD_OF_ITS_OWN


def _is_silent(attempt: Attempt[object]) -> bool:
    return attempt.failure is not None and attempt.failure.code is FailureCode.TIMED_OUT


def _voice_packets(media: object, calls: object) -> tuple[int, int]:
    """All that were sent and lost while there was room for them."""
    sent = lost = 0
    if isinstance(media, MediaEvidence) and media.figures is not None:
        counted = media.figures.counted
        sent, lost = counted.sent, counted.sent - counted.received
    if isinstance(calls, CallsEvidence):
        for step in calls.uncrowded:
            sent, lost = sent + step.sent, lost + step.sent - step.received
    return sent, lost
