"""Real Chromium and Firefox hear speech and its spoilt variants: each fault has its own verdict."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest
from headset_lab import (
    ALLOWED,
    COUNTING,
    RATE,
    BrowserOnCall,
    HeadsetPage,
    Samples,
    SoundServer,
    at_level,
    level_dbfs,
    needs,
    read,
    resampled,
    speech,
    with_hum,
    with_noise,
    write,
)
from program import Program

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE, MicrophoneState
from natwizard.checks.audio_speaker import AUDIO_SPEAKER, SpeakerState
from natwizard.checks.base import AnyCheck, Inputs
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Judgement
from natwizard.model.outcome import Gathered
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.headset import HEADSET, HeadsetEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("real browsers"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        needs("espeak-ng", "pulseaudio", "pactl", "paplay", "parecord"),
        reason="needs espeak-ng and pulseaudio",
    ),
]
PROGRAMS = {"chromium": "chromium", "firefox": "firefox-esr"}
BOTH = pytest.mark.parametrize("browser", PROGRAMS)
USUAL_DBFS = -22
TELEPHONE_HZ = 8000
MAY_RECORD = ("media.navigator.permission.disabled", True)


def counting(folder: Path) -> Samples:
    return at_level(speech(folder), USUAL_DBFS)


SOUNDS: dict[str, tuple[Callable[[Path], Samples], MicrophoneState]] = {
    "clear": (counting, MicrophoneState.CLEAR),
    "muted": (lambda folder: [0.0] * len(counting(folder)), MicrophoneState.SILENT),
    "nobody speaks": (
        lambda folder: with_noise([0.0] * len(counting(folder)), 0, level=-60),
        MicrophoneState.NO_SPEECH,
    ),
    "quiet": (lambda folder: at_level(speech(folder), -45), MicrophoneState.TOO_QUIET),
    "clipped": (lambda folder: at_level(speech(folder), -6), MicrophoneState.CLIPPED),
    "hum": (lambda folder: with_hum(counting(folder), -40), MicrophoneState.HUM),
    "hum of 60 Hz": (lambda folder: with_hum(counting(folder), -42, 60), MicrophoneState.HUM),
    "noise": (lambda folder: with_noise(counting(folder), 5), MicrophoneState.NOISY),
    "telephone": (
        lambda folder: resampled(counting(folder), TELEPHONE_HZ),
        MicrophoneState.TELEPHONE,
    ),
}


class Person:
    """Somebody at a browser with natwizard's headset test, and what came of it."""

    def __init__(self, page: HeadsetPage, wait: Callable[[], HeadsetEvidence]) -> None:
        self.page, self._wait = page, wait

    def speaks(self) -> str:
        """Press the button and see how it ends."""
        self.page.wait_for("offered")
        self.page.press("test")
        return self.page.wait_for("question", "trouble")

    def ends(self, doing: str) -> HeadsetEvidence:
        self.page.press(doing)
        self.page.wait_for("done")
        return self._wait()

    def leaves(self) -> HeadsetEvidence:
        """What natwizard knows when the person does nothing more."""
        return self._wait()


@contextmanager
def at_a_browser(home: Path, browser: str, launcher: Callable[[BrowserOnCall], Path],
                 environment: dict[str, str] | None = None) -> Iterator[Person]:  # fmt: skip
    if needs(PROGRAMS[browser]):
        pytest.skip(f"needs {PROGRAMS[browser]}")
    on_call = BrowserOnCall(home, browser, environment=environment or {})
    with on_call.ended():
        program = Program(home).start("probe", "headset", "--browser", str(launcher(on_call)))

        def wait() -> HeadsetEvidence:
            output, errors = program.communicate(timeout=60)
            assert not errors
            record = json.loads(output)
            return msgspec.convert(record["evidence"], HeadsetEvidence)

        try:
            yield Person(on_call.page(), wait)
        finally:
            program.kill()
            program.communicate()


@contextmanager
def hearing(home: Path, browser: str, samples: Samples, rate: int = RATE) -> Iterator[Person]:
    """Chromium has a microphone that plays a file; Firefox gets one from a sound server."""
    with ExitStack() as opened:
        if browser == "chromium":
            heard = write(home / "heard.wav", samples, rate)
            fake = (
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={heard}",
            )
            person = opened.enter_context(
                at_a_browser(home, browser, lambda call: call.chromium(*ALLOWED, *fake))
            )
        else:
            server = opened.enter_context(SoundServer(home).hearing(samples, rate))
            person = opened.enter_context(
                at_a_browser(
                    home, browser, lambda call: call.firefox(MAY_RECORD), server.environment
                )
            )
        yield person


def judged(check: AnyCheck, evidence: HeadsetEvidence) -> Judgement:
    return check.bind({})(Inputs(outcomes={HEADSET.name: Gathered(evidence=evidence)}))


def says(judgement: Judgement, verdict: Verdict) -> bool:
    return (judgement.status, judgement.summary) == (verdict.status, verdict.summary)


@BOTH
@pytest.mark.parametrize("name", SOUNDS)
def test_each_fault_of_a_microphone_has_its_own_verdict(
    name: str, browser: str, tmp_path: Path
) -> None:
    make, state = SOUNDS[name]
    rate = TELEPHONE_HZ if state is MicrophoneState.TELEPHONE else RATE
    with hearing(tmp_path, browser, make(tmp_path), rate) as person:
        assert person.speaks() == "question"
        evidence = person.ends("yes")
    assert evidence.state is PageState.FINISHED
    judgement = judged(AUDIO_MICROPHONE, evidence)
    assert says(judgement, state.verdict), (judgement, evidence.recorded)
    assert says(judged(AUDIO_SPEAKER, evidence), SpeakerState.HEARD.verdict)
    # figures alone: nothing as long as a recording is in the evidence
    assert len(msgspec.json.encode(evidence)) < 2000


@BOTH
@pytest.mark.parametrize("language", COUNTING)
def test_a_healthy_voice_of_any_language_is_clear(
    language: str, browser: str, tmp_path: Path
) -> None:
    for level, pitch in ((-30, 30), (-22, 50), (-15, 70)):
        home = tmp_path / str(pitch)
        home.mkdir()
        voice = with_noise(at_level(speech(home, language, pitch=pitch), level), 30)
        with hearing(home, browser, voice) as person:
            assert person.speaks() == "question"
            judgement = judged(AUDIO_MICROPHONE, person.ends("yes"))
        assert says(judgement, MicrophoneState.CLEAR.verdict), (level, judgement)


def test_the_recording_is_played_back(tmp_path: Path) -> None:
    voice = counting(tmp_path)
    played = tmp_path / "played.wav"
    with (
        SoundServer(tmp_path).hearing(voice) as server,
        server.listening(played),
        at_a_browser(
            tmp_path, "firefox", lambda call: call.firefox(MAY_RECORD), server.environment
        ) as person,
    ):
        assert person.speaks() == "question"
        evidence = person.ends("no")
    assert says(judged(AUDIO_SPEAKER, evidence), SpeakerState.NOT_HEARD.verdict)
    assert level_dbfs(read(played)) == pytest.approx(USUAL_DBFS, abs=2)
