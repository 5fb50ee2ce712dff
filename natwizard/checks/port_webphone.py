"""port.webphone: can the webphone's secure websocket be opened?"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.connection_outcome import (
    COULD_NOT_TRY,
    FAMILY_PORT_SHUT,
    FAMILY_SERVER_DOWN,
    FULL_SIZE_LOST,
    FULL_SIZE_LOST_OF_FAMILY,
    FULL_SIZE_SUSPECTED,
    LOSSY,
    NAME_LATE,
    OUT_OF_DATE,
    SEGMENT_TEXTS,
    ConnectionFacts,
    ConnectionOutcome,
    ConnectionStep,
    LargeSegments,
    LostFamily,
    ending_words,
    is_late,
    large_segments,
    lost_family,
    proxy_sign_in,
    reached_quantities,
    stage_strip,
    websocket_ending,
    why_lost,
)
from natwizard.checks.shared.name_filter import EXEMPT, EXEMPT_REQUEST, exempt_texts, hidden_names
from natwizard.checks.shared.number_format import DOT, NBSP, milliseconds, tried_lines
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.shared.proxy_unreachable import (
    UNSPOKEN_PROXY,
    dead_proxy,
    is_dead,
    proxy_failure,
    refused,
    unspoken_texts,
)
from natwizard.checks.shared.public_port import judge_public_port
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.address import parse_host_port
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import SILENCES, Attempt, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.public_port import PUBLIC_PORT
from natwizard.probes.service_addresses import SERVICE_ADDRESSES, ServiceName
from natwizard.probes.web import WEB
from natwizard.probes.webphone import WEBPHONE, WebphoneEvidence, WebphoneTry

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}
# Somebody says no, at the port itself or on the way there; silence is another matter
TURNED_AWAY = {
    FailureCode.CONNECTION_REFUSED,
    FailureCode.NETWORK_UNREACHABLE,
    FailureCode.NOT_PERMITTED,
}
# Words of whoever ends the encryption: the service where its certificate holds, else a stranger
REFUSED_UPGRADE = {FailureCode.UPGRADE_REFUSED, FailureCode.HTTP_STATUS, FailureCode.BAD_ANSWER}

REQUEST = N_(
    "Please allow outgoing TCP {port} to {target} ({addresses}), without TLS inspection. "
    "Seen from this computer: {observed}."
)
ALLOW = N_("Ask to allow outgoing TCP {port} to the service.")
ASK_WHO = N_("Ask which firewall or program rejects TCP {port}, and to allow it.")
UNINSPECTED = N_("Ask to exempt the service from deep inspection.")


class WebphoneKind(VerdictTable):
    """The one way it stands; what lies nearest to this computer is told first."""

    OPEN = passed(N_("The webphone can connect."))
    COULD_NOT_TRY = COULD_NOT_TRY
    LOSSY = LOSSY
    UNSPOKEN_PROXY = UNSPOKEN_PROXY
    ONE_FAMILY_LOST = warned(
        N_("The webphone can connect, but not over {family}."),
        N_("Ask to repair {family} to the internet, or to switch it off."),
        REQUEST,
    )
    FAMILY_PORT_SHUT = FAMILY_PORT_SHUT
    FAMILY_SERVER_DOWN = FAMILY_SERVER_DOWN
    FAMILY_FULL_SIZE_LOST = FULL_SIZE_LOST_OF_FAMILY
    UNVERIFIED = warned(
        N_("The webphone's port is open, but nobody known vouches for it."),
        N_("Ask to exempt the service from TLS inspection."),
        REQUEST,
    )
    OUT_OF_DATE = OUT_OF_DATE
    PROXY_DEAD = dead_proxy(Status.FAIL)
    PROXY_UNREACHED = dead_proxy(Status.UNKNOWN)
    """No connection to the proxy comes about, but nothing shows that the line carries."""
    HIDDEN = failed(
        N_("Something hides the webphone's server from this computer."), EXEMPT, EXEMPT_REQUEST
    )
    LED_BY_HOSTS_FILE = failed(
        N_("A line in this computer's hosts file leads the webphone to nobody."),
        N_("Take the line for {hosts} out of this computer's hosts file."),
        N_(
            "Please take the line for {hosts} out of this computer's hosts file: it leads to"
            " {in_file}, where nobody answers, while the server that a name server names takes"
            " connections on the webphone's port. Seen from here: {answers}."
        ),
        owner=Owner.HELPDESK,
    )
    LED_ASTRAY = unknown(
        N_("The webphone's server answers, but not at the address known here."),
        N_("Ask the service's support whether {here} is down, then look at your name server."),
        N_(
            "Please ask the service's support whether its server at {here} is down: it does not"
            " answer this computer, while {hosts} at the address that another name server names"
            " takes connections on the webphone's port. If that server has gone for good, our name"
            " server is behind, or an old line stands in a hosts file. Seen from here: {answers}."
            " {hosts_file}"
        ),
        owner=Owner.HELPDESK,
    )
    """Nobody answers at the address here, and one does at the address that others give: a server of
    the service may be down, and so the network is not to blame."""
    NAME_LATE = NAME_LATE
    NO_NAME = unknown(
        N_("The name of your webphone's server could not be looked up."),
        N_("Check the address of the webphone, then run again."),
        owner=Owner.HELPDESK,
    )
    PROXY_PASSWORD = unknown(
        N_("Your proxy asks for a password that we do not have."),
        N_("Ask for a direct way, or a proxy exception, for the webphone."),
        REQUEST,
    )
    PROXY_FINDS_NOTHING = unknown(
        N_("Your proxy could not reach the webphone's server."),
        N_("Ask whether the proxy gets out by port {port}, or the service is down."),
        REQUEST,
    )
    PROXY_REFUSES = failed(
        N_("Your proxy does not let the webphone through."),
        N_("Ask to allow CONNECT to {target} on the proxy."),
        REQUEST,
    )
    SERVER_REFUSES = warned(
        N_("Your network lets the webphone out, but its server refuses it."),
        N_("Check `targets.webphone_path`, or ask whether the service is well."),
        owner=Owner.HELPDESK,
    )
    SERVICE_DOWN = unknown(
        N_("The service does not answer, but your network lets calls out."),
        N_("Ask the service's support whether it is down."),
        owner=Owner.HELPDESK,
    )
    NOTHING_ANSWERS = unknown(
        N_("Nothing answered, so the webphone's port could not be tested."),
        N_("Connect to the internet, then run again."),
    )
    TURNED_AWAY = failed(N_("The webphone's port, {port}, is turned away."), ASK_WHO, REQUEST)
    REJECTED = failed(
        N_("A router or firewall says no to the webphone's port, {port}."), ASK_WHO, REQUEST
    )
    BLOCKED = failed(N_("Your network blocks the webphone's port, {port}."), ALLOW, REQUEST)
    FULL_SIZE_LOST = FULL_SIZE_LOST
    FULL_SIZE_SUSPECTED = FULL_SIZE_SUSPECTED
    SWALLOWED = failed(
        N_("Something on the way swallows the webphone's connection."), UNINSPECTED, REQUEST
    )
    CUT_BEFORE_ENCRYPTION = failed(
        N_("Something cuts the webphone's connection as encryption begins."), UNINSPECTED, REQUEST
    )
    ENCRYPTION_SPOILT = failed(
        N_("Something spoils the webphone's encryption."), UNINSPECTED, REQUEST
    )
    CUT_AFTER_ENCRYPTION = failed(
        N_("Something cuts the webphone's connection after it is encrypted."), UNINSPECTED, REQUEST
    )
    UPGRADE_REFUSED = failed(
        N_("Something on the way refuses the webphone's connection."), UNINSPECTED, REQUEST
    )
    FAILS = failed(N_("The webphone's connection, port {port}, fails."), ASK_WHO, REQUEST)


BY_THE_SERVICE: Final[Mapping[FailureCode | None, WebphoneKind]] = {
    **dict.fromkeys(
        (*REFUSED_UPGRADE, FailureCode.TLS_FAILED, FailureCode.TOO_LARGE),
        WebphoneKind.SERVER_REFUSES,
    ),
    FailureCode.UNANSWERED: WebphoneKind.SERVICE_DOWN,
}
"""How a connection that is verified ends by nobody's doing but its server's: an alert in it, too,
as of one that asks for a certificate; and silence after all that was sent arrived."""
FAMILY_LOST = {
    LostFamily.LEADS_NOWHERE: WebphoneKind.ONE_FAMILY_LOST,
    LostFamily.PORT_SHUT: WebphoneKind.FAMILY_PORT_SHUT,
    LostFamily.SERVER_DOWN: WebphoneKind.FAMILY_SERVER_DOWN,
}


class Compared(Struct, frozen=True, kw_only=True):
    """All that the verdict depends on; `control` is None where there is none.

    Attributes:
        lost_family: "IPv6" or "IPv4" where only addresses of the other one come to the end.
        why_lost: set with `lost_family`.
        large_segments: of that family, or of all.
        hidden: the service's name, where a name filter withholds it.
        astray: the service's name, where it answers at another address than the one here.
    """

    port: int
    service: ConnectionOutcome
    control: ConnectionOutcome | None
    by_proxy: bool
    line_works: bool
    secure_pages: bool
    lost_family: str = ""
    why_lost: LostFamily | None = None
    large_segments: LargeSegments | None = None
    hidden: tuple[ServiceName, ...] = ()
    astray: tuple[ServiceName, ...] = ()

    @property
    def control_comes_further(self) -> bool:
        """Whether another server on the same port passes the step that the service failed."""
        return self.control is not None and self.control.step > self.service.step


class WebphoneFacts(ConnectionFacts, frozen=True, kw_only=True):
    """As ConnectionFacts, against the control.

    Attributes:
        service_down: another server on the same port came further, so the network is not it.
        hidden: a name filter withholds the service's name.
    """

    service_down: bool = False
    hidden: bool = False


def kind_of(seen: Compared) -> WebphoneKind:
    """Classify what was seen."""
    service, code = seen.service, seen.service.code
    if service.done:
        return _kind_of_open(seen)
    if seen.by_proxy and is_dead(service):
        sure = seen.line_works or refused(service)
        return WebphoneKind.PROXY_DEAD if sure else WebphoneKind.PROXY_UNREACHED
    if seen.hidden:
        return WebphoneKind.HIDDEN
    if service.step is ConnectionStep.NAME:
        return WebphoneKind.NAME_LATE if is_late(service) else WebphoneKind.NO_NAME
    if service.step is ConnectionStep.PROXY:
        return _kind_by_proxy(seen)
    if seen.large_segments is LargeSegments.LOST:
        return WebphoneKind.FULL_SIZE_LOST
    if (by_the_service := _kind_by_the_service(service)) is not None:
        return by_the_service
    if seen.astray or seen.control_comes_further:
        return _kind_of_the_server_s(seen.astray)
    needs_line = code in SILENCES or code is FailureCode.NETWORK_UNREACHABLE
    if needs_line and not seen.line_works:
        return WebphoneKind.NOTHING_ANSWERS
    return _kind_of_block(service.step, code, seen.large_segments)


def _kind_by_the_service(service: ConnectionOutcome) -> WebphoneKind | None:
    """What nobody but its server can have done; None where others can."""
    if not service.sealed:
        return None
    if service.code is FailureCode.CERTIFICATE_WANTED:
        return WebphoneKind.SERVER_REFUSES
    exchanged = service.step is ConnectionStep.EXCHANGE
    return BY_THE_SERVICE.get(service.code) if exchanged else None


def _kind_of_open(seen: Compared) -> WebphoneKind:
    if not seen.service.verified:
        dates = seen.service.out_of_date
        return WebphoneKind.OUT_OF_DATE if dates else WebphoneKind.UNVERIFIED
    if not seen.lost_family:
        return WebphoneKind.OPEN
    if seen.large_segments is LargeSegments.LOST:
        return WebphoneKind.FAMILY_FULL_SIZE_LOST
    return FAMILY_LOST[seen.why_lost or LostFamily.LEADS_NOWHERE]


def _kind_of_the_server_s(astray: tuple[ServiceName, ...]) -> WebphoneKind:
    """The network lets this port out: to another server, or to another address of this one."""
    if not astray:
        return WebphoneKind.SERVICE_DOWN
    by_file = any(_in_hosts_file(name) for name in astray)
    return WebphoneKind.LED_BY_HOSTS_FILE if by_file else WebphoneKind.LED_ASTRAY


def _kind_by_proxy(seen: Compared) -> WebphoneKind:
    if seen.service.code is FailureCode.PROXY_AUTHENTICATION:
        return WebphoneKind.PROXY_PASSWORD
    if seen.service.code is FailureCode.HTTP_STATUS:  # its own no, whatever it lets others do
        return WebphoneKind.PROXY_REFUSES
    if seen.control_comes_further:
        return WebphoneKind.SERVICE_DOWN
    found_nobody = {FailureCode.TIMED_OUT, FailureCode.PROXY_FOUND_NOBODY}
    if seen.service.code in found_nobody:
        return WebphoneKind.PROXY_FINDS_NOTHING
    return WebphoneKind.PROXY_REFUSES


def _kind_of_block(
    step: ConnectionStep, code: FailureCode | None, large: LargeSegments | None
) -> WebphoneKind:
    """Something between this computer and the service stops it, or this computer: which way?"""
    if code in OWN_TROUBLE:
        return WebphoneKind.COULD_NOT_TRY
    if step is ConnectionStep.CONNECTION and code is FailureCode.CONNECTION_REFUSED:
        return WebphoneKind.TURNED_AWAY
    if step is ConnectionStep.CONNECTION and code in TURNED_AWAY:
        return WebphoneKind.REJECTED
    if code in SILENCES:
        if step is ConnectionStep.CONNECTION:
            return WebphoneKind.BLOCKED
        suspected = large is LargeSegments.SUSPECTED
        return WebphoneKind.FULL_SIZE_SUSPECTED if suspected else WebphoneKind.SWALLOWED
    if step is ConnectionStep.ENCRYPTION:
        cut = code in CUT
        return WebphoneKind.CUT_BEFORE_ENCRYPTION if cut else WebphoneKind.ENCRYPTION_SPOILT
    if code in CUT:
        return WebphoneKind.CUT_AFTER_ENCRYPTION
    return WebphoneKind.UPGRADE_REFUSED if code in REFUSED_UPGRADE else WebphoneKind.FAILS


IN_LOSS = {
    WebphoneKind.BLOCKED: WebphoneKind.LOSSY,
    WebphoneKind.SWALLOWED: WebphoneKind.LOSSY,
    WebphoneKind.FULL_SIZE_LOST: WebphoneKind.LOSSY,
    WebphoneKind.FULL_SIZE_SUSPECTED: WebphoneKind.LOSSY,
}
"""Silences, where much is lost anyway."""
OF_ONE_SERVER = {
    WebphoneKind.SERVICE_DOWN,
    WebphoneKind.LED_ASTRAY,
    WebphoneKind.LED_BY_HOSTS_FILE,
}
"""That others answer is chance there, too, where the server is silent."""


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The way that browsers take decides: through the proxy where the system has one."""
    try:
        evidence = inputs.evidence(WEBPHONE)
    except EvidenceMissing as missing:
        if missing.failure.code is not FailureCode.NO_TARGET:
            raise
        return judge_public_port(inputs, missing.failure.detail)
    deciding = evidence.proxied or evidence.direct
    seen = _compared(inputs, evidence, deciding)
    if inputs.line.loses_much:
        seen = replace(seen, lost_family="")
    observed = _observed(seen)
    addresses = [str(endpoint) for endpoint in evidence.direct.lookup.value or ()]
    service = seen.service
    unspoken = evidence.choice.unspoken and not service.done
    kind = WebphoneKind.UNSPOKEN_PROXY if unspoken else kind_of(seen)
    if inputs.line.loses_much:
        silent = service.code is FailureCode.TIMED_OUT
        kind = WebphoneKind.LOSSY if kind in OF_ONE_SERVER and silent else IN_LOSS.get(kind, kind)
    return kind.verdict.judgement(
        texts={
            "port": seen.port,
            "family": seen.lost_family,
            "target": evidence.direct.target,
            "addresses": ", ".join(addresses) or _("address unknown"),
            "observed": observed,
            **SEGMENT_TEXTS,
            **exempt_texts(seen.hidden or seen.astray),
            **_astray_texts(seen.astray),
            **unspoken_texts(evidence.choice),
        },
        observed=_opened_words(deciding, seen) if service.done else observed,
        expected=_("an open websocket"),
        measured=_measured(deciding, seen),
        details=(*_details(evidence, deciding), *map(_hosts_file_line, seen.astray)),
        stages=stage_strip(
            deciding.lookup,
            [(each.reach, each.upgrade) for each in deciding.addresses],
            _("Websocket"),
        ),
        tried=tried_lines(evidence.attempts()),
        facts=WebphoneFacts(
            step=service.step,
            code=service.code,
            port=seen.port,
            lost_family=seen.lost_family,
            why_lost=seen.why_lost,
            large_segments=seen.large_segments,
            proxy_failure=proxy_failure(service) if seen.by_proxy else None,
            service_down=kind is WebphoneKind.SERVICE_DOWN,
            hidden=bool(seen.hidden) and not service.done,
        ),
    )


