"""Runs a command of the operating system: no shell, bounded time, bounded output."""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from natwizard.probes.host import FILE_LIMIT_BYTES, CommandResult
from natwizard.system.browser import outside_environment, outside_libraries

# What the kernel does not let go of even when killed is left behind
AFTER_KILL_S = 0.5
# MAX_PATH: the folder of Windows itself has no longer a path
FOLDER_LETTERS = 260


def run_command(arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
    """Standard output of a command, in plain English where it can be asked for.

    A name without a folder is a program of the system's own. Raises OSError if it cannot be
    started, TimeoutError if it takes too long; it is ended with all its children then.
    """
    with outside_libraries():
        process = subprocess.Popen(
            (_place_of(arguments[0]), *arguments[1:]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_creation_flags(),
            start_new_session=sys.platform != "win32",
            env=outside_environment() | {"LC_ALL": "C", "LANGUAGE": "C"},
        )
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    chunks: list[bytes] = []
    read = process.stdout.read
    # a command that writes more is stuck at its full pipe then, and is ended below
    reader = threading.Thread(
        target=lambda: chunks.append(read(FILE_LIMIT_BYTES)), name=arguments[0], daemon=True
    )
    reader.start()
    reader.join(timeout_s)
    timed_out = reader.is_alive()
    if not timed_out:
        with suppress(subprocess.TimeoutExpired):
            process.wait(AFTER_KILL_S)
    if process.poll() is None:
        _end(process)
    reader.join(AFTER_KILL_S)
    if not reader.is_alive():
        process.stdout.close()
    if timed_out:
        raise TimeoutError(f"{arguments[0]} took longer than {timeout_s:g} s")
    return CommandResult(
        exit_code=process.returncode if process.returncode is not None else -1,
        output=b"".join(chunks).decode(_encoding(), errors="replace"),
    )


def _place_of(program: str) -> str:
    """Windows looks for a bare name beside this program and in the current folder before its own
    (CreateProcessW, Microsoft Learn): in a folder of downloads anybody's "ping.exe" may lie.
    """
    if sys.platform == "win32" and not os.path.dirname(program):
        return str(windows_folder() / "System32" / f"{program}.exe")
    return program


def windows_folder() -> Path:
    """Where Windows lies, as it says itself: variables of the environment may say anything."""
    if sys.platform == "win32":
        from ctypes import c_uint32, c_wchar_p, create_unicode_buffer

        from natwizard.windows_functions import windows_function

        ask = windows_function(
            "kernel32", "GetSystemWindowsDirectoryW", c_uint32, c_wchar_p, c_uint32
        )
        told = create_unicode_buffer(FOLDER_LETTERS)
        if 0 < ask(told, FOLDER_LETTERS) < FOLDER_LETTERS:
            return Path(told.value)
    return Path(r"C:\Windows")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command; on POSIX with its children, which share its session."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, 9)
    with suppress(subprocess.TimeoutExpired):
        process.wait(AFTER_KILL_S)


def _creation_flags() -> int:
    """Windows would flash a black console window for every command."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0


def _encoding() -> str:
    """Windows commands write in the OEM code page, such as cp850."""
    if sys.platform == "win32":
        from ctypes import c_uint32

        from natwizard.windows_functions import windows_function

        return f"cp{windows_function('kernel32', 'GetOEMCP', c_uint32)()}"
    return "utf-8"
