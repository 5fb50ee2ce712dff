"""Drives frozen programs from outside and believes nothing: selftest.py FOLDER [--wine].

With --wine it wants a screen: run it below `xvfb-run -a`.

Each test is a function whose docstring is the line that is printed. Any output that was not
asked for fails: a frozen program that complains is one that lacks something.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from urllib.error import HTTPError, URLError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

sys.path.insert(0, str(Path(__file__).parent))

from steps import wine
from steps.environment import python
from steps.paths import ROOT, version

PATIENCE_S = 900  # for one program, on a machine that has other things to do
GOLDEN = ROOT / "tests/golden/report.json"
COMPLAINTS = ("Traceback", "Warning", "WARNING", "Error:", "qt.qpa", "Could not find", "QFont")
# What a machine without a screen, a sound card or a browser may truthfully lack
MAY_BE_MISSED = {"audio", "browser_check", "screens"}
# What a probe says that had no time to look, or whose time this machine spoilt: another run may see
OF_A_BUSY_MACHINE = {"deadline", "line_changed", "machine_busy", "slept", "stood_still"}
RUNS_AT_MOST = 4
# One needs a person, one asks an administrator to sign in; one holds connections for minutes,
# where somebody waits
NOT_IN_A_DEMO = {"headset", "salesforce", "websocket_hold"}


class Wrong(Exception):
    """The frozen program did something else than it should."""


class Frozen:
    """The programs in a folder, with data folders of their own below `home`."""

    def __init__(self, folder: Path, home: Path, *, under_wine: bool) -> None:
        self.folder, self.home, self.under_wine = folder, home, under_wine

    def run(
        self,
        *arguments: str | Path,
        program: str = "natwizard",
        code: int = 0,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """What it said. Raises Wrong for another exit code, or for a word on stderr.

        `more` goes into its environment.
        """
        windows = self.under_wine or sys.platform == "win32"
        path = self.folder / f"{program}{'.exe' if windows else ''}"
        words = [str(path), *(self.place(word) for word in arguments)]
        result = subprocess.run(
            wine.command(words) if self.under_wine else words,
            cwd=self.home,
            env=self._environment() | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE_S,
            check=False,
        )
        shown = f"{program} {' '.join(map(str, arguments))}"
        if result.returncode != code:
            said = result.stdout[-2000:] + result.stderr[-2000:]
            raise Wrong(f"{shown}: exit code {result.returncode}, not {code}\n{said}")
        complaints = [word for word in COMPLAINTS if word in result.stdout + result.stderr]
        if complaints or (code == 0 and result.stderr.strip()):
            raise Wrong(f"{shown}: unexpected output\n{result.stderr or result.stdout}")
        return result.stdout + result.stderr

    def place(self, word: str | Path) -> str:
        """A file's path as this program sees it; other words as they are."""
        return wine.path(word) if self.under_wine and isinstance(word, Path) else str(word)

    def _environment(self) -> dict[str, str]:
        left_out = {"DISPLAY", "WAYLAND_DISPLAY", "NATWIZARD_PROFILE", "PYTHONPATH"}
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in left_out and not name.lower().endswith("_proxy")
        }
        kept["NATWIZARD_BROWSER"] = "none"  # a test opens no window but its own
        if self.under_wine:  # offscreen, Qt finds no fonts there: it needs a screen
            display = os.environ.get("DISPLAY", "")
            return wine.environment(kept | {"DISPLAY": display, "WINEQT_QPA_PLATFORM": "windows"})
        if sys.platform == "win32":  # the same there; a runner has a desktop
            return kept
        folders = {
            f"XDG_{name}_HOME": str(self.home / name) for name in ("DATA", "CONFIG", "CACHE")
        }
        return kept | folders | {"QT_QPA_PLATFORM": "offscreen"}


def says_its_version(frozen: Frozen) -> None:
    """prints its version, and every subcommand in its help"""
    said = frozen.run("--version").strip()
    if said != f"natwizard {version()}":
        raise Wrong(f"--version said {said!r}")
    told = frozen.run("--help")
    missing = [word for word in ("check", "judge", "plan", "show", "verify") if word not in told]
    if missing:
        raise Wrong(f"--help does not name {missing}")


def every_file_is_as_it_was_made(frozen: Frozen) -> None:
    """finds every installed file as it was made (macOS: by codesign, which seals them itself)"""
    if sys.platform != "darwin":
        frozen.run("verify")


