"""port.webphone: can the webphone's secure websocket be opened?"""

from msgspec import Struct

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.connection_outcome import (
    OWN_TROUBLE,
    ConnectionOutcome,
    ConnectionStep,
    could_not_try,
    ending_words,
    failure_quantity,
    lost_family,
    proxy_sign_in,
    stage_strip,
    websocket_ending,
)
from natwizard.checks.shared.line import line_carries, secure_pages_work
from natwizard.checks.shared.name_filter import exempt_remedy, hidden_names
from natwizard.checks.shared.number_format import DOT, NBSP, milliseconds, tried_lines
from natwizard.checks.shared.proxy_unreachable import dead_proxy, is_dead, proxy_quantity, refused
from natwizard.checks.verdict import Verdict
from natwizard.model.address import parse_host_port
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.service_addresses import SERVICE_ADDRESSES, ServiceName
from natwizard.probes.web import WEB
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}
TURNED_AWAY = {
    FailureCode.CONNECTION_REFUSED,
    FailureCode.NETWORK_UNREACHABLE,
    FailureCode.NOT_PERMITTED,
}
REFUSED_UPGRADE = {FailureCode.UPGRADE_REFUSED, FailureCode.HTTP_STATUS, FailureCode.BAD_ANSWER}


class WebphoneFacts(Struct, frozen=True, kw_only=True):
    """All that the sentence depends on; `control` is None where there is none.

    Attributes:
        lost_family: "IPv6" or "IPv4" where only addresses of the other one come to the end.
        hidden: the service's name, where a name filter withholds it.
    """

    port: int
    service: ConnectionOutcome
    control: ConnectionOutcome | None
    by_proxy: bool
    line_works: bool
    secure_pages: bool
    lost_family: str = ""
    hidden: tuple[ServiceName, ...] = ()

    @property
    def control_comes_further(self) -> bool:
        """Whether another server on the same port passes the step that the service failed."""
        return self.control is not None and self.control.step > self.service.step


def say(index: WebphoneFacts) -> Verdict:
    """The one way it stands; what lies nearest to this computer is told first."""
    service, code = index.service, index.service.code
    if service.done:
        return _open(index)
    if index.by_proxy and is_dead(service):
        sure = index.line_works or refused(service)
        return dead_proxy(Status.FAIL if sure else Status.UNKNOWN)
    if index.hidden:
        return Verdict(
            status=Status.FAIL,
            summary=_("Something hides the webphone's server from this computer."),
            remedy=exempt_remedy(index.hidden),
        )
    if service.step is ConnectionStep.NAME:
        return Verdict(
            status=Status.UNKNOWN,
            summary=_("The name of your webphone's server could not be looked up."),
            remedy=Remedy(
                text=_("Check the address of the webphone, then run again."), owner=Owner.HELPDESK
            ),
        )
    if service.step is ConnectionStep.PROXY:
        return _proxy(index)
    if service.step is ConnectionStep.EXCHANGE and code in REFUSED_UPGRADE and service.verified:
        return Verdict(
            status=Status.WARN,
            summary=_("Your network lets the webphone out, but its server refuses it."),
            remedy=Remedy(
                text=_("Check `targets.webphone_path`, or ask whether the service is well."),
                owner=Owner.HELPDESK,
            ),
        )
    if index.control_comes_further:
        return Verdict(
            status=Status.UNKNOWN,
            summary=_("The service does not answer, but your network lets calls out."),
            remedy=Remedy(
                text=_("Tell your helpdesk: the service may be down."), owner=Owner.HELPDESK
            ),
        )
    if code in OWN_TROUBLE:
        return could_not_try(index.port)
    needs_line = code is FailureCode.TIMED_OUT or code is FailureCode.NETWORK_UNREACHABLE
    if needs_line and not index.line_works:
        return Verdict(
            status=Status.UNKNOWN,
            summary=_("Nothing answered, so the webphone's port could not be tested."),
            remedy=Remedy(text=_("Connect to the internet, then run again."), owner=Owner.AGENT),
        )
    return _blocked(index)


