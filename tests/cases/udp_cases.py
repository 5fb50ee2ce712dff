"""Evidence of the UDP probes, built by hand for tables of cases."""

import socket
from collections.abc import Mapping

from msgspec.structs import replace

from natwizard.checks.base import Inputs
from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered, Missed, Outcome
from natwizard.model.profile import Answers
from natwizard.probes.media.figures import Counted, Directions, Jitter, RoundTrip
from natwizard.probes.media.path import PathAttempts, ReflectorGreeting
from natwizard.probes.media.stream import MediaEvidence, MediaFigures, TimingQuality
from natwizard.probes.network import Endpoint
from natwizard.probes.stun.binding import StunEvidence, StunFlow, StunServer
from natwizard.probes.stun.client import StunMapping

TARGET = "media.example.com:18620"
LOCAL = "192.168.1.5"


def case(outcomes: Mapping[str, object], *, calls: int = 1) -> Inputs:
    """A case with this evidence (or Missed) by probe."""
    wrapped: dict[str, Outcome[object]] = {
        name: value if isinstance(value, Missed) else Gathered(evidence=value)
        for name, value in outcomes.items()
    }
    return Inputs(outcomes=wrapped, answers=Answers(concurrent_calls=calls))


def attempt(value: object = None, *, code: FailureCode | None = None) -> Attempt:
    """One attempt of 21 ms, or one that failed."""
    failure = Failure(code=code, operation="ask", detail="") if code else None
    return Attempt(
        operation="ask",
        target="192.0.2.1:3478",
        started_s=0.1,
        duration_s=0.021 if code is None else 2.0,
        value=value,
        failure=failure,
    )


def jitter(mean_ms: float, *, spread_ms: float = 0.5) -> Jitter:
    return Jitter(
        mean_ms=mean_ms,
        last_ms=mean_ms,
        highest_ms=mean_ms + spread_ms,
        low_ms=mean_ms - spread_ms,
        high_ms=mean_ms + spread_ms,
    )


def path(code: FailureCode | None = None) -> PathAttempts:
    """The way to the media target: greeted, or failed with a code."""
    endpoint = Endpoint(family=socket.AF_INET, address="192.0.2.9", port=18620)
    greeting = ReflectorGreeting(sent=1, answered=0, reflector_sequence=0)
    greeted = attempt(greeting) if code is None else attempt(code=code)
    return PathAttempts(target=TARGET, lookup=attempt((endpoint,)), greetings=(greeted,))


def figures(
    *,
    median_ms: float = 21.0,
    median_spread_ms: float = 0.5,
    out: Jitter | None = None,
    back: Jitter | None = None,
    round_trip_jitter: Jitter | None = None,
    sent: int = 500,
    lost: int = 0,
    lost_out: int | None = None,
    gap: int = 0,
    late_ms: float = 0.3,
    lag_ms: float = 0.2,
    unsent: int = 0,
    stalls: int = 0,
    overflowed: int = 0,
    strays: int = 0,
) -> MediaFigures:
    received = sent - lost
    return MediaFigures(
        started_s=1.0,
        duration_s=sent * 0.02,
        interval_ms=20.0,
        payload_bytes=172,
        counted=Counted(
            sent=sent,
            received=received,
            duplicates=0,
            reordered=0,
            longest_gap=gap,
            lost_out=lost_out,
            lost_back=None if lost_out is None else lost - lost_out,
        ),
        round_trip=RoundTrip(
            lowest_ms=median_ms - 1,
            median_ms=median_ms,
            p95_ms=median_ms + 4,
            highest_ms=median_ms + 9,
            median_low_ms=median_ms - median_spread_ms,
            median_high_ms=median_ms + median_spread_ms,
        )
        if received
        else None,
        jitter=Directions(out=out, back=back, round_trip=round_trip_jitter),
        machine=TimingQuality(
            send_late_p95_ms=late_ms,
            send_late_max_ms=late_ms + 1,
            lag_p95_ms=lag_ms,
            kernel_times=True,
            stalls=stalls,
            unsent=unsent,
            overflowed=overflowed,
            send_failure=Failure(code=FailureCode.NOT_PERMITTED, operation="send_media")
            if unsent
            else None,
        ),
        columns=(),
        strays=strays,
    )


def media(found: MediaFigures | None = None, code: FailureCode | None = None) -> MediaEvidence:
    return MediaEvidence(path=path(code), figures=found)


def flow(
    target: str,
    *,
    public: str = "",
    service: bool = False,
    number: int = 0,
    local_port: int = 4000,
    plain: str = "",
    code: FailureCode | None = None,
    ip_version: int = 4,
    server: str = "",
) -> StunFlow:
    """A STUN flow: answered with `public` ("host port") by `server`, or failed."""
    reflection = None
    if public:
        reflection = StunMapping(
            server=parse_host_port(server or target),
            local_port=local_port,
            public=_place(public),
            plain=_place(plain) if plain else None,
        )
    return StunFlow(
        target=target,
        is_service=service,
        ip_version=ip_version,
        socket=number,
        local_address=LOCAL,
        attempt=attempt(reflection, code=None if public else code or FailureCode.TIMED_OUT),
    )


def at_its_address(flow_seen: StunFlow) -> StunFlow:
    """The same flow as the probe brings it: asked by STUN, at the address that `target` is."""
    asked = replace(flow_seen.attempt, operation="ask_stun", target=flow_seen.target)
    return replace(flow_seen, attempt=asked)


def stun(*flows: StunFlow, nameless: tuple[str, ...] = ()) -> StunEvidence:
    """STUN evidence of these flows; `nameless` are service targets without an address."""
    endpoint = Endpoint(family=socket.AF_INET, address="192.0.2.1", port=3478)
    servers = {
        each.target: StunServer(
            target=each.target, is_service=each.is_service, lookup=attempt((endpoint,))
        )
        for each in flows
        if each.socket == 0
    }
    for target in nameless:
        servers[target] = StunServer(
            target=target, is_service=True, lookup=attempt(code=FailureCode.NAME_NOT_FOUND)
        )
    return StunEvidence(servers=tuple(servers.values()), flows=flows)


def missed(code: FailureCode, detail: str = "") -> Missed:
    return Missed(failure=Failure(code=code, operation="read_profile", detail=detail))


def _place(text: str) -> HostPort:
    host, port = text.split()
    return HostPort(host, int(port))


UDP_WORKS = stun(flow("198.51.100.1:3478", public="203.0.113.7 4000"))
UDP_SILENT = stun(at_its_address(flow("198.51.100.1:3478")))
