"""Speech and its spoilt variants as WAV files, and real browsers that hear them and are driven."""

import array
import contextlib
import functools
import http.client
import json
import math
import operator
import os
import random
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from servers.free_ports import free_port
from websockets.sync.client import ClientConnection, connect

RATE = 22050
LENGTH_S = 5.0
FULL = 32767
TITLE = "Headset test of natwizard"
COUNTING = {
    "en": "one, two, three, four. five, six.",
    "de": "eins, zwei, drei, vier. fünf, sechs.",
    "fr": "un, deux, trois, quatre. cinq, six.",
    "es": "uno, dos, tres, cuatro. cinco, seis.",
}
Samples = list[float]


def speech(folder: Path, language: str = "en", *, pitch: int = 50, speed: int = 150) -> Samples:
    """Somebody who counts in this language, -1 to 1, as long as the page records and more."""
    path = folder / f"{language}-{pitch}-{speed}.wav"
    subprocess.run(
        ("espeak-ng", "-v", language, "-p", str(pitch), "-s", str(speed), "-w", str(path),
         COUNTING[language]),
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        samples = array.array("h", file.readframes(file.getnframes()))
    whole = [sample / FULL for sample in samples][: int(LENGTH_S * RATE)]
    return whole + [0.0] * (int(LENGTH_S * RATE) - len(whole))


def level_dbfs(samples: Samples) -> float:
    """Mean level of what is speech: frames within 30 dB of the loud ones."""
    size = RATE // 50
    powers = sorted(
        sum(each * each for each in samples[start : start + size]) / size
        for start in range(0, len(samples) - size, size)
    )
    loud = powers[int(0.95 * len(powers))]
    spoken = [power for power in powers if power > loud / 1000]
    return 10 * math.log10(sum(spoken) / len(spoken))


def at_level(samples: Samples, dbfs: float) -> Samples:
    """The same speech at another level; what goes beyond full scale is cut, as hardware does."""
    gain = 10 ** ((dbfs - level_dbfs(samples)) / 20)
    return [max(-1.0, min(1.0, sample * gain)) for sample in samples]


def with_noise(
    samples: Samples, snr_db: float, seed: int = 1, *, level: float | None = None
) -> Samples:
    """White noise under the speech; where there is none, `level` (dBFS) stands for it."""
    chance = random.Random(seed)
    speaking = level_dbfs(samples) if level is None else level
    deviation = 10 ** ((speaking - snr_db) / 20)
    return [sample + chance.gauss(0, deviation) for sample in samples]


def with_hum(samples: Samples, dbfs: float, mains_hz: float = 50) -> Samples:
    """Hum of the mains with two harmonics."""
    amplitude = 10 ** (dbfs / 20) * math.sqrt(2)
    return [
        sample
        + amplitude
        * sum(
            share * math.sin(2 * math.pi * mains_hz * harmonic * index / RATE)
            for harmonic, share in ((1, 0.85), (2, 0.4), (3, 0.35))
        )
        for index, sample in enumerate(samples)
    ]


def resampled(samples: Samples, rate: int, *, to: int | None = None) -> Samples:
    """What a channel of this rate leaves, through a windowed sinc; `to`: written at this rate."""
    half, cut = 40 if to is None else 160, rate / RATE * 0.94
    taken = rate if to is None else to
    padded = [0.0] * half + samples + [0.0] * half
    made = []
    for number in range(int(len(samples) * taken / RATE)):
        place = number * RATE / taken
        first = math.ceil(place)
        kernel = _sinc(round(first - place, 9), half, cut)
        made.append(sum(map(operator.mul, padded[first : first + 2 * half], kernel)))
    return made


@functools.cache
def _sinc(offset: float, half: int, cut: float) -> list[float]:
    """Weights of the samples around a place between two of them."""
    weights = []
    for index in range(-half, half):
        away = index + offset
        angle = math.pi * away * cut
        sinc = cut if abs(angle) < 1e-9 else cut * math.sin(angle) / angle
        weights.append(sinc * (0.5 + 0.5 * math.cos(math.pi * away / half)))
    return weights


def with_echo(samples: Samples, delay_s: float = 0.18, level_db: float = -10) -> Samples:
    """Once more, later and softer, as a hard room or a loudspeaker gives it back."""
    delay, gain = int(delay_s * RATE), 10 ** (level_db / 20)
    return [
        each + (gain * samples[index - delay] if index >= delay else 0.0)
        for index, each in enumerate(samples)
    ]


def amplified(samples: Samples, gain_db: float) -> Samples:
    """By so much; what goes beyond full scale is cut, as hardware does."""
    gain = 10 ** (gain_db / 20)
    return [max(-1.0, min(1.0, gain * each)) for each in samples]


def with_breaks(samples: Samples, every_s: float = 0.23, length_s: float = 0.009) -> Samples:
    """Nothing for a moment, again and again, as a busy computer breaks a recording."""
    every, length = int(every_s * RATE), int(length_s * RATE)
    return [0.0 if index % every < length else each for index, each in enumerate(samples)]


def write(path: Path, samples: Samples, rate: int = RATE) -> Path:
    """As 16 bits, mono."""
    whole = array.array("h", (int(max(-1.0, min(1.0, each)) * FULL) for each in samples))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())
    return path