def _open(index: WebphoneFacts) -> Verdict:
    if index.service.verified and index.lost_family:
        return Verdict(
            status=Status.WARN,
            summary=_("The webphone can connect, but not over {family}.").format(
                family=index.lost_family
            ),
            remedy=Remedy(
                text=_("Ask to repair {family} to the internet, or to switch it off.").format(
                    family=index.lost_family
                ),
                owner=Owner.NETWORK_TEAM,
            ),
        )
    if index.service.verified:
        return Verdict(status=Status.PASS, summary=_("The webphone can connect."))
    return Verdict(
        status=Status.WARN,
        summary=_("The webphone's port is open, but nobody known vouches for it."),
        remedy=Remedy(
            text=_("Look at the web filters page: something may open encrypted traffic."),
            owner=Owner.NETWORK_TEAM,
        ),
    )


def _proxy(index: WebphoneFacts) -> Verdict:
    if index.service.code is FailureCode.PROXY_AUTHENTICATION:
        return Verdict(
            status=Status.UNKNOWN,
            summary=_("Your proxy asks for a password that we do not have."),
            remedy=Remedy(
                text=_("Ask for a direct way, or a proxy exception, for the webphone."),
                owner=Owner.NETWORK_TEAM,
            ),
        )
    if index.control_comes_further or index.service.code is FailureCode.TIMED_OUT:
        return Verdict(
            status=Status.UNKNOWN,
            summary=_("Your proxy could not reach the webphone's server."),
            remedy=Remedy(
                text=_("Ask whether the proxy lets the webphone's port through."),
                owner=Owner.NETWORK_TEAM,
            ),
        )
    return Verdict(
        status=Status.FAIL,
        summary=_("Your proxy does not let the webphone through."),
        remedy=Remedy(
            text=_("Ask to allow CONNECT to port {port} on the proxy.").format(port=index.port),
            owner=Owner.NETWORK_TEAM,
        ),
    )