def _compared(inputs: Inputs, evidence: WebphoneEvidence, deciding: WebphoneTry) -> Compared:
    control = evidence.proxied_control if evidence.proxied else evidence.control
    names = _names(inputs, evidence)
    service = websocket_ending(deciding.lookup, deciding.addresses)
    by_family = [
        (each.reach.family, websocket_ending(deciding.lookup, (each,)))
        for each in deciding.addresses
    ]
    lost = lost_family(by_family)
    told = [each for each in deciding.addresses if not lost or each.reach.family == lost]
    return Compared(
        port=evidence.port,
        service=service,
        control=websocket_ending(control.lookup, control.addresses) if control else None,
        by_proxy=evidence.proxied is not None,
        line_works=inputs.line.leads_out,
        secure_pages=inputs.line.secure_pages,
        lost_family=lost,
        why_lost=why_lost(lost, evidence.port, deciding.lookup, inputs.line) if lost else None,
        large_segments=large_segments((each.reach, each.segments) for each in told),
        hidden=hidden_names(names),
        astray=_astray(names) if service.step is ConnectionStep.CONNECTION else (),
    )


def _astray(names: Iterable[ServiceName]) -> tuple[ServiceName, ...]:
    """Those that answer at another address than the one that this computer has for them."""
    return tuple(name for name in names if name.elsewhere is not None and name.elsewhere.ok)


