"""When all answers stop: is it the far end, or the way to it?

A test server that dies in mid-call looks like a line that loses everything. So whoever answered
the greeting and then fell silent is greeted once more, by a new flow, and where that stays
unanswered, somebody else is asked over UDP.
"""

from collections.abc import Sequence

from msgspec import Struct

from natwizard.model.address import parse_host_port
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import ServerText
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.reachability import look_up
from natwizard.probes.media.path import MediaPath, greets_again
from natwizard.probes.stun.client import StunMapping, StunSocket

# One that is down must not make a dead test server read as a dead line
WITNESSES = 2
# Once more after half a second, as one packet may be lost
WITNESS_WAITS_S = (0.5, 1.0)
SILENT_PACKETS = 50
"""One second of a call: shorter silences are a line's own."""


class LivenessCheck(Struct, frozen=True, kw_only=True):
    """What was asked once the far end had fallen silent.

    Attributes:
        greeted_again: whether it answered a new greeting: then it runs, and what was lost was
            lost on the way.
        witness: the server elsewhere that was asked; empty where the profile names none.
        witness_answered: whether that one answered over UDP; None where nobody was asked.
    """

    greeted_again: bool
    witness: ServerText = ""
    witness_answered: bool | None = None

    @property
    def is_ill(self) -> bool:
        """Whether it is the far end's doing, as far as can be told.

        Where a witness is silent as well, the line is gone, and what was lost was lost on it.
        """
        return not self.greeted_again and self.witness_answered is not False


def fell_silent(answered: Sequence[bool]) -> bool:
    """Whether packets were answered at first, or greetings at least, and the last ones were not.

    `answered` is by packet, in order.
    """
    return len(answered) >= SILENT_PACKETS and not any(answered[-SILENT_PACKETS:])


async def check_liveness(context: ProbeContext, path: MediaPath) -> LivenessCheck:
    """Greet it again, then ask up to two others: ten seconds where nobody answers."""
    if await greets_again(context, path.endpoint):
        return LivenessCheck(greeted_again=True)
    targets = context.targets
    host = parse_host_port(targets.media or targets.turn, default_port=1).host
    others = [
        server
        for server in dict.fromkeys((*targets.stun_control, *targets.stun))
        if parse_host_port(server).host not in (host, path.endpoint.address)
    ]
    for server in others[:WITNESSES]:
        if (await _ask(context, server)).ok:
            return LivenessCheck(greeted_again=False, witness=server, witness_answered=True)
    if not others:
        return LivenessCheck(greeted_again=False)
    return LivenessCheck(greeted_again=False, witness=others[0], witness_answered=False)


async def _ask(context: ProbeContext, server: str) -> Attempt[StunMapping]:
    target = parse_host_port(server)

    async def work() -> StunMapping:
        looked = await look_up(context, target)
        if not looked.value:
            raise TimeoutError(f"no address of {target}")
        endpoint = looked.value[0]
        with StunSocket(context.network.open_udp(endpoint.family)) as asking:
            return await asking.ask(endpoint, WITNESS_WAITS_S)

    return await context.attempt("ask_witness", target, work)
