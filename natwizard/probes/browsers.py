"""Every copy of Chrome, Edge, Firefox and Chromium on this computer, and the default browser."""

from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.language import N_
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.browser_copy import Browser, Scope, version_numbers
from natwizard.probes.browsers_linux import linux_browsers
from natwizard.probes.browsers_macos import macos_browsers
from natwizard.probes.browsers_windows import windows_browsers
from natwizard.probes.default_browser import default_browser, is_default
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host, RunningProgram


class BrowsersEvidence(Struct, frozen=True, kw_only=True):
    """What is installed.

    Attributes:
        browsers: every copy, each program file once.
        default_told: what the system calls its default browser (a program, a desktop file, a
            bundle), also where that is none of ours; empty where it does not tell.
    """

    browsers: tuple[Browser, ...]
    default_told: str = ""


async def gather(context: ProbeContext) -> BrowsersEvidence:
    """Read files and registry, off the event loop."""
    return await run_detached(lambda: look_for_browsers(context.host), name="browsers")


def look_for_browsers(host: Host) -> BrowsersEvidence:
    """All that can be seen without starting a program (on Linux one may be asked its version)."""
    look = {"linux": linux_browsers, "macos": macos_browsers, "windows": windows_browsers}
    told = default_browser(host)
    running = host.running_programs()
    return BrowsersEvidence(
        browsers=tuple(
            replace(_with_processes(browser, running), is_default=is_default(browser, told))
            for browser in look[host.platform](host)
        ),
        default_told=told,
    )


def _with_processes(browser: Browser, running: tuple[RunningProgram, ...]) -> Browser:
    """Note whether it runs, and whether it runs from a file that an update has replaced."""
    own = [program for program in running if _belongs(program, browser)]
    outdated = any(_is_outdated(program, browser) for program in own)
    return replace(
        browser,
        running=bool(own),
        waiting_version=browser.version if outdated else browser.waiting_version,
    )


def _belongs(program: RunningProgram, browser: Browser) -> bool:
    path, installed = program.executable.casefold(), browser.path.casefold()
    if browser.scope is Scope.SNAP:
        return _in_snap(path) == _in_snap(installed)
    if browser.scope is Scope.FLATPAK and path.startswith("/app/"):
        # inside its sandbox a flatpak sees its files under /app
        return installed.endswith(path.removeprefix("/app"))
    bundle, in_bundle, _program = installed.partition(".app/contents/macos/")
    return path == installed or bool(in_bundle and path.startswith(f"{bundle}.app/"))


def _is_outdated(program: RunningProgram, browser: Browser) -> bool:
    """Replaced on Linux, of another revision as a snap, in an older framework on macOS."""
    if browser.scope is Scope.SNAP:
        return program.executable != browser.path
    framework = program.executable.partition(".framework/Versions/")[2].partition("/")[0]
    used = version_numbers(framework)
    return program.replaced or (len(used) == 4 and used < version_numbers(browser.version))


def _in_snap(path: str) -> str:
    """A path in a snap without the number of the snap's revision."""
    root, _, rest = path.partition("/snap/")
    name, _, inside = rest.partition("/")
    return f"{root}/snap/{name}/{inside.partition('/')[2]}"


BROWSERS = Probe(
    name="browsers",
    title=N_("Looking for browsers"),
    evidence=BrowsersEvidence,
    phase=Phase.MACHINE,
    typical_s=1.0,
    deadline_s=15.0,
    gather=gather,
)
