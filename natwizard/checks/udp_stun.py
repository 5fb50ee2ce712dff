"""udp.stun: do the service's STUN ports (UDP 5060 and 3479) answer?"""

from collections.abc import Sequence

from msgspec import Struct

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.shared.connection_outcome import LOSSY_PORTS, NAME_LATE
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.missing_evidence import NOT_SET_UP, SET_UP, SET_UP_REQUEST
from natwizard.checks.shared.number_format import milliseconds, tried_lines
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.verdict import Verdict, VerdictTable, failed, not_set_up, passed, unknown
from natwizard.model.address import parse_host_port
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _, ngettext, ngettext_noop
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.connection.reachability import is_silent
from natwizard.probes.stun.binding import STUN, StunEvidence, StunFlow, StunServer, StunWay
from natwizard.probes.stun.client import StunMapping
from natwizard.probes.web import WEB


class StunLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ports that the service uses; one without a target is named as not tested."""

    ports: tuple[str, ...] = ("5060", "3479")


IPV4 = 4
ALLOW = N_("Ask to allow outgoing UDP {ports} to the service.")
ALLOW_REQUEST = N_(
    "Please allow outgoing UDP to {targets}, and the answers. No answer came to three"
    " requests within 2 s. {witness}"
)


class StunOutcome(VerdictTable):
    """How one STUN server of the service stands, best first."""

    ANSWERED = passed(N_("The ports that calls start on are open."))
    SERVICE_SILENT = unknown(
        N_("The service does not answer, but your network lets it through."),
        N_("Ask the service's support whether it is down."),
        owner=Owner.HELPDESK,
    )
    """A control on the same port answered: the network lets it through."""
    SERVER_DOWN = unknown(
        N_("The service's server gives no answer of any kind."),
        N_("Ask the service's support whether it is down."),
        N_(
            "Please ask the service's support whether {silent} is down, and see whether outgoing"
            " UDP {silent_ports} to it is allowed: it answers this computer on no port, TCP 80, 443"
            " and 5060 included, while other UDP servers do answer."
        ),
        owner=Owner.HELPDESK,
    )
    """So that the service being down is as likely as a network that blocks."""
    TURNED_AWAY = unknown(
        N_("The service or a firewall rejects what calls start on."),
        N_("Ask the service's support whether its STUN server runs."),
        N_(
            "Please ask the service's support whether its STUN server runs, and see whether a"
            " firewall rejects outgoing UDP {silent_ports} to {silent}: a report came back (ICMP)"
            " that nobody is at the port, which a server without its program sends, too."
        ),
        owner=Owner.HELPDESK,
    )
    NAME_LATE = NAME_LATE
    NO_NAME = unknown(
        N_("The name of the service's server could not be looked up."),
        N_("Check the addresses in targets.stun, then run again."),
        owner=Owner.HELPDESK,
    )
    OWN_ASKED = unknown(
        N_("Only the service's servers were asked, and all are silent."),
        N_("Set a STUN server of somebody else (targets.stun_control), then run again."),
        N_(
            "Please set a STUN server of somebody else (targets.stun_control), and ask the"
            " service's support whether {silent} is down: no other server was asked over UDP, so"
            " that its silence does not tell whether this network lets UDP out."
        ),
        owner=Owner.HELPDESK,
    )
    """The line works over TCP. One program may be down, whatever its host answers over TCP."""
    UNSEEN = unknown(
        N_("Nothing answered, so these ports could not be tested."),
        N_("Connect to the internet, then run again."),
    )
    """Nothing answered that could tell a silent server from a network that blocks."""
    LOSSY = LOSSY_PORTS
    BLOCKED = failed(
        ngettext_noop(
            "Your network blocks a port that calls start on, {ports}.",
            "Your network blocks ports that calls start on, {ports}.",
        ),
        ALLOW,
        ALLOW_REQUEST,
    )


ALL_BLOCKED = failed(N_("Your network blocks the way that calls take."), ALLOW, ALLOW_REQUEST)
NO_IPV4 = failed(
    N_("IPv4 leads nowhere here, and calls need it."),
    N_("Ask to repair IPv4 from this computer to the internet: router, address, routes."),
    N_(
        "Please repair the way over IPv4 from this computer to the internet. Over IPv6 servers"
        " answer it, and over IPv4 none does, by TCP or UDP: its default route may lead to a router"
        " that is not there."
    ),
)
"""All is silent that was asked over IPv4, web servers too, so that it is no matter of UDP."""
NO_TARGET = not_set_up(NOT_SET_UP, SET_UP, SET_UP_REQUEST)
NO_TARGET_UDP_WORKS = not_set_up(
    N_("Your network lets calls out. The service was not tested."), SET_UP, SET_UP_REQUEST
)


class StunFacts(Struct, frozen=True, kw_only=True):
    """What all causes are told by.

    Attributes:
        answered: how many STUN servers did, on the socket that all were asked from.
        without_ipv4: none did, nor did anybody else over IPv4.
    """

    answered: int
    without_ipv4: bool = False


def judge(inputs: Inputs, limits: StunLimits) -> Judgement:
    """The worst of the service's servers decides, each compared with what else answered."""
    evidence = inputs.evidence(STUN)
    line = inputs.line
    service = [server for server in evidence.servers if server.is_service]
    for server in service:
        if (trouble := _own_trouble(_flows_of(server.target, evidence))) is not None:
            raise EvidenceMissing(STUN.name, trouble)
    standings = {server.target: _standing(server, evidence, line) for server in service}
    worst = max(standings.values(), key=lambda standing: standing.value, default=None)
    blocked = [target for target, each in standings.items() if each is StunOutcome.BLOCKED]
    ports = tuple(dict.fromkeys(str(parse_host_port(target).port) for target in blocked))
    told = [target for target, each in standings.items() if each is worst]
    verdict = _verdict(worst, evidence, udp_leads_out=line.udp_leads_out)
    nothing = verdict in {ALL_BLOCKED, StunOutcome.OWN_ASKED.verdict}
    if nothing and line.dead_family == "IPv4" and _only_ipv4(evidence):
        verdict = NO_IPV4
    return verdict.judgement(
        count=len(ports),
        texts={
            "ports": ", ".join(ports),
            "targets": ", ".join(blocked),
            "silent": ", ".join(dict.fromkeys(parse_host_port(each).host for each in told)),
            "silent_ports": ", ".join(
                dict.fromkeys(str(parse_host_port(each).port) for each in told)
            ),
            "witness": _("Other UDP servers do answer.")
            if line.udp_leads_out
            else _("No UDP server answers, while secure web pages work."),
        },
        observed=_observed(standings, evidence),
        expected=_("an answer from each"),
        measured=_quantities(evidence),
        details=_details(standings, evidence, limits),
        tried=tried_lines([flow.attempt for flow in evidence.flows if flow.socket == 0]),
        facts=StunFacts(answered=_answered(evidence), without_ipv4=verdict is NO_IPV4),
    )


