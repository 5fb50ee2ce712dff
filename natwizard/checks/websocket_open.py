"""websocket.open: do websockets open, and does every message come back whole?"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.connection_outcome import (
    OWN_TROUBLE,
    ConnectionOutcome,
    ConnectionStep,
    ending_words,
    failure_quantity,
    proxy_sign_in,
    stage_strip,
    websocket_ending,
)
from natwizard.checks.shared.line import line_carries
from natwizard.checks.shared.number_format import failure_words, milliseconds, tried_by, with_unit
from natwizard.checks.shared.proxy_unreachable import dead_proxy, is_dead, proxy_quantity
from natwizard.model.finding import ConnectionStage, Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import Failure, FailureCode
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


def shut(echo: Failure | None, ending: ConnectionOutcome) -> tuple[str, Remedy]:
    """A definite no: which?"""
    if echo is not None:
        summary = _echo_lost(echo.code)
        return summary, _bypass()
    match ending.step:
        case ConnectionStep.CONNECTION:
            return _("Connections to the test server are turned away."), ask(
                _("Ask which firewall or program rejects them, and to allow them."),
                _(
                    "Please find out which firewall or program turns connections to the service's "
                    "websockets away, and allow them."
                ),
            )
        case ConnectionStep.PROXY:
            return _("Your proxy does not let lasting connections through."), ask(
                _("Ask to allow CONNECT to the service on the proxy."),
                _(
                    "Please allow CONNECT to the service's websockets on the proxy, without a "
                    "limit of time."
                ),
            )
        case ConnectionStep.ENCRYPTION:
            exempt = _("Ask to exempt the service from deep inspection.")
            return _("Lasting connections cannot be encrypted."), uninspected(exempt)
        case _:
            return _upgrade_lost(ending.code)


def _echo_lost(code: FailureCode) -> str:
    if code is FailureCode.TIMED_OUT:
        return _("Lasting connections open, but messages get lost in them.")
    if code is FailureCode.HELD_BACK:
        return _("Lasting connections open, but short messages are held back.")
    if code is FailureCode.COMPRESSED:
        return _("Lasting connections open, but messages come back compressed.")
    if code in CUT:
        return _("Lasting connections open, then are cut.")
    return _("Lasting connections open, but messages come back changed.")


def _upgrade_lost(code: FailureCode | None) -> tuple[str, Remedy]:
    let_pass = ask(
        _("Ask to let the Upgrade header pass on proxies and filters."),
        _(
            "Please let the headers Upgrade and Connection, and the answer 101, pass on proxies "
            "and filters (RFC 6455, section 4): without them no websocket opens."
        ),
    )
    if code is FailureCode.UPGRADE_REFUSED:
        return _("Something answers, but takes the connection for a web page."), let_pass
    if code is FailureCode.TIMED_OUT:
        return _("Something swallows lasting connections as they open."), let_pass
    if code is FailureCode.HTTP_STATUS:
        return (
            _("Lasting connections are refused with a web server's answer."),
            ask(
                _("Ask which filter refuses websockets, and to allow them."),
                _(
                    "Please find out which filter refuses websockets, and allow them to the "
                    "service's servers."
                ),
            ),
        )
    if code in CUT:
        return (
            _("Something cuts lasting connections as they open."),
            _bypass(),
        )
    return (
        _("Something else answers in the test server's place."),
        ask(
            _("Ask which filter or proxy answers in its place."),
            _(
                "Please find out which filter or proxy answers in the server's place, and let "
                "websockets to the service pass."
            ),
        ),
    )


def ask(text: str, request: str) -> Remedy:
    return Remedy(text=text, owner=Owner.NETWORK_TEAM, request=request)


def _bypass() -> Remedy:
    return ask(
        _("Ask which filter or proxy handles websockets, and to bypass it."),
        _(
            "Please let websockets (RFC 6455) to the service pass filters and proxies unchanged: "
            "messages must be neither held back nor compressed, changed or cut."
        ),
    )


def uninspected(text: str) -> Remedy:
    return ask(text, _("Please exempt the service's websockets from TLS inspection."))


class WebsocketLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a websocket has to last.

    Attributes:
        idle_s: seconds that an open websocket on which nobody speaks must stay open.
    """

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
        only_direct: the proxy fails where the direct way works.
    """

    deciding: WebsocketAttempt
    fared: WebsocketOutcome
    ending: ConnectionOutcome
    echo: Failure | None = None
    only_direct: bool = False


def judge(inputs: Inputs, limits: WebsocketLimits) -> Judgement:
    """Secure websockets decide; plain ones alone are advice. Silence is judged once it was held."""
    tries = inputs.evidence(WEBSOCKET).tries
    line_works = line_carries(inputs.evidence_or_none(WEB))
    entries = _entries(tries, line_works=line_works)
    secure = [entry for entry in entries if entry.deciding.secure]
    telling = min(secure or entries, key=lambda entry: entry.fared)
    others = [entry for entry in entries if entry is not telling]
    status, summary, remedy = _say(telling, others)
    judgement = Judgement(
        status=status,
        summary=summary,
        observed="; ".join(_entry_words(entry) for entry in (telling, *others)),
        expected=_("an open websocket, every message back whole"),
        measured=_measured(telling, entries),
        remedy=remedy,
        details=(
            *(Detail(label=_route(each), text=_try_words(each)) for each in tries),
            *proxy_sign_in(telling.ending),
        ),
        stages=_stages(telling.deciding),
        tried=tried_by(tries),
    )
    held = inputs.evidence_or_none(WEBSOCKET_HOLD)
    if held is None or telling.fared > WebsocketOutcome.UNVERIFIED or held.idle_s < limits.idle_s:
        return judgement
    return _after_silence(judgement, telling.deciding, held)


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
    if same.hold.ok:
        return replace(opened, observed=f"{opened.observed}; {words}")
    lost = same.hold.failure is not None and same.hold.failure.code is FailureCode.TIMED_OUT
    return replace(
        opened,
        status=Status.FAIL,
        summary=_("Something forgets a quiet connection.")
        if lost
        else _("Something hangs up on a quiet connection."),
        observed=words,
        expected=_("held for {time}").format(time=with_unit(held.idle_s, "s")),
        remedy=ask(
            _("Raise the proxy's idle timeout, or bypass it."),
            _(
                "Please raise the proxy's idle timeout above {time} for the service's websockets,"
                " or let them bypass it."
            ).format(time=with_unit(held.idle_s, "s")),
        )
        if same.proxy
        else ask(
            _("Ask which firewall or proxy ends quiet connections, and to wait longer."),
            _(
                "Please find out which firewall or proxy ends quiet TCP connections, and raise "
                "its idle timeout above {time} (RFC 5382 asks for 2 hours and 4 minutes)."
            ).format(time=with_unit(held.idle_s, "s")),
        ),
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
    return _("cut after {time}").format(time=with_unit(hold.duration_s, "s"))


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
        or code is FailureCode.NETWORK_UNREACHABLE
        or code in OWN_TROUBLE
    ):
        return WebsocketOutcome.SILENT
    if code is FailureCode.TIMED_OUT and (
        ending.step is ConnectionStep.CONNECTION or not line_works
    ):
        return WebsocketOutcome.SILENT
    return WebsocketOutcome.SHUT


def _whole(address: WebsocketReachability) -> bool:
    return address.upgraded and all(echo.ok for echo in address.echoes)


def _echo_failure(each: WebsocketAttempt) -> Failure | None:
    upgraded = [address for address in each.addresses if address.upgraded]
    failed = [echo.failure for address in upgraded for echo in address.echoes if echo.failure]
    return failed[0] if failed else None


def _say(
    telling: WebsocketTarget, others: Sequence[WebsocketTarget]
) -> tuple[Status, str, Remedy | None]:
    if telling.deciding.proxy and is_dead(telling.ending):
        sure = Status.UNKNOWN if telling.fared is WebsocketOutcome.SILENT else Status.FAIL
        said = dead_proxy(Status.WARN if telling.only_direct else sure)
        return said.status, said.summary, said.remedy
    if telling.only_direct:
        return (
            Status.WARN,
            _("Lasting connections open directly, but not through your proxy."),
            ask(
                _("Ask to allow websockets on the proxy, or a way past it."),
                _(
                    "Please allow CONNECT and websockets to the service on the proxy, or give this "
                    "computer a way past it: without the proxy they open."
                ),
            ),
        )
    match telling.fared:
        case WebsocketOutcome.OPEN:
            return _opens(others)
        case WebsocketOutcome.UNVERIFIED:
            return (
                Status.WARN,
                _("Lasting connections open, but nobody known vouches for them."),
                uninspected(_("Look at the web filters page: something may open your traffic.")),
            )
        case WebsocketOutcome.PASSWORD:
            return (
                Status.UNKNOWN,
                _("Your proxy asks for a password that we do not have."),
                ask(
                    _("Ask for a proxy exception for the service's websockets."),
                    _(
                        "Please exempt the service's websockets from the proxy's sign-in: the "
                        "webphone has no password for it."
                    ),
                ),
            )
        case WebsocketOutcome.SILENT:
            return (
                Status.UNKNOWN,
                _("The test server for lasting connections could not be reached."),
                Remedy(text=_("Check `targets.websocket`, then run again."), owner=Owner.HELPDESK),
            )
        case _:
            return Status.FAIL, *shut(telling.echo, telling.ending)


def _opens(others: Sequence[WebsocketTarget]) -> tuple[Status, str, Remedy | None]:
    plain = [entry for entry in others if not entry.deciding.secure]
    if any(entry.fared > WebsocketOutcome.UNVERIFIED for entry in plain):
        return (
            Status.WARN,
            _("Secure lasting connections open; plain ones are stopped."),
            Remedy(text=_("Leave it: the webphone uses secure ones."), owner=Owner.AGENT),
        )
    if any(entry.fared is WebsocketOutcome.SHUT for entry in others):
        return (
            Status.WARN,
            _("Lasting connections open, but not to every test server."),
            ask(
                _("Ask whether a filter stops the addresses named here."),
                _(
                    "Please see which filter stops websockets to some of these servers, and let "
                    "them pass: to others they open."
                ),
            ),
        )
    return Status.PASS, _("Lasting connections open, and messages come back whole."), None


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
        return labelled(echo.operation, echo.detail or failure_words(echo.code))
    return ending_words(websocket_ending(each.lookup, each.addresses))


def _measured(telling: WebsocketTarget, entries: Sequence[WebsocketTarget]) -> tuple[Quantity, ...]:
    opened = sum(entry.fared <= WebsocketOutcome.UNVERIFIED for entry in entries)
    found = [
        Quantity(name="reached", value=telling.ending.step.name.lower(), unit=Unit.TEXT),
        Quantity(name="port", value=_port(telling.deciding), unit=Unit.COUNT),
        Quantity(name="addresses", value=len(entries), unit=Unit.COUNT),
        Quantity(name="opened", value=opened, unit=Unit.COUNT),
    ]
    found += failure_quantity(telling.echo.code if telling.echo else telling.ending.code)
    found += proxy_quantity(telling.ending if telling.deciding.proxy else None)
    best = next((each for each in telling.deciding.addresses if _whole(each)), None)
    if best is not None:
        found += [
            Quantity(
                name=echo.operation, value=round(echo.duration_s * 1000, 2), unit=Unit.MILLISECOND
            )
            for echo in best.echoes
        ]
    return tuple(found)


def _port(each: WebsocketAttempt) -> int:
    return WebAddress.parse(each.url).target.port


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
    title=N_("Lasting connections"),
    page=Page.WEBSOCKETS,
    needs=(WEBSOCKET, WEB),
    limits=WebsocketLimits,
    judge=judge,
    soak=lambda limits: make_hold_probe(limits.idle_s),
)
