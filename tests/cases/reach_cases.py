"""Evidence of connections, built in a line each, for tables of rules."""

import socket

from msgspec.structs import replace

from natwizard.checks.base import Inputs
from natwizard.model.finding import Judgement
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered, Missed, Outcome
from natwizard.probes.base import Probe
from natwizard.probes.connection.handshake import TlsSession
from natwizard.probes.connection.page_exchange import PageResponseHead
from natwizard.probes.connection.reachability import Looked, Reachability, SegmentTrial
from natwizard.probes.connection.websocket_client import Echoed, Upgraded, WebsocketReachability
from natwizard.probes.network import Endpoint
from natwizard.probes.web import PageReachability, PageTry, WebEvidence

TARGET = "phone.example.com:10062"
ANOTHER = "192.0.2.2:10062"
"""Whoever takes a connection is there; so what is silent stands at another address."""
ENDPOINT = Endpoint(family=socket.AF_INET, address="192.0.2.1", port=10062)
LONGEST_SENTENCE = 12


def ok(value: object, operation: str = "do", ms: float = 20.0) -> Attempt:  # type: ignore[type-arg]
    return Attempt(
        operation=operation, target=TARGET, started_s=0.1, duration_s=ms / 1000, value=value
    )


def failed(
    code: FailureCode, operation: str = "do", *, seconds: float = 0.004, detail: str = ""
) -> Attempt:  # type: ignore[type-arg]
    return Attempt(
        operation=operation,
        target=TARGET,
        started_s=0.1,
        duration_s=3.0 if code is FailureCode.TIMED_OUT else seconds,
        failure=Failure(code=code, operation=operation, detail=detail),
    )


FOUND: Looked = ok((ENDPOINT,), "look_up")
NOT_FOUND: Looked = failed(FailureCode.NAME_NOT_FOUND, "look_up")

SESSION = TlsSession(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", verified=True)
UNVERIFIED = TlsSession(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", verified=False)


def reached(
    *,
    connect: FailureCode | None = None,
    tries: int = 1,
    tunnel: FailureCode | None = None,
    tls: FailureCode | None = None,
    secure: bool = True,
    proxy: str = "",
) -> Reachability:
    """A connection that failed with the code given, at the step it is given for."""
    if connect is not None:
        ended = replace(failed(connect, "connect_tcp"), target=ANOTHER)
        connects = (ended,) * tries
        return Reachability(family="IPv4", proxy=proxy, connects=connects)
    connects = (ok(ENDPOINT, "connect_tcp"),)
    if tunnel is not None:
        return Reachability(
            family="IPv4", proxy=proxy, connects=connects, tunnel=failed(tunnel, "open_tunnel")
        )
    passed = ok(200, "open_tunnel") if proxy else None
    if not secure:
        return Reachability(family="IPv4", proxy=proxy, connects=connects, tunnel=passed)
    if tls is None:
        shaken = ok(SESSION, "start_tls")
        return Reachability(
            family="IPv4", proxy=proxy, connects=connects, tunnel=passed, tls=shaken
        )
    untrusted = tls is FailureCode.CERTIFICATE_UNTRUSTED
    return Reachability(
        family="IPv4",
        proxy=proxy,
        connects=connects * 2 if untrusted else connects,
        tunnel=passed,
        tls=failed(tls, "start_tls"),
        unverified_tls=ok(UNVERIFIED, "start_tls") if untrusted else None,
    )


LARGE_LOST = SegmentTrial(
    small=ok(536, "try_small_segments"),
    ordinary=failed(FailureCode.TIMED_OUT, "try_usual_segments"),
)
LATE_ONCE = SegmentTrial(small=ok(536, "try_small_segments"), ordinary=ok(0, "try_usual_segments"))
SILENT_ANYHOW = SegmentTrial(small=failed(FailureCode.TIMED_OUT, "try_small_segments"))
NO_SEGMENT_SIZES = SegmentTrial(small=failed(FailureCode.NOT_SUPPORTED, "try_small_segments"))


def swallowed(trial: SegmentTrial | None, family: str = "IPv4") -> Reachability:
    """A handshake that fell silent, and what came of other sizes of packets."""
    return replace(reached(tls=FailureCode.TIMED_OUT), family=family, segments=trial)


def websocket(
    reach: Reachability,
    *,
    upgrade: FailureCode | None = None,
    echo: FailureCode | None = None,
    detail: str = "",
) -> WebsocketReachability:
    """A websocket on a connection; as far as that came."""
    if reach.failure is not None:
        return WebsocketReachability(reach=reach)
    if upgrade is not None:
        return WebsocketReachability(
            reach=reach, upgrade=failed(upgrade, "upgrade_websocket", detail=detail)
        )
    echoes = (
        ok(Echoed(size_bytes=32, frames=1), "echo_small"),
        failed(echo, "echo_large")
        if echo is not None
        else ok(Echoed(size_bytes=70_000, frames=1), "echo_large"),
    )
    return WebsocketReachability(
        reach=reach, upgrade=ok(Upgraded(), "upgrade_websocket"), echoes=echoes
    )


def page_try(
    reach: Reachability | None = None,
    *,
    url: str = "http://www.example.com:80/",
    status: int = 200,
    location: str = "",
    expected: bool = True,
    answer: FailureCode | None = None,
    lookup: Looked = FOUND,
    proxy: str = "",
) -> PageTry:
    """One page by one way."""
    reach = reach or reached(secure=url.startswith("https"), proxy=proxy)
    page = None
    if reach.failure is None:
        page = (
            failed(answer, "fetch_page")
            if answer is not None
            else ok(
                PageResponseHead(
                    status=status, location=location, body_bytes=99, holds_expected=expected
                ),
                "fetch_page",
            )
        )
    addresses = (PageReachability(reach=reach, page=page),) if lookup.ok else ()
    return PageTry(url=url, proxy=proxy, lookup=lookup, addresses=addresses)


def secure_page(reach: Reachability | None = None, **more: object) -> PageTry:
    return page_try(reach, url="https://www.example.com:443/", **more)  # type: ignore[arg-type]


WORKING_WEB = WebEvidence(http=(page_try(),), https=(secure_page(),))
SILENT_WEB = WebEvidence(
    http=(page_try(reached(connect=FailureCode.TIMED_OUT)),),
    https=(secure_page(reached(connect=FailureCode.TIMED_OUT)),),
)


def case_of(*found: tuple[Probe[object], object]) -> Inputs:
    """A case with this evidence; a Failure stands for a probe that could not look."""
    outcomes: dict[str, Outcome[object]] = {
        probe.name: Missed(failure=evidence)
        if isinstance(evidence, Failure)
        else Gathered(evidence=evidence)
        for probe, evidence in found
    }
    return Inputs(outcomes=outcomes)


def assert_plain(judgement: Judgement) -> None:
    """What every finding owes its reader."""
    words = judgement.summary.split()
    assert 2 < len(words) <= LONGEST_SENTENCE, judgement.summary
    assert "!" not in judgement.summary
    assert judgement.observed
    assert judgement.expected
    assert len({quantity.name for quantity in judgement.measured}) == len(judgement.measured)
    assert (judgement.status.value == "pass") == (judgement.remedy is None), judgement
