"""port.sip: can a desk phone reach its SIP servers?

Source: "Technical Prerequisites": TCP and UDP, each on 5060, 5050 and 5061. A server offers what
the profile says: where TLS is on 5061, UDP 5061 may well be nobody's. So a pass needs an answer on
every port, and from all that the profile names; each pair of transport and port that was not tried
is named.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.shared.connection_outcome import LOSSY_REMEDY, LOSSY_REQUEST, NAME_LATE
from natwizard.checks.shared.number_format import failure_words, milliseconds, tried_lines
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.verdict import Verdict, VerdictTable, failed, passed, unknown
from natwizard.model.address import HostPort, parse_ports
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _, ngettext_noop
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.sip import AT_ENCRYPTION, SIP, SipAnswer, SipTry
from natwizard.wire.sip import Transport

# A summary has room for a port or two; for more it has words of its own
NAMED_AT_MOST = 2

NOT_FOUND = {FailureCode.NAME_NOT_FOUND, FailureCode.NAME_LOOKUP_FAILED}
NOT_SECURE = {FailureCode.TLS_FAILED, FailureCode.BAD_ANSWER}

ALLOW = N_("Ask to allow outgoing {ports} to the phone service.")
ALLOW_REQUEST = N_("Please allow outgoing {ports} to the phone service.")
COMPARE = N_("Set `targets.sip_mirror` to compare with, then run again.")


class SipLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ports that the service's desk phones use; each has to be tried for a pass."""

    ports: tuple[str, ...] = ("5060", "5050", "5061")

    def __post_init__(self) -> None:
        for text in self.ports:
            if len(parse_ports((text,))[0]) != 1:
                raise ValueError(f"{text!r}: expected one port")

    @property
    def pairs(self) -> tuple[tuple[Transport, int], ...]:
        """Transport and port; TLS goes over TCP."""
        return tuple(
            (transport, int(port))
            for transport in (Transport.UDP, Transport.TCP)
            for port in self.ports
        )


class SipPortState(VerdictTable):
    """How a port stands; where several apply, the highest is told first."""

    OPEN = passed(N_("Desk phones can reach their servers."))
    NOT_ALL_TRIED = unknown(
        N_("The ports of desk phones that we tried are open."),
        N_("Add the service's ports {untried} to `targets.sip`, then run again."),
        owner=Owner.HELPDESK,
    )
    """Of the whole row: of one of the service's ports nobody knows."""
    SILENT = unknown(
        N_("The phone service did not answer; we cannot tell why."), COMPARE, owner=Owner.HELPDESK
    )
    TURNED_AWAY = unknown(
        N_("A desk-phone port is turned away; we cannot tell by whom."),
        COMPARE,
        owner=Owner.HELPDESK,
    )
    NOT_SECURE = unknown(
        N_("Something answers, but not as a phone service does."),
        N_("Check what listens on {ports}."),
        owner=Owner.HELPDESK,
    )
    LOSSY = unknown(
        N_("Too many packets get lost here to test desk-phone ports."), LOSSY_REMEDY, LOSSY_REQUEST
    )
    SERVICE_DOWN = unknown(
        N_("The phone service does not answer, but your network lets calls out."),
        N_("Ask the service's support whether it is down."),
        owner=Owner.HELPDESK,
    )
    NAME_LATE = NAME_LATE
    NAME_NOT_FOUND = unknown(
        N_("The name of the phone service cannot be found."),
        N_("Correct `targets.sip`, then run again."),
        owner=Owner.HELPDESK,
    )
    OPEN_UNENCRYPTED = failed(
        ngettext_noop(
            "A port of desk phones, {names}, is open, but cannot be encrypted.",
            "Ports of desk phones, {names}, are open, but cannot be encrypted.",
        ),
        N_("Ask what swallows, cuts or opens connections to {ports}, and to leave them alone."),
        N_(
            "Please see what swallows, cuts or opens encrypted connections to {ports} of the phone"
            " service: the ports take connections, and end at the first encrypted message."
            " A filter may do so, and a line that loses packets of full size swallows them."
        ),
    )
    """The port is open: nobody is asked to allow it."""
    REFUSED = failed(
        ngettext_noop(
            "A port of desk phones, {names}, is turned away.",
            "Ports of desk phones, {names}, are turned away.",
        ),
        ALLOW,
        ALLOW_REQUEST,
    )
    BLOCKED = failed(
        ngettext_noop(
            "Your network blocks a port of desk phones, {names}.",
            "Your network blocks ports of desk phones, {names}.",
        ),
        ALLOW,
        ALLOW_REQUEST,
    )


