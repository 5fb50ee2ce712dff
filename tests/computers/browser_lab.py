"""A namespace with a reflector, and real browsers that natwizard opens its page in."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from computers.program import Program

ADDRESS = "10.77.0.2"
BLOCKED_GROUP = 4242
CHECKS = (
    "browser.cookies",
    "browser.javascript",
    "browser.local_storage",
    "browser.session_storage",
    "browser.webrtc",
    "udp.browsers",
)
# Debian's Chromium blocks third-party cookies unless told otherwise; Chrome does not.
CHROMIUM_DEFAULTS: dict[str, object] = {"cookie_controls_mode": 0}
CHROMIUM_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WALL = """
table inet wall {{
  chain out {{ type filter hook output priority 0; {whose} meta l4proto udp drop; }}
}}
"""
OVERLAY = 'mount -t overlay none -o lowerdir="$0/etc:/etc" /etc && exec "$@"'
WHOSE = {"the browser": f"meta skgid {BLOCKED_GROUP}", "everyone": ""}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One browser with one thing switched off.

    Attributes:
        profile: parts of Chromium's preferences under "profile"; more: other parts of them.
        prefs: lines of Firefox's user.js.
        policies: of an administrator, as the browser's managed file has them.
        blocked: whose UDP a firewall keeps in: "the browser", "everyone" or nobody's.
    """

    browser: str
    profile: dict[str, object] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    prefs: tuple[tuple[str, object], ...] = ()
    policies: dict[str, object] = field(default_factory=dict)
    blocked: str = ""

    def with_policies(self, home: Path) -> tuple[str, ...]:
        """What to run a program with, so that it and its browser find the policies in /etc."""
        if not self.policies:
            return ()
        content, place = (self.policies, "chromium/policies/managed/lab.json")
        if self.browser == "firefox":
            content, place = {"policies": self.policies}, "firefox/policies/policies.json"
        file = home / "etc" / place
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(content), "utf-8")
        return ("unshare", "--mount", "sh", "-c", OVERLAY, str(home))

    def launcher(self, home: Path) -> Path:
        """A program that opens an address in this browser, with a fresh profile."""
        data = home / "browser"
        data.mkdir()
        if self.browser == "chromium":
            content = {"profile": CHROMIUM_DEFAULTS | self.profile, **self.more}
            (data / "Default").mkdir()
            (data / "Default" / "Preferences").write_text(json.dumps(content), "utf-8")
            command = ["chromium", *CHROMIUM_FLAGS, f"--user-data-dir={data}", *self.flags]
        else:
            lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in self.prefs]
            (data / "user.js").write_text("".join(lines), "utf-8")
            command = ["firefox-esr", "--headless", "--new-instance", "-profile", str(data)]
        if self.blocked:
            command = ["setpriv", f"--regid={BLOCKED_GROUP}", "--clear-groups", *command]
        script = home / "open-browser"
        script.write_text(
            f'#!/bin/sh\necho $$ > {home}/browser.pid\nexec {shlex.join(command)} "$1"\n', "utf-8"
        )
        script.chmod(0o755)
        return script


