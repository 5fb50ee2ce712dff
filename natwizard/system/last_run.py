"""Leaves the outcome of a run where inventory tools look: the registry, the event log, a file.

Intune, SCCM and Lansweeper read `HKCU\\Software\\natwizard\\LastRun` (HKLM where the program may
write there) and the Application event log; elsewhere it is a small JSON in the state folder.
Nothing here can fail a run: what cannot be written is left out.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import platformdirs
from msgspec import Struct

from natwizard.model.exit_code import BY_VERDICT
from natwizard.model.finding import Status
from natwizard.model.report import Readiness, Report

KEY = r"Software\natwizard\LastRun"
FILE = "last-run.json"


class LastRun(Struct, frozen=True, kw_only=True):
    """What a detection script asks for.

    Attributes:
        exit_code: what `natwizard check` ends with for this verdict, also where a window ran.
        at: when it began, ISO 8601.
        failing: IDs of the requirements that are not met, with commas between.
    """

    verdict: Readiness
    exit_code: int
    at: str
    failing: str
    run_code: str
    version: str


class EventKind(Struct, frozen=True):
    """An entry of the event log: its number, and how grave it is (EVENTLOG_*_TYPE of winnt.h)."""

    number: int
    level: int


INFORMATION, WARNING, ERROR = 4, 2, 1
EVENTS: Final[Mapping[Readiness, EventKind]] = {
    Readiness.READY: EventKind(1, INFORMATION),
    Readiness.READY_WITH_ADVICE: EventKind(2, WARNING),
    Readiness.NOT_READY: EventKind(3, ERROR),
    Readiness.COULD_NOT_TELL: EventKind(4, WARNING),
    Readiness.READY_TO_PUBLIC: EventKind(5, INFORMATION),
    Readiness.PARTLY_CHECKED: EventKind(6, INFORMATION),
}
"""Administrators' filters rely on the numbers."""


def last_run_of(report: Report) -> LastRun:
    """What is left of a run."""
    failing = [each.requirement for each in report.findings if each.status is Status.FAIL]
    return LastRun(
        verdict=report.verdict,
        exit_code=int(BY_VERDICT[report.verdict]),
        at=report.started_at,
        failing=", ".join(failing),
        run_code=report.run_code,
        version=report.app_version,
    )


def state_file() -> Path:
    """Where it is outside of Windows; in the machine's own state folder for root."""
    return platformdirs.user_state_path("natwizard", appauthor=False) / FILE


def note_last_run(run: LastRun) -> None:
    """Write it wherever this system's tools look for it."""
    if sys.platform == "win32":
        _note_in_registry(run)
        _note_in_event_log(run)
        return
    path = state_file()
    part = path.with_suffix(".part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
        part.replace(path)


if sys.platform == "win32":
    import winreg
    from ctypes import c_int, c_uint16, c_uint32, c_void_p, c_wchar_p

    from natwizard.windows_functions import windows_function

    def _note_in_registry(run: LastRun) -> None:
        """For this person always; for the machine where they may, which needs an administrator."""
        for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
            # tools look into the 64-bit view
            with (
                suppress(OSError),
                winreg.CreateKeyEx(
                    hive, KEY, 0, winreg.KEY_SET_VALUE | winreg.KEY_WOW64_64KEY
                ) as key,
            ):
                for name, value in msgspec.structs.asdict(run).items():
                    title = "".join(part.capitalize() for part in name.split("_"))
                    kind = winreg.REG_DWORD if isinstance(value, int) else winreg.REG_SZ
                    winreg.SetValueEx(key, title, 0, kind, value)

    def _note_in_event_log(run: LastRun) -> None:
        """One entry a run, in Application, source "natwizard".

        No message file is registered, which would need an administrator: the viewer shows the
        text after its remark that it has no description for the ID.
        """
        text = f"natwizard {run.version}: {run.verdict}, run code {run.run_code}, {run.failing}"
        register = windows_function(
            "advapi32", "RegisterEventSourceW", c_void_p, c_wchar_p, c_wchar_p
        )
        tell = windows_function(
            "advapi32", "ReportEventW", c_int, c_void_p, c_uint16, c_uint16, c_uint32, c_void_p,
            c_uint16, c_uint32, c_void_p, c_void_p,
        )  # fmt: skip
        give_back = windows_function("advapi32", "DeregisterEventSource", c_int, c_void_p)
        source = register(None, "natwizard")
        if not source:
            return
        try:
            kind = EVENTS[run.verdict]
            texts = (c_wchar_p * 1)(text)
            tell(source, kind.level, 0, kind.number, None, 1, 0, texts, None)
        finally:
            give_back(source)

else:

    def _note_in_registry(run: LastRun) -> None:
        """There is no registry here."""

    def _note_in_event_log(run: LastRun) -> None:
        """There is no such log here."""
