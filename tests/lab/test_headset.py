"""Real Chromium and Firefox hear speech and its spoilt variants: each fault has its own verdict."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest
from computers.headset_lab import (
    ALLOWED,
    COUNTING,
    RATE,
    BrowserOnCall,
    Firefox,
    HeadsetPage,
    Samples,
    SoundServer,
    at_level,
    level_dbfs,
    needs,
    read,
    resampled,
    speech,
    until,
    with_breaks,
    with_hum,
    with_noise,
    write,
)
from computers.program import Program

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE, REFUSALS, MicrophoneState
from natwizard.checks.audio_speaker import AUDIO_SPEAKER, SpeakerState
from natwizard.checks.base import AnyCheck, Inputs
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Judgement
from natwizard.model.outcome import Gathered
from natwizard.probes.browser_page.steps import MicrophoneTrouble
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.headset import HEADSET, HeadsetEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("headset"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        needs("espeak-ng", "pulseaudio", "pactl", "paplay", "parecord"),
        reason="needs espeak-ng and pulseaudio",
    ),
]
PROGRAMS = {"chromium": "chromium", "firefox": "firefox-esr"}
BOTH = pytest.mark.parametrize("browser", PROGRAMS)
CHROMIUM_FIRST = pytest.mark.parametrize(
    "browser", ["chromium", pytest.param("firefox", marks=pytest.mark.voice)]
)
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
    # each break is a click, which holds what no telephone carries
    "telephone on a busy computer": (
        lambda folder: with_breaks(resampled(counting(folder), TELEPHONE_HZ, to=RATE)),
        MicrophoneState.TELEPHONE,
    ),
    "clear on a busy computer": (
        lambda folder: with_breaks(counting(folder)),
        MicrophoneState.CLEAR,
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


@CHROMIUM_FIRST
@pytest.mark.parametrize("name", SOUNDS)
def test_each_fault_of_a_microphone_has_its_own_verdict(
    name: str, browser: str, tmp_path: Path
) -> None:
    make, state = SOUNDS[name]
    rate = TELEPHONE_HZ if name == "telephone" else RATE
    with hearing(tmp_path, browser, make(tmp_path), rate) as person:
        assert person.speaks() == "question"
        evidence = person.ends("yes")
    assert evidence.state is PageState.FINISHED
    judgement = judged(AUDIO_MICROPHONE, evidence)
    assert says(judgement, state.verdict), (judgement, evidence.recorded)
    assert says(judged(AUDIO_SPEAKER, evidence), SpeakerState.HEARD.verdict)
    # figures alone: nothing as long as a recording is in the evidence
    assert len(msgspec.json.encode(evidence)) < 2000


@pytest.mark.voice
@BOTH
@pytest.mark.parametrize("language", COUNTING)
@pytest.mark.parametrize(
    ("level", "pitch"), [(-30, 30), (-26, 60), (-22, 50), (-18, 40), (-15, 70)]
)
def test_a_healthy_voice_of_any_language_is_clear(
    level: float, pitch: int, language: str, browser: str, tmp_path: Path
) -> None:
    voice = with_noise(at_level(speech(tmp_path, language, pitch=pitch), level), 30)
    with hearing(tmp_path, browser, voice) as person:
        assert person.speaks() == "question"
        judgement = judged(AUDIO_MICROPHONE, person.ends("yes"))
    assert says(judgement, MicrophoneState.CLEAR.verdict), judgement


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


def saw(evidence: HeadsetEvidence, trouble: MicrophoneTrouble) -> bool:
    """One clear state, and its own verdict."""
    assert evidence.recorded is None
    assert evidence.refused is not None
    assert says(judged(AUDIO_MICROPHONE, evidence), REFUSALS[trouble])
    return evidence.refused.trouble is trouble


def test_blocked_in_the_settings_of_chromium(tmp_path: Path) -> None:
    blocked: dict[str, object] = {"default_content_setting_values": {"media_stream_mic": 2}}
    fake = "--use-fake-device-for-media-stream"
    with at_a_browser(
        tmp_path, "chromium", lambda call: call.chromium(fake, preferences=blocked)
    ) as person:
        assert person.speaks() == "trouble"
        evidence = person.ends("stop")
    assert saw(evidence, MicrophoneTrouble.BLOCKED)


def test_blocked_in_the_settings_of_firefox(tmp_path: Path) -> None:
    with (
        SoundServer(tmp_path).hearing(counting(tmp_path)) as server,
        at_a_browser(
            tmp_path,
            "firefox",
            lambda call: call.firefox(("permissions.default.microphone", 2)),
            server.environment,
        ) as person,
    ):
        assert person.speaks() == "trouble"
        evidence = person.ends("stop")
    assert saw(evidence, MicrophoneTrouble.BLOCKED)


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("NotAllowedError: Permission denied", MicrophoneTrouble.DENIED),
        ("NotAllowedError: Permission dismissed", MicrophoneTrouble.DISMISSED),
        ("NotAllowedError: Permission denied by system", MicrophoneTrouble.SYSTEM),
        ("NotReadableError: Could not start audio source", MicrophoneTrouble.BUSY),
        ("NotReadableError: Failed to allocate audiosource", MicrophoneTrouble.BUSY),
        ("UnknownError: something new", MicrophoneTrouble.OTHER),
    ],
)
def test_what_browsers_say_is_told_apart(
    said: str, trouble: MicrophoneTrouble, tmp_path: Path
) -> None:
    """The words of Chromium and Firefox, where no lab can press the browser's own buttons."""
    name, _, message = said.partition(": ")
    refusing = (
        "void (navigator.mediaDevices.getUserMedia = async () => "
        f"{{ throw new DOMException({message!r}, {name!r}); }})"
    )
    fake = "--use-fake-device-for-media-stream"
    with at_a_browser(tmp_path, "chromium", lambda call: call.chromium(fake)) as person:
        person.page.wait_for("offered")
        person.page.driver.evaluate(refusing)
        assert person.speaks() == "trouble"
        evidence = person.ends("stop")
    assert saw(evidence, trouble)
    assert evidence.refused is not None
    assert evidence.refused.error == said


