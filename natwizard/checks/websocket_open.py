"""websocket.open: do websockets open, and does every message come back whole?"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.connection_outcome import (
    FULL_SIZE_LOST,
    FULL_SIZE_SUSPECTED,
    LOSSY,
    OUT_OF_DATE,
    SEGMENT_TEXTS,
    ConnectionFacts,
    ConnectionOutcome,
    ConnectionStep,
    LargeSegments,
    ending_words,
    large_segments,
    open_elsewhere,
    proxy_sign_in,
    reached_quantities,
    stage_strip,
    websocket_ending,
)
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.number_format import (
    beside,
    failure_words,
    milliseconds,
    tried_by,
    why_it_failed,
    with_unit,
)
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.shared.proxy_unreachable import (
    UNSPOKEN_PROXY,
    dead_proxy,
    is_dead,
    proxy_failure,
    unspoken_texts,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import ConnectionStage, Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import SILENCES, Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.connection.websocket_client import WebsocketReachability
from natwizard.probes.web import WEB
from natwizard.probes.websocket import WEBSOCKET, WebsocketAttempt
from natwizard.probes.websocket_hold import (
    WEBSOCKET_HOLD,
    HoldEvidence,
    WebsocketHold,
    make_hold_probe,
)

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}


class WebsocketLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a websocket has to last.

    Attributes:
        idle_s: seconds that an open websocket on which nobody speaks must stay open.
    """

    # proxies hang up on a quiet connection after about a minute
    idle_s: Annotated[float, Meta(ge=0.5, le=600)] = 75.0


class WebsocketOutcome(IntEnum):
    """How an entry stands, best first."""

    OPEN = 0
    UNVERIFIED = 1
    SILENT = 2
    PASSWORD = 3
    SHUT = 4


class WebsocketTarget(Struct, frozen=True, kw_only=True):
    """One address of the profile, by the way that browsers would take.

    Attributes:
        echo: the echo that failed after a good upgrade, if one did.
        large_segments: what is known of the size of packets, where it fell silent.
        only_direct: the proxy fails where the direct way works.
    """

    deciding: WebsocketAttempt
    fared: WebsocketOutcome
    ending: ConnectionOutcome
    echo: Failure | None = None
    large_segments: LargeSegments | None = None
    only_direct: bool = False


BYPASS = N_("Ask which filter or proxy handles websockets, and to bypass it.")
BYPASS_REQUEST = N_(
    "Please let websockets (RFC 6455) to the service pass filters and proxies unchanged: "
    "messages must be neither held back nor compressed, changed or cut."
)
LET_PASS = N_("Ask to let the Upgrade header pass on proxies and filters.")
LET_PASS_REQUEST = N_(
    "Please let the headers Upgrade and Connection, and the answer 101, pass on proxies "
    "and filters (RFC 6455, section 4): without them no websocket opens."
)
UNINSPECTED_REQUEST = N_("Please exempt the service's websockets from TLS inspection.")