# more ports than a sentence can name
MANY: Final[Mapping[SipPortState, str]] = {
    SipPortState.REFUSED: N_("{count} ports of desk phones are turned away."),
    SipPortState.BLOCKED: N_("Your network blocks {count} ports of desk phones."),
}
# with a mirror to compare with, only the service is left to ask about
ASK_SERVICE = N_("Ask whether the phone service runs, then run again.")
UNKNOWN_SERVICE = unknown(
    N_("We do not know the address of your phone service yet."),
    N_("Set `targets.sip`, then run again."),
    owner=Owner.HELPDESK,
)


def is_of_name(failure: Failure) -> bool:
    """Whether its name led to no address; a lookup may also come too late."""
    return failure.code in NOT_FOUND or failure.operation == "look_up"


class Port(Struct, frozen=True, kw_only=True):
    """One target over one transport; open if any of its addresses answered.

    Attributes:
        address: the one that was asked, or the host where its name led to none: two names may
            lead to one server.
        answer: of the first address that answered.
        failure: of the last address, where none did.
    """

    target: HostPort
    transport: Transport
    control: bool
    address: str
    answer: SipAnswer | None = None
    duration_s: float = 0.0
    failure: Failure | None = None

    @property
    def name(self) -> str:
        """As people write it: "UDP 5060"."""
        return f"{self.transport} {self.target.port}"

    @property
    def reached(self) -> bool:
        """Whether there was an address to ask."""
        return self.failure is None or not is_of_name(self.failure)

    @property
    def spoke(self) -> bool:
        """Whether a SIP server was there, not just an open port."""
        return self.answer is not None and self.answer.status_code > 0


class SipFacts(Struct, frozen=True, kw_only=True):
    """For conclusions over all checks: an open port fell silent, and nothing worse was seen."""

    silent_at_encryption: bool


class SettledPort(Struct, frozen=True):
    """A port and how it stands."""

    port: Port
    reason: SipPortState


def ports_of(tries: Iterable[SipTry]) -> tuple[Port, ...]:
    """Tries of several addresses as one port each, in the order they were asked."""
    ports: dict[tuple[HostPort, Transport], Port] = {}
    for each in tries:
        key = (each.target, each.transport)
        if key in ports and ports[key].answer is not None:
            continue
        ports[key] = Port(
            target=each.target,
            transport=each.transport,
            control=each.control,
            address=_address_of(each),
            answer=each.attempt.value,
            duration_s=each.attempt.duration_s,
            failure=each.attempt.failure,
        )
    return tuple(ports.values())


def _address_of(each: SipTry) -> str:
    failure = each.attempt.failure
    if failure is not None and is_of_name(failure):
        return each.target.host
    return each.attempt.target.rpartition(":")[0]