def judges_as_the_sources_do(frozen: Frozen) -> None:
    """lists exactly the checks of CHECKS and judges the golden report as the sources do"""
    _same_judgement(frozen, GOLDEN)
    script = "from natwizard.checks.catalogue import CHECKS; print(*(c.name for c in CHECKS))"
    known = set(_source("-c", script).split())
    head = "limits of "
    definitions = json.loads(frozen.run("schema", "profile"))["$defs"]
    listed = {name.removeprefix(head) for name in definitions if name.startswith(head)}
    if listed != known:
        raise Wrong(f"checks of only one of both: {sorted(known ^ listed)}")


def knows_phone_numbers(frozen: Frozen) -> None:
    """knows the telephone numbers of every country"""
    if "+442071838750" not in frozen.run("plan", "numbers", "+44 20 7183 8750", code=1):
        raise Wrong("a London number was not recognised")


def refuses_a_bad_profile(frozen: Frozen) -> None:
    """says line and key of a mistake in a profile, and exits 64"""
    path = frozen.home / "bad.toml"
    path.write_text('extends = "natterbox"\nname = 5\n', "utf-8")
    said = frozen.run("profile", "validate", path, code=64)
    if "line 2" not in said and ":2" not in said:
        raise Wrong(f"the mistake was told as {said!r}")


def runs_every_probe(frozen: Frozen) -> None:
    """runs every probe against its own reflector; PDF and JSON open again"""
    names = {line.split()[0] for line in frozen.run("probe", "list").splitlines()}
    pdf, saved = frozen.home / "demo.pdf", frozen.home / "demo.json"
    # what a desk phone needs is not asked of a webphone
    phone = frozen.home / "phone.json"
    missed = names
    for _run in range(RUNS_AT_MOST):
        frozen.run("demo", "--no-window", "--json", saved, "--pdf", pdf)
        words = ("--role", "sip-device", "--only", "port.sip", "--json", phone)
        frozen.run("demo", "--no-window", *words)
        failed = _failures(names, saved, phone)
        missed = missed & failed.keys() - MAY_BE_MISSED
        if not missed or not {failed[name]["code"] for name in missed} <= OF_A_BUSY_MACHINE:
            break
    if missed:
        raise Wrong(f"probes that saw nothing: {json.dumps(failed, indent=1)}")
    code = _read(saved)["run_code"]
    for path in (pdf, saved):
        if code not in frozen.run("show", path, "--text"):
            raise Wrong(f"{path.name} opened as another report")
    _same_judgement(frozen, saved)


def window_reaches_the_summary(frozen: Frozen) -> None:
    """the window goes through a whole run to its summary, saves a PDF and leaves"""
    pdf, saved = frozen.home / "window.pdf", frozen.home / "window.json"
    frozen.run("selftest-window", "--json", saved, "--pdf", pdf, program="natwizard-gui")
    if _read(saved)["run_code"] not in frozen.run("show", pdf, "--text"):
        raise Wrong("the window's PDF opened as another report")


def serves_the_headset_page(frozen: Frozen) -> None:
    """serves the headset page with all its files, and gives the verdict of what it posts"""
    told, report = frozen.home / "url.txt", frozen.home / "headset.json"
    windows = frozen.under_wine or sys.platform == "win32"
    browser = frozen.home / ("browser.bat" if windows else "browser")
    browser.write_text(BATCH_BROWSER if windows else SHELL_BROWSER, "ascii")
    browser.chmod(0o755)
    only = "audio.microphone,audio.speaker"
    words: tuple[str | Path, ...] = (
        "check", "--headset", "--browser", browser, "--only", only, "--quiet", "--json", report,
    )  # fmt: skip
    for _run in range(RUNS_AT_MOST):
        told.unlink(missing_ok=True)
        whole = _used_headset_page(frozen, words, told)
        findings = _read(report)["findings"]
        found = {each["check"]: (each["status"], each["summary"]) for each in findings}
        if found == HEADSET_VERDICTS:
            return
        if whole:
            break
    raise Wrong(f"the verdicts were {found}")