class WebsocketKind(VerdictTable):
    """How websockets stand altogether."""

    OPEN = passed(N_("Lasting connections open, and messages come back whole."))
    UNSPOKEN_PROXY = UNSPOKEN_PROXY
    PLAIN_STOPPED = warned(
        N_("Secure lasting connections open; plain ones are stopped."),
        N_("Leave it: the webphone uses secure ones."),
    )
    SOME_STOPPED = warned(
        N_("Lasting connections open, but not to every test server."),
        N_("Ask whether a filter stops the addresses named here."),
        N_(
            "Please see which filter stops websockets to some of these servers, and let "
            "them pass: to others they open."
        ),
    )
    OUT_OF_DATE = OUT_OF_DATE
    UNVERIFIED = warned(
        N_("Lasting connections open, but nobody known vouches for them."),
        N_("Ask to exempt the service from TLS inspection."),
        UNINSPECTED_REQUEST,
    )
    ONLY_DIRECT = warned(
        N_("Lasting connections open directly, but not through your proxy."),
        N_("Ask to allow websockets on the proxy, or a way past it."),
        N_(
            "Please allow CONNECT and websockets to the service on the proxy, or give this "
            "computer a way past it: without the proxy they open."
        ),
    )
    ONLY_DIRECT_PROXY_DEAD = dead_proxy(Status.WARN)
    PROXY_DEAD = dead_proxy(Status.FAIL)
    PROXY_UNREACHED = dead_proxy(Status.UNKNOWN)
    """No connection to the proxy comes about, but nothing shows that the line carries."""
    PROXY_PASSWORD = unknown(
        N_("Your proxy asks for a password that we do not have."),
        N_("Ask for a proxy exception for the service's websockets."),
        N_(
            "Please exempt the service's websockets from the proxy's sign-in: the "
            "webphone has no password for it."
        ),
    )
    SERVER_SAYS_NO = unknown(
        N_("The test server itself refuses lasting connections."),
        N_("Check `targets.websocket`, or ask whether that server is well."),
        owner=Owner.HELPDESK,
    )
    """Over a verified connection nobody on the way can have answered in its place."""
    SERVER_CLOSES = unknown(
        N_("The test server ends lasting connections itself."),
        N_("Ask the service's support why its server ends them, then run again."),
        owner=Owner.HELPDESK,
    )
    SERVER_SILENT = unknown(
        N_("The test server takes lasting connections, and answers nothing in them."),
        N_("Check that `targets.websocket` names an echo server that is well."),
        owner=Owner.HELPDESK,
    )
    """What was sent arrived there."""
    LARGE_LOST = failed(
        N_("Lasting connections open, but large messages get lost."),
        N_("Ask what drops large packets, or long messages, on the way."),
        N_(
            "Please see what drops large packets to and from the service: short messages come back"
            " in an encrypted connection, and long ones do not. Often a tunnel or VPN has a"
            ' smaller MTU, and ICMP "packet too big" is dropped (RFC 2923): let it pass, or set'
            " the MSS of TCP to fit."
        ),
    )
    """Encrypted, so that nobody on the way sees which messages he drops: he drops packets."""
    FULL_SIZE_LOST = FULL_SIZE_LOST
    FULL_SIZE_SUSPECTED = FULL_SIZE_SUSPECTED
    LATE = unknown(
        N_("Lasting connections open, but messages took very long."),
        N_("Use a cable, stop what else uses the line, then run again."),
    )
    """Nobody on the way can hold single messages back that he cannot see: packets got lost."""
    LOSSY = LOSSY
    UNREACHED = unknown(
        N_("The test server for lasting connections could not be reached."),
        N_("Check `targets.websocket`, then run again."),
        owner=Owner.HELPDESK,
    )
    MESSAGES_LOST = failed(
        N_("Lasting connections open, but messages get lost in them."), BYPASS, BYPASS_REQUEST
    )
    MESSAGES_HELD_BACK = failed(
        N_("Lasting connections open, but short messages are held back."), BYPASS, BYPASS_REQUEST
    )
    MESSAGES_COMPRESSED = failed(
        N_("Lasting connections open, but messages come back compressed."), BYPASS, BYPASS_REQUEST
    )
    MESSAGES_CUT = failed(N_("Lasting connections open, then are cut."), BYPASS, BYPASS_REQUEST)
    MESSAGES_CHANGED = failed(
        N_("Lasting connections open, but messages come back changed."), BYPASS, BYPASS_REQUEST
    )
    TURNED_AWAY = failed(
        N_("Connections to the test server are turned away."),
        N_("Ask which firewall or program rejects them, and to allow them."),
        N_(
            "Please find out which firewall or program turns connections to the service's "
            "websockets away, and allow them."
        ),
    )
    PROXY_REFUSES = failed(
        N_("Your proxy does not let lasting connections through."),
        N_("Ask to allow CONNECT to the service on the proxy."),
        N_(
            "Please allow CONNECT to the service's websockets on the proxy, without a "
            "limit of time."
        ),
    )
    NOT_ENCRYPTED = failed(
        N_("Lasting connections cannot be encrypted."),
        N_("Ask to exempt the service from deep inspection."),
        UNINSPECTED_REQUEST,
    )
    TAKEN_FOR_A_PAGE = failed(
        N_("Something answers, but takes the connection for a web page."),
        LET_PASS,
        LET_PASS_REQUEST,
    )
    UPGRADE_SWALLOWED = failed(
        N_("Something swallows lasting connections as they open."), LET_PASS, LET_PASS_REQUEST
    )
    UPGRADE_REFUSED = failed(
        N_("Lasting connections are refused with a web server's answer."),
        N_("Ask which filter refuses websockets, and to allow them."),
        N_(
            "Please find out which filter refuses websockets, and allow them to the "
            "service's servers."
        ),
    )
    UPGRADE_CUT = failed(
        N_("Something cuts lasting connections as they open."), BYPASS, BYPASS_REQUEST
    )
    SOMETHING_ELSE_ANSWERS = failed(
        N_("Something else answers in the test server's place."),
        N_("Ask which filter or proxy answers in its place."),
        N_(
            "Please find out which filter or proxy answers in the server's place, and let "
            "websockets to the service pass."
        ),
    )


