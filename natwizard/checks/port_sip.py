"""port.sip: can a desk phone reach its SIP servers?"""

from collections.abc import Iterable, Sequence
from enum import IntEnum

from msgspec import Struct

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.number_format import failure_words, milliseconds, tried_lines
from natwizard.model.address import HostPort
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.sip import SIP, SipAnswer, SipTry
from natwizard.wire.sip import Transport

NAMED_AT_MOST = 2

NOT_FOUND = {FailureCode.NAME_NOT_FOUND, FailureCode.NAME_LOOKUP_FAILED}
NOT_SECURE = {FailureCode.TLS_FAILED, FailureCode.BAD_ANSWER}


class SipPortState(IntEnum):
    """How a port stands; where several apply, the highest is told first."""

    OPEN = 0
    SILENT = 1
    TURNED_AWAY = 2
    NOT_SECURE = 3
    SERVICE_DOWN = 4
    NAME_NOT_FOUND = 5
    REFUSED = 6
    BLOCKED = 7


class Port(Struct, frozen=True, kw_only=True):
    """One target over one transport; open if any of its addresses answered.

    Attributes:
        answer: of the first address that answered.
        failure: of the last address, where none did.
    """

    target: HostPort
    transport: Transport
    control: bool
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
        return self.failure is None or self.failure.code not in NOT_FOUND

    @property
    def spoke(self) -> bool:
        """Whether a SIP server was there, not just an open port."""
        return self.answer is not None and self.answer.status_code > 0


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
            answer=each.attempt.value,
            duration_s=each.attempt.duration_s,
            failure=each.attempt.failure,
        )
    return tuple(ports.values())


