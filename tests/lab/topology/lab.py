"""The whole lab: one internet, a few offices, and one run of the program for every fault."""

import contextlib
import os
import queue
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from lab.topology.fault import Fault
from lab.topology.internet import Internet
from lab.topology.middleboxes import mitm_folder
from lab.topology.site import Checked, Site, built_site
from lab.topology.wires import Space

# most of a run is waiting: four at a time keep two cores busy and no more; one is kept for a run
# that somebody waits for
OFFICES = 5
MEDIA_OFFICES = 4
"""Streams of packets are more work than waiting: three runs at a time, and one kept."""

PROGRAMS = (
    "ip",
    "nft",
    "conntrack",
    "ss",
    "named",
    "nginx",
    "turnserver",
    "dnsmasq",
    "squid",
    "mitmdump",
    "tayga",
)
EVERYTHING_BUT_MEDIA = ("--role", "administrator", "--skip", "quality")
WITH_MEDIA = ("--role", "administrator")
SOAK = ("--only", "websocket,port.tcp443", "--soak")


def missing() -> str:
    """What this machine lacks for the lab, or empty."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "root"
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return ", ".join(name for name in PROGRAMS if not shutil.which(name, path=path))


class Lab:
    """Offices that wait for a fault each. Runs happen side by side, in the order asked for."""

    def __init__(self, sites: Iterable[Site], workers: ThreadPoolExecutor) -> None:
        self._free: queue.Queue[Site] = queue.Queue()
        self.sites = tuple(sites)
        for site in self.sites:
            self._free.put(site)
        self._workers = workers
        self._runs: dict[tuple[Fault, tuple[str, ...]], Future[Checked]] = {}

    def begin(self, fault: Fault, arguments: tuple[str, ...] = EVERYTHING_BUT_MEDIA) -> None:
        """Have it run as soon as an office is free, once."""
        key = (fault, arguments)
        if key not in self._runs:
            self._runs[key] = self._workers.submit(self._run, fault, arguments)

    def begin_asked_for(
        self,
        request: pytest.FixtureRequest,
        faults: Mapping[str, Fault],
        arguments: tuple[str, ...],
    ) -> None:
        """Those whose names the tests of the asking module will wait for, in their order."""
        for item in request.session.items:
            if item.path == request.path and hasattr(item, "callspec"):
                name = item.callspec.params.get("name", "")
                if name in faults:
                    self.begin(faults[name], arguments)

    def checked(self, fault: Fault, arguments: tuple[str, ...] = EVERYTHING_BUT_MEDIA) -> Checked:
        """Wait for the run of a fault."""
        self.begin(fault, arguments)
        return self._runs[fault, arguments].result()

    def checked_again(
        self, fault: Fault, arguments: tuple[str, ...] = EVERYTHING_BUT_MEDIA
    ) -> Checked:
        """A run of its own, whatever an earlier one has shown, before those that still wait."""
        return self._run(fault, arguments)

    @contextlib.contextmanager
    def office(self) -> Iterator[Site]:
        """One to oneself, as soon as one is free."""
        site = self._free.get()
        try:
            yield site
        finally:
            self._free.put(site)

    def _run(self, fault: Fault, arguments: tuple[str, ...]) -> Checked:
        with self.office() as site:
            return run_in(site, fault, arguments)


def run_in(site: Site, fault: Fault, arguments: tuple[str, ...]) -> Checked:
    """Break the office, look, and mend it again."""
    profile = None
    if text := site.internet.profile():
        profile = site.folder / "profile.toml"
        old, new = fault.profile
        profile.write_text(text.replace(old, new) if old else text)
    environment = dict(fault.environment)
    if fault.proxy:
        url = f"http://{site.router_address}:{fault.proxy}"
        environment |= {"http_proxy": url, "https_proxy": url}
    if fault.desktop:
        environment |= site.desktop(fault.desktop.replace("ROUTER", site.router_address))
    if fault.kde:
        environment |= site.kde_desktop(fault.kde.replace("ROUTER", site.router_address))
    if fault.trusted:
        environment["SSL_CERT_FILE"] = str(mitm_folder(site) / "mitmproxy-ca-cert.pem")
    site.resolvers(fault.resolver or site.router_address, search=fault.search)
    break_office(site, fault)
    site.shape(fault.rate_kbit_s)
    try:
        with site.long_line(fault.delay_ms, fault.jitter_ms), fault.around(site):
            calls = ("--calls", str(fault.calls))
            return site.check(profile, environment, *arguments, *calls)
    finally:
        site.shape(0)
        site.misbehave("")
        site.resolvers(site.router_address)


def break_office(site: Site, fault: Fault) -> None:
    """Have its router do what the fault says."""
    for start in fault.boxes:
        start(site)
    site.misbehave(fault.rules.replace("ROUTER", site.router_address))


@contextlib.contextmanager
def built_lab(
    offices: int = OFFICES, internet_of: Callable[[Space, Path], Internet] = Internet
) -> Iterator[Lab]:
    """Everything healthy. Names carry our process number, so that two labs do not meet."""
    prefix = f"nwl{os.getpid()}"
    with contextlib.ExitStack() as stack:
        # not pytest's own folder: squid gives root up and has to get in
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="natwizard-lab-")))
        folder.chmod(0o755)
        space = stack.enter_context(Space(f"{prefix}i", folder))
        internet = internet_of(space, folder)
        internet.start()
        sites = [
            stack.enter_context(built_site(number, internet, folder / f"office-{number}", prefix))
            for number in range(offices)
        ]
        workers = stack.enter_context(ThreadPoolExecutor(max(1, offices - 1)))
        yield Lab(sites, workers)
        workers.shutdown(cancel_futures=True)
