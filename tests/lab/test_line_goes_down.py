"""The cable is pulled while media runs: in a namespace of its own, with the kernel's own words."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from cases.udp_cases import case
from lab.topology.wires import Space, cable

from natwizard.checks import quality_loss
from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_loss import LossLimits
from natwizard.model.finding import Status
from natwizard.probes.media.stream import MediaEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("ip"),
        reason="needs root and ip",
    ),
]

TESTS = Path(__file__).parents[1]
SERVER, WITNESS = "203.0.113.9", "203.0.113.10"
REFLECT = f"""
import asyncio
from natwizard.reflector.udp import UdpReflector
async def serve():
    await UdpReflector().start("{SERVER}", (18620,))
    await UdpReflector().start("{WITNESS}", (3478,))
    await asyncio.sleep(600)
asyncio.run(serve())
"""
PROBE = f"""
import sys, msgspec
from servers.udp_lab import Told, make_context, run
from natwizard.model.profile import Targets
from natwizard.probes.media.stream import make_media_probe
class Begun(Told):
    def __call__(self, *told):
        super().__call__(*told)
        if len(self.fractions) == 4:
            print("begun", file=sys.stderr, flush=True)
targets = Targets(media="{SERVER}:18620", stun_control=("{WITNESS}:3478",))
context = make_context(targets, told=Begun())
sys.stdout.buffer.write(msgspec.json.encode(run(make_media_probe(3.0, 3.0).gather(context))))
"""


@pytest.mark.parametrize(("ours", "comes_back"), [(True, False), (True, True), (False, False)])
def test_a_line_that_goes_down_is_told_as_what_it_is(
    tmp_path: Path, ours: bool, comes_back: bool
) -> None:
    agent, server = (Space(f"nwdown{os.getpid()}{end}", tmp_path) for end in "as")
    with agent, server:
        cable(agent, "line", server, "line")
        agent.addresses("203.0.113.7/24", device="line")
        server.addresses(f"{SERVER}/24", f"{WITNESS}/24", device="line")
        server.start(sys.executable, "-c", REFLECT, log="reflector")
        server.wait_for("udp", 18620, 3478)
        probe = subprocess.Popen(
            (*agent.prefix(), sys.executable, "-c", PROBE),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        assert probe.stderr is not None
        assert probe.stderr.readline() == b"begun\n"
        (agent if ours else server).ip("link", "set", "line", "down")
        if comes_back:
            time.sleep(0.7)
            agent.ip("link", "set", "line", "up")
        found, said = probe.communicate(timeout=30)
    assert probe.returncode == 0, said
    evidence = msgspec.json.decode(found, type=MediaEvidence)
    figures = evidence.figures
    assert figures is not None
    assert figures.counted.sent + figures.machine.unsent == 150
    assert 0 < figures.counted.received <= figures.counted.sent
    limits = LossLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
    if figures.machine.unsent > 8:  # this computer had no way out: not the line's loss
        assert figures.machine.send_failure is not None
        with pytest.raises(EvidenceMissing):
            quality_loss.judge(case({"media": evidence}), limits)
    else:
        assert quality_loss.judge(case({"media": evidence}), limits).status is Status.FAIL
