"""The shortest way that has a router in it: agent -- router -- server, each a namespace."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.topology.wires import Space, cable, wait_until

TESTS = Path(__file__).parents[2]
GATHER_TIMEOUT_S = 60


@dataclass(frozen=True, kw_only=True)
class Street:
    """The router forwards; what it translates or drops is the test's business."""

    agent: Space
    router: Space
    server: Space

    def serve(self, script: str) -> None:
        """Run Python at the far end, and wait until it prints "ready"."""
        self.server.start(sys.executable, "-u", "-c", script, log="server")
        said = self.server.folder / f"{self.server.name}-server.log"
        wait_until(lambda: "ready" in said.read_text(), "the server to be ready")

    def gather(self, script: str, *arguments: str) -> bytes:
        """Run Python at the agent's end to its end; what it writes."""
        done = subprocess.run(
            (*self.agent.prefix(), sys.executable, "-c", script, *arguments),
            check=True,
            stdout=subprocess.PIPE,
            timeout=GATHER_TIMEOUT_S,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        return done.stdout


@contextlib.contextmanager
def built_street(
    kind: str,
    folder: Path,
    *,
    inside: tuple[str, str],
    outside: tuple[str, ...],
    server: tuple[str, ...],
) -> Iterator[Street]:
    """`inside` is the agent's address and the router's; all networks are /24."""
    ends = (Space(f"nw{kind}{os.getpid()}{end}", folder) for end in "ars")
    with contextlib.ExitStack() as stack:
        agent, router, far = (stack.enter_context(end) for end in ends)
        cable(agent, "line", router, "inside")
        cable(router, "outside", far, "line")
        agent.addresses(f"{inside[0]}/24", device="line")
        router.addresses(f"{inside[1]}/24", device="inside")
        router.addresses(*(f"{address}/24" for address in outside), device="outside")
        far.addresses(*(f"{address}/24" for address in server), device="line")
        agent.ip("route", "add", "default", "via", inside[1])
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        yield Street(agent=agent, router=router, server=far)
