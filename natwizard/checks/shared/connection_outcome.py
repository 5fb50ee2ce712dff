"""How far a connection came in the end: the best of its addresses, and what stopped it there."""

from collections.abc import Iterable, Sequence
from enum import IntEnum, StrEnum
from typing import Final

from msgspec import Struct

from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.number_format import (
    failure_with_name,
    failure_words,
    milliseconds,
    with_unit,
)
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.verdict import failed, unknown, warned
from natwizard.model.finding import ConnectionStage, Detail, Owner, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import SILENCES, Attempt, Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.connection.reachability import (
    SMALL_SEGMENT_BYTES,
    Looked,
    Reachability,
    SegmentTrial,
)
from natwizard.probes.connection.websocket_client import WebsocketReachability
from natwizard.probes.web import PageReachability

# What other addresses of the same server may show more plainly
LESS_TELLING = {
    FailureCode.NETWORK_UNREACHABLE,
    FailureCode.NOT_SUPPORTED,
    *OWN_TROUBLE,
}

# schemes that take the account somebody is signed in with (RFC 4559)
BY_ACCOUNT = ("negotiate", "ntlm")


class ConnectionStep(IntEnum):
    """The step that a connection has yet to do; DONE where none is left."""

    NAME = 0
    CONNECTION = 1
    PROXY = 2
    ENCRYPTION = 3
    EXCHANGE = 4
    DONE = 5


class ConnectionOutcome(Struct, frozen=True, kw_only=True):
    """How one connection ended.

    Attributes:
        step: the one that failed, or DONE.
        failure: set unless the step is DONE.
        verified: False where an untrusted certificate was passed over.
        out_of_date: only its dates were wrong.
        answered_s: how long the last step that succeeded took; 0.0 if none did.
        failed_s: how long the failed step took.
        tries: how often the failed step was tried.
    """

    step: ConnectionStep
    failure: Failure | None = None
    verified: bool = True
    out_of_date: bool = False
    answered_s: float = 0.0
    failed_s: float = 0.0
    tries: int = 1

    @property
    def done(self) -> bool:
        """Whether every step came through."""
        return self.step is ConnectionStep.DONE

    @property
    def sealed(self) -> bool:
        """Whether nobody on the way reads or writes within: a public authority vouches for it, or
        did until the certificate ran out.
        """
        return self.verified or self.out_of_date

    @property
    def code(self) -> FailureCode | None:
        """What went wrong, or None."""
        return self.failure.code if self.failure is not None else None


class LargeSegments(StrEnum):
    """What is known of the size of packets where a connection fell silent."""

    LOST = "lost"
    """Proved: small TCP segments come through, and those of the usual size do not."""
    SUSPECTED = "suspected"
    """The first large ones were due, and this system has no way to try small ones."""


FULL_SIZE_REMEDY: Final = N_(
    "Ask to let ICMP's \"packet too big\" pass, or to set TCP's MSS to fit the line."
)
FULL_SIZE_REQUEST: Final = N_(
    "Please see where packets of full size get lost between this computer and the service, and who"
    " keeps that router, tunnel or VPN. Twice a connection to port {port} fell silent with packets"
    " of the usual size, and in between it came through with TCP segments of {bytes} bytes. Let"
    ' ICMP "fragmentation needed" and ICMPv6 "packet too big" pass (RFC 2923), or have that router'
    " set the MSS of TCP to its MTU less 40 bytes, for IPv6 less 60."
)
FULL_SIZE_LOST: Final = failed(
    N_("Packets of full size get lost, so connections fall silent."),
    FULL_SIZE_REMEDY,
    FULL_SIZE_REQUEST,
)
"""A path whose MTU is smaller than its ends know."""
FULL_SIZE_LOST_OF_FAMILY: Final = warned(
    N_("Packets of full size get lost over {family}, and programs hang there."),
    FULL_SIZE_REMEDY,
    FULL_SIZE_REQUEST,
)
FULL_SIZE_SUSPECTED: Final = failed(
    N_("Port {port} falls silent once packets of full size are due."),
    N_("Ask whether packets of full size get lost on the way, or a filter swallows them."),
    N_(
        "Please see why connections to TCP {port} come about and then fall silent, as encryption"
        " begins. Suspected: a router, tunnel or VPN on the way has a smaller MTU, and ICMP"
        ' "packet too big" does not come through (RFC 2923); to try, lower the MTU here to 1280.'
        " If nothing changes, a filter swallows these connections: please exempt them."
    ),
)
"""As FULL_SIZE_LOST, where this system has no way to prove it."""