def _used_headset_page(frozen: Frozen, words: Sequence[str | Path], told: Path) -> bool:
    """Whether it was there to the end: a page has its time, and this program perhaps no turn."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(frozen.run, *words)
        try:
            # the browser check's page comes first; nobody looks at it here
            while not _visited_headset_page(_address_in(told, running)):
                pass
        except HTTPError:  # an answer, and not the one that was wanted
            raise
        except (URLError, ConnectionError, TimeoutError):
            return False
        finally:
            running.result()
    return True


def runs_a_proxy_script(frozen: Frozen) -> None:
    """runs a proxy script in a child of its own (elsewhere than on Linux the system does)"""
    if frozen.under_wine or sys.platform != "linux":
        return
    script, settings = frozen.home / "proxy.pac", frozen.home / "CONFIG/kioslaverc"
    script.write_text(
        'function FindProxyForURL(url, host) { return "PROXY " + host + ":" + url.length; }'
    )
    settings.parent.mkdir()
    settings.write_text(f"[Proxy Settings]\nProxyType=2\nProxy Config Script={script}\n")
    profile = frozen.home / "script.toml"
    # an address of this computer that is not its loopback, which goes past proxies
    profile.write_text('extends = "natterbox"\n[targets]\nhttp = "http://0.0.0.0:9/"\n', "utf-8")
    kde = {"XDG_CURRENT_DESKTOP": "KDE"}
    said = frozen.run("probe", "web", "--profile", profile, more=kde)
    told = json.loads(said)["evidence"]["http_choice"]["script"]
    if told["answer"] != f"PROXY 0.0.0.0:{len('http://0.0.0.0:9/')}":
        raise Wrong(f"the script's answer was {told}")
    if frozen.run("run-proxy-script", program="natwizard-gui").strip() != '["ready", ""]':
        raise Wrong("the windowed program cannot be the child")


QUICK: tuple[Callable[[Frozen], None], ...] = (
    says_its_version,
    every_file_is_as_it_was_made,
    judges_as_the_sources_do,
    knows_phone_numbers,
    refuses_a_bad_profile,
    runs_a_proxy_script,
    serves_the_headset_page,
)
LONG: tuple[Callable[[Frozen], None], ...] = (runs_every_probe, window_reaches_the_summary)


# A browser that notes the address it is to open, whole or not at all
SHELL_BROWSER = """#!/bin/sh
folder=$(dirname "$0")
printf %s "$1" > "$folder/url.part" && mv "$folder/url.part" "$folder/url.txt"
"""
BATCH_BROWSER = """@echo off\r
>"%~dp0url.part" echo %~1\r
move /y "%~dp0url.part" "%~dp0url.txt" >nul\r
"""
HEADSET_VERDICTS = {
    "audio.microphone": ("pass", "Your microphone is loud and clear."),
    "audio.speaker": ("pass", "You heard yourself in your headset."),
}
HEADSET_STEPS: tuple[dict[str, object], ...] = (
    {"step": "hello", "user_agent": "Mozilla/5.0 Firefox/153.0", "brands": []},
    {"step": "at_stage", "stage": "recording"},
    {
        "step": "recorded", "device": "Headset", "sample_rate_hz": 48000, "channels": 1,
        "output_rate_hz": 48000, "default_is_communications": None,
        "figures": {
            "length_s": 4.0, "speech_s": 1.9, "peak_dbfs": -4.8, "silent": False,
            "speech_dbfs": -22.1, "noise_dbfs": -64.7, "clipped": 0, "hum_dbfs": -120,
            "hum_hz": 0, "bandwidth_hz": 10500, "levels_dbfs": [-60, -22, -20, -58],
        },
    },
    {"step": "heard", "yes": True},
    {"step": "done"},
)  # fmt: skip
"""What the page posts of a healthy microphone (natwizard/probes/browser_page/steps.py)."""
NAMED_FILE = re.compile(
    r"""(?:src|href)="([\w.-]+)"|(?:from|import) "\./([\w.-]+)"|addModule\("([\w.-]+)"\)"""
)


def _address_in(told: Path, running: "Future[str]") -> str:
    """The address that the program had opened; the next one may be told from then on."""
    end = time.monotonic() + PATIENCE_S
    while True:
        ended = running.done()
        taken = None
        # on Windows whoever wrote it, or looks at it for viruses, may hold it still
        with suppress(FileNotFoundError, PermissionError):
            taken = told.replace(told.with_suffix(".taken"))
        if taken is not None:
            return taken.read_text("utf-8").strip()
        if ended:
            raise Wrong(f"it ended and opened no browser: {running.result()}")
        if time.monotonic() > end:
            raise Wrong("it opened no browser")
        time.sleep(0.1)


def _visited_headset_page(url: str) -> bool:
    """As a browser does: the page, every file that it or a script of it names, and the steps.

    False where it is another page.
    """
    opener = build_opener(ProxyHandler({}), HTTPCookieProcessor())
    with opener.open(url, timeout=20) as answer:
        place, page = answer.url, answer.read().decode()
    if 'src="headset.js"' not in page:
        return False
    if "[[" in page or "Did you hear yourself?" not in page:
        raise Wrong("texts of the headset page are missing")
    wanted, seen = _files_named_in(page), set[str]()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        with opener.open(place + name, timeout=20) as answer:
            content = answer.read()
        if name.endswith(".js"):
            wanted |= _files_named_in(content.decode()) - seen
    if not {"headset.js", "headset-worklet.js", "page.css"} <= seen:
        raise Wrong(f"the page named only {sorted(seen)}")
    origin = place.rsplit("/", 2)[0]
    for step in HEADSET_STEPS:
        content = json.dumps(step | {"instance": "0" * 32}).encode()
        request = Request(f"{place}steps", content, {"Origin": origin})  # noqa: S310 - loopback
        opener.open(request, timeout=20).close()
    return True


def _files_named_in(text: str) -> set[str]:
    return {next(filter(None, found)) for found in NAMED_FILE.findall(text)}


def _same_judgement(frozen: Frozen, report: Path) -> None:
    judged, reference = frozen.home / "judged.json", frozen.home / "reference.json"
    shipped = ROOT / "resources/profiles/natterbox.toml"
    words = ("judge", str(report), "--json", str(reference), "--profile", str(shipped))
    _source("-m", "natwizard", *words, codes=(0, 1, 2))
    wanted = _read(reference)
    code = {"ready": 0, "ready_with_advice": 0, "not_ready": 1}.get(wanted["verdict"], 2)
    try:
        frozen.run("judge", report, "--json", judged, "--profile", shipped, code=code)
    except Wrong as trouble:
        raise Wrong(f"judging {report.name}: {trouble}") from trouble
    got = _read(judged)
    for key in wanted:
        if key != "profile" and got[key] != wanted[key]:
            raise Wrong(f"judging {report.name}: {key} differs from what the sources say")


def _failures(names: set[str], *reports: Path) -> dict[str, dict[str, str]]:
    """What went wrong, of each probe that saw nothing; every probe must have run."""
    records = [record for path in reports for record in _read(path)["outcomes"]]
    outcomes = {record["probe"]: record["failure"] for record in records}
    if outcomes.keys() | NOT_IN_A_DEMO != names | NOT_IN_A_DEMO:
        raise Wrong(f"probes that did not run: {sorted(names ^ outcomes.keys())}")
    failed = {name: failure for name, failure in outcomes.items() if failure}
    if any(failure["code"] == "defect" for failure in failed.values()):
        raise Wrong(f"probes with a fault: {json.dumps(failed, indent=1)}")
    return failed


def _source(*arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    """What the sources of this checkout say, in the build's own environment."""
    result = subprocess.run(
        [str(python()), *arguments],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    if result.returncode not in codes or "Traceback" in result.stderr:
        raise Wrong(f"the sources themselves fail: {result.stderr[-2000:]}")
    return result.stdout


def _read(path: Path) -> dict:  # type: ignore[type-arg]
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]


