"""Opens a page in the person's browser, without a shell and without waiting for it.

Whether there is a display is asked before the window is in sight: what starts programs comes late.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NO_DISPLAY = "there is no display here; use: natwizard check"


def no_display(reason: str) -> str:
    """The same where one was named that does not work; `reason` as the system tells it."""
    if not reason:
        return NO_DISPLAY
    return f"no window can be shown here ({reason.strip().rstrip('.')}); use: natwizard check"


def has_display() -> bool:
    """True on Windows and macOS; elsewhere where X or Wayland is offered."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def outside_environment() -> dict[str, str]:
    """Ours, without the library path that a frozen program sets for itself (PyInstaller).

    Programs of the system would load our libraries by it, which may be older than they need.
    """
    environment = dict(os.environ)
    before = environment.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        environment["LD_LIBRARY_PATH"] = before
    elif getattr(sys, "frozen", False):
        environment.pop("LD_LIBRARY_PATH", None)
    return environment


_ONE_AT_A_TIME = threading.Lock()
# Of a path with the prefix \\?\, and its end
LONGEST_PATH = 32768


@contextmanager
def outside_libraries() -> Iterator[None]:
    """While a program is started: on Windows it inherits where this one looks for libraries.

    PyInstaller has our own folder searched before the system's (SetDllDirectoryW; its "Common
    issues and pitfalls"), and `outside_environment` does not hold that.
    """
    if sys.platform == "win32":
        from ctypes import c_int, c_uint32, c_wchar_p, create_unicode_buffer

        from natwizard.windows_functions import windows_function

        ask = windows_function("kernel32", "GetDllDirectoryW", c_uint32, c_uint32, c_wchar_p)
        choose = windows_function("kernel32", "SetDllDirectoryW", c_int, c_wchar_p)
        folder = create_unicode_buffer(LONGEST_PATH)
        with _ONE_AT_A_TIME:
            is_chosen = bool(ask(LONGEST_PATH, folder))
            if is_chosen:
                choose(None)
            try:
                yield
            finally:
                if is_chosen:
                    choose(folder.value)
        return
    yield


CHOICE_VARIABLE = "NATWIZARD_BROWSER"
NONE = "none"
"""As a choice: open nothing, ask the person instead."""

# What has not ended with an error by then counts as opened
SETTLING_S = 2.0
LINUX_OPENERS = (("xdg-open",), ("gio", "open"), ("x-www-browser",))


def page_opener(choice: str | None = None) -> Callable[[str], bool] | None:
    """What opens a page: the default browser, or the program that was chosen.

    `choice` is a program (a path, a name to be found, on macOS also an application), "none", or
    empty for the system's default; None takes the environment's NATWIZARD_BROWSER.
    """
    chosen = os.environ.get(CHOICE_VARIABLE, "") if choice is None else choice
    if chosen == NONE:
        return None
    if not chosen:
        return open_in_default_browser
    return lambda url: _start(_chosen_command(chosen), url)


def open_in_default_browser(url: str) -> bool:
    """Hand an address to the system; False where there is nobody to show it to."""
    if sys.platform == "win32":
        try:
            with outside_libraries():
                os.startfile(url)  # noqa: S606 - no shell: the system's own way to open a link
        except OSError:
            return False
        return True
    if sys.platform == "darwin":
        return _start(("/usr/bin/open",), url)
    if not has_display():
        return False
    import shutil

    return any(shutil.which(opener[0]) and _start(opener, url) for opener in LINUX_OPENERS)


def _chosen_command(program: str) -> tuple[str, ...]:
    import shutil

    found = shutil.which(program)
    if found is None and sys.platform == "darwin":
        return ("/usr/bin/open", "-a", program)
    return (found or program,)


def _start(command: tuple[str, ...], url: str) -> bool:
    """Start it; a browser that is still there after a moment, or ended well, has been opened."""
    import subprocess

    try:
        with outside_libraries():
            process = subprocess.Popen(
                (*command, url),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=outside_environment(),
            )
    except OSError:
        return False
    ended = threading.Event()

    def wait() -> None:
        process.wait()
        ended.set()

    # it also sees the browser off whenever that ends: nobody else will
    threading.Thread(target=wait, name="browser", daemon=True).start()
    return not ended.wait(SETTLING_S) or process.returncode == 0