def large_segments(
    addresses: Iterable[tuple[Reachability, SegmentTrial | None]],
) -> LargeSegments | None:
    """What the trials show; each address with the trial of its exchange."""
    trials = [
        trial
        for reach, of_exchange in addresses
        for trial in (reach.segments, of_exchange)
        if trial is not None
    ]
    if any(trial.large_are_lost for trial in trials):
        return LargeSegments.LOST
    suspected = any(trial.could_not_be_made for trial in trials)
    return LargeSegments.SUSPECTED if suspected else None


SEGMENT_TEXTS: Final = {"bytes": SMALL_SEGMENT_BYTES}
"""For the texts of FULL_SIZE_LOST."""


FAMILY_PORT_SHUT: Final = warned(
    N_("Port {port} is open, but not over {family}."),
    N_("Ask what stops TCP {port} over {family} alone, and to let it pass."),
    N_(
        "Please let outgoing TCP {port} pass over {family} as over the other family of addresses,"
        " or switch {family} off in this network. Other connections over {family} get out, those to"
        " this port do not, and programs lose time on them."
    ),
)
"""The family leads out, and this port of it does not: rules for one family alone, often."""
FAMILY_SERVER_DOWN: Final = warned(
    N_("The server answers, but not over {family}."),
    N_("Ask the service's support to look at its server's {family} address."),
    owner=Owner.HELPDESK,
)
"""Others take connections on this port over that family."""


class LostFamily(StrEnum):
    """Why only addresses of the other family come to the end."""

    LEADS_NOWHERE = "leads_nowhere"
    """As far as is known."""
    PORT_SHUT = "port_shut"
    SERVER_DOWN = "server_down"


def open_elsewhere(port: int, lookup: Looked, line: LineFacts) -> frozenset[str]:
    """Families over which servers at other addresses than these took connections on the port."""
    return line.others_at_port(port, [endpoint.address for endpoint in lookup.value or ()])


def why_lost(family: str, port: int, lookup: Looked, line: LineFacts) -> LostFamily:
    """By what else is known of that family, and of that port of it."""
    if family in open_elsewhere(port, lookup, line):
        return LostFamily.SERVER_DOWN
    leads_out = line.leads_out_over(family)
    return LostFamily.PORT_SHUT if leads_out else LostFamily.LEADS_NOWHERE


class ConnectionFacts(Struct, frozen=True, kw_only=True):
    """How far the connection came that browsers would make, for conclusions over all checks.

    Attributes:
        step, code: as of its ConnectionOutcome; `code` is that of a lost message where it opened.
        lost_family: "IPv6" or "IPv4" where only addresses of the other one come to the end.
        why_lost: set with `lost_family`.
        large_segments: what is known of the size of packets, where it fell silent.
        proxy_failure: what became of the connection to a proxy that is not there.
        others_lost: how further targets of the same row failed, where the row is not about them
            alone.
    """

    step: ConnectionStep
    code: FailureCode | None
    port: int
    lost_family: str = ""
    why_lost: LostFamily | None = None
    large_segments: LargeSegments | None = None
    proxy_failure: FailureCode | None = None
    others_lost: tuple[FailureCode, ...] = ()


def ending_of(
    lookup: Looked, addresses: Iterable[tuple[Reachability, Attempt[object] | None]]
) -> ConnectionOutcome:
    """The furthest that any address came; each comes with its exchange, if it got to one."""
    if lookup.failure is not None:
        return ConnectionOutcome(
            step=ConnectionStep.NAME, failure=lookup.failure, failed_s=lookup.duration_s
        )
    endings = [_ending(reach, exchange) for reach, exchange in addresses]
    if not endings:
        none = Failure(code=FailureCode.NAME_NOT_FOUND, operation="look_up")
        return ConnectionOutcome(step=ConnectionStep.NAME, failure=none, failed_s=lookup.duration_s)
    return max(endings, key=lambda ending: (ending.step, ending.code not in LESS_TELLING))


