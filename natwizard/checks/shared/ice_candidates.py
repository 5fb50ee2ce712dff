"""The ways for call audio that a browser found, and how the program fared on the same ones."""

from ipaddress import ip_address

from msgspec import Struct

from natwizard.checks.base import Inputs
from natwizard.checks.shared.missing_evidence import SET_UP, SET_UP_REQUEST
from natwizard.checks.shared.number_format import milliseconds
from natwizard.checks.verdict import Verdict, not_set_up
from natwizard.model.finding import Detail, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.statistics import quantile
from natwizard.model.writing import labelled
from natwizard.probes.browser_check import BrowserCheckEvidence
from natwizard.probes.browser_page.steps import IceGathering, RelayTry
from natwizard.probes.stun.binding import STUN

# All but "host": where somebody outside may meet this computer
PUBLIC = ("srflx", "prflx", "relay")


class CandidateCounts(Struct, frozen=True, kw_only=True):
    """Candidates of the page, counted (RFC 8445, 5.1.1): host, public and relayed over UDP; TCP."""

    host: int
    public: int
    relayed: int
    tcp: int
    duration_ms: float

    @property
    def any_udp(self) -> bool:
        """Whether the browser uses UDP at all."""
        return self.host + self.public > 0


class ProgramUdp(Struct, frozen=True, kw_only=True):
    """How this program fared over UDP.

    Attributes:
        same: one of the servers that the page asked answered the program, from elsewhere.
        only_loopback: those that answered are on this computer. Firefox keeps calls off loopback,
            so its silence there says nothing of a firewall.
        any: some STUN server did.
        tcp: web pages come, so the line carries something.
    """

    same: bool = False
    only_loopback: bool = False
    any: bool = False
    tcp: bool = False


def ways_of(gathering: IceGathering) -> CandidateCounts:
    """Count what the page found."""
    udp = [each.kind for each in gathering.candidates if each.protocol == "udp"]
    return CandidateCounts(
        host=udp.count("host"),
        public=sum(kind in PUBLIC for kind in udp),
        relayed=udp.count("relay"),
        tcp=sum(each.protocol == "tcp" for each in gathering.candidates),
        duration_ms=gathering.duration_ms,
    )


def program_of(inputs: Inputs, evidence: BrowserCheckEvidence) -> ProgramUdp:
    """The control: without it, silence in the browser says nothing of the browser."""
    stun = inputs.evidence_or_none(STUN)
    if stun is None:
        return ProgramUdp()
    answered = [
        flow.attempt.value.server.host
        for flow in stun.flows
        if flow.target in evidence.stun_asked and flow.came_back and flow.attempt.value
    ]
    elsewhere = [host for host in answered if not _is_loopback(host)]
    return ProgramUdp(
        same=bool(elsewhere),
        only_loopback=bool(answered) and not elsewhere,
        any=stun.came_back,
        tcp=inputs.line.tcp_leads_out,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


# the servers that answered run on this computer, as in a demonstration
ONLY_LOOPBACK = not_set_up(
    N_("The test server runs on this computer; browsers may not ask it."),
    SET_UP,
    SET_UP_REQUEST,
)
# the profile has no STUN server, or only some on ports that browsers never use
NO_SERVER = not_set_up(
    N_("We do not know a server that your browser could ask."),
    SET_UP,
    SET_UP_REQUEST,
)
SETTING = "targets.stun"


def setting_lines(verdict: Verdict) -> tuple[Detail, ...]:
    """Where an administrator sets what this verdict lacks; nothing for any other verdict."""
    if verdict.status is not Status.NOT_SET_UP:
        return ()
    return (Detail(label=_("For administrators"), text=SETTING),)


def ways_words(ways: CandidateCounts) -> str:
    """ "2 local and 1 public address over UDP"."""
    return _("{host} local and {public} public ways over UDP").format(
        host=ways.host, public=ways.public
    )


def ways_quantities(ways: CandidateCounts) -> tuple[Quantity, ...]:
    """Every count, whatever the finding."""
    counts = {
        "udp_local_candidates": ways.host,
        "udp_public_candidates": ways.public,
        "udp_relay_candidates": ways.relayed,
        "tcp_candidates": ways.tcp,
    }
    return (
        *(Quantity(name=name, value=count, unit=Unit.COUNT) for name, count in counts.items()),
        Quantity(name="gathering_time", value=round(ways.duration_ms, 1), unit=Unit.MILLISECOND),
    )


def ways_lines(evidence: BrowserCheckEvidence) -> tuple[Detail, ...]:
    """Servers asked and left out, what the browser complained of, and its websocket."""
    gathering = evidence.gathering
    errors = () if gathering is None else gathering.errors
    told = dict.fromkeys(f"{each.code} {each.url} {each.text}".strip() for each in errors)
    lines = {
        _("Servers asked"): ", ".join(evidence.stun_asked) or _("none"),
        _("Left out: browsers never use these ports"): ", ".join(evidence.stun_left_out),
        _("The browser says"): "; ".join(told),
        _("Websocket from the page"): _socket_words(evidence),
        _("Data channel through the relay"): _relay_words(evidence),
    }
    return tuple(Detail(label=label, text=text) for label, text in lines.items() if text)


def relay_quantities(evidence: BrowserCheckEvidence) -> tuple[Quantity, ...]:
    """The round trip to the relay as the browser's own media would take it; nothing without one."""
    round_trip_ms = _relay_ms(evidence.relay)
    if round_trip_ms is None:
        return ()
    value = round(round_trip_ms, 1)
    return (Quantity(name="relay_round_trip", value=value, unit=Unit.MILLISECOND),)


def _relay_ms(tried: RelayTry | None) -> float | None:
    """The median; each echo went there and back twice."""
    if tried is None or not tried.round_trips_ms:
        return None
    return quantile(sorted(tried.round_trips_ms), 0.5) / 2


def _relay_words(evidence: BrowserCheckEvidence) -> str:
    tried = evidence.relay
    if tried is None:
        return ""
    round_trip_ms = _relay_ms(tried)
    if round_trip_ms is None:
        words = _("opened, but nothing came back") if tried.opened else _("did not open")
        words = f"{words} ({tried.error})" if tried.error else words
    else:
        words = _("round trip {time}; {came} of {sent} messages came back").format(
            time=milliseconds(round_trip_ms), came=len(tried.round_trips_ms), sent=tried.sent
        )
    return labelled(evidence.relay_target, words)


def _socket_words(evidence: BrowserCheckEvidence) -> str:
    tried = evidence.websocket
    if tried is None:
        return ""
    if tried.opened:
        words = _("opened in {time}").format(time=milliseconds(tried.duration_ms))
    else:
        words = _("did not open")
    return labelled(evidence.websocket_target, words)
