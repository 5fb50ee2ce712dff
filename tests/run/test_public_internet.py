"""Whole runs of the shipped profile's network rows against a public internet of ours."""

import asyncio
from collections.abc import Callable

import pytest
from servers.public_internet import ECHOES, PORT_TESTER, Faults, public_internet

from natwizard.model.finding import FarEnd, Finding, Status
from natwizard.model.profile import Answers
from natwizard.model.report import ComputerSummary, Readiness
from natwizard.profiles.read import shipped_profile
from natwizard.reflector.beacon import Beacon
from natwizard.run.judging import verdict_of
from natwizard.run.plan import make_plan
from natwizard.run.runner import Environment, Run
from natwizard.system.environment import system_host

ROWS = frozenset({
    "port.tcp80", "port.tcp443", "udp.stun", "port.webphone", "websocket.open",
    "quality.latency", "quality.jitter", "quality.loss", "quality.bandwidth", "quality.mos",
})  # fmt: skip
MEDIA_ROWS = {"quality.latency", "quality.loss", "quality.bandwidth"}
"""Jitter and what rests on it depend on how busy the machine is that runs these tests."""


def findings_with(faults: Faults) -> dict[str, Finding]:
    async def work() -> dict[str, Finding]:
        async with public_internet(faults) as world:
            plan = make_plan(shipped_profile(), Answers(), location="", only=ROWS)
            machine = ComputerSummary(host_name="h", user_name="u", system="s", architecture="a")
            environment = Environment(
                network=world.network,
                public_roots=world.public_roots,
                host=system_host(),
                machine=machine,
            )
            run = Run(plan=plan, environment=environment, happened=lambda _event: None)
            report = await run.execute()
            return {finding.check: finding for finding in report.findings}

    async def bounded() -> dict[str, Finding]:
        async with asyncio.timeout(150):
            return await work()

    return asyncio.run(bounded())


def beacons(behave: Callable[[int], Beacon]) -> tuple[Beacon, ...]:
    return tuple(behave(place) for place in range(6))


def away(place: int, **behaviour: object) -> Beacon:
    return Beacon(delay_s=lambda _number: 0.004 * place, **behaviour)  # type: ignore[arg-type]


def void(finding: Finding) -> bool:
    """Whether this machine was too busy to measure, which says nothing of the program."""
    told = " ".join((finding.observed, *(detail.text for detail in finding.details)))
    return "machine_busy" in told or "this computer was too busy" in told


def test_a_healthy_line_is_ready_as_far_as_public_servers_can_tell() -> None:
    found = findings_with(Faults())
    assert found["udp.stun"].status is Status.NOT_SET_UP
    for name in ("port.tcp80", "port.tcp443", "port.webphone", "websocket.open"):
        assert found[name].status is Status.PASS, found[name]
    assert found["port.webphone"].untried == "the webphone itself was not tried"
    assert found["websocket.open"].far_end is found["port.webphone"].far_end is FarEnd.PUBLIC
    for name in MEDIA_ROWS:
        if void(found[name]):
            pytest.skip("this machine is too busy for a media stream")
        assert found[name].status is Status.PASS, found[name]
        assert found[name].far_end is FarEnd.PUBLIC
    steady = tuple(each for name, each in found.items() if name != "quality.jitter")
    assert verdict_of(steady) is Readiness.READY_TO_PUBLIC
    told = " ".join(
        " ".join((each.summary, each.observed, each.remedy.text if each.remedy else ""))
        for each in found.values()
    )
    assert "targets." not in told, "an agent reads no setting's name"


@pytest.mark.parametrize(
    ("faults", "check", "status", "words"),
    [
        pytest.param(
            Faults(udp=False), "quality.loss", Status.UNKNOWN,
            "No public test server answered voice packets.", id="UDP blocked",
        ),
        pytest.param(
            Faults(closed=frozenset({f"{PORT_TESTER}:10062"})), "port.webphone", Status.WARN,
            "closed to strangers", id="10062 blocked",
        ),
        pytest.param(
            Faults(closed=frozenset({f"{PORT_TESTER}:10062", f"{PORT_TESTER}:443"})),
            "port.webphone", Status.NOT_SET_UP, "Not set up", id="port tester asleep",
        ),
        pytest.param(
            Faults(closed=frozenset({"www.msftconnecttest.com:80"})), "port.tcp80", Status.PASS,
            "Web pages come through.", id="page on port 80 asleep",
        ),
        pytest.param(
            Faults(withheld=frozenset({"www.msftconnecttest.com"})), "port.tcp80", Status.PASS,
            "Web pages come through.", id="name of the page on port 80 withheld",
        ),
        pytest.param(
            Faults(echoes=frozenset(ECHOES[:1])), "websocket.open", Status.PASS,
            "Lasting connections open", id="one echo server asleep",
        ),
        pytest.param(
            Faults(echoes=frozenset(ECHOES[1:])), "websocket.open", Status.PASS,
            "Lasting connections open", id="the other echo server asleep",
        ),
        pytest.param(
            Faults(echoes=frozenset()), "websocket.open", Status.WARN,
            "No public test server took a lasting connection.", id="both echo servers asleep",
        ),
        pytest.param(
            Faults(
                udp=False,
                echoes=frozenset(),
                closed=frozenset({f"{PORT_TESTER}:10062", f"{PORT_TESTER}:443"}),
            ),
            "quality.loss", Status.UNKNOWN, "No public test server", id="all of them dead",
        ),
        pytest.param(
            Faults(withheld=frozenset({PORT_TESTER, *ECHOES})), "port.webphone",
            Status.NOT_SET_UP, "Not set up", id="names withheld",
        ),
        pytest.param(
            Faults(beacons=beacons(lambda place: away(
                place, answers=lambda n: n == 0 or n % 4 != 0))),
            "quality.loss", Status.FAIL, "would be lost", id="loss of the line",
        ),
        pytest.param(
            Faults(beacons=beacons(lambda place: away(
                place, answers=lambda n, place=place: place != 1 or n == 0 or n % 3 != 0))),
            "quality.loss", Status.PASS, "Voice packets arrive.", id="one location lossy",
        ),
        pytest.param(
            Faults(beacons=beacons(lambda place: away(
                place, answers_flow=lambda flow, place=place: place != 0 or flow != 3))),
            "quality.loss", Status.WARN, "One of several ways", id="one path of several lossy",
        ),
        pytest.param(
            Faults(beacons=beacons(lambda place: away(40 + place))),
            "quality.latency", Status.WARN, "far away", id="latency",
        ),
    ],
)  # fmt: skip
def test_each_fault_has_its_words_and_silence_is_never_red(
    faults: Faults, check: str, status: Status, words: str
) -> None:
    found = findings_with(faults)
    if void(found[check]):
        pytest.skip("this machine is too busy for a media stream")
    assert (found[check].status, words in found[check].summary) == (status, True), found[check]
    red = {each.check for each in found.values() if each.status is Status.FAIL}
    expected = {check} if status is Status.FAIL else set()
    assert red - {"quality.jitter"} == expected
