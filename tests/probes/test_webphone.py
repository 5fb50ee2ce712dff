"""The webphone probe against real servers, direct and through a proxy."""

import asyncio
import time

import pytest
import websockets
from servers.reach_lab import (
    Handler,
    LabNetwork,
    answering,
    closed_port,
    full_backlog,
    lab_context,
    make_authority,
    page,
    resetting,
    server_context,
    serving,
    silent,
)

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.webphone import WebphoneEvidence, gather
from natwizard.reflector.background import BackgroundReflector


def test_the_webphone_of_the_reflector_opens(reflector: BackgroundReflector) -> None:
    evidence = asyncio.run(gather(lab_context(reflector.targets())))
    assert evidence.proxied is None
    assert evidence.control is not None
    for server in (evidence.direct, evidence.control):
        (address,) = server.addresses
        assert address.upgraded
        assert address.reach.tls is not None
        assert address.reach.tls.value is not None
        assert address.reach.tls.value.verified
        assert [ping.ok for ping in address.echoes] == [True]


@pytest.mark.parametrize(
    ("targets", "setting"),
    [
        (Targets(), "targets.webphone"),
        (Targets(webphone="a:b"), "targets.webphone"),
        (Targets(webphone="127.0.0.1", webphone_control="a b"), "targets.webphone_control"),
    ],
)
def test_a_target_that_is_missing_or_none_is_named(targets: Targets, setting: str) -> None:
    with pytest.raises(CannotGather) as missed:
        asyncio.run(gather(lab_context(targets)))
    assert missed.value.failure.detail.split(":")[0] == setting


def test_the_port_goes_without_saying() -> None:
    evidence = asyncio.run(gather(lab_context(Targets(webphone="nowhere.test"))))
    assert evidence.port == 10062
    assert evidence.direct.lookup.failure is not None
    assert evidence.direct.lookup.failure.code is FailureCode.NAME_NOT_FOUND


def test_silence_is_tried_three_times_and_a_refusal_once() -> None:
    async def scene() -> WebphoneEvidence:
        async with full_backlog() as port:
            targets = Targets(
                webphone=f"127.0.0.1:{port}", webphone_control=f"127.0.0.1:{closed_port()}"
            )
            return await gather(lab_context(targets))

    started = time.perf_counter()
    evidence = asyncio.run(scene())
    assert 8.5 < time.perf_counter() - started < 17
    (service,) = evidence.direct.addresses
    assert [attempt.failure.code for attempt in service.reach.connects if attempt.failure] == [
        FailureCode.TIMED_OUT
    ] * 3
    assert evidence.control is not None
    (control,) = evidence.control.addresses
    assert [attempt.failure.code for attempt in control.reach.connects if attempt.failure] == [
        FailureCode.CONNECTION_REFUSED
    ]


@pytest.mark.parametrize(
    ("handler", "code"),
    [(resetting, FailureCode.CONNECTION_RESET), (silent, FailureCode.TIMED_OUT)],
)
def test_a_handshake_that_is_cut_or_swallowed_is_seen_as_such(
    handler: Handler, code: FailureCode
) -> None:
    async def scene() -> WebphoneEvidence:
        async with serving(handler) as port:
            return await gather(lab_context(Targets(webphone=f"127.0.0.1:{port}")))

    (address,) = asyncio.run(scene()).direct.addresses
    assert address.reach.connected
    assert address.reach.failure is not None
    assert address.reach.failure.code is code
    assert address.upgrade is None


def test_every_address_of_a_name_is_tried_of_each_family() -> None:
    async def scene() -> WebphoneEvidence:
        async with serving(silent, host="127.0.0.1") as port:
            network = LabNetwork(
                names={"phone.test": ("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1")}
            )
            return await gather(lab_context(Targets(webphone=f"phone.test:{port}"), network))

    evidence = asyncio.run(scene())
    tried = [(each.reach.family, each.reach.connected) for each in evidence.direct.addresses]
    assert tried == [("IPv4", True), ("IPv4", False), ("IPv6", False)]


def test_the_path_of_the_profile_is_asked_for() -> None:
    asked: list[str] = []

    async def look(connection: websockets.ServerConnection) -> None:
        assert connection.request is not None
        asked.append(connection.request.path)
        await connection.wait_closed()

    async def scene() -> WebphoneEvidence:
        authority = make_authority()
        tls = server_context(authority)
        async with websockets.serve(look, "127.0.0.1", 0, ssl=tls) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            targets = Targets(
                webphone=f"127.0.0.1:{port}",
                webphone_path="phone/socket?v=2",
                extra_roots=(authority.pem,),
            )
            return await gather(lab_context(targets))

    evidence = asyncio.run(scene())
    assert evidence.direct.addresses[0].upgraded
    assert asked == ["/phone/socket?v=2"]


def test_a_proxy_is_asked_for_service_and_control() -> None:
    async def scene() -> WebphoneEvidence:
        async with serving(answering(page(b"", "403 Forbidden"))) as proxy:
            network = LabNetwork(proxy=f"http://127.0.0.1:{proxy}")
            port = closed_port()
            targets = Targets(webphone=f"127.0.0.1:{port}", webphone_control=f"127.0.0.2:{port}")
            return await gather(lab_context(targets, network))

    evidence = asyncio.run(scene())
    for through in (evidence.proxied, evidence.proxied_control):
        assert through is not None
        (address,) = through.addresses
        assert address.reach.failure is not None
        assert address.reach.failure.code is FailureCode.HTTP_STATUS
    assert evidence.direct.addresses[0].reach.failure is not None


def test_stopping_in_the_middle_of_silence_takes_no_time() -> None:
    async def scene() -> float:
        async with full_backlog() as port:
            started = time.perf_counter()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await gather(lab_context(Targets(webphone=f"127.0.0.1:{port}")))
            return time.perf_counter() - started

    assert asyncio.run(scene()) < 0.8