def test_a_question_that_is_answered_with_no_is_the_persons_own(tmp_path: Path) -> None:
    """Chromium asks, and somebody says no: nothing was set before, and nothing is broken."""
    said_no = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    with at_a_browser(tmp_path, "chromium", lambda call: call.chromium(*said_no)) as person:
        assert person.speaks() == "trouble"
        evidence = person.ends("stop")
    assert saw(evidence, MicrophoneTrouble.DENIED)


@contextmanager
def firefox_that_asks(folder: Path) -> Iterator[tuple[Person, Firefox]]:
    """Its question about the microphone stands open."""
    with (
        SoundServer(folder).hearing(counting(folder)) as server,
        at_a_browser(folder, "firefox", lambda call: call.firefox(), server.environment) as person,
    ):
        person.page.wait_for("offered")
        person.page.press("test")
        person.page.wait_for("asking")
        assert isinstance(person.page.driver, Firefox)
        yield person, person.page.driver


@pytest.mark.parametrize(
    ("button", "shown"), [("secondaryButton", "trouble"), ("button", "question")]
)
def test_the_question_of_firefox_is_answered_by_its_own_buttons(
    button: str, shown: str, tmp_path: Path
) -> None:
    with firefox_that_asks(tmp_path) as (person, firefox):
        firefox.answer_question(button)
        assert person.page.wait_for("question", "trouble") == shown
        evidence = person.ends("stop" if shown == "trouble" else "yes")
    if shown == "trouble":
        assert saw(evidence, MicrophoneTrouble.DENIED)
    else:
        assert says(judged(AUDIO_MICROPHONE, evidence), MicrophoneState.CLEAR.verdict)


def test_a_question_of_firefox_that_was_closed_is_found_again(tmp_path: Path) -> None:
    """Firefox goes on waiting for an answer, and tells the page nothing."""
    with firefox_that_asks(tmp_path) as (person, firefox):
        firefox.close_question()
        hidden = "document.getElementById('unasked').hidden"
        until(lambda: firefox.evaluate(hidden) is False, "what to do now")
        firefox.click_microphone_icon()
        firefox.answer_question("button")
        assert person.page.wait_for("question", "trouble") == "question"
        evidence = person.ends("yes")
    assert says(judged(AUDIO_MICROPHONE, evidence), MicrophoneState.CLEAR.verdict)


def test_windows_other_microphone_for_calls_is_seen(tmp_path: Path) -> None:
    """As Chromium tells of it on Windows: two entries that stand for devices."""
    devices = [
        {"kind": "audioinput", "deviceId": "default", "groupId": "screen"},
        {"kind": "audioinput", "deviceId": "communications", "groupId": "headset"},
    ]
    told = f"void (navigator.mediaDevices.enumerateDevices = async () => {json.dumps(devices)})"
    with hearing(tmp_path, "chromium", counting(tmp_path)) as person:
        person.page.wait_for("offered")
        person.page.driver.evaluate(told)
        assert person.speaks() == "question"
        evidence = person.ends("yes")
    assert says(judged(AUDIO_MICROPHONE, evidence), MicrophoneState.OTHER_FOR_CALLS.verdict)


@BOTH
def test_a_microphone_that_the_system_mutes_is_silent(browser: str, tmp_path: Path) -> None:
    def launcher(call: BrowserOnCall) -> Path:
        return call.chromium(*ALLOWED) if browser == "chromium" else call.firefox(MAY_RECORD)

    with (
        SoundServer(tmp_path).hearing(counting(tmp_path)) as server,
        at_a_browser(tmp_path, browser, launcher, server.environment) as person,
    ):
        server.tell("set-source-mute", "microphone", "1")
        assert person.speaks() == "question"
        evidence = person.ends("no")
    assert says(judged(AUDIO_MICROPHONE, evidence), MicrophoneState.SILENT.verdict)
    # they heard nothing, for there was nothing to hear
    assert says(judged(AUDIO_SPEAKER, evidence), SpeakerState.NOTHING_TO_HEAR.verdict)


