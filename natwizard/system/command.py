"""Runs a command of the operating system: no shell, bounded time, bounded output."""

import os
import subprocess
import sys
import threading
from contextlib import suppress

from natwizard.probes.host import FILE_LIMIT_BYTES, CommandResult
from natwizard.system.browser import outside_environment

# What the kernel does not let go of even when killed is left behind
AFTER_KILL_S = 0.5


def run_command(arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
    """Standard output of a command, in plain English where it can be asked for.

    Raises OSError if it cannot be started, TimeoutError if it takes too long; it is ended
    with all its children then.
    """
    process = subprocess.Popen(
        arguments,
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
        import ctypes

        return f"cp{ctypes.windll.kernel32.GetOEMCP()}"
    return "utf-8"