class BrowserLab:
    """One namespace; its name carries our process number, so that runs do not meet."""

    def __init__(self) -> None:
        self.name = f"nwpage{os.getpid()}"
        self.prefix = ("ip", "netns", "exec", self.name)

    @contextlib.contextmanager
    def built(self, home: Path) -> Iterator["BrowserLab"]:
        """The namespace and a reflector in it; `profile` then points at that."""
        try:
            _command("ip", "netns", "add", self.name)
            for line in (
                "link set lo up",
                # browsers look for a default route before they look for anything else
                "link add line type veth peer name far",
                f"addr add {ADDRESS}/24 dev line",
                "link set line up",
                "link set far up",
                "route add default via 10.77.0.1",
            ):
                _command("ip", "-n", self.name, *line.split())
            program = Program(home)
            reflector = program.start(
                "reflector", "--bind", ADDRESS, "--media-port", "0", prefix=self.prefix
            )
            with reflector:
                self.profile = _printed_profile(reflector, home)
                yield self
                reflector.send_signal(signal.SIGINT)
                reflector.communicate(timeout=10)
        finally:
            subprocess.run(("ip", "netns", "del", self.name), check=False, capture_output=True)

    def statuses(
        self,
        setting: Setting,
        home: Path,
        *,
        opened: bool = True,
        only: tuple[str, ...] = CHECKS,
        targets: str = "",
    ) -> dict[str, str]:
        """Run the whole program with this browser, or without one: status of each check.

        `targets` are further lines of the profile's section of that name.
        """
        program = Program(home)
        profile = home / "profile.toml"
        text = self.profile.read_text("utf-8")
        profile.write_text(text.replace("[targets]\n", f"[targets]\n{targets}"), "utf-8")
        launcher = str(setting.launcher(home)) if opened else "none"
        with self._wall(setting.blocked), _ended(home):
            done = program.run(
                "check", "--profile", str(profile), "--only", ",".join(only),
                "--browser", launcher, "--json", "report.json", "--quiet",
                prefix=(*self.prefix, *setting.with_policies(home)),
            )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        self.report = json.loads((home / "report.json").read_text("utf-8"))
        return {finding["check"]: finding["status"] for finding in self.report["findings"]}

    @contextlib.contextmanager
    def _wall(self, blocked: str) -> Iterator[None]:
        if not blocked:
            yield
            return
        _command(*self.prefix, "nft", "-f", "-", text=WALL.format(whose=WHOSE[blocked]))
        try:
            yield
        finally:
            _command(*self.prefix, "nft", "delete", "table", "inet", "wall")


@contextlib.contextmanager
def turn_server(lab: BrowserLab, folder: Path) -> Iterator[str]:
    """coturn in the lab's namespace; lines of a profile that point at it."""
    command = (
        "turnserver", "-n", "--listening-ip", ADDRESS, "--relay-ip", ADDRESS, "--listening-port",
        "3999", "--min-port", "49160", "--max-port", "49200", "--lt-cred-mech",
        "--user", "agent:secret", "--realm", "example.com", "--no-cli", "--no-tls", "--no-dtls",
        "--no-tcp", "--log-file", "stdout", "--simple-log",
        "--pidfile", str(folder / "turn.pid"), "--userdb", str(folder / "turn.db"),
    )  # fmt: skip
    with (folder / "turn.log").open("wb") as log:
        server = subprocess.Popen((*lab.prefix, *command), stdout=log, stderr=log, cwd=folder)
    try:
        for _number in range(100):
            listening = subprocess.run(
                (*lab.prefix, "ss", "-Hlnu"), capture_output=True, text=True, check=True
            )
            if f"{ADDRESS}:3999" in listening.stdout:
                break
            time.sleep(0.05)
        yield f'turn = "{ADDRESS}:3999"\nturn_user = "agent"\nturn_password = "{{password}}"\n'
    finally:
        server.terminate()
        server.wait(10)


def _printed_profile(reflector: subprocess.Popen[str], home: Path) -> Path:
    assert reflector.stderr is not None
    assert "listening" in reflector.stderr.readline()
    assert reflector.stdout is not None
    os.set_blocking(reflector.stdout.fileno(), False)
    path = home / "lab.toml"
    text = reflector.stdout.read() or ""
    # no name outside the namespace is to be asked for
    path.write_text(text.replace("[targets]\n", "[targets]\nstun_control = []\n"), "utf-8")
    return path


@contextlib.contextmanager
def _ended(home: Path) -> Iterator[None]:
    """The browser leads a session of its own: end all of it, and nothing else."""
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            group = int((home / "browser.pid").read_text("ascii"))
            os.killpg(group, signal.SIGKILL)


def _command(*arguments: str, text: str = "") -> None:
    subprocess.run(arguments, check=True, capture_output=True, timeout=20, input=text.encode())