@BOTH
def test_a_browser_that_finds_no_microphone(browser: str, tmp_path: Path) -> None:
    def launcher(call: BrowserOnCall) -> Path:
        return call.chromium(*ALLOWED) if browser == "chromium" else call.firefox(MAY_RECORD)

    nowhere = {"PULSE_SERVER": f"unix:{tmp_path}/nobody.sock"}
    with at_a_browser(tmp_path, browser, launcher, nowhere) as person:
        assert person.speaks() == "trouble"
        evidence = person.ends("stop")
    assert saw(evidence, MicrophoneTrouble.NOT_FOUND)


@BOTH
def test_a_browser_without_audio_worklets(browser: str, tmp_path: Path) -> None:
    with hearing(tmp_path, browser, counting(tmp_path)) as person:
        person.page.wait_for("offered")
        person.page.driver.evaluate("void (window.AudioWorkletNode = undefined)")
        assert person.speaks() == "trouble"
        evidence = person.ends("stop")
    assert saw(evidence, MicrophoneTrouble.NO_WORKLET)


@BOTH
def test_a_headset_that_is_pulled_out_in_the_middle(browser: str, tmp_path: Path) -> None:
    def launcher(call: BrowserOnCall) -> Path:
        return call.chromium(*ALLOWED) if browser == "chromium" else call.firefox(MAY_RECORD)

    with (
        SoundServer(tmp_path).hearing(counting(tmp_path)) as server,
        at_a_browser(tmp_path, browser, launcher, server.environment) as person,
    ):
        person.page.wait_for("offered")
        person.page.press("test")
        person.page.wait_for("recording")
        server.tell("unload-module", "module-remap-source")
        server.tell("unload-module", "module-null-sink")
        shown = person.page.wait_for("question", "trouble")
        evidence = person.ends("stop" if shown == "trouble" else "no")
    assert evidence.refused is not None, evidence
    assert evidence.refused.trouble in {MicrophoneTrouble.UNPLUGGED, MicrophoneTrouble.STALLED}


SLOW_PROGRAM = """(usual => {
  window.told = [];
  window.fetch = async (...all) => {
    window.told.push(JSON.parse(all[1].body));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return usual(...all);
  };
})(window.fetch)"""


@CHROMIUM_FIRST
def test_whoever_answers_at_once_and_twice_is_heard_once(browser: str, tmp_path: Path) -> None:
    """The question is on the screen before natwizard knows of it; here for a whole second."""
    with hearing(tmp_path, browser, counting(tmp_path)) as person:
        person.page.wait_for("offered")
        person.page.driver.evaluate(f"void {SLOW_PROGRAM}")
        person.page.press("test")
        person.page.wait_for("question")
        person.page.press("yes")
        person.page.press("yes")
        person.page.wait_for("done")
        told = person.page.driver.evaluate("told.map(({ step, stage }) => stage || step).join()")
        evidence = person.leaves()
    assert told == "asking,recording,recorded,playing,question,heard,done"
    assert evidence.state is PageState.FINISHED
    assert says(judged(AUDIO_SPEAKER, evidence), SpeakerState.HEARD.verdict)


@BOTH
def test_a_tab_that_is_closed_in_the_middle(browser: str, tmp_path: Path) -> None:
    with hearing(tmp_path, browser, counting(tmp_path)) as person:
        person.page.wait_for("offered")
        person.page.press("test")
        person.page.wait_for("recording")
        person.page.driver.evaluate("void (location.href = 'about:blank')")
        evidence = person.leaves()
    assert evidence.state is PageState.CLOSED_EARLY
    assert evidence.recorded is None


@BOTH
def test_a_second_tab_says_so_and_the_first_goes_on(browser: str, tmp_path: Path) -> None:
    with hearing(tmp_path, browser, counting(tmp_path)) as person:
        person.page.wait_for("offered")
        with person.page.in_a_second_tab() as second:
            second.wait_for("twice")
        assert person.speaks() == "question"
        evidence = person.ends("yes")
    assert evidence.recorded is not None


def test_the_whole_check_in_a_browser(tmp_path: Path) -> None:
    """From the command line to the report: the two rows, and no sample anywhere."""
    if needs("chromium"):
        pytest.skip("needs chromium")
    heard = write(tmp_path / "heard.wav", counting(tmp_path))
    on_call = BrowserOnCall(tmp_path, "chromium")
    fake = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={heard}")
    launcher = on_call.chromium(*ALLOWED, *fake)
    with on_call.ended():
        program = Program(tmp_path).start(
            "check", "--only", "audio.microphone,audio.speaker", "--headset",
            "--browser", str(launcher), "--json", "report.json", "--quiet",
        )  # fmt: skip
        page = on_call.page()
        page.wait_for("offered")
        page.press("test")
        page.wait_for("question")
        page.press("yes")
        page.wait_for("done")
        program.communicate(timeout=60)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    found = {each["check"]: (each["status"], each["summary"]) for each in report["findings"]}
    assert found == {
        "audio.microphone": ("pass", "Your microphone is loud and clear."),
        "audio.speaker": ("pass", "You heard yourself in your headset."),
    }
