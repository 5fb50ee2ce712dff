"""The webphone's port towards strangers: open, closed to them, asleep, answered by another."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from servers.reach_lab import answering, closed_port, lab_context, page, serving, silent
from servers.udp_lab import run

from natwizard.checks.base import Inputs
from natwizard.checks.port_webphone import PORT_WEBPHONE
from natwizard.checks.shared.far_end import judge_by_far_end
from natwizard.model.finding import FarEnd, Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed
from natwizard.model.profile import PublicServer, PublicUse, Targets
from natwizard.probes.public_port import PUBLIC_PORT, PublicPortEvidence, gather
from natwizard.probes.webphone import WEBPHONE

ITS_PAGE = page(b"Port test successful!")
UNSET = Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.webphone")


async def ask(port: int, witness: int, targets: Targets) -> PublicPortEvidence:
    server = PublicServer(
        use=PublicUse.WEBPHONE_PORT,
        address=f"127.0.0.1:{port}",
        witness=f"127.0.0.1:{witness}",
        expect="successful",
        operator="Example",
        source="https://example.com/",
        read_on="2026-11-29",
    )
    return await gather(replace(lab_context(targets), public=(server,)))


def judged(seen: PublicPortEvidence) -> Judgement:
    outcomes = {WEBPHONE.name: Missed(failure=UNSET), PUBLIC_PORT.name: Gathered(evidence=seen)}
    return judge_by_far_end(PORT_WEBPHONE.name, PORT_WEBPHONE.bind({}), Inputs(outcomes=outcomes))


@pytest.mark.parametrize(
    ("on_port", "on_witness", "status", "summary"),
    [
        ("its page", "its page", Status.PASS,
         "Port {port} leaves this network; the webphone was not tried."),
        ("its page", "closed", Status.PASS,
         "Port {port} leaves this network; the webphone was not tried."),
        ("closed", "its page", Status.WARN, "Port {port} is closed to strangers."),
        ("another page", "its page", Status.WARN, "Something else answers on port {port}."),
        ("closed", "closed", Status.NOT_SET_UP,
         "Not set up: this computer does not have the service's addresses."),
        ("silent", "silent", Status.NOT_SET_UP,
         "Not set up: this computer does not have the service's addresses."),
    ],
)  # fmt: skip
def test_a_strangers_port_is_judged_by_its_witness(
    on_port: str, on_witness: str, status: Status, summary: str
) -> None:
    handlers = {
        "its page": answering(ITS_PAGE),
        "another page": answering(page(b"Please sign in")),
        "silent": silent,
    }

    async def work() -> PublicPortEvidence:
        async with AsyncExitStack() as opened:
            ports = [
                await opened.enter_async_context(serving(handlers[kind]))
                if kind in handlers
                else closed_port()
                for kind in (on_port, on_witness)
            ]
            return await ask(*ports, Targets())

    seen = run(work())
    told = judged(seen)
    assert (told.status, told.summary) == (status, summary.format(port=seen.port))
    assert (told.far_end is FarEnd.PUBLIC) == (status is not Status.NOT_SET_UP)


def test_a_webphone_that_is_set_leaves_strangers_alone() -> None:
    seen = run(ask(1, 1, Targets(webphone="127.0.0.1:1")))
    assert seen == PublicPortEvidence()