def _only_ipv4(evidence: StunEvidence) -> bool:
    return all(flow.ip_version == IPV4 for flow in evidence.flows)


def _own_trouble(flows: Sequence[StunFlow]) -> Failure | None:
    """Why this computer could not ask at all; None where it could."""
    failures = [flow.attempt.failure for flow in flows]
    own = [each for each in failures if each is not None and each.code in OWN_TROUBLE]
    return own[0] if own and len(own) == len(failures) else None


def _standing(server: StunServer, evidence: StunEvidence, line: LineFacts) -> StunOutcome:
    flows = _flows_of(server.target, evidence)
    alone = _asked_alone(flows, evidence)
    if any(flow.came_back for flow in flows) or any(each.ok for each in alone):
        return StunOutcome.ANSWERED
    if not server.lookup.value:
        failure = server.lookup.failure
        denied = failure is None or failure.code is FailureCode.NAME_NOT_FOUND
        return StunOutcome.NO_NAME if denied else StunOutcome.NAME_LATE
    answered = {
        flow.attempt.value.server.port
        for flow in evidence.flows
        if not flow.is_service and flow.attempt.value
    }
    if parse_host_port(server.target).port in answered:
        return StunOutcome.SERVICE_SILENT
    if evidence.came_back and line.loses_much:
        return StunOutcome.LOSSY
    if any(map(_is_refused, alone)) and not _refused_by_others(evidence):
        return StunOutcome.TURNED_AWAY
    if all(_address_of(flow.attempt) in line.lifeless for flow in flows):
        return _standing_of_the_lifeless(line)
    silent = all(is_silent(each) for each in alone) and bool(alone)
    if line.udp_leads_out or not line.leads_out or line.udp_silent or not silent:
        return StunOutcome.BLOCKED if line.leads_out else StunOutcome.UNSEEN
    return StunOutcome.OWN_ASKED


def _standing_of_the_lifeless(line: LineFacts) -> StunOutcome:
    if line.udp_leads_out:
        return StunOutcome.SERVER_DOWN
    if not line.leads_out:
        return StunOutcome.UNSEEN
    return StunOutcome.BLOCKED if line.udp_silent else StunOutcome.OWN_ASKED


def _asked_alone(
    flows: Sequence[StunFlow], evidence: StunEvidence
) -> tuple[Attempt[StunMapping], ...]:
    targets = {flow.attempt.target for flow in flows}
    return tuple(each for each in evidence.asked_alone if each.target in targets)