FORGETS = N_("Something forgets a quiet connection.")
HANGS_UP = N_("Something hangs up on a quiet connection.")
WAIT_LONGER = N_("Ask which firewall or proxy ends quiet connections, and to wait longer.")
WAIT_LONGER_REQUEST = N_(
    "Please find out which firewall or proxy ends quiet TCP connections, and raise "
    "its idle timeout above {time} (RFC 5382 asks for 2 hours and 4 minutes)."
)
PROXY_WAIT = N_("Raise the proxy's idle timeout, or bypass it.")
PROXY_WAIT_REQUEST = N_(
    "Please raise the proxy's idle timeout above {time} for the service's websockets,"
    " or let them bypass it."
)


class SilenceKind(VerdictTable):
    """How an open websocket ended on which nobody spoke."""

    FORGOTTEN = failed(FORGETS, WAIT_LONGER, WAIT_LONGER_REQUEST)
    HUNG_UP = failed(HANGS_UP, WAIT_LONGER, WAIT_LONGER_REQUEST)
    FORGOTTEN_BEHIND_PROXY = failed(FORGETS, PROXY_WAIT, PROXY_WAIT_REQUEST)
    HUNG_UP_BEHIND_PROXY = failed(HANGS_UP, PROXY_WAIT, PROXY_WAIT_REQUEST)


def judge(inputs: Inputs, limits: WebsocketLimits) -> Judgement:
    """Secure websockets decide; plain ones alone are advice. Silence is judged once it was held."""
    evidence = inputs.evidence(WEBSOCKET)
    tries = evidence.tries
    line_works = inputs.line.leads_out
    entries = _entries(tries, line_works=line_works)
    secure = [entry for entry in entries if entry.deciding.secure]
    telling = min(secure or entries, key=lambda entry: entry.fared)
    others = [entry for entry in entries if entry is not telling]
    facts = ConnectionFacts(
        step=telling.ending.step,
        code=_lost_by(telling),
        large_segments=telling.large_segments,
        port=WebAddress.parse(telling.deciding.url).target.port,
        proxy_failure=proxy_failure(telling.ending) if telling.deciding.proxy else None,
        others_lost=tuple(filter(None, map(_lost_by, others))),
    )
    stopped = [entry for entry in others if _is_stopped(entry, inputs.line)]
    kind = _kind(telling, stopped)
    lookup = telling.deciding.lookup
    if kind is WebsocketKind.TURNED_AWAY and open_elsewhere(facts.port, lookup, inputs.line):
        kind = WebsocketKind.UNREACHED
    if inputs.line.loses_much:
        kind = IN_LOSS.get(kind, kind)
    judgement = kind.verdict.judgement(
        texts={"port": facts.port, **SEGMENT_TEXTS, **unspoken_texts(telling.deciding.choice)},
        observed="; ".join(_entry_words(entry) for entry in (telling, *others)),
        expected=_("an open websocket, every message back whole"),
        measured=_measured(facts, telling, entries),
        details=(
            *(Detail(label=_route(each), text=_try_words(each)) for each in tries),
            *proxy_sign_in(telling.ending),
            *_test_page(evidence.test_page),
        ),
        stages=_stages(telling.deciding),
        tried=tried_by(tries),
        facts=facts,
    )
    held = inputs.evidence_or_none(WEBSOCKET_HOLD)
    if held is None or telling.fared > WebsocketOutcome.UNVERIFIED or held.idle_s < limits.idle_s:
        return judgement
    return _after_silence(judgement, telling.deciding, held)