def _in_hosts_file(name: ServiceName) -> tuple[str, ...]:
    return (name.hosts_file.value or ()) if name.hosts_file is not None else ()


def _hosts_file_words(name: ServiceName) -> str:
    if found := _in_hosts_file(name):
        addresses = ", ".join(found)
        return _("{host} leads to {addresses}").format(host=name.host, addresses=addresses)
    if name.hosts_file is None or not name.hosts_file.ok:
        return _("could not be read")
    return _("it has no line for {host}").format(host=name.host)


def _hosts_file_line(name: ServiceName) -> Detail:
    return Detail(label=_("Hosts file"), text=_hosts_file_words(name))


def _astray_texts(names: tuple[ServiceName, ...]) -> dict[str, str]:
    """What stands in the fields of LED_BY_HOSTS_FILE and LED_ASTRAY."""
    here = dict.fromkeys(address for name in names for address in name.addresses.value or ())
    in_file = dict.fromkeys(address for name in names for address in _in_hosts_file(name))
    lines = map(_hosts_file_line, names)
    return {
        "here": ", ".join(here),
        "in_file": ", ".join(in_file),
        "hosts_file": " ".join(f"{labelled(line.label, line.text)}." for line in lines),
    }


def _names(inputs: Inputs, evidence: WebphoneEvidence) -> tuple[ServiceName, ...]:
    """A proxy looks names up by itself, so those of this computer tell nothing then."""
    looked_up = inputs.evidence_or_none(SERVICE_ADDRESSES)
    if looked_up is None or evidence.proxied is not None:
        return ()
    target = parse_host_port(evidence.direct.target, default_port=evidence.port)
    host = target.host.lower()
    return tuple(name for name in looked_up.names if name.host == host)