def read(path: Path) -> Samples:
    """Of 16 bits, mono."""
    with wave.open(str(path)) as file:
        whole = array.array("h", file.readframes(file.getnframes()))
    return [sample / FULL for sample in whole]


PATIENCE_S = 60.0


def until(happens: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + patience_s
    while not happens():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.1)


@dataclass
class Chromium:
    """Speaks the DevTools protocol with one tab of those that were opened from this folder."""

    home: Path
    opened: contextlib.ExitStack
    tab: str = ""
    title: str = TITLE
    _connection: ClientConnection | None = None
    _number: int = 0

    def others(self) -> "list[Chromium]":
        """The tabs beside this one that show the page."""
        tabs = [each["id"] for each in self._tabs() if each["id"] != self.tab]
        return [Chromium(self.home, self.opened, tab) for tab in tabs]

    def call(self, method: str, **parameters: object) -> dict[str, object]:
        connection = self._tab()
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        connection.send(json.dumps(message))
        end = time.monotonic() + PATIENCE_S
        while True:  # events come between
            answer = json.loads(connection.recv(timeout=max(0.0, end - time.monotonic())))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def evaluate(self, script: str) -> object:
        told = self.call(
            "Runtime.evaluate", expression=script, userGesture=True, awaitPromise=True,
            returnByValue=True,
        )  # fmt: skip
        assert "exceptionDetails" not in told, told
        result = told["result"]
        assert isinstance(result, dict)
        return result.get("value")

    def _tab(self) -> ClientConnection:
        if self._connection is None:
            address = ""

            def is_open() -> bool:
                nonlocal address
                for each in self._tabs():
                    # a tab that another client looks at has no such address
                    if self.tab in ("", each["id"]) and "webSocketDebuggerUrl" in each:
                        self.tab, address = each["id"], each["webSocketDebuggerUrl"]
                return bool(address)

            until(is_open, "a tab of Chromium")
            connection = connect(address, max_size=None, proxy=None, open_timeout=PATIENCE_S)
            self._connection = self.opened.enter_context(connection)
        return self._connection

    def _tabs(self) -> list[dict[str, str]]:
        tabs = []
        for told in self.home.glob("browser-*/DevToolsActivePort"):
            # it may be gone by now, or about to be
            with contextlib.suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
                port, written, _ = told.read_text("ascii").partition("\n")
                if not written:  # Chromium makes the file first and fills it then
                    continue
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=5) as answer:
                    tabs += json.load(answer)
        return [each for each in tabs if each["type"] == "page" and each["title"] == self.title]