def _test_page(address: str) -> tuple[Detail, ...]:
    """What a person can see for themselves, in the browser that the phone runs in."""
    return (Detail(label=_("Test in your browser"), text=address),) if address else ()


def _after_silence(opened: Judgement, deciding: WebsocketAttempt, held: HoldEvidence) -> Judgement:
    """The same websocket, after nobody spoke on it for a while."""
    same = next((each for each in held.tries if _same_way(each, deciding)), None)
    details = tuple(
        Detail(label=_("Quiet: {way}").format(way=_route(each)), text=_quiet_words(each, held))
        for each in held.tries
    )
    opened = replace(opened, details=(*opened.details, *details))
    if same is None or same.hold is None:
        return opened
    lasted = Quantity(name="held", value=round(same.hold.duration_s, 1), unit=Unit.SECOND)
    words = _quiet_words(same, held)
    opened = replace(opened, measured=(*opened.measured, lasted))
    if same.hold.failure is None or same.hold.failure.code is FailureCode.CLOSED_BY_PEER:
        return replace(opened, observed=f"{opened.observed}; {words}")
    if same.hold.failure.code is FailureCode.TIMED_OUT:
        kind = SilenceKind.FORGOTTEN_BEHIND_PROXY if same.proxy else SilenceKind.FORGOTTEN
    else:
        kind = SilenceKind.HUNG_UP_BEHIND_PROXY if same.proxy else SilenceKind.HUNG_UP
    time = with_unit(held.idle_s, "s")
    ended = kind.verdict.judgement(
        texts={"time": time}, observed=words, expected=_("held for {time}").format(time=time)
    )
    return replace(
        opened,
        status=ended.status,
        summary=ended.summary,
        observed=ended.observed,
        expected=ended.expected,
        remedy=ended.remedy,
    )


def _same_way(held: WebsocketHold, deciding: WebsocketAttempt) -> bool:
    return (held.url, held.proxy) == (deciding.url, deciding.proxy)


def _quiet_words(each: WebsocketHold, held: HoldEvidence) -> str:
    hold = each.hold
    if hold is None:
        return _("not held: it did not open")
    if hold.failure is None:
        return _("held for {time}").format(time=with_unit(held.idle_s, "s"))
    if hold.failure.code is FailureCode.TIMED_OUT:
        return _("no answer after {time} of quiet").format(time=with_unit(held.idle_s, "s"))
    if hold.failure.code is FailureCode.CLOSED_BY_PEER:
        return _("the server itself ended it after {time}: {words}").format(
            time=with_unit(hold.duration_s, "s"), words=hold.failure.detail
        )
    return _("cut after {time}").format(time=beside(hold.duration_s, "s", 0, held.idle_s))


def _entries(tries: Sequence[WebsocketAttempt], *, line_works: bool) -> tuple[WebsocketTarget, ...]:
    entries = []
    for url in dict.fromkeys(each.url for each in tries):
        ways = [_entry(each, line_works=line_works) for each in tries if each.url == url]
        direct = next((way for way in ways if not way.deciding.proxy), ways[0])
        deciding = next((way for way in ways if way.deciding.proxy), direct)
        works = direct.fared <= WebsocketOutcome.UNVERIFIED < deciding.fared
        entries.append(
            WebsocketTarget(
                deciding=deciding.deciding,
                fared=deciding.fared,
                ending=deciding.ending,
                echo=deciding.echo,
                large_segments=deciding.large_segments,
                only_direct=works,
            )
        )
    return tuple(entries)


