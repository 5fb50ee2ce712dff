"""The real systemd-resolved on a workstation of the lab, with /etc, /run and D-Bus of its own.

It is not installed, as its package would take this machine's /etc/resolv.conf over; see
packaging/linux/unpack-packages.sh. systemd-resolved.service(8) says which files it writes.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from lab.topology.site import Site
from lab.topology.wires import wait_until

UNPACKED = Path(__file__).parents[3] / "build" / "unpacked"
DAEMON = UNPACKED / "lib" / "systemd" / "systemd-resolved"
LIBRARIES = UNPACKED / "usr" / "lib" / "x86_64-linux-gnu" / "systemd"
POLICY = UNPACKED / "usr" / "share" / "dbus-1" / "system.d" / "org.freedesktop.resolve1.conf"
RESOLVECTL = UNPACKED / "usr" / "bin" / "resolvectl"
STUB = "127.0.0.53"

# what holds the mounts, as long as it runs
HOLD = """
set -eu
mount --bind "$1" /etc
mount -t tmpfs tmpfs /run
mkdir /run/systemd /run/dbus
touch /run/ready
exec sleep infinity
"""


def missing() -> str:
    """What this machine lacks for it, or empty."""
    if not DAEMON.exists():
        return "systemd-resolved, see `make packages`"
    return ", ".join(each for each in ("dbus-daemon", "nsenter", "unshare") if not _found(each))


def _found(program: str) -> bool:
    return shutil.which(program) is not None


@contextlib.contextmanager
def systemd_resolved(site: Site, settings: str = "") -> Iterator[None]:
    """Until this ends, programs of the workstation ask it, and it has just begun.

    Args:
        settings: lines of resolved.conf(5).
    """
    workstation = site.workstation
    etc = _etc(site.folder / "etc", settings)
    holder = workstation.start("unshare", "--mount", "sh", "-c", HOLD, "sh", str(etc), log="mounts")
    programs = [holder]
    run = Path(f"/proc/{holder.pid}/root/run")
    try:
        wait_until((run / "ready").exists, "mounts")
        workstation.mounts_of = holder.pid
        # before it, as on every system: it may miss a bus that comes later
        bus = ("dbus-daemon", "--system", "--nofork", "--nopidfile")
        programs.insert(0, workstation.start(*bus, log="dbus"))
        wait_until((run / "dbus" / "system_bus_socket").exists, "D-Bus")
        programs.insert(0, workstation.start(*_with_libraries(DAEMON), log="systemd-resolved"))
        written = run / "systemd" / "resolve" / "stub-resolv.conf"
        wait_until(written.exists, "systemd-resolved to write its files")
        wait_until(lambda: _answers(site), "systemd-resolved to come to D-Bus")
        yield
    finally:
        workstation.mounts_of = 0
        workstation.end(programs)
        shutil.rmtree(etc)


def resolvectl(site: Site, *arguments: str) -> str:
    """What NetworkManager does through D-Bus, by the command for it."""
    return site.workstation.run(*_with_libraries(RESOLVECTL), *arguments)


def _with_libraries(program: Path) -> tuple[str, ...]:
    return ("env", f"LD_LIBRARY_PATH={LIBRARIES}", str(program))


def _answers(site: Site) -> bool:
    with contextlib.suppress(RuntimeError):
        return "Global" in resolvectl(site, "dns")
    return False


def _etc(folder: Path, settings: str) -> Path:
    """This machine's, with what the package brings and does when it is installed."""
    shutil.copytree("/etc", folder, symlinks=True)
    name_servers = folder / "resolv.conf"
    name_servers.unlink(missing_ok=True)
    name_servers.symlink_to("../run/systemd/resolve/stub-resolv.conf")
    (folder / "systemd").mkdir(exist_ok=True)
    (folder / "systemd" / "resolved.conf").write_text(f"[Resolve]\n{settings}\n")
    policies = folder / "dbus-1" / "system.d"
    policies.mkdir(parents=True, exist_ok=True)
    shutil.copy(POLICY, policies)
    accounts = folder / "passwd"
    if "\nsystemd-resolve:" not in accounts.read_text():
        with accounts.open("a") as file:
            file.write("systemd-resolve:x:995:995::/:/usr/sbin/nologin\n")
    return folder
