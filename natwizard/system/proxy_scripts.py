"""Proxy scripts (PAC) that settings name: fetched once, run in a child, asked for many URLs."""

import asyncio
import threading
import time

from msgspec import Struct

from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import CannotGather, failure_from
from natwizard.probes.network import Network, ProxyScript, ScriptTrouble
from natwizard.probes.printable import printable
from natwizard.system.script_answer import handed_over, read_answer, without_user
from natwizard.system.script_download import OPERATION, download_script
from natwizard.system.script_runner import ScriptRunner
from natwizard.system.wpad import wpad_addresses

KEPT_S = 300.0
"""A run is shorter, a watch of hours is not: what was wrong then may be mended now."""
SILENT = {
    FailureCode.TIMED_OUT,
    FailureCode.NAME_NOT_FOUND,
    FailureCode.NAME_LOOKUP_FAILED,
    FailureCode.NETWORK_UNREACHABLE,
}


class Fetched(Struct, frozen=True, kw_only=True):
    """What lies at an address: a script, or why there is none.

    Attributes:
        address: without a password; empty where the network named none.
        until: `time.monotonic()` from which on it is fetched again.
    """

    address: str
    until: float
    runner: ScriptRunner | None = None
    trouble: ScriptTrouble | None = None
    detail: str = ""


class ProxyScripts:
    """The scripts of one run. Threads may ask at once; the first of them fetches."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = threading.Lock()
        self._fetched: dict[str, Fetched] = {}

    def ask(self, address: str, url: str) -> ProxyScript:
        """What the script at an address says of a URL; an empty address is for the network (WPAD).

        Blocks for a few seconds at most: `FETCH_S` and `THINK_S` bound it.
        """
        with self._lock:
            fetched = self._fetched.get(address)
            if fetched is None or time.monotonic() > fetched.until:
                fetched = self._fetched[address] = self._fetch(address)
        if fetched.runner is None:
            return ProxyScript(
                address=fetched.address, trouble=fetched.trouble, detail=fetched.detail
            )
        return self._run(fetched.address, fetched.runner, url)

    def _run(self, address: str, runner: ScriptRunner, url: str) -> ProxyScript:
        said = runner.ask(*handed_over(url))
        text = printable(said.text)
        if said.trouble is not None:
            return ProxyScript(address=address, trouble=said.trouble, detail=text)
        choice = read_answer(said.text)
        trouble = None
        if not choice.understood:
            trouble = ScriptTrouble.NONSENSE
        elif not choice.followed:
            trouble = ScriptTrouble.OTHER_KIND
        return ProxyScript(address=address, answer=text, proxy=choice.proxy, trouble=trouble)

    def _fetch(self, address: str) -> Fetched:
        until = time.monotonic() + KEPT_S
        for place in (address,) if address else wpad_addresses():
            told = printable(without_user(place))
            try:
                script = asyncio.run(download_script(self._network, place))
            except (OSError, EOFError, ValueError, CannotGather) as error:
                code, detail = _failure(error)
                if not address and code is FailureCode.NAME_NOT_FOUND:
                    continue
                silent = ScriptTrouble.NO_ANSWER if code in SILENT else ScriptTrouble.NOT_FETCHED
                return Fetched(address=told, until=until, trouble=silent, detail=detail)
            return Fetched(address=told, until=until, runner=ScriptRunner(script))
        return Fetched(address="", until=until, trouble=ScriptTrouble.NONE_NAMED)


def _failure(error: OSError | EOFError | ValueError | CannotGather) -> tuple[FailureCode, str]:
    """Of a download, or of reading a file, which no table of the network's errors knows."""
    try:
        failure = failure_from(error, OPERATION)
    except OSError:
        return FailureCode.NOT_PERMITTED, printable(str(error))
    return failure.code, printable(f"{failure.code} {failure.detail}".strip())
