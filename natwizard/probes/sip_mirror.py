"""Whether SIP requests arrive as they were sent: compares with what a mirror received."""

import socket
from collections.abc import Callable
from functools import partial
from typing import Annotated

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import Personal, PersonalKind, PublicText
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.reachability import look_up, side_by_side
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.sip import DEFAULT_PORT, SipExchange, exchange, operation_of
from natwizard.wire.error import WireError
from natwizard.wire.sip import Dialogue, Transport, build_invite, build_options, via_source
from natwizard.wire.sip_mirror import (
    REQUEST_BYTES,
    ChangedLine,
    changed_lines,
    decode_reflection,
)


class MirroredRequest(Struct, frozen=True, kw_only=True):
    """A request, compared with how the mirror says it arrived.

    Attributes:
        local: our own address and port; `seen`: ours as the mirror saw them.
        changed: what differs; empty if every byte arrived as sent.
    """

    local: Annotated[HostPort, Personal(PersonalKind.ADDRESS)]
    seen: Annotated[HostPort, Personal(PersonalKind.ADDRESS)]
    changed: tuple[ChangedLine, ...]


class MirrorTry(Struct, frozen=True, kw_only=True):
    """One request to the mirror; `method` is "OPTIONS" or "INVITE"."""

    transport: Transport
    method: PublicText
    attempt: Attempt[MirroredRequest]


class SipMirrorEvidence(Struct, frozen=True, kw_only=True):
    """For each transport OPTIONS, then an INVITE if the mirror returned that."""

    tries: tuple[MirrorTry, ...]


async def gather(context: ProbeContext) -> SipMirrorEvidence:
    """Send requests to the mirror over UDP and TCP, and compare."""
    setting = require_target(context.targets.sip_mirror, "targets.sip_mirror")
    target = parse_host_port(setting, default_port=DEFAULT_PORT)
    looked = await look_up(context, target)
    if looked.failure is not None:
        raise CannotGather(looked.failure)
    # Address translation, and with it the rewriting of messages, is mostly an IPv4 affair
    endpoints = sorted(looked.value or (), key=lambda each: each.family != socket.AF_INET)
    done = await side_by_side(
        _compare(context, endpoints[0], target, transport)
        for transport in (Transport.UDP, Transport.TCP)
    )
    return SipMirrorEvidence(tries=tuple(each for tries in done for each in tries))


async def _compare(
    context: ProbeContext, endpoint: Endpoint, target: HostPort, transport: Transport
) -> tuple[MirrorTry, ...]:
    """OPTIONS first: only what answers like a mirror is sent an INVITE, which may ring a phone."""
    tries: list[MirrorTry] = []
    for method, build in (("OPTIONS", build_options), ("INVITE", build_invite)):
        attempt = await _mirrored(context, endpoint, target, transport, build)
        tries.append(MirrorTry(transport=transport, method=method, attempt=attempt))
        if not attempt.ok:
            break
    return tuple(tries)


async def _mirrored(
    context: ProbeContext,
    endpoint: Endpoint,
    target: HostPort,
    transport: Transport,
    build: Callable[..., bytes],
) -> Attempt[MirroredRequest]:
    filled_up: Callable[[Dialogue], bytes] = partial(build, size=REQUEST_BYTES)

    async def work() -> MirroredRequest:
        return _compared(await exchange(context, endpoint, target, transport, filled_up))

    return await context.attempt(operation_of(transport), endpoint, work)


def _compared(exchanged: SipExchange) -> MirroredRequest:
    """What the mirror's answer says. Raises CannotGather for silence, BadAnswer for no mirror."""
    response = exchanged.response
    if response is None:
        code = exchanged.silence or FailureCode.TIMED_OUT
        raise CannotGather(Failure(code=code, operation="read_answer"))
    try:
        reflection = decode_reflection(response.body)
        changed = changed_lines(exchanged.request, reflection.request)
    except WireError as error:
        raise BadAnswer(f"SIP {response.status_code}, but no mirrored request: {error}") from error
    written = via_source(response.first("via"))
    if written is not None and written != reflection.source:
        # what the mirror wrote there was translated back: messages are rewritten on the way
        changed = (
            *changed,
            ChangedLine(
                name="Via of the answer", sent=str(reflection.source), received=str(written)
            ),
        )
    return MirroredRequest(local=exchanged.local, seen=reflection.source, changed=changed)


SIP_MIRROR = Probe(
    name="sip_mirror",
    title=N_("Comparing a SIP message with how it arrives"),
    evidence=SipMirrorEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.5,
    deadline_s=20.0,
    shares_line=True,
    gather=gather,
)