def _observed(seen: Compared) -> str:
    service = ending_words(seen.service)
    if seen.service.step is ConnectionStep.ENCRYPTION and seen.service.code in CUT:
        service = _("{words}, after the first encrypted message").format(words=service)
    if seen.by_proxy:
        service = _("through the proxy: {words}").format(words=service)
    parts = [service]
    if seen.control is None:
        parts.append(_("no control server set"))
    elif seen.control_comes_further:
        time = milliseconds(seen.control.answered_s * 1000)
        parts.append(_("control server answered in {time}").format(time=time))
    elif seen.control.code is seen.service.code:
        parts.append(_("control server too"))
    else:
        parts.append(_("control server: {words}").format(words=ending_words(seen.control)))
    parts.append(_("443 answers") if seen.secure_pages else _("443 not seen to answer"))
    return "; ".join(parts)


def _opened_words(deciding: WebphoneTry, seen: Compared) -> str:
    """The time from the name to the open websocket, of the first address that came so far."""
    best = next(each for each in deciding.addresses if each.upgraded)
    steps = (deciding.lookup, best.reach.connects[-1], best.reach.tunnel, best.upgrade)
    secured = best.reach.unverified_tls or best.reach.tls
    total_s = sum(step.duration_s for step in (*steps, secured) if step is not None)
    words = _("open after {time}").format(time=milliseconds(total_s * 1000))
    if seen.by_proxy:
        return _("through the proxy: {words}").format(words=words)
    return words


def _measured(deciding: WebphoneTry, seen: Compared) -> tuple[Quantity, ...]:
    best = next((each for each in deciding.addresses if each.upgraded), None)
    port = Quantity(name="port", value=seen.port, unit=Unit.COUNT)
    found = (*reached_quantities(seen.service.step, seen.service.code), port)
    if best is None:
        return found
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
    meaning=N_(
        "The webphone holds one secure connection to the service by this port, by which calls "
        "are announced. If it is closed, your phone never rings."
    ),
    title=N_("Webphone port (TCP 10062)"),
    term="TCP 10062",
    page=Page.WEBPHONE_PORT,
    stands_for_page=True,
    settings=("webphone", "webphone_control"),
    method=N_("Name, connection, encryption and websocket, each timed on its own"),
    reads_silence=True,
    needs=(WEBPHONE, WEB, SERVICE_ADDRESSES, PUBLIC_PORT),
    limits=NoLimits,
    judge=judge,
)