def reason_of(
    port: Port, ports: Sequence[Port], *, line_works: bool, udp_dead: bool = False
) -> SipPortState:
    """Why a port is as it is. It is only called blocked if others show who is to blame.

    If another server answers on the same port, the way is free and this server is down. If none
    does, the port is shut where a server that keeps silent there speaks SIP on another port, or
    where two servers keep silent there while the line works. A refusal may be the server's own,
    so that takes two servers in any case.

    Args:
        udp_dead: no STUN server answered either, while TCP gets out: for UDP, more servers that
            keep silent.
    """
    if port.failure is None:
        return SipPortState.OPEN
    if is_of_name(port.failure):
        absent = port.failure.code is FailureCode.NAME_NOT_FOUND
        return SipPortState.NAME_NOT_FOUND if absent else SipPortState.NAME_LATE
    if port.failure.code in NOT_SECURE:
        return SipPortState.NOT_SECURE
    same_door = [
        other for other in ports if (other.name, other.reached) == (port.name, port.reached)
    ]
    if any(other.answer is not None for other in ports if other.name == port.name):
        return SipPortState.SERVICE_DOWN
    silent = {other.address for other in same_door}
    alive = any(other.spoke and other.address in silent for other in ports)
    refused = port.failure.code is FailureCode.CONNECTION_REFUSED
    opened = port.failure.operation == AT_ENCRYPTION
    if opened and (alive or (len(silent) > 1 and line_works)):
        return SipPortState.OPEN_UNENCRYPTED
    if len(silent) > 1 and (alive or line_works):
        return SipPortState.REFUSED if refused else SipPortState.BLOCKED
    if refused:
        return SipPortState.TURNED_AWAY
    alive = alive or (udp_dead and port.transport is Transport.UDP)
    return SipPortState.BLOCKED if alive else SipPortState.SILENT


BY_SILENCE = {SipPortState.BLOCKED, SipPortState.OPEN_UNENCRYPTED}


def _in_loss(settled: SettledPort) -> SettledPort:
    """Silence proves nothing where much is lost anyway, be it of one server among others."""
    failure = settled.port.failure
    silent = failure is not None and failure.code is FailureCode.TIMED_OUT
    down = settled.reason is SipPortState.SERVICE_DOWN
    if settled.reason in BY_SILENCE or (down and silent):
        return SettledPort(settled.port, SipPortState.LOSSY)
    return settled


def untried_pairs(ports: Iterable[Port], limits: SipLimits) -> tuple[tuple[Transport, int], ...]:
    """What the service's desk phones use and nobody asked for here."""
    tried = {
        (Transport.UDP if port.transport is Transport.UDP else Transport.TCP, port.target.port)
        for port in ports
        if not port.control and port.reached
    }
    return tuple(pair for pair in limits.pairs if pair not in tried)


def judge(inputs: Inputs, limits: SipLimits) -> Judgement:
    """Every port has to be tried, and each of every server has to answer."""
    evidence = inputs.evidence(SIP)
    ports = ports_of(evidence.tries)
    own = (port.failure for port in ports if port.failure and port.failure.code in OWN_TROUBLE)
    if (trouble := next(own, None)) is not None:
        raise EvidenceMissing(SIP.name, trouble)
    line_works = any(attempt.ok for attempt in evidence.line)
    line = inputs.line
    by_itself = line.tcp_leads_out and bool(line.connected)  # not through a proxy alone
    udp_dead = by_itself and line.udp_silent
    settled = tuple(
        SettledPort(port, reason_of(port, ports, line_works=line_works, udp_dead=udp_dead))
        for port in ports
    )
    # the mirror is for comparison; what is shut for it is shut all the same
    counted = tuple(
        each
        for each in settled
        if not each.port.control or each.reason in {*BY_SILENCE, SipPortState.REFUSED}
    )
    worst = max(
        (each.reason for each in counted), key=lambda state: state.value, default=SipPortState.OPEN
    )
    by_silence = worst in {*BY_SILENCE, SipPortState.SERVICE_DOWN}
    if by_silence and inputs.line.loses_much and inputs.line.leads_out:
        settled = tuple(_in_loss(each) for each in settled)
        counted = tuple(_in_loss(each) for each in counted)
        worst = max((each.reason for each in counted), key=lambda state: state.value)
    untried = untried_pairs(ports, limits)
    unknown_ports = tuple(
        port for port in limits.ports if sum(pair[1] == int(port) for pair in untried) > 1
    )
    has_service = any(not port.control for port in ports)
    if worst is SipPortState.OPEN and has_service and unknown_ports:
        worst = SipPortState.NOT_ALL_TRIED
    told = [each.port for each in counted if each.reason is worst]
    numbers = tuple(dict.fromkeys(str(port.target.port) for port in told))
    opened = sum(port.answer is not None for port in ports)
    return _verdict(worst, ports, len(numbers)).judgement(
        count=len(numbers),
        texts={
            "ports": ", ".join(dict.fromkeys(port.name for port in told)),
            "names": _(" and ").join(numbers),
            "count": len(numbers),
            "untried": ", ".join(unknown_ports),
        },
        observed=_observed(ports),
        expected=_("an answer on every port"),
        measured=(
            Quantity(name="ports_open", value=opened, unit=Unit.COUNT),
            Quantity(name="ports_asked", value=len(ports), unit=Unit.COUNT),
            Quantity(name="pairs_not_tried", value=len(untried), unit=Unit.COUNT),
        ),
        details=(
            *(
                Detail(label=f"{each.port.name} {each.port.target.host}", text=_detail(each))
                for each in settled
            ),
            *_untried_lines(untried),
        ),
        tried=tried_lines([*(each.attempt for each in evidence.tries), *evidence.line]),
        facts=SipFacts(
            silent_at_encryption=worst is SipPortState.OPEN_UNENCRYPTED
            and all(
                port.failure is not None and port.failure.code is FailureCode.TIMED_OUT
                for port in told
            )
        ),
    )


