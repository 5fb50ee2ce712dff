"""A watch that has a real browser hold a call through coturn, over a line that fails meanwhile."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from computers.headset_lab import (
    ALLOWED,
    BrowserOnCall,
    HeadsetPage,
    SoundServer,
    at_level,
    needs,
    speech,
)
from computers.program import Program
from lab.topology.call_lab import MISSING, NEEDS, CallLab, inside

from natwizard.model.watch import BadKind, CallStanding, WatchRecord

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("calls"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(MISSING or needs("pactl", "paplay"), reason=NEEDS),
]
BOTH = pytest.mark.parametrize(
    "browser", ["chromium", pytest.param("firefox", marks=pytest.mark.voice)]
)


KEEPS_STREAM = """void (() => {
  const devices = navigator.mediaDevices;
  const opens = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => (window.lastStream = await opens(wanted));
})()"""
"""A test can reach the microphone's track then, as the browser does when a device goes."""


class HeldByWatch:
    """A watch of the desk, the tab that holds its call, and what came of it."""

    def __init__(self, lab: CallLab, page: HeadsetPage, sound: SoundServer) -> None:
        self.lab, self.page, self.sound = lab, page, sound
        self.record: WatchRecord | None = None

    def ended(self) -> WatchRecord:
        assert self.record is not None
        return self.record

    def kinds(self) -> set[BadKind]:
        return {each.kind for each in self.ended().moments if each.kind.value.startswith("call")}


@contextmanager
def holding(home: Path, browser: str, *, minutes: float) -> Iterator[HeldByWatch]:
    """The call stands when this is entered; when it is left, the watch has ended by itself."""
    with ExitStack() as opened:
        lab = opened.enter_context(CallLab(home).built())
        voice = at_level(speech(home), -22)
        sound = opened.enter_context(SoundServer(home).hearing(voice))
        on_call = BrowserOnCall(home, browser, environment=sound.environment)
        launcher = (
            on_call.chromium(*ALLOWED)
            if browser == "chromium"
            else on_call.firefox(("media.navigator.permission.disabled", True))
        )
        opened.enter_context(on_call.ended())
        told = home / "watch.json"
        program = Program(home).start(
            "watch", "--call", "--minutes", str(minutes), "--profile", str(lab.profile()),
            "--browser", str(launcher), "--json", str(told), "--quiet", "--no-redact",
            prefix=("ip", "netns", "exec", lab.desk),
        )  # fmt: skip
        opened.callback(program.communicate)
        opened.callback(program.kill)
        with inside(lab.desk):
            page = on_call.page()
            page.wait_for("offered-call")
            page.driver.evaluate(KEEPS_STREAM)
            page.press("test")
            page.wait_for("holding")
            held = HeldByWatch(lab, page, sound)
            yield held
            _output, errors = program.communicate(timeout=60 * minutes + 60)
        assert not errors
        held.record = msgspec.convert(json.loads(told.read_text("utf-8")), WatchRecord)


@BOTH
def test_speech_that_goes_missing_has_its_time_beside_the_line(
    browser: str, tmp_path: Path
) -> None:
    with holding(tmp_path, browser, minutes=0.6) as held:
        time.sleep(6)
        began = time.time()
        held.lab.firewall("meta l4proto udp drop")
        time.sleep(2)
        for name in (held.lab.desk, held.lab.server):
            command = ("ip", "netns", "exec", name, "nft", "flush", "ruleset")
            subprocess.run(command, check=True, timeout=20)
        held.page.wait_for("done")  # the page learns of the end by itself
    record = held.ended()
    call = record.call
    assert call is not None
    assert call.transport == "udp"
    assert call.held_s > 10
    assert call.received > 1000
    assert call.delay_ms is not None
    missing = [each for each in record.moments if each.kind is BadKind.CALL_GAPS]
    assert missing, record.moments
    # two seconds, which the wall clock of the record finds again
    started = datetime.fromisoformat(record.started_at).timestamp()
    assert any(abs(started + each.start_s - began) < 4 for each in missing), missing
    assert max(column.high for column in call.made_up) > 300
    assert 0 < call.made_up_share < 0.6


@BOTH
def test_a_tab_that_is_closed_is_told_and_the_watch_goes_on(browser: str, tmp_path: Path) -> None:
    with holding(tmp_path, browser, minutes=0.5) as held:
        held.page.driver.evaluate("void (location.href = 'about:blank')")
    record = held.ended()
    assert record.call is not None
    assert record.call.standing is CallStanding.TAB_GONE
    assert BadKind.CALL_TAB in held.kinds()
    assert not [each for each in record.line_moments if each.kind is BadKind.CALL_TAB]


@BOTH
def test_a_microphone_that_goes_is_told_and_taken_again(browser: str, tmp_path: Path) -> None:
    with holding(tmp_path, browser, minutes=0.8) as held:
        time.sleep(3)
        # a sound server gives a default microphone another source; no lab can pull a real one
        track = "window.lastStream.getAudioTracks()[0]"
        held.page.driver.evaluate(f"void {track}.dispatchEvent(new Event('ended'))")
        held.page.wait_for("trouble")
        changed = "navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"
        held.page.driver.evaluate(f"void {changed}")
        held.page.wait_for("holding")
        held.page.wait_for("done")
    assert BadKind.CALL_MICROPHONE in held.kinds()


@BOTH
def test_a_line_that_stays_away_breaks_the_call_which_is_made_again(
    browser: str, tmp_path: Path
) -> None:
    with holding(tmp_path, browser, minutes=1.0) as held:
        held.lab.firewall("meta l4proto udp drop")
        held.page.wait_for("call_lost")
        held.page.wait_for("holding")  # by TCP, as the webphone would
        held.page.wait_for("done")
    record = held.ended()
    assert record.call is not None
    assert record.call.transport == "tcp"
    assert BadKind.CALL_CUT in held.kinds()
