"""udp.range: do the UDP ports that calls use come through?"""

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.connection_outcome import LOSSY_PORTS
from natwizard.checks.shared.flow_limit import ASK_FLOWS, ASK_FLOWS_REQUEST, FLOWS_USED_UP
from natwizard.checks.shared.missing_evidence import judge_not_set_up
from natwizard.checks.shared.number_format import (
    failure_words,
    number,
    operation_words,
    tried_lines,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.address import HostPort
from natwizard.model.finding import AttemptLine, Detail, FarEnd, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.public_udp import PUBLIC_UDP, PublicUdpEvidence, PublicUdpPort
from natwizard.probes.stun.binding import STUN
from natwizard.probes.stun.udp_range import UDP_RANGE, PortResult, PortSpan, RangeEvidence
from natwizard.probes.web import WEB

DASH = chr(0x2013)
# More gaps than this are no rule that can be named: they are told as scattered
SPANS_SHOWN = 6
# Of up to 2,000 ports that a thorough run tries: where all are silent, one line a port is pages
LINES_SHOWN = 60
FEW = 0.2
"""Chance leaves no larger part of the ports without an answer, however much is lost."""
# Media ports of the vendor, 5000 to 64000: a sample at public servers is told against all
ALL_PORTS = 64_000 - 5_000 + 1

ALLOW = N_("Ask to allow outgoing UDP {ports} to the service.")
ALLOW_REQUEST = N_(
    "Please allow outgoing UDP {ports} to {target}, and the answers. {answered} of"
    " {tried} ports answered; those that did not were asked twice, three times each."
)
NOTHING = N_("Nothing answered, so these ports could not be tested.")


class RangeOutcome(VerdictTable):
    """How the ports that calls use answer."""

    OPEN = passed(N_("The ports that calls use are open."))
    OPEN_IN_SAMPLE = passed(N_("The ports that calls use are open, in a sample."))
    SCATTERED = failed(
        N_("Your network blocks many single ports that calls use."),
        N_("Ask to allow all of outgoing UDP {listed} to the service."),
        N_(
            "Please allow outgoing UDP {listed} to {target}, and the answers, without gaps."
            " {answered} of {tried} ports answered, and the others lie scattered between them;"
            " those that did not answer were asked again."
        ),
    )
    SOME_BLOCKED = failed(
        N_("Your network blocks some of the ports that calls use."), ALLOW, ALLOW_REQUEST
    )
    ALL_BLOCKED = failed(N_("Your network blocks the ports that calls use."), ALLOW, ALLOW_REQUEST)
    LOSSY = LOSSY_PORTS
    FLOWS_USED_UP = unknown(FLOWS_USED_UP, ASK_FLOWS, ASK_FLOWS_REQUEST)
    SERVER_REFUSES = unknown(
        N_("The test server turns every port away."),
        N_("Check that the test server runs, then run again."),
        owner=Owner.HELPDESK,
    )
    SERVER_DOWN = unknown(
        N_("The test server gives no answer of any kind."),
        N_("Check that the test server runs, then run again."),
        N_(
            "Please see whether {target} runs, and whether outgoing UDP {ports} to it is allowed:"
            " it answers this computer on no port, TCP 80, 443 and 5060 included, while other UDP"
            " servers do answer."
        ),
        owner=Owner.HELPDESK,
    )
    NO_CONTROL = unknown(
        NOTHING,
        N_("Set a second UDP server (targets.stun_control), then run again."),
        owner=Owner.HELPDESK,
    )
    SERVERS_SILENT = unknown(
        NOTHING,
        N_("Ask whether this network lets UDP out, then run again."),
        N_(
            "Please see whether UDP to the internet, and the answers, are allowed: neither {target}"
            " nor any STUN server answered this computer."
        ),
    )
    """A second UDP server is set, and does not answer either."""
    NO_LINE = unknown(NOTHING, N_("Connect to the internet, then run again."))


class RangeAnswers(Struct, frozen=True, kw_only=True):
    """How many of the ports that were tried answered."""

    answered: int


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Some silent ports are blocked; silence everywhere needs a witness."""
    try:
        evidence = inputs.evidence(UDP_RANGE)
    except EvidenceMissing as missing:
        seen = inputs.evidence_or_none(PUBLIC_UDP)
        if missing.failure.code is not FailureCode.NO_TARGET or seen is None or not seen.ports:
            raise
        return _judge_sample(seen, missing.failure.detail)
    if not evidence.results:
        failure = evidence.lookup.failure or Failure(
            code=FailureCode.NAME_NOT_FOUND, operation="look_up", detail=evidence.target
        )
        raise EvidenceMissing("udp_range", failure)
    if evidence.not_sent:
        detail = f"{evidence.not_sent}/{len(evidence.results)}"
        code = next(each.failure for each in evidence.results if each.not_sent)
        raise EvidenceMissing(
            "udp_range",
            Failure(
                code=code or FailureCode.NETWORK_UNREACHABLE, operation="ask_stun", detail=detail
            ),
        )
    if evidence.answered and evidence.still_answers is False and not evidence.flows_used_up:
        raise EvidenceMissing(
            "udp_range",
            Failure(code=FailureCode.FAR_END_SILENT, operation="ask_stun", detail=evidence.target),
        )
    return _kind(inputs, evidence).verdict.judgement(
        texts={
            "ports": _spans(evidence.blocked if evidence.answered else evidence.listed),
            "listed": _spans(evidence.listed),
            "target": evidence.target,
            "answered": number(evidence.answered),
            "tried": number(len(evidence.results)),
        },
        observed=_observed(evidence),
        expected=_("all that are tried answer"),
        measured=(
            Quantity(name="ports_tried", value=len(evidence.results), unit=Unit.COUNT),
            Quantity(name="ports_answered", value=evidence.answered, unit=Unit.COUNT),
        ),
        details=_details(evidence),
        tried=_tried(evidence),
        facts=RangeAnswers(answered=evidence.answered),
    )


def _judge_sample(seen: PublicUdpEvidence, setting: str) -> Judgement:
    """Not set up whatever they answer: a few ports of strangers say nothing of the service's."""
    counts = _("{tried} of {all} ports tried at public servers, {answered} answered")
    lines = tuple(Detail(label=f"UDP {each.port}", text=_sample_line(each)) for each in seen.ports)
    unset = judge_not_set_up(_("all that are tried answer"), setting)
    return replace(
        unset,
        observed=counts.format(
            tried=number(len(seen.ports)), all=number(ALL_PORTS), answered=number(seen.answered)
        ),
        far_end=FarEnd.PUBLIC,
        details=(*unset.details, *lines),
        tried=tried_lines([each for port in seen.ports for each in port.attempts()]),
    )


def _sample_line(each: PublicUdpPort) -> str:
    words = (
        _("{server} answers") if each.answered else _("{server} is silent, which proves nothing")
    )
    return words.format(server=each.server)


def _kind(inputs: Inputs, evidence: RangeEvidence) -> RangeOutcome:
    if evidence.answered == len(evidence.results):
        return RangeOutcome.OPEN if evidence.certain_block == 1 else RangeOutcome.OPEN_IN_SAMPLE
    if evidence.flows_used_up:
        return RangeOutcome.FLOWS_USED_UP
    silent = len(evidence.results) - evidence.answered
    if evidence.answered and inputs.line.loses_much and silent <= FEW * len(evidence.results):
        return RangeOutcome.LOSSY
    if evidence.answered:
        scattered = len(evidence.blocked) > SPANS_SHOWN
        return RangeOutcome.SCATTERED if scattered else RangeOutcome.SOME_BLOCKED
    if all(result.failure is FailureCode.CONNECTION_REFUSED for result in evidence.results):
        return RangeOutcome.SERVER_REFUSES
    asked_others = inputs.evidence_or_none(STUN) is not None
    if inputs.line.udp_leads_out and evidence.address in inputs.line.lifeless:
        return RangeOutcome.SERVER_DOWN
    silent_together = asked_others and inputs.line.udp_silent
    if inputs.line.udp_leads_out or (inputs.line.tcp_leads_out and silent_together):
        return RangeOutcome.ALL_BLOCKED
    if not inputs.line.leads_out:
        return RangeOutcome.NO_LINE
    return RangeOutcome.SERVERS_SILENT if inputs.line.stun_hosts > 1 else RangeOutcome.NO_CONTROL


def _observed(evidence: RangeEvidence) -> str:
    counts = _("{answered} of {tried} ports answered").format(
        answered=number(evidence.answered), tried=number(len(evidence.results))
    )
    if not evidence.blocked:
        block = evidence.certain_block
        if not evidence.answered or block == 1:
            return counts
        sampled = _("sampled: a block of {ports} ports or more would have been seen")
        return f"{counts}; {sampled.format(ports=number(block))}"
    if len(evidence.blocked) > SPANS_SHOWN:
        gaps = _("many small gaps between {low} and {high}").format(
            low=evidence.blocked[0].low, high=evidence.blocked[-1].high
        )
        return f"{gaps}; {counts}"
    blocked = _("blocked: {ports}").format(ports=_spans(evidence.blocked))
    return f"{blocked}; {counts}"


def _spans(spans: tuple[PortSpan, ...]) -> str:
    shown = ", ".join(_span(span) for span in spans[:SPANS_SHOWN])
    if len(spans) <= SPANS_SHOWN:
        return shown
    return _("{ports} and {more} more").format(ports=shown, more=len(spans) - SPANS_SHOWN)


def _span(span: PortSpan) -> str:
    return str(span.low) if span.low == span.high else f"{span.low}{DASH}{span.high}"


def _details(evidence: RangeEvidence) -> tuple[Detail, ...]:
    details = [
        Detail(
            label=_("Tried"),
            text=_("{flows} flows to {target}, which listens on {ports}").format(
                flows=number(evidence.flows), target=evidence.target, ports=_spans(evidence.listed)
            ),
        )
    ]
    if any(not span.exact for span in evidence.blocked):
        text = _("The ends of some ranges are those of the sample; the true ones lie further out.")
        details.append(Detail(label=_("Note"), text=text))
    return tuple(details)


def _tried(evidence: RangeEvidence) -> tuple[AttemptLine, ...]:
    """Ports that did not answer; the others are in the evidence."""
    silent = [result for result in evidence.results if result.failure is not None]
    return tuple(_line(result, evidence) for result in silent[:LINES_SHOWN])


def _line(result: PortResult, evidence: RangeEvidence) -> AttemptLine:
    target = str(HostPort(evidence.address, result.port))
    return AttemptLine(
        started_s=result.started_s,
        duration_s=result.duration_ms / 1000,
        target=operation_words("ask_udp_port", target),
        result=failure_words(result.failure or FailureCode.TIMED_OUT),
        failed=True,
    )


UDP_RANGE_CHECK = Check(
    name="udp.range",
    meaning=N_(
        "Voice travels by UDP, each call by ports of its own. If some are closed, some calls "
        "are silent and others are not."
    ),
    title=N_("RTP ports (UDP 5000 to 64000)"),
    term="UDP 5000 to 64000",
    page=Page.FIREWALL_PORTS,
    settings=("udp_range",),
    method=N_("A sample of ports, each asked once or more; not every port"),
    reads_silence=True,
    needs=(UDP_RANGE, STUN, WEB, PUBLIC_UDP),
    limits=NoLimits,
    judge=judge,
)