def _verdict(worst: SipPortState, ports: Sequence[Port], count: int) -> Verdict:
    controls = [port for port in ports if port.control]
    if worst is SipPortState.OPEN and len(controls) == len(ports):
        return UNKNOWN_SERVICE
    verdict = worst.verdict
    if worst in {SipPortState.SILENT, SipPortState.TURNED_AWAY} and controls:
        return replace(verdict, remedy=ASK_SERVICE)
    if worst in MANY and count > NAMED_AT_MOST:
        return replace(verdict, summary=MANY[worst])
    return verdict


def _observed(ports: Sequence[Port]) -> str:
    """ "UDP 5060, TCP 5060 answered; TLS 5061: no answer"."""
    answered = [port.name for port in ports if port.answer is not None]
    failed = [port for port in ports if port.failure is not None]
    parts = []
    if answered:
        names = ", ".join(dict.fromkeys(answered))
        parts.append(_("{ports} answered").format(ports=names))
    by_words: dict[str, list[str]] = {}
    for port in failed:
        by_words.setdefault(_words(port), []).append(port.name)
    parts += [labelled(", ".join(dict.fromkeys(names)), words) for words, names in by_words.items()]
    return "; ".join(parts)


def _untried_lines(untried: Sequence[tuple[Transport, int]]) -> tuple[Detail, ...]:
    if not untried:
        return ()
    pairs = ", ".join(f"{transport} {port}" for transport, port in untried)
    text = _("{ports}: the profile names no server there").format(ports=pairs)
    return (Detail(label=_("Not tried"), text=text),)


def _words(port: Port) -> str:
    return failure_words(port.failure.code) if port.failure is not None else ""


def _detail(settled: SettledPort) -> str:
    port, answer = settled.port, settled.port.answer
    if answer is None:
        words = _words(port)
    elif answer.status_code:
        words = _("SIP {status} {reason} after {time}").format(
            status=answer.status_code,
            reason=answer.reason,
            time=milliseconds(port.duration_s * 1000),
        )
    else:
        words = _("open; then {words}").format(
            words=failure_words(answer.silence or FailureCode.TIMED_OUT)
        )
    return _("{words} (for comparison)").format(words=words) if port.control else words


PORT_SIP = Check(
    name="port.sip",
    meaning=N_(
        "Desk phones and softphones set up their calls by these ports. Calls in the browser "
        "do not need them."
    ),
    title=N_("SIP ports (desk phones)"),
    term="SIP",
    page=Page.FIREWALL_PORTS,
    settings=("sip", "sip_tls"),
    reads_silence=True,
    needs=(SIP,),
    limits=SipLimits,
    judge=judge,
)