def _is_refused(attempt: Attempt[StunMapping]) -> bool:
    failure = attempt.failure
    return failure is not None and failure.code is FailureCode.CONNECTION_REFUSED


def _refused_by_others(evidence: StunEvidence) -> bool:
    """Servers of different owners do not go down together: something on the way rejects UDP."""
    refused = {each.target for each in evidence.asked_alone if _is_refused(each)}
    controls = [flow for flow in evidence.flows if not flow.is_service and flow.socket == 0]
    return not evidence.came_back and any(flow.attempt.target in refused for flow in controls)


def _address_of(attempt: Attempt[StunMapping]) -> str:
    return attempt.target.rpartition(":")[0].strip("[]")


def _flows_of(target: str, evidence: StunEvidence) -> list[StunFlow]:
    return [flow for flow in evidence.flows if flow.target == target and flow.socket == 0]


def _verdict(worst: StunOutcome | None, evidence: StunEvidence, *, udp_leads_out: bool) -> Verdict:
    if worst is None:
        return NO_TARGET_UDP_WORKS if evidence.came_back else NO_TARGET
    if worst is StunOutcome.BLOCKED and not udp_leads_out:
        return ALL_BLOCKED
    return worst.verdict


def _observed(standings: dict[str, StunOutcome], evidence: StunEvidence) -> str:
    if not standings:
        count = _answered(evidence)
        text = ngettext(
            "not set up; {count} control server answered",
            "not set up; {count} control servers answered",
            count,
        )
        return text.format(count=count)
    return "; ".join(
        labelled(target, _words(target, standing, evidence))
        for target, standing in standings.items()
    )


def _words(target: str, standing: StunOutcome, evidence: StunEvidence) -> str:
    if standing is StunOutcome.ANSWERED:
        flows = _flows_of(target, evidence)
        came = [flow.attempt for flow in flows if flow.came_back]
        came += [each for each in _asked_alone(flows, evidence) if each.ok]
        times = [each.duration_s * 1000 for each in came]
        return _("answered in {time}").format(time=milliseconds(min(times)))
    if standing is StunOutcome.SERVICE_SILENT:
        return _("silent; a control server answers on this port")
    if standing in {StunOutcome.NO_NAME, StunOutcome.NAME_LATE}:
        return _("the name could not be looked up")
    return _("no answer")


def _answered(evidence: StunEvidence) -> int:
    return sum(flow.came_back for flow in evidence.flows if flow.socket == 0)


def _quantities(evidence: StunEvidence) -> tuple[Quantity, ...]:
    shared = [flow for flow in evidence.flows if flow.socket == 0]
    return (
        Quantity(name="asked", value=len(shared), unit=Unit.COUNT),
        Quantity(name="answered", value=_answered(evidence), unit=Unit.COUNT),
    )


def _details(
    standings: dict[str, StunOutcome], evidence: StunEvidence, limits: StunLimits
) -> tuple[Detail, ...]:
    named = {server.target for server in evidence.servers if not server.is_service}
    controls = [flow for flow in evidence.flows if flow.socket == 0 and flow.target in named]
    details = [
        Detail(
            label=_("Control"),
            text=labelled(
                flow.target, _("answers") if flow.came_back else _("does not answer either")
            ),
        )
        for flow in controls
    ]
    tested = {str(parse_host_port(target).port) for target in standings}
    missing = [port for port in limits.ports if port not in tested]
    if missing and standings:
        text = _("UDP {ports}: no server is set for it").format(ports=", ".join(missing))
        details.append(Detail(label=_("Not tested"), text=text))
    return (*details, *_ways(evidence))


def _ways(evidence: StunEvidence) -> tuple[Detail, ...]:
    """A computer with several networks: what each of them lets through."""
    return tuple(
        Detail(label=_("By {interface}").format(interface=way.interface), text=_way_words(way))
        for way in evidence.ways
    )


def _way_words(way: StunWay) -> str:
    if way.attempt.ok:
        time = milliseconds(way.attempt.duration_s * 1000)
        text = _("{address}: answered in {time}").format(address=way.local_address, time=time)
    else:
        text = _("{address}: no answer").format(address=way.local_address)
    return _("{text}; this one carries your calls").format(text=text) if way.preferred else text


UDP_STUN = Check(
    name="udp.stun",
    meaning=N_(
        "By STUN this computer learns its address on the internet, which the other side must "
        "know to send voice to it."
    ),
    title=N_("STUN ports 5060 and 3479"),
    term="STUN",
    page=Page.FIREWALL_PORTS,
    settings=("stun",),
    reads_silence=True,
    needs=(STUN, WEB),
    limits=StunLimits,
    judge=judge,
)