def _entry(each: WebsocketAttempt, *, line_works: bool) -> WebsocketTarget:
    ending = websocket_ending(each.lookup, each.addresses)
    echo = None if any(_whole(address) for address in each.addresses) else _echo_failure(each)
    return WebsocketTarget(
        deciding=each,
        fared=_fared(ending, echo, line_works=line_works),
        ending=ending,
        echo=echo,
        large_segments=large_segments(
            (address.reach, address.segments) for address in each.addresses
        )
        if echo is not None or not ending.done
        else None,
    )


def _fared(
    ending: ConnectionOutcome, echo: Failure | None, *, line_works: bool
) -> WebsocketOutcome:
    """Silence counts once the server has answered something, or pages of others come."""
    if echo is not None:
        return WebsocketOutcome.SHUT
    if ending.done:
        return WebsocketOutcome.OPEN if ending.verified else WebsocketOutcome.UNVERIFIED
    code = ending.code
    if code is FailureCode.PROXY_AUTHENTICATION:
        return WebsocketOutcome.PASSWORD
    if (
        ending.step is ConnectionStep.NAME
        or code in {FailureCode.NETWORK_UNREACHABLE, FailureCode.PROXY_FOUND_NOBODY}
        or code in OWN_TROUBLE
    ):
        return WebsocketOutcome.SILENT
    if code is FailureCode.TIMED_OUT and (
        ending.step is ConnectionStep.CONNECTION or not line_works
    ):
        return WebsocketOutcome.SILENT
    return WebsocketOutcome.SHUT


def _lost_by(target: WebsocketTarget) -> FailureCode | None:
    return target.echo.code if target.echo else target.ending.code


def _whole(address: WebsocketReachability) -> bool:
    return address.upgraded and all(echo.ok for echo in address.echoes)


def _echo_failure(each: WebsocketAttempt) -> Failure | None:
    upgraded = [address for address in each.addresses if address.upgraded]
    failed = [echo.failure for address in upgraded for echo in address.echoes if echo.failure]
    return failed[0] if failed else None


def _is_stopped(other: WebsocketTarget, line: LineFacts) -> bool:
    """Whether something on the way stops it: neither its own server, nor what a line loses."""
    lost_by, ending, lookup = _lost_by(other), other.ending, other.deciding.lookup
    port = WebAddress.parse(other.deciding.url).target.port
    if line.loses_much and lost_by in SILENCES:
        return False
    match other.fared:
        case WebsocketOutcome.OPEN | WebsocketOutcome.UNVERIFIED:
            return False
        case WebsocketOutcome.PASSWORD:
            return not other.deciding.secure
        case WebsocketOutcome.SILENT:
            # a single connection may get lost by chance, or for one too many in that second
            port_is_silent = lost_by is FailureCode.TIMED_OUT and not line.others_at_port(port, ())
            at_connection = ending.step is ConnectionStep.CONNECTION
            return port_is_silent and at_connection and not other.deciding.secure
        case WebsocketOutcome.SHUT:
            turned_away = other.echo is None and ending.step is ConnectionStep.CONNECTION
            return not (turned_away and open_elsewhere(port, lookup, line))


def _kind(telling: WebsocketTarget, stopped: Sequence[WebsocketTarget]) -> WebsocketKind:
    choice = telling.deciding.choice
    if choice is not None and choice.unspoken and telling.fared > WebsocketOutcome.UNVERIFIED:
        return WebsocketKind.UNSPOKEN_PROXY
    dead = bool(telling.deciding.proxy) and is_dead(telling.ending)
    if telling.only_direct:
        return WebsocketKind.ONLY_DIRECT_PROXY_DEAD if dead else WebsocketKind.ONLY_DIRECT
    if dead:
        silent = telling.fared is WebsocketOutcome.SILENT
        return WebsocketKind.PROXY_UNREACHED if silent else WebsocketKind.PROXY_DEAD
    match telling.fared:
        case WebsocketOutcome.OPEN:
            return _kind_of_open(stopped)
        case WebsocketOutcome.UNVERIFIED:
            dates = telling.ending.out_of_date
            return WebsocketKind.OUT_OF_DATE if dates else WebsocketKind.UNVERIFIED
        case WebsocketOutcome.PASSWORD:
            return WebsocketKind.PROXY_PASSWORD
        case WebsocketOutcome.SILENT:
            return WebsocketKind.UNREACHED
        case WebsocketOutcome.SHUT:
            return _kind_of_shut(telling)