def websocket_ending(
    lookup: Looked, addresses: Iterable[WebsocketReachability]
) -> ConnectionOutcome:
    """As `ending_of`; the exchange is the upgrade."""
    return ending_of(lookup, ((each.reach, each.upgrade) for each in addresses))


def page_ending(lookup: Looked, addresses: Iterable[PageReachability]) -> ConnectionOutcome:
    """As `ending_of`; the exchange is the page, whatever it says."""
    return ending_of(lookup, ((each.reach, each.page) for each in addresses))


def _ending(reach: Reachability, exchange: Attempt[object] | None) -> ConnectionOutcome:
    verified = not reach.certificate_failed
    through = [attempt for attempt in reach.attempts() if attempt.ok]
    answered_s = through[-1].duration_s if through else 0.0
    if reach.failure is not None:
        failed = [attempt for attempt in reach.attempts() if not attempt.ok]
        return ConnectionOutcome(
            step=_failed_step(reach),
            failure=reach.failure,
            verified=verified,
            out_of_date=reach.out_of_date,
            answered_s=answered_s,
            failed_s=failed[-1].duration_s,
            tries=len(reach.connects) if not reach.connected else 1,
        )
    if exchange is None:
        missing = Failure(code=FailureCode.NOT_RUN, operation="exchange")
        return ConnectionOutcome(
            step=ConnectionStep.EXCHANGE,
            failure=missing,
            verified=verified,
            out_of_date=reach.out_of_date,
        )
    if exchange.failure is not None:
        return ConnectionOutcome(
            step=ConnectionStep.EXCHANGE,
            failure=exchange.failure,
            verified=verified,
            out_of_date=reach.out_of_date,
            answered_s=answered_s,
            failed_s=exchange.duration_s,
        )
    return ConnectionOutcome(
        step=ConnectionStep.DONE,
        verified=verified,
        out_of_date=reach.out_of_date,
        answered_s=exchange.duration_s,
    )


def _failed_step(reach: Reachability) -> ConnectionStep:
    if not reach.connected:
        return ConnectionStep.CONNECTION
    if reach.tunnel is not None and not reach.tunnel.ok:
        return ConnectionStep.PROXY
    return ConnectionStep.ENCRYPTION


def lost_family(ways: Sequence[tuple[str, ConnectionOutcome]]) -> str:
    """The family of addresses that leads nowhere while the other one comes to the end, or empty.

    Programs lose time on such a family; one that is not there costs none.
    """
    came = {family for family, ending in ways if ending.done}
    lost = (
        family
        for family, ending in ways
        if came and family not in came and not ending.done and ending.code not in LESS_TELLING
    )
    return next(lost, "")


def ending_words(ending: ConnectionOutcome) -> str:
    """ "no answer in 3 tries of 3 s", "turned away after 4 ms", "answered in 24 ms"."""
    if ending.failure is None:
        return _("answered in {time}").format(time=milliseconds(ending.answered_s * 1000))
    words = failure_with_name(ending.failure)
    if ending.failure.code in SILENCES:
        each = with_unit(ending.failed_s, "s")
        if ending.tries > 1:
            return _("{words} in {tries} tries of {time}").format(
                words=words, tries=ending.tries, time=each
            )
        return _("{words} in {time}").format(words=words, time=each)
    if (
        ending.step is ConnectionStep.CONNECTION
        and ending.failure.code is FailureCode.NOT_PERMITTED
    ):
        # the kernel's words for an ICMP message that says so: it is not this computer
        return _("forbidden by a firewall")
    if ending.failure.code in {FailureCode.HTTP_STATUS, FailureCode.UPGRADE_REFUSED}:
        return ending.failure.detail or words
    if ending.failure.code is FailureCode.PROXY_FOUND_NOBODY and ending.failure.detail:
        return f"{words} ({ending.failure.detail})"
    if ending.step in {
        ConnectionStep.CONNECTION,
        ConnectionStep.ENCRYPTION,
        ConnectionStep.EXCHANGE,
    }:
        time = milliseconds(ending.failed_s * 1000)
        return _("{words} after {time}").format(words=words, time=time)
    return words


OUT_OF_DATE: Final = warned(
    N_("The server's proof of identity is out of date."),
    N_("Check this computer's date; if it is right, tell whoever runs the server."),
    owner=Owner.HELPDESK,
)
"""Its chain is a public one, so that no filter made it."""


