"""One office of the lab: a workstation behind a router that translates addresses.

workstation 10.8n.0.2 -- 10.8n.0.1 router 203.0.113.x -- the internet's namespace
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from pathlib import Path

import msgspec
from lab.topology.internet import RESOLVER, Internet
from lab.topology.wires import Space, cable, name_servers

from natwizard.model.report import Report

CHECK_TIMEOUT_S = 170
ETHERNET = 264 / 250  # the kernel counts 14 bytes of Ethernet with each packet of a call
DELAY_LINE = Path(__file__).with_name("delay_line.py")
DOMAIN = "office.example.com"

NAT = """
table ip lab_nat {{
  chain leave {{
    type nat hook postrouting priority 100; oifname {{ "outside", "longline" }} masquerade;
  }}
}}
{rules}
"""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One run of the program on the workstation.

    Attributes:
        starved_s: how long its main thread could have worked and got no processor.
    """

    report: Report
    exit_code: int
    most_sockets: int
    starved_s: float


@dataclass(kw_only=True)
class Site:
    """An office; its router can be told to misbehave."""

    number: int
    internet: Internet
    workstation: Space
    router: Space
    resolv_conf: Path
    folder: Path
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def router_address(self) -> str:
        """As the workstation sees it."""
        return f"10.8{self.number}.0.1"

    @property
    def router_address_6(self) -> str:
        """The same in IPv6, as programs write it: office 0 has no group of its own (RFC 5952)."""
        return str(IPv6Address(f"2001:db8:2:{self.number}::1"))

    def misbehave(self, rules: str) -> None:
        """Replace the router's rules."""
        self.router.replace_rules(NAT.format(rules=rules))

    def shape(self, rate_kbit_s: int) -> None:
        """What the line carries each way, by the kernel's token bucket with 400 ms of queue."""
        for device in ("outside", "inside"):
            if rate_kbit_s:
                rate = round(rate_kbit_s * 1000 * ETHERNET)
                bucket = ("rate", f"{rate}bit", "burst", "4096", "latency", "400ms")
                self.router.run("tc", "qdisc", "replace", "dev", device, "root", "tbf", *bucket)
            else:
                with contextlib.suppress(RuntimeError):
                    self.router.run("tc", "qdisc", "del", "dev", device, "root")

    @contextlib.contextmanager
    def long_line(self, delay_ms: int, jitter_ms: int) -> Iterator[None]:
        """All that leaves takes so much longer, each way."""
        if not delay_ms and not jitter_ms:
            yield
            return
        far, network = f"long{self.number}", f"198.18.{self.number}"
        space = self.internet.space
        program = subprocess.Popen(
            (
                sys.executable, str(DELAY_LINE), self.router.name, "longline", space.name, far,
                str(delay_ms), str(jitter_ms),
            ),
            stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert program.stdout is not None
            program.stdout.readline()
            for end, device, address in ((self.router, "longline", 1), (space, far, 2)):
                end.addresses(f"{network}.{address}/30", device=device)
                end.ip("link", "set", device, "up")
            self.router.ip("route", "replace", "default", "dev", "longline")
            self.router.ip("-6", "route", "del", "default")
            yield
        finally:
            program.terminate()
            program.communicate()
            outside = 4 * self.number + 2
            self.router.ip("route", "replace", "default", "via", f"203.0.113.{outside}")
            via = f"2001:db8:3:{self.number}::2"
            self.router.ip("-6", "route", "replace", "default", "via", via)

    def resolvers(self, *addresses: str, search: str = "") -> None:
        """What the workstation asks for names, and the domain that its network names."""
        lines = [f"nameserver {each}\n" for each in addresses]
        self.resolv_conf.write_text("".join((*lines, f"search {search}\n" if search else "")))

    def desktop(self, keyfile: str) -> dict[str, str]:
        """A GNOME session with these settings, as the environment of its programs."""
        place = self.folder / "config" / "glib-2.0" / "settings" / "keyfile"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(keyfile)
        return {
            "XDG_CURRENT_DESKTOP": "GNOME",
            "GSETTINGS_BACKEND": "keyfile",
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }

    def kde_desktop(self, kioslaverc: str) -> dict[str, str]:
        """The same for KDE."""
        folder = self.folder / "kde"
        folder.mkdir(exist_ok=True)
        (folder / "kioslaverc").write_text(kioslaverc)
        return {"XDG_CURRENT_DESKTOP": "KDE", "XDG_CONFIG_HOME": str(folder)}

    def serve(self, name: str, *arguments: str, tcp: int = 0, udp: int = 0) -> None:
        """Run a program on the router from now on, unless it does already."""
        if name in self.programs:
            return
        self.programs[name] = self.router.start(*arguments, log=name)
        self.router.wait_for(*(("tcp", tcp) if tcp else ("udp", udp)))

    def check(
        self, profile: Path | None, environment: Mapping[str, str], *arguments: str
    ) -> Checked:
        """Run the program on the workstation, as a person would, and read its report.

        Without a profile it runs as it is shipped.
        """
        chosen = ("--profile", str(profile)) if profile is not None else ()
        out = self.folder / "report.json"
        out.unlink(missing_ok=True)
        most_sockets, starved_s = 0, 0.0
        with subprocess.Popen(
            (
                *self.workstation.prefix(), sys.executable, "-m", "natwizard", "check",
                *chosen, "--json", str(out), "--quiet", "--no-redact", *arguments,
            ),
            env=self._environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as running:  # fmt: skip
            ends = time.monotonic() + CHECK_TIMEOUT_S
            while running.poll() is None and time.monotonic() < ends:
                most_sockets = max(most_sockets, _sockets_of(running.pid, most_sockets))
                starved_s = max(starved_s, _starved_s(running.pid))
                time.sleep(0.02)
            if running.poll() is None:
                running.kill()
            said = running.stdout.read() if running.stdout else b""
        assert out.exists(), said.decode(errors="replace")
        report = msgspec.json.decode(out.read_bytes(), type=Report)
        return Checked(
            report=report,
            exit_code=running.returncode,
            most_sockets=most_sockets,
            starved_s=starved_s,
        )

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        home = str(self.folder)
        return {**kept, "HOME": home, "XDG_DATA_HOME": home, "QT_QPA_PLATFORM": "offscreen", **more}


def _sockets_of(pid: int, known: int) -> int:
    """How many sockets a process has that belong to its network namespace; 0 if not over `known`.

    For its tables the kernel walks through every socket of the machine, in all namespaces, so they
    are read only if the process has more sockets of any kind than are known of.
    """
    inodes = set()
    with contextlib.suppress(OSError):
        for link in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                target = os.readlink(f"/proc/{pid}/fd/{link}")
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
    if len(inodes) <= known:
        return 0
    in_tables = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
            in_tables |= {line.split()[9] for line in lines}
    return len(inodes & in_tables)


def _starved_s(pid: int) -> float:
    """From Linux's scheduler statistics; 0 where it keeps none."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


@contextlib.contextmanager
def built_site(number: int, internet: Internet, folder: Path, prefix: str) -> Iterator[Site]:
    """A healthy office, cabled to the internet; its router forwards names to bind9 by dnsmasq."""
    folder.mkdir()
    with (
        Space(f"{prefix}w{number}", folder) as workstation,
        Space(f"{prefix}r{number}", folder) as router,
    ):
        cable(workstation, "line", router, "inside")
        cable(router, "outside", internet.space, f"site{number}")
        inside, outside, far = f"10.8{number}.0", f"203.0.113.{4 * number + 1}", 4 * number + 2
        inside_6, outside_6 = f"2001:db8:2:{number}", f"2001:db8:3:{number}"
        workstation.addresses(f"{inside}.2/24", f"{inside_6}::2/64", device="line")
        router.addresses(f"{inside}.1/24", f"{inside_6}::1/64", device="inside")
        router.addresses(f"{outside}/30", f"{outside_6}::1/64", device="outside")
        internet.space.addresses(
            f"203.0.113.{far}/30", f"{outside_6}::2/64", device=f"site{number}"
        )
        workstation.ip("route", "add", "default", "via", f"{inside}.1")
        workstation.ip("-6", "route", "add", "default", "via", f"{inside_6}::1")
        router.ip("route", "add", "default", "via", f"203.0.113.{far}")
        router.ip("-6", "route", "add", "default", "via", f"{outside_6}::2")
        internet.space.ip("-6", "route", "add", f"{inside_6}::/64", "via", f"{outside_6}::1")
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        with name_servers(workstation, f"{inside}.1") as resolv_conf:
            site = Site(
                number=number,
                internet=internet,
                workstation=workstation,
                router=router,
                resolv_conf=resolv_conf,
                folder=folder,
            )
            site.misbehave("")
            site.serve(
                "dnsmasq", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                "--no-resolv", "--no-hosts", f"--server={RESOLVER}", "--user=root",
                f"--listen-address={inside}.1", "--bind-interfaces", "--cache-size=0",
                f"--host-record=wpad.{DOMAIN},{inside}.1",
                f"--pid-file={folder}/dnsmasq.pid", udp=53,
            )  # fmt: skip
            yield site