def _kind_of_open(stopped: Sequence[WebsocketTarget]) -> WebsocketKind:
    if any(not entry.deciding.secure for entry in stopped):
        return WebsocketKind.PLAIN_STOPPED
    return WebsocketKind.SOME_STOPPED if stopped else WebsocketKind.OPEN


LOST_MESSAGES = {
    FailureCode.TIMED_OUT: WebsocketKind.MESSAGES_LOST,
    FailureCode.UNANSWERED: WebsocketKind.MESSAGES_LOST,
    FailureCode.HELD_BACK: WebsocketKind.MESSAGES_HELD_BACK,
    FailureCode.COMPRESSED: WebsocketKind.MESSAGES_COMPRESSED,
    FailureCode.CLOSED_BY_PEER: WebsocketKind.SERVER_CLOSES,
    **dict.fromkeys(CUT, WebsocketKind.MESSAGES_CUT),
}
LOST_UPGRADES = {
    FailureCode.UPGRADE_REFUSED: WebsocketKind.TAKEN_FOR_A_PAGE,
    FailureCode.TIMED_OUT: WebsocketKind.UPGRADE_SWALLOWED,
    FailureCode.UNANSWERED: WebsocketKind.UPGRADE_SWALLOWED,
    FailureCode.HTTP_STATUS: WebsocketKind.UPGRADE_REFUSED,
    **dict.fromkeys(CUT, WebsocketKind.UPGRADE_CUT),
}
SHUT_STEPS = {
    ConnectionStep.CONNECTION: WebsocketKind.TURNED_AWAY,
    ConnectionStep.PROXY: WebsocketKind.PROXY_REFUSES,
    ConnectionStep.ENCRYPTION: WebsocketKind.NOT_ENCRYPTED,
}


IN_LOSS = {
    WebsocketKind.UNREACHED: WebsocketKind.LOSSY,
    WebsocketKind.MESSAGES_LOST: WebsocketKind.LATE,
    WebsocketKind.MESSAGES_HELD_BACK: WebsocketKind.LATE,
    WebsocketKind.LARGE_LOST: WebsocketKind.LATE,
    WebsocketKind.FULL_SIZE_LOST: WebsocketKind.LATE,
    WebsocketKind.FULL_SIZE_SUSPECTED: WebsocketKind.LATE,
    WebsocketKind.UPGRADE_SWALLOWED: WebsocketKind.LATE,
}
"""What comes late or not at all, where much is lost anyway."""
LARGE = ("echo_large", "echo_fragmented")
UNSEEN_ON_THE_WAY = {
    WebsocketKind.MESSAGES_HELD_BACK: WebsocketKind.LATE,
    **dict.fromkeys(
        (
            WebsocketKind.MESSAGES_COMPRESSED,
            WebsocketKind.MESSAGES_CHANGED,
            WebsocketKind.TAKEN_FOR_A_PAGE,
            WebsocketKind.UPGRADE_REFUSED,
            WebsocketKind.SOMETHING_ELSE_ANSWERS,
        ),
        WebsocketKind.SERVER_SAYS_NO,
    ),
}
"""What only the far end can do on a connection that a public authority vouches for."""


def _kind_of_shut(telling: WebsocketTarget) -> WebsocketKind:
    """A definite no: which? Encrypted and verified, filters see packets only."""
    echo, ending = telling.echo, telling.ending
    if ending.code is FailureCode.CERTIFICATE_WANTED and ending.verified:
        return WebsocketKind.SERVER_SAYS_NO
    if telling.large_segments is LargeSegments.LOST:
        return WebsocketKind.FULL_SIZE_LOST
    suspected = telling.large_segments is LargeSegments.SUSPECTED
    if suspected and ending.step is ConnectionStep.ENCRYPTION:
        return WebsocketKind.FULL_SIZE_SUSPECTED
    sealed = telling.deciding.secure and ending.verified
    if sealed and _lost_by(telling) is FailureCode.UNANSWERED:
        return WebsocketKind.SERVER_SILENT
    kind = _kind_by_failure(echo, ending)
    if sealed and kind is WebsocketKind.MESSAGES_LOST and echo is not None:
        large = echo.operation in LARGE
        return WebsocketKind.LARGE_LOST if large else kind
    return UNSEEN_ON_THE_WAY.get(kind, kind) if sealed else kind