COULD_NOT_TRY: Final = unknown(
    N_("This computer could not try port {port}."), N_("Restart this computer, then run again.")
)
"""For an ending whose code is one of OWN_TROUBLE."""


NAME_LATE: Final = unknown(
    N_("A name could not be looked up in time."),
    N_("Ask whether the name server is well, then run again."),
    N_("Please see whether the name server is well: it does not answer every lookup in time."),
)
"""For a name that no name server denied: nobody has to correct it."""


def is_late(ending: ConnectionOutcome) -> bool:
    """Whether no name server answered, rather than that there is no such name."""
    return ending.step is ConnectionStep.NAME and ending.code is not FailureCode.NAME_NOT_FOUND


LOSSY_REMEDY: Final = N_("Ask what loses packets on this line, then run again.")
LOSSY_REQUEST: Final = N_(
    "Please find out what loses packets on this computer's line: so many of them do not arrive"
    " that single ports cannot be told from closed ones."
)
LOSSY: Final = unknown(
    N_("Too many packets get lost here to test port {port}."), LOSSY_REMEDY, LOSSY_REQUEST
)
"""For silence where much is lost anyway."""
LOSSY_PORTS: Final = unknown(
    N_("Too many packets get lost here to test single ports."), LOSSY_REMEDY, LOSSY_REQUEST
)
"""The same of several ports."""


def reached_quantities(step: ConnectionStep, code: FailureCode | None) -> tuple[Quantity, ...]:
    """How far it came ("reached"), and what went wrong there ("failure"), if anything did."""
    reached = Quantity(name="reached", value=step.name.lower(), unit=Unit.TEXT)
    if code is None:
        return (reached,)
    return reached, Quantity(name="failure", value=code.value, unit=Unit.TEXT)


def proxy_sign_in(ending: ConnectionOutcome) -> tuple[Detail, ...]:
    """How a proxy wants people to sign in: browsers may do that by themselves, and we do not."""
    if ending.failure is None or ending.failure.code is not FailureCode.PROXY_AUTHENTICATION:
        return ()
    schemes = ending.failure.detail
    text = schemes or _("it does not say how")
    if any(name in schemes.lower() for name in BY_ACCOUNT):
        text = _("{schemes}: browsers sign in with the account of Windows by themselves").format(
            schemes=schemes
        )
    return (Detail(label=_("The proxy asks for"), text=text),)


def stage_strip(
    lookup: Looked, addresses: Iterable[tuple[Reachability, Attempt[object] | None]], last: str
) -> tuple[ConnectionStage, ...]:
    """Name, Connection, Encryption and `last`, as far as the best address came."""
    reached = list(addresses)
    best = max(reached, key=lambda each: _ending(*each).step, default=None)
    if lookup.failure is not None or best is None:
        return (
            _stage(_("Name"), lookup),
            *(_not_tried(name) for name in (_("Connection"), _("Encryption"), last)),
        )
    reach, exchange = best
    connection: Attempt[object] = reach.connects[-1]
    if reach.tunnel is not None and not reach.tunnel.ok:
        connection = reach.tunnel
    return (
        _stage(_("Name"), lookup),
        _stage(_("Connection"), connection),
        _encryption(reach),
        _stage(last, exchange) if exchange is not None else _not_tried(last),
    )


def _stage(name: str, attempt: Attempt[object]) -> ConnectionStage:
    if attempt.failure is None:
        return ConnectionStage(
            name=name, status=Status.PASS, text=milliseconds(attempt.duration_s * 1000)
        )
    return ConnectionStage(name=name, status=Status.FAIL, text=failure_words(attempt.failure.code))


def _encryption(reach: Reachability) -> ConnectionStage:
    name = _("Encryption")
    if reach.unverified_tls is not None and reach.unverified_tls.ok:
        text = failure_words(FailureCode.CERTIFICATE_UNTRUSTED)
        return ConnectionStage(name=name, status=Status.WARN, text=text)
    attempt = reach.unverified_tls or reach.tls
    return _stage(name, attempt) if attempt is not None else _not_tried(name)


def _not_tried(name: str) -> ConnectionStage:
    return ConnectionStage(name=name, status=Status.NOT_APPLICABLE, text=_("not reached"))