@dataclass
class Firefox:
    """Speaks the Marionette protocol with one tab."""

    port: int
    opened: contextlib.ExitStack
    _socket: socket.socket | None = None
    _received: bytes = b""
    _number: int = 0

    def call(self, command: str, **parameters: object) -> object:
        if self._socket is None:
            self._open()
        return self._ask(command, parameters)

    def _open(self) -> None:
        def connected() -> bool:
            try:
                self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            except OSError:
                return False
            return True

        until(connected, "Firefox's Marionette")
        assert self._socket is not None
        self.opened.enter_context(self._socket)
        self._message()
        self._ask("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self._ask("WebDriver:SetTimeouts", {"script": 30000})

    def _ask(self, command: str, parameters: dict[str, object]) -> object:
        assert self._socket is not None
        self._number += 1
        text = json.dumps([0, self._number, command, parameters])
        self._socket.sendall(f"{len(text)}:{text}".encode())
        _kind, _number, error, result = self._message()
        assert error is None, error
        return result

    def _message(self) -> list[object]:
        assert self._socket is not None
        while b":" not in self._received:
            self._received += self._more()
        length, _, rest = self._received.partition(b":")
        while len(rest) < int(length):
            rest += self._more()
        self._received = rest[int(length) :]
        return list(json.loads(rest[: int(length)])) if rest[:1] == b"[" else []

    def _more(self) -> bytes:
        assert self._socket is not None
        received = self._socket.recv(65536)
        if not received:
            raise EOFError("Firefox hung up")
        return received

    def evaluate(self, script: str) -> object:
        told = self.call("WebDriver:ExecuteScript", script=f"return ({script});", args=[])
        assert isinstance(told, dict)
        return told["value"]

    @contextlib.contextmanager
    def elsewhere(self) -> Iterator[None]:
        """The same address in a second tab, which this speaks with meanwhile."""
        address = self.evaluate("location.href")
        first = self._value("WebDriver:GetWindowHandle")
        opened = self.call("WebDriver:NewWindow", type="tab")
        assert isinstance(opened, dict)
        self.call("WebDriver:SwitchToWindow", handle=opened["handle"])
        self.call("WebDriver:Navigate", url=address)
        try:
            yield
        finally:
            self.call("WebDriver:SwitchToWindow", handle=first)

    def answer_question(self, button: str) -> None:
        """Press a button of what Firefox itself asks: "button" allows, "secondaryButton" blocks."""
        asked = 'document.getElementById("webRTC-shareDevices-notification")'
        self._at_the_frame(f"!!{asked}", f"{asked}.{button}.click()")

    def close_question(self) -> None:
        """Put the question away without an answer; its icon stays beside the address."""
        self._at_the_frame(
            "PopupNotifications.panel.state === 'open'", "PopupNotifications.panel.hidePopup()"
        )

    def click_microphone_icon(self) -> None:
        """What stays beside the address of a page whose question was put away."""
        icon = 'document.getElementById("webRTC-shareMicrophone-notification-icon")'
        self._at_the_frame(f"{icon}.getAttribute('showing') === 'true'", f"{icon}.click()")

    def _at_the_frame(self, waits_for: str, then: str) -> None:
        """In Firefox's own window, around the page."""
        self.call("Marionette:SetContext", value="chrome")
        try:
            until(lambda: self.evaluate(waits_for) is True, f"Firefox's {waits_for}")
            self.evaluate(f"void {then}")
        finally:
            self.call("Marionette:SetContext", value="content")

    def _value(self, command: str) -> object:
        told = self.call(command)
        assert isinstance(told, dict)
        return told["value"]

    def click(self, selector: str) -> None:
        """As a hand does: Firefox lets nothing be heard before the person has clicked."""
        found = self.call("WebDriver:FindElement", using="css selector", value=selector)
        assert isinstance(found, dict)
        [element] = dict(found["value"]).values()
        self.call("WebDriver:ElementClick", id=element)


@dataclass
class HeadsetPage:
    """The page in a browser, as the person at the screen uses it."""

    driver: Chromium | Firefox

    def shown(self) -> str:
        """The name of the state that is shown; empty before the page is there."""
        found = self.driver.evaluate(
            "(document.querySelector('main > section:not([hidden])') || {id: ''}).id"
        )
        return str(found)

    @contextlib.contextmanager
    def in_a_second_tab(self) -> Iterator["HeadsetPage"]:
        """The same address there."""
        if isinstance(self.driver, Firefox):
            with self.driver.elsewhere():
                yield self
            return
        chromium = self.driver
        chromium.evaluate("void window.open(location.href)")
        until(lambda: len(chromium.others()) == 1, "the second tab")
        yield HeadsetPage(chromium.others()[0])

    def wait_for(self, *names: str) -> str:
        until(lambda: self.shown() in names, f"{names}, not {self.shown()}")
        return self.shown()

    def press(self, doing: str) -> None:
        """The visible button that does this."""
        section = self.shown()
        selector = f"#{section} button[data-do='{doing}']"
        if isinstance(self.driver, Firefox):
            self.driver.click(selector)
        else:
            self.driver.evaluate(f'document.querySelector("{selector}").click()')


CHROMIUM = (
    "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
ALLOWED = ("--use-fake-ui-for-media-stream",)


@dataclass
class BrowserOnCall:
    """Makes a program that opens an address in a browser that can be driven."""

    home: Path
    name: str
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    _opened: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def page(self) -> HeadsetPage:
        if self.name == "chromium":
            return HeadsetPage(Chromium(self.home, self._opened))
        return HeadsetPage(Firefox(self.port, self._opened))

    def chromium(self, *flags: str, preferences: dict[str, object] | None = None) -> Path:
        data = self.home / "browser"
        (data / "Default").mkdir(parents=True)
        content = {"profile": preferences or {}}
        (data / "Default" / "Preferences").write_text(json.dumps(content), "utf-8")
        # one browser for each page that is opened, as a headless one hands nothing over
        before = f"cp -r '{data}' '{data}'-$$\n"
        command = [*CHROMIUM, "--remote-debugging-port=0", *flags]
        return self._script(command, before, f"--user-data-dir='{data}'-$$")

    def firefox(self, *preferences: tuple[str, object]) -> Path:
        data = self.home / "browser"
        data.mkdir()
        lines = [
            f"user_pref({json.dumps(key)}, {json.dumps(value)});\n"
            for key, value in (("marionette.port", self.port), *preferences)
        ]
        (data / "user.js").write_text("".join(lines), "utf-8")
        return self._script(
            [
                "firefox-esr",
                "--headless",
                "--marionette",
                "--remote-allow-system-access",
                "--new-instance",
                "-profile",
                str(data),
            ]
        )

    def _script(self, command: Sequence[str], before: str = "", last: str = "") -> Path:
        script = self.home / "open-browser"
        words = " ".join(f"'{word}'" for word in command)
        settings = "".join(f"export {key}='{value}'\n" for key, value in self.environment.items())
        script.write_text(
            f"#!/bin/sh\n{settings}{before}echo $$ >> {self.home}/browser.pid\n"
            f'exec {words} {last} "$1"\n',
            "utf-8",
        )
        script.chmod(0o755)
        return script

    @contextlib.contextmanager
    def ended(self) -> Iterator[None]:
        """The browser leads a session of its own: end all of it, and nothing else."""
        try:
            with self._opened:
                yield
        finally:
            started = self.home / "browser.pid"
            for group in started.read_text("ascii").split() if started.exists() else ():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(int(group), signal.SIGKILL)


def needs(*programs: str) -> bool:
    """Whether one of them is missing."""
    return not all(map(shutil.which, programs))


@dataclass
class SoundServer:
    """A PulseAudio of our own: a microphone that hears a file, and a speaker to listen to."""

    home: Path
    _server: subprocess.Popen[bytes] | None = None

    SETUP = """
load-module module-native-protocol-unix socket={home}/pulse.sock auth-anonymous=1
load-module module-null-sink sink_name=speaker sink_properties=device.description=Speaker
load-module module-null-sink sink_name=cable rate={rate} channels=1
load-module module-remap-source master=cable.monitor source_name=microphone remix=no \
 channels=1 master_channel_map=mono channel_map=mono \
 source_properties=device.description=Headset
set-default-sink speaker
set-default-source microphone
"""

    @property
    def environment(self) -> dict[str, str]:
        return {"PULSE_SERVER": f"unix:{self.home}/pulse.sock"}

    @contextlib.contextmanager
    def hearing(self, samples: Samples, rate: int = RATE) -> Iterator["SoundServer"]:
        """The microphone hears this, again and again."""
        setup = self.home / "lab.pa"
        setup.write_text(self.SETUP.format(home=self.home, rate=rate), "utf-8")
        heard = write(self.home / "heard.wav", samples * 30, rate)
        command = ("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
                   "--high-priority=no", "--realtime=no", "-F", str(setup))  # fmt: skip
        environment = {**os.environ, **self.environment, "HOME": str(self.home),
                       "XDG_RUNTIME_DIR": str(self.home)}  # fmt: skip
        with contextlib.ExitStack() as started, (self.home / "pulse.log").open("wb") as log:
            for words in (command, ("paplay", "--device=cable", str(heard))):
                if words is not command:
                    until(self._answers, "PulseAudio")
                child = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
                started.callback(child.wait, 10)
                started.callback(child.kill)
            yield self

    def tell(self, *words: str) -> str:
        """pactl."""
        done = subprocess.run(
            ("pactl", *words), env={**os.environ, **self.environment}, capture_output=True,
            text=True, check=True, timeout=20,
        )  # fmt: skip
        return done.stdout

    def _answers(self) -> bool:
        try:
            return "microphone" in self.tell("list", "short", "sources")
        except subprocess.CalledProcessError:
            return False

    @contextlib.contextmanager
    def listening(self, path: Path) -> Iterator[None]:
        """What the speaker plays meanwhile, as a WAV file."""
        child = subprocess.Popen(
            ("parecord", "--device=speaker.monitor", f"--rate={RATE}", "--channels=1",
             "--format=s16le", str(path)),
            env={**os.environ, **self.environment},
        )  # fmt: skip
        try:
            yield
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(10)
