"""port.webphone: can the webphone's secure websocket be opened?"""

from natwizard.checks.base import Case, Check, EvidenceMissing, NoLimits
from natwizard.checks.dead_proxy import (
    proxy_quantity,
)
from natwizard.checks.endings import (
    Step,
    ending_words,
    failure_quantity,
    lost_family,
    proxy_sign_in,
    stage_strip,
    websocket_ending,
)
from natwizard.checks.line import line_carries, secure_pages_work
from natwizard.checks.name_filter import hidden_names
from natwizard.checks.webphone_words import CUT, Sight, say
from natwizard.checks.wording import DOT, NBSP, milliseconds, tried_lines
from natwizard.model.address import parse_host_port
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.service_addresses import SERVICE_ADDRESSES, ServiceName
from natwizard.probes.web import WEB
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry


def judge(case: Case, _limits: NoLimits) -> Judgement:
    """The way that browsers take decides: through the proxy where the system has one."""
    try:
        evidence = case.evidence(WEBPHONE)
    except EvidenceMissing as missing:
        if missing.failure.code is FailureCode.NO_TARGET:
            return _no_target(missing.failure.detail)
        raise
    deciding = evidence.proxied or evidence.direct
    control = evidence.proxied_control if evidence.proxied else evidence.control
    sight = Sight(
        port=evidence.port,
        service=websocket_ending(deciding.lookup, deciding.addresses),
        control=websocket_ending(control.lookup, control.addresses) if control else None,
        by_proxy=evidence.proxied is not None,
        line_works=line_carries(case.evidence_or_none(WEB)),
        secure_pages=secure_pages_work(case.evidence_or_none(WEB)),
        lost_family=lost_family(
            [
                (each.reach.family, websocket_ending(deciding.lookup, (each,)))
                for each in deciding.addresses
            ]
        ),
        hidden=_hidden(case, evidence),
    )
    said = say(sight)
    return Judgement(
        status=said.status,
        summary=said.summary,
        observed=_opened_words(deciding, sight) if sight.service.done else _observed(sight),
        expected=_("an open websocket"),
        measured=_measured(deciding, sight),
        remedy=_with_request(said.remedy, evidence, sight),
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


def _hidden(case: Case, evidence: WebphoneEvidence) -> tuple[ServiceName, ...]:
    """A proxy looks names up by itself, so those of this computer tell nothing then."""
    looked_up = case.evidence_or_none(SERVICE_ADDRESSES)
    if looked_up is None or evidence.proxied is not None:
        return ()
    target = parse_host_port(evidence.direct.target, default_port=evidence.port)
    host = target.host.lower()
    return hidden_names(name for name in looked_up.names if name.host == host)


def _observed(sight: Sight) -> str:
    service = ending_words(sight.service)
    if sight.service.step is Step.ENCRYPTION and sight.service.code in CUT:
        service = _("{words}, after the first encrypted message").format(words=service)
    if sight.by_proxy:
        service = _("through the proxy: {words}").format(words=service)
    parts = [service]
    if sight.control is None:
        parts.append(_("no control server set"))
    elif sight.control_comes_further:
        time = milliseconds(sight.control.answered_s * 1000)
        parts.append(_("control server answered in {time}").format(time=time))
    elif sight.control.code is sight.service.code:
        parts.append(_("control server too"))
    else:
        parts.append(_("control server: {words}").format(words=ending_words(sight.control)))
    parts.append(_("443 answers") if sight.secure_pages else _("443 not seen to answer"))
    return "; ".join(parts)


def _opened_words(deciding: WebphoneTry, sight: Sight) -> str:
    """The time from the name to the open websocket, of the first address that came so far."""
    best = next(each for each in deciding.addresses if each.upgraded)
    steps = (deciding.lookup, best.reach.connects[-1], best.reach.tunnel, best.upgrade)
    secured = best.reach.unverified_tls or best.reach.tls
    total_s = sum(step.duration_s for step in (*steps, secured) if step is not None)
    words = _("open after {time}").format(time=milliseconds(total_s * 1000))
    if sight.by_proxy:
        return _("through the proxy: {words}").format(words=words)
    return words


def _measured(deciding: WebphoneTry, sight: Sight) -> tuple[Quantity, ...]:
    best = next((each for each in deciding.addresses if each.upgraded), None)
    reached = Quantity(name="reached", value=sight.service.step.name.lower(), unit=Unit.TEXT)
    port = Quantity(name="port", value=sight.port, unit=Unit.COUNT)
    found = [reached, port, *failure_quantity(sight.service.code)]
    if sight.control_comes_further and sight.service.step > Step.NAME:
        found.append(Quantity(name="control", value="further", unit=Unit.TEXT))
    if sight.hidden and not sight.service.done:
        found.append(Quantity(name="hidden", value=len(sight.hidden), unit=Unit.COUNT))
    if sight.by_proxy:
        found += proxy_quantity(sight.service)
    if sight.lost_family:
        found.append(Quantity(name="lost_family", value=sight.lost_family, unit=Unit.TEXT))
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


def _with_request(remedy: Remedy | None, evidence: WebphoneEvidence, sight: Sight) -> Remedy | None:
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
        observed=_observed(sight),
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