def reason_of(port: Port, ports: Sequence[Port], *, line_works: bool) -> SipPortState:
    """Why a port is as it is. It is only called blocked if others show who is to blame.

    If another server answers on the same port, the way is free and this server is down. If none
    does, the port is shut where a server that keeps silent there speaks SIP on another port, or
    where two servers keep silent there while the line works. A refusal may be the server's own,
    so that takes two servers in any case.
    """
    if port.failure is None:
        return SipPortState.OPEN
    if port.failure.code in NOT_FOUND:
        return SipPortState.NAME_NOT_FOUND
    if port.failure.code in NOT_SECURE:
        return SipPortState.NOT_SECURE
    same_door = [
        other for other in ports if (other.name, other.reached) == (port.name, port.reached)
    ]
    if any(other.answer is not None for other in ports if other.name == port.name):
        return SipPortState.SERVICE_DOWN
    silent = {other.target.host for other in same_door}
    alive = any(other.spoke and other.target.host in silent for other in ports)
    refused = port.failure.code is FailureCode.CONNECTION_REFUSED
    if len(silent) > 1 and (alive or line_works):
        return SipPortState.REFUSED if refused else SipPortState.BLOCKED
    if refused:
        return SipPortState.TURNED_AWAY
    return SipPortState.BLOCKED if alive else SipPortState.SILENT


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Every port of every server has to answer."""
    evidence = inputs.evidence(SIP)
    ports = ports_of(evidence.tries)
    line_works = any(attempt.ok for attempt in evidence.line)
    settled = tuple(
        SettledPort(port, reason_of(port, ports, line_works=line_works)) for port in ports
    )
    # the mirror is for comparison; what is shut for it is shut all the same
    counted = tuple(
        each
        for each in settled
        if not each.port.control or each.reason in {SipPortState.BLOCKED, SipPortState.REFUSED}
    )
    worst = max((each.reason for each in counted), default=SipPortState.OPEN)
    only_control = all(port.control for port in ports)
    status, summary, remedy = (
        _unknown_service()
        if only_control and worst is SipPortState.OPEN
        else _verdict(worst, [each.port for each in counted if each.reason is worst])
    )
    if worst in {SipPortState.SILENT, SipPortState.TURNED_AWAY} and any(
        port.control for port in ports
    ):
        remedy = Remedy(
            text=_("Ask whether the phone service runs, then run again."), owner=Owner.HELPDESK
        )
    opened = sum(port.answer is not None for port in ports)
    return Judgement(
        status=status,
        summary=summary,
        observed=_observed(ports),
        expected=_("an answer on every port"),
        measured=(
            Quantity(name="ports_open", value=opened, unit=Unit.COUNT),
            Quantity(name="ports_asked", value=len(ports), unit=Unit.COUNT),
        ),
        remedy=remedy,
        details=tuple(
            Detail(label=f"{each.port.name} {each.port.target.host}", text=_detail(each))
            for each in settled
        ),
        tried=tried_lines([*(each.attempt for each in evidence.tries), *evidence.line]),
    )


def _unknown_service() -> tuple[Status, str, Remedy]:
    return (
        Status.UNKNOWN,
        _("We do not know the address of your phone service yet."),
        Remedy(text=_("Set `targets.sip`, then run again."), owner=Owner.HELPDESK),
    )


def _verdict(reason: SipPortState, ports: Sequence[Port]) -> tuple[Status, str, Remedy | None]:
    names = ", ".join(dict.fromkeys(port.name for port in ports))
    match reason:
        case SipPortState.OPEN:
            return Status.PASS, _("Desk phones can reach their servers."), None
        case SipPortState.BLOCKED:
            return Status.FAIL, _blocked(ports), _allow(names)
        case SipPortState.REFUSED:
            return Status.FAIL, _refused(ports), _allow(names)
        case SipPortState.NAME_NOT_FOUND:
            return (
                Status.UNKNOWN,
                _("The name of the phone service cannot be found."),
                Remedy(text=_("Correct `targets.sip`, then run again."), owner=Owner.HELPDESK),
            )
        case SipPortState.SERVICE_DOWN:
            return (
                Status.UNKNOWN,
                _("The phone service does not answer, but your network lets calls out."),
                Remedy(
                    text=_("Tell your helpdesk: the service may be down."), owner=Owner.HELPDESK
                ),
            )
        case SipPortState.NOT_SECURE:
            return (
                Status.UNKNOWN,
                _("Something answers, but not as a phone service does."),
                Remedy(
                    text=_("Check what listens on {ports}.").format(ports=names),
                    owner=Owner.HELPDESK,
                ),
            )
        case SipPortState.TURNED_AWAY:
            return (
                Status.UNKNOWN,
                _("A desk-phone port is turned away; we cannot tell by whom."),
                _compare(),
            )
        case SipPortState.SILENT:
            return (
                Status.UNKNOWN,
                _("The phone service did not answer; we cannot tell why."),
                _compare(),
            )


def _compare() -> Remedy:
    return Remedy(
        text=_("Set `targets.sip_mirror` to compare with, then run again."), owner=Owner.HELPDESK
    )


def _blocked(ports: Sequence[Port]) -> str:
    names = tuple(dict.fromkeys(str(port.target.port) for port in ports))
    if len(names) > NAMED_AT_MOST:
        return _("Your network blocks {count} ports of desk phones.").format(count=len(names))
    return ngettext(
        "Your network blocks a port of desk phones, {names}.",
        "Your network blocks ports of desk phones, {names}.",
        len(names),
    ).format(names=_(" and ").join(names))


def _refused(ports: Sequence[Port]) -> str:
    names = tuple(dict.fromkeys(str(port.target.port) for port in ports))
    if len(names) > NAMED_AT_MOST:
        return _("{count} ports of desk phones are turned away.").format(count=len(names))
    return ngettext(
        "A port of desk phones, {names}, is turned away.",
        "Ports of desk phones, {names}, are turned away.",
        len(names),
    ).format(names=_(" and ").join(names))


def _allow(names: str) -> Remedy:
    return Remedy(
        text=_("Ask to allow outgoing {ports} to the phone service.").format(ports=names),
        owner=Owner.NETWORK_TEAM,
        request=_("Please allow outgoing {ports} to the phone service.").format(ports=names),
    )


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
    title=N_("Desk-phone ports"),
    page=Page.FIREWALL_PORTS,
    needs=(SIP,),
    limits=NoLimits,
    judge=judge,
)