def _kind_by_failure(echo: Failure | None, ending: ConnectionOutcome) -> WebsocketKind:
    if echo is not None:
        return LOST_MESSAGES.get(echo.code, WebsocketKind.MESSAGES_CHANGED)
    if ending.step in SHUT_STEPS:
        return SHUT_STEPS[ending.step]
    if ending.code is None:
        return WebsocketKind.SOMETHING_ELSE_ANSWERS
    return LOST_UPGRADES.get(ending.code, WebsocketKind.SOMETHING_ELSE_ANSWERS)


def _entry_words(entry: WebsocketTarget) -> str:
    kind = "wss" if entry.deciding.secure else "ws"
    if entry.echo is not None:
        return labelled(kind, entry.echo.detail or failure_words(entry.echo.code))
    return labelled(kind, ending_words(entry.ending))


def _route(each: WebsocketAttempt | WebsocketHold) -> str:
    if each.proxy:
        return _("{url} through {proxy}").format(url=each.url, proxy=each.proxy)
    return each.url


def _try_words(each: WebsocketAttempt) -> str:
    echo = _echo_failure(each)
    if echo is not None:
        return why_it_failed(echo)
    return ending_words(websocket_ending(each.lookup, each.addresses))


def _measured(
    facts: ConnectionFacts, telling: WebsocketTarget, entries: Sequence[WebsocketTarget]
) -> tuple[Quantity, ...]:
    opened = sum(entry.fared <= WebsocketOutcome.UNVERIFIED for entry in entries)
    best = next((each for each in telling.deciding.addresses if _whole(each)), None)
    times = [
        Quantity(name=echo.operation, value=round(echo.duration_s * 1000, 2), unit=Unit.MILLISECOND)
        for echo in (best.echoes if best is not None else ())
    ]
    return (
        *reached_quantities(facts.step, facts.code),
        Quantity(name="port", value=facts.port, unit=Unit.COUNT),
        Quantity(name="addresses", value=len(entries), unit=Unit.COUNT),
        Quantity(name="opened", value=opened, unit=Unit.COUNT),
        *times,
    )


def _stages(each: WebsocketAttempt) -> tuple[ConnectionStage, ...]:
    strip = stage_strip(
        each.lookup,
        [(address.reach, address.upgrade) for address in each.addresses],
        _("Websocket"),
    )
    echoes = next((address.echoes for address in each.addresses if address.upgraded), ())
    name = _("Messages")
    if not echoes:
        last = ConnectionStage(name=name, status=Status.NOT_APPLICABLE, text=_("not reached"))
    elif failed := [echo.failure for echo in echoes if echo.failure is not None]:
        last = ConnectionStage(name=name, status=Status.FAIL, text=failure_words(failed[0].code))
    else:
        slowest = max(echo.duration_s for echo in echoes)
        last = ConnectionStage(name=name, status=Status.PASS, text=milliseconds(slowest * 1000))
    shown = strip if each.secure else tuple(s for s in strip if s.name != _("Encryption"))
    return (*shown, last)


WEBSOCKET_OPEN = Check(
    name="websocket.open",
    meaning=N_(
        "Calls are announced over a connection that stays open. Some proxies do not let it "
        "come about, or cut it while it is quiet."
    ),
    title=N_("Websockets"),
    term="Websockets",
    page=Page.WEBSOCKETS,
    stands_for_page=True,
    settings=("websocket",),
    reads_silence=True,
    needs=(WEBSOCKET, WEB),
    limits=WebsocketLimits,
    judge=judge,
    soak=lambda limits: make_hold_probe(limits.idle_s),
)