def _blocked(index: WebphoneFacts) -> Verdict:
    """Something between this computer and the service stops it: which way?"""
    port, code = str(index.port), index.service.code
    ask_to_allow = Remedy(
        text=_("Ask to allow outgoing TCP {port} to the service.").format(port=port),
        owner=Owner.NETWORK_TEAM,
    )
    exempt = Remedy(
        text=_("Ask to exempt the service from deep inspection."), owner=Owner.NETWORK_TEAM
    )
    if index.service.step is ConnectionStep.CONNECTION and code in TURNED_AWAY:
        remedy = Remedy(
            text=_("Ask which firewall or program rejects TCP {port}, and to allow it.").format(
                port=port
            ),
            owner=Owner.NETWORK_TEAM,
        )
        summary = (
            _("The webphone's port, {port}, is turned away.")
            if code is FailureCode.CONNECTION_REFUSED
            else _("A router or firewall says no to the webphone's port, {port}.")
        ).format(port=port)
    elif code is FailureCode.TIMED_OUT and index.service.step is ConnectionStep.CONNECTION:
        summary = _("Your network blocks the webphone's port, {port}.").format(port=port)
        remedy = ask_to_allow
    elif code is FailureCode.TIMED_OUT:
        summary = _("Something on the way swallows the webphone's connection.")
        remedy = exempt
    elif code in CUT and index.service.step is ConnectionStep.ENCRYPTION:
        summary = _("Something cuts the webphone's connection as encryption begins.")
        remedy = exempt
    elif index.service.step is ConnectionStep.ENCRYPTION:
        summary = _("Something spoils the webphone's encryption.")
        remedy = exempt
    elif code in CUT:
        summary = _("Something cuts the webphone's connection after it is encrypted.")
        remedy = exempt
    elif code in REFUSED_UPGRADE:
        summary = _("Something on the way refuses the webphone's connection.")
        remedy = exempt
    else:
        summary = _("The webphone's connection, port {port}, fails.").format(port=port)
        remedy = ask_to_allow
    return Verdict(status=Status.FAIL, summary=summary, remedy=remedy)


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The way that browsers take decides: through the proxy where the system has one."""
    try:
        evidence = inputs.evidence(WEBPHONE)
    except EvidenceMissing as missing:
        if missing.failure.code is FailureCode.NO_TARGET:
            return _no_target(missing.failure.detail)
        raise
    deciding = evidence.proxied or evidence.direct
    control = evidence.proxied_control if evidence.proxied else evidence.control
    index = WebphoneFacts(
        port=evidence.port,
        service=websocket_ending(deciding.lookup, deciding.addresses),
        control=websocket_ending(control.lookup, control.addresses) if control else None,
        by_proxy=evidence.proxied is not None,
        line_works=line_carries(inputs.evidence_or_none(WEB)),
        secure_pages=secure_pages_work(inputs.evidence_or_none(WEB)),
        lost_family=lost_family(
            [
                (each.reach.family, websocket_ending(deciding.lookup, (each,)))
                for each in deciding.addresses
            ]
        ),
        hidden=_hidden(inputs, evidence),
    )
    said = say(index)
    return Judgement(
        status=said.status,
        summary=said.summary,
        observed=_opened_words(deciding, index) if index.service.done else _observed(index),
        expected=_("an open websocket"),
        measured=_measured(deciding, index),
        remedy=_with_request(said.remedy, evidence, index),
        details=_details(evidence, deciding),
        stages=stage_strip(
            deciding.lookup,
            [(each.reach, each.upgrade) for each in deciding.addresses],
            _("Websocket"),
        ),
        tried=tried_lines(evidence.attempts()),
    )


def _no_target(setting: str) -> Judgement:
    return Judgement(
        status=Status.UNKNOWN,
        summary=_("We do not know the address of your webphone yet."),
        observed=_("no target set"),
        expected=f"`{setting}`",
        remedy=Remedy(
            text=_("Type the address on the first page, or ask your helpdesk."),
            owner=Owner.HELPDESK,
        ),
    )


def _hidden(inputs: Inputs, evidence: WebphoneEvidence) -> tuple[ServiceName, ...]:
    """A proxy looks names up by itself, so those of this computer tell nothing then."""
    looked_up = inputs.evidence_or_none(SERVICE_ADDRESSES)
    if looked_up is None or evidence.proxied is not None:
        return ()
    target = parse_host_port(evidence.direct.target, default_port=evidence.port)
    host = target.host.lower()
    return hidden_names(name for name in looked_up.names if name.host == host)


def _observed(index: WebphoneFacts) -> str:
    service = ending_words(index.service)
    if index.service.step is ConnectionStep.ENCRYPTION and index.service.code in CUT:
        service = _("{words}, after the first encrypted message").format(words=service)
    if index.by_proxy:
        service = _("through the proxy: {words}").format(words=service)
    parts = [service]
    if index.control is None:
        parts.append(_("no control server set"))
    elif index.control_comes_further:
        time = milliseconds(index.control.answered_s * 1000)
        parts.append(_("control server answered in {time}").format(time=time))
    elif index.control.code is index.service.code:
        parts.append(_("control server too"))
    else:
        parts.append(_("control server: {words}").format(words=ending_words(index.control)))
    parts.append(_("443 answers") if index.secure_pages else _("443 not seen to answer"))
    return "; ".join(parts)


def _opened_words(deciding: WebphoneTry, index: WebphoneFacts) -> str:
    """The time from the name to the open websocket, of the first address that came so far."""
    best = next(each for each in deciding.addresses if each.upgraded)
    steps = (deciding.lookup, best.reach.connects[-1], best.reach.tunnel, best.upgrade)
    secured = best.reach.unverified_tls or best.reach.tls
    total_s = sum(step.duration_s for step in (*steps, secured) if step is not None)
    words = _("open after {time}").format(time=milliseconds(total_s * 1000))
    if index.by_proxy:
        return _("through the proxy: {words}").format(words=words)
    return words


def _measured(deciding: WebphoneTry, index: WebphoneFacts) -> tuple[Quantity, ...]:
    best = next((each for each in deciding.addresses if each.upgraded), None)
    reached = Quantity(name="reached", value=index.service.step.name.lower(), unit=Unit.TEXT)
    port = Quantity(name="port", value=index.port, unit=Unit.COUNT)
    found = [reached, port, *failure_quantity(index.service.code)]
    if index.control_comes_further and index.service.step > ConnectionStep.NAME:
        found.append(Quantity(name="control", value="further", unit=Unit.TEXT))
    if index.hidden and not index.service.done:
        found.append(Quantity(name="hidden", value=len(index.hidden), unit=Unit.COUNT))
    if index.by_proxy:
        found += proxy_quantity(index.service)
    if index.lost_family:
        found.append(Quantity(name="lost_family", value=index.lost_family, unit=Unit.TEXT))
    if best is None:
        return tuple(found)
    steps: tuple[tuple[str, Attempt[object] | None], ...] = (
        ("name", deciding.lookup),
        ("connection", best.reach.connects[-1]),
        ("encryption", best.reach.unverified_tls or best.reach.tls),
        ("websocket", best.upgrade),
        ("ping", best.echoes[0] if best.echoes else None),
    )
    times = [
        Quantity(name=name, value=round(step.duration_s * 1000, 2), unit=Unit.MILLISECOND)
        for name, step in steps
        if step is not None and step.ok
    ]
    return (*found, *times)


def _with_request(
    remedy: Remedy | None, evidence: WebphoneEvidence, index: WebphoneFacts
) -> Remedy | None:
    """The paragraph for whoever runs the firewall: the request first, then what was seen."""
    if remedy is None or remedy.owner is not Owner.NETWORK_TEAM or remedy.request:
        return remedy
    addresses = [str(endpoint) for endpoint in evidence.direct.lookup.value or ()]
    request = _(
        "Please allow outgoing TCP {port} to {target} ({addresses}), without TLS inspection. "
        "Seen from this computer: {observed}."
    ).format(
        port=evidence.port,
        target=evidence.direct.target,
        addresses=", ".join(addresses) or _("address unknown"),
        observed=_observed(index),
    )
    return Remedy(text=remedy.text, owner=remedy.owner, request=request)


def _details(evidence: WebphoneEvidence, deciding: WebphoneTry) -> tuple[Detail, ...]:
    lines = [
        Detail(
            label=f"{each.reach.family} {each.reach.connects[0].target}",
            text=ending_words(websocket_ending(deciding.lookup, (each,))),
        )
        for each in deciding.addresses
    ]
    lines += proxy_sign_in(websocket_ending(deciding.lookup, deciding.addresses))
    if evidence.proxied is not None:
        direct = websocket_ending(evidence.direct.lookup, evidence.direct.addresses)
        lines.append(Detail(label=_("Without the proxy"), text=ending_words(direct)))
    for each in deciding.addresses:
        tls = each.reach.unverified_tls or each.reach.tls
        if tls is not None and tls.value is not None:
            text = f"{tls.value.version}{DOT}{tls.value.cipher}".replace(" ", NBSP)
            lines.append(Detail(label=_("Encryption"), text=text))
            break
    if evidence.control is None:
        text = _("Set `targets.webphone_control` to tell a closed port from an outage.")
        lines.append(Detail(label=_("Not compared"), text=text))
    return tuple(lines)


PORT_WEBPHONE = Check(
    name="port.webphone",
    title=N_("Webphone port"),
    page=Page.WEBPHONE_PORT,
    needs=(WEBPHONE, WEB, SERVICE_ADDRESSES),
    limits=NoLimits,
    judge=judge,
)
