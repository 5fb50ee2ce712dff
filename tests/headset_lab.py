"""Speech and its spoilt variants as WAV files, and real browsers that hear them and are driven."""

import array
import contextlib
import json
import math
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
from typing import Protocol

from websockets.sync.client import ClientConnection, connect

RATE = 22050
LENGTH_S = 5.0
FULL = 32767
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


def with_noise(samples: Samples, snr_db: float, seed: int = 1) -> Samples:
    """White noise under the speech."""
    chance = random.Random(seed)
    deviation = 10 ** ((level_dbfs(samples) - snr_db) / 20)
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


def resampled(samples: Samples, rate: int) -> Samples:
    """Down to another rate through a windowed sinc, as a telephone channel has it."""
    half, cut = 40, rate / RATE * 0.94
    made = []
    for number in range(int(len(samples) * rate / RATE)):
        place = number * RATE / rate
        first = math.ceil(place) - half
        total = 0.0
        for index in range(max(0, first), min(len(samples), first + 2 * half)):
            away = index - place
            angle = math.pi * away * cut
            sinc = cut if abs(angle) < 1e-9 else cut * math.sin(angle) / angle
            total += samples[index] * sinc * (0.5 + 0.5 * math.cos(math.pi * away / half))
        made.append(total)
    return made


def write(path: Path, samples: Samples, rate: int = RATE) -> Path:
    """As 16 bits, mono."""
    whole = array.array("h", (int(max(-1.0, min(1.0, each)) * FULL) for each in samples))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())
    return path


class Driver(Protocol):
    """A browser's tab that can be asked and told."""

    def evaluate(self, script: str) -> object: ...


PATIENCE_S = 60.0


def until(happens: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + patience_s
    while not happens():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@dataclass
class Chromium:
    """Speaks the DevTools protocol with one tab."""

    port: int
    _connection: ClientConnection | None = None
    _number: int = 0

    def call(self, method: str, **parameters: object) -> dict[str, object]:
        connection = self._tab()
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        connection.send(json.dumps(message))
        while True:
            answer = json.loads(connection.recv(timeout=30))
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
            until(lambda: bool(self._tabs()), "a tab of Chromium")
            address = self._tabs()[0]["webSocketDebuggerUrl"]
            self._connection = connect(address, max_size=None, proxy=None)
        return self._connection

    def _tabs(self) -> list[dict[str, str]]:
        try:
            address = f"http://127.0.0.1:{self.port}/json"
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - loopback
                tabs = json.load(answer)
        except OSError:
            return []
        return [each for each in tabs if each["type"] == "page" and "127.0.0.1" in each["url"]]


@dataclass
class Firefox:
    """Speaks the Marionette protocol with one tab."""

    port: int
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
            self._received += self._socket.recv(65536)
        length, _, rest = self._received.partition(b":")
        while len(rest) < int(length):
            rest += self._socket.recv(65536)
        self._received = rest[int(length) :]
        return list(json.loads(rest[: int(length)])) if rest[:1] == b"[" else []

    def evaluate(self, script: str) -> object:
        told = self.call(
            "WebDriver:ExecuteScript", script=f"return ({script});", args=[], sandbox="default"
        )
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
    "--disable-sync", "--use-fake-device-for-media-stream",
)  # fmt: skip
ALLOWED = ("--use-fake-ui-for-media-stream",)


@dataclass
class BrowserOnCall:
    """Makes a program that opens an address in a browser that can be driven."""

    home: Path
    name: str
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)

    def page(self) -> HeadsetPage:
        kind = Chromium if self.name == "chromium" else Firefox
        return HeadsetPage(kind(self.port))

    def chromium(self, *flags: str, preferences: dict[str, object] | None = None) -> Path:
        data = self.home / "browser"
        (data / "Default").mkdir(parents=True)
        content = {"profile": preferences or {}}
        (data / "Default" / "Preferences").write_text(json.dumps(content), "utf-8")
        command = [
            *CHROMIUM, f"--user-data-dir={data}", f"--remote-debugging-port={self.port}", *flags,
        ]  # fmt: skip
        return self._script(command)

    def firefox(self, *preferences: tuple[str, object]) -> Path:
        data = self.home / "browser"
        data.mkdir()
        lines = [
            f"user_pref({json.dumps(key)}, {json.dumps(value)});\n"
            for key, value in (("marionette.port", self.port), *preferences)
        ]
        (data / "user.js").write_text("".join(lines), "utf-8")
        return self._script(
            ["firefox-esr", "--headless", "--marionette", "--new-instance", "-profile", str(data)]
        )

    def _script(self, command: Sequence[str]) -> Path:
        script = self.home / "open-browser"
        words = " ".join(f"'{word}'" for word in command)
        settings = "".join(f"export {key}='{value}'\n" for key, value in self.environment.items())
        script.write_text(
            f'#!/bin/sh\n{settings}echo $$ > {self.home}/browser.pid\nexec {words} "$1"\n', "utf-8"
        )
        script.chmod(0o755)
        return script

    @contextlib.contextmanager
    def ended(self) -> Iterator[None]:
        """The browser leads a session of its own: end all of it, and nothing else."""
        try:
            yield
        finally:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                group = int((self.home / "browser.pid").read_text("ascii"))
                os.killpg(group, signal.SIGKILL)


def needs(*programs: str) -> bool:
    """Whether one of them is missing."""
    return not all(map(shutil.which, programs))