def selftest(folder: Path, *, under_wine: bool = False, together: bool = False) -> int:
    """How many tests failed. `together` runs the two long ones side by side."""
    with tempfile.TemporaryDirectory(prefix="natwizard selftest é ") as home:

        def attempt(test: Callable[[Frozen], None]) -> bool:
            started = time.monotonic()
            room = Path(home) / test.__name__
            room.mkdir()
            try:
                test(Frozen(folder.absolute(), room, under_wine=under_wine))
            except (Wrong, OSError, subprocess.TimeoutExpired, KeyError, ValueError) as trouble:
                print(f"FAILED  {test.__doc__}\n        {trouble}", flush=True)
                return False
            print(f"ok      {test.__doc__} ({time.monotonic() - started:.1f} s)", flush=True)
            return True

        passed = [attempt(test) for test in QUICK]
        with ThreadPoolExecutor(len(LONG) if together else 1) as pool:
            passed += pool.map(attempt, LONG)
    return passed.count(False)


def main() -> int:
    """0 if everything passed."""
    parser = ArgumentParser(prog="selftest.py", description=__doc__)
    parser.add_argument("folder", type=Path, help="where natwizard and natwizard-gui lie")
    parser.add_argument("--wine", action="store_true", help="Windows programs, here, under wine")
    parser.add_argument("--together", action="store_true", help="the two long tests side by side")
    given = parser.parse_args()
    failed = selftest(given.folder, under_wine=given.wine, together=given.together)
    print(f"{failed} of {len(QUICK) + len(LONG)} failed" if failed else "everything passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
