"""What the headset page says of recordings that no browser plays by itself: odd voices are cleared,
faults of devices are not. The page's own script, in Chromium, over samples made here.
"""

import array
import base64
import json
import math
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path

import msgspec
import pytest
from cases.page_cases import INSTANCE
from computers.headset_lab import (
    FULL,
    RATE,
    Samples,
    at_level,
    needs,
    resampled,
    speech,
    with_hum,
)

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE, MicrophoneState
from natwizard.checks.base import Inputs
from natwizard.model.outcome import Gathered
from natwizard.probes.browser_page.steps import Recorded, SoundFigures
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.headset import HEADSET, HeadsetEvidence

pytestmark = [
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(needs("espeak-ng"), reason="needs espeak-ng"),
]
SCRIPT = Path(__file__).parents[2] / "resources/browsercheck/headset-figures.js"
BEGIN, LENGTH = RATE // 2, 4 * RATE
RUN = """
const told = {};
for (const [name, {rate, channels}] of Object.entries(SAMPLES)) {
  told[name] = soundFigures(channels.map(text => {
    const bytes = Uint8Array.from(atob(text), each => each.charCodeAt(0));
    return Float32Array.from(new Int16Array(bytes.buffer), each => each / 32767);
  }), rate);
}
const box = document.createElement("pre");
box.id = "told";
box.textContent = JSON.stringify(told);
document.body.append(box);
"""
Clear, NoSpeech = MicrophoneState.CLEAR, MicrophoneState.NO_SPEECH
Sound = tuple[MicrophoneState, int, tuple[Samples, ...]]


def each_moment(makes: Callable[[float], float]) -> Samples:
    return [makes(place / RATE) for place in range(BEGIN + LENGTH)]


def noise(dbfs: float, seed: int = 2) -> Samples:
    chance, deviation = random.Random(seed), 10 ** (dbfs / 20)
    return each_moment(lambda _moment: chance.gauss(0, deviation))


def both(one: Samples, other: Samples) -> Samples:
    return [a + b for a, b in zip(one, other, strict=False)]


def on_one_note(hertz: float) -> Samples:
    """A voice that never pauses and never changes its pitch: 26 dB down between syllables."""
    poles = [
        (2 * math.exp(-math.pi * wide / RATE) * math.cos(2 * math.pi * at / RATE),
         -math.exp(-2 * math.pi * wide / RATE), share)
        for at, wide, share in ((700, 80, 1), (1200, 100, 0.6), (2600, 150, 0.4), (6000, 400, 0.3))
    ]  # fmt: skip
    state = [[0.0, 0.0] for _pole in poles]
    made, phase = [], 0.0
    for place in range(BEGIN + LENGTH):
        phase += hertz / RATE
        pulse = 0.0
        if phase >= 1:
            phase -= 1
            pulse = max(0.05, 0.5 - 0.5 * math.cos(8 * math.pi * place / RATE))
        total = 0.0
        for held, (near, far, share) in zip(state, poles, strict=True):
            held[0], held[1] = pulse + near * held[0] + far * held[1], held[0]
            total += share * held[0]
        made.append(total)
    return both(at_level(made, -22), noise(-65))


def crackle(seed: int = 5) -> Samples:
    """A plug that is loose: moments of 2 ms, ten a second."""
    chance, made = random.Random(seed), [0.0] * (BEGIN + LENGTH)
    for _each in range(40):
        start = chance.randrange(len(made) - 50)
        for place in range(40):
            made[start + place] += 0.5 * math.exp(-place / 8) * chance.uniform(-1, 1)
    return made


def with_gaps(samples: Samples, every_s: float, length_s: float) -> Samples:
    """As a radio link that loses packets leaves them: the rest as it was, at the same moments."""
    every, length = int(every_s * RATE), int(length_s * RATE)
    return [
        0.0 if (place + every // 2) % every < length else each for place, each in enumerate(samples)
    ]


def with_clicks(samples: Samples, every_s: float) -> Samples:
    made, every = list(samples), int(every_s * RATE)
    for place in range(every // 2, len(made) - 1, every):
        made[place] += 0.5
        made[place + 1] -= 0.5
    return made


def music() -> Samples:
    """Chords of three notes with five partials each, and a drum, without a pause."""
    chance = random.Random(3)
    chords = ((220, 277, 330), (196, 247, 294), (175, 220, 262), (196, 247, 294))

    def at(moment: float) -> float:
        since = moment % 0.5
        notes = sum(
            math.sin(2 * math.pi * note * partial * moment) / partial
            for note in chords[int(moment / 0.5) % 4]
            for partial in range(1, 6)
        )
        drum = chance.gauss(0, 1) * math.exp(-40 * (moment % 0.25))
        return notes * math.exp(-1.5 * since) + drum

    return at_level(each_moment(at), -22)


def sounds(folder: Path) -> dict[str, Sound]:
    """By name: the verdict that is right, the rate, and the channels."""
    voice = both(at_level(speech(folder), -22), noise(-60))
    silence = noise(-62)
    settling = each_moment(lambda moment: 0.3 * math.exp(-moment / 0.8))
    steps = each_moment(lambda moment: 0.14 * math.sin(2 * math.pi * 15 * moment))
    opposite = [-each for each in voice]
    gated = [each if abs(each) > 0.004 else 0.0 for each in voice]
    # clipped by a converter, then turned down
    turned_down = [max(-0.4, min(0.4, 3.5 * each)) for each in voice]
    narrow = resampled(at_level(speech(folder), -22), 8000)
    repeated = [each for each in narrow for _time in range(3)]
    return {
        "a voltage that settles, and a voice": (Clear, RATE, (both(voice, settling),)),
        "a voltage that settles, and nobody": (NoSpeech, RATE, (both(silence, settling),)),
        "a fixed voltage": (Clear, RATE, ([each + 0.3 for each in voice],)),
        "steps on the floor": (Clear, RATE, (both(voice, steps),)),
        "steps on the floor, and nobody": (NoSpeech, RATE, (both(silence, steps),)),
        "the other channel has a fixed voltage": (Clear, RATE, ([0.4] * len(voice), voice)),
        "the other channel is silent": (Clear, RATE, (voice, [0.0] * len(voice))),
        "channels that cancel each other": (NoSpeech, RATE, (voice, opposite)),
        "channels that nearly do": (
            MicrophoneState.TOO_QUIET,
            RATE,
            (voice, [0.98 * each for each in opposite]),
        ),
        "nothing in the pauses": (Clear, RATE, (gated,)),
        "on the note of the mains": (Clear, RATE, (on_one_note(100),)),
        "an octave higher": (Clear, RATE, (on_one_note(200),)),
        "on the note of other mains": (Clear, RATE, (on_one_note(120),)),
        "gaps of 60 ms": (MicrophoneState.BREAKS_OFF, RATE, (with_gaps(voice, 0.2, 0.06),)),
        "gaps of 60 ms, in stereo": (
            MicrophoneState.BREAKS_OFF,
            RATE,
            (with_gaps(voice, 0.2, 0.06), with_gaps(voice, 0.2, 0.06)),
        ),
        "breaks of a busy computer": (Clear, RATE, (with_gaps(voice, 0.2, 0.02),)),
        # of a voice that nobody has: its pauses hold nothing, and it begins and ends at once
        **{
            f"no pause of {language} has a sound, {speed} words a minute": (
                Clear,
                RATE,
                (at_level(speech(folder, language, pitch=20, speed=speed), -22),),
            )
            for language in ("en", "de", "fr", "es")
            for speed in (150, 200)
        },
        "clicks, and a voice": (Clear, RATE, (with_clicks(voice, 0.25),)),
        "clicks, and nobody": (NoSpeech, RATE, (with_clicks(silence, 0.25),)),
        "music, and nobody": (NoSpeech, RATE, (both(music(), noise(-65)),)),
        "muted in hardware": (MicrophoneState.SILENT, RATE, ([0.0] * len(voice),)),
        "muted, with a fixed voltage": (MicrophoneState.SILENT, RATE, ([0.01] * len(voice),)),
        "muted, with the last bit in doubt": (
            MicrophoneState.SILENT,
            RATE,
            ([1 / FULL if each > 0 else 0.0 for each in silence],),
        ),
        "the other channel hums": (Clear, RATE, (with_hum([0.0] * len(voice), -40), voice)),
        "the other channel is noise": (Clear, RATE, (noise(-70), voice)),
        **{
            f"{rate} Hz": (Clear, rate, (resampled(at_level(speech(folder), -22), rate),))
            for rate in (11025, 22050, 32000, 44100, 96000)
        },
        "hum": (MicrophoneState.HUM, RATE, (with_hum(voice, -50),)),
        "a loose plug, and nobody": (NoSpeech, RATE, (both(crackle(), noise(-70)),)),
        "a loose plug, and a voice": (Clear, RATE, (both(voice, crackle()),)),
        "one tone": (NoSpeech, RATE, (each_moment(lambda t: 0.1 * math.sin(2765 * t)),)),
        "a whisper": (
            Clear,
            RATE,
            (both([(0.5 - 0.5 * math.cos(19 * place / RATE)) * each
                   for place, each in enumerate(noise(-28, 7))], noise(-70)),),
        ),
        "clipped and turned down": (MicrophoneState.CLIPPED, RATE, (turned_down,)),
        "8 kHz": (MicrophoneState.TELEPHONE, 8000, (narrow,)),
        "16 kHz": (Clear, 16000, (resampled(at_level(speech(folder), -22), 16000),)),
        "8 kHz, its samples told three times": (Clear, 24000, (repeated,)),
    }  # fmt: skip


def figures_of(made: dict[str, Sound], folder: Path) -> dict[str, SoundFigures]:
    """As the page would post them."""
    samples = {}
    for name, (_state, rate, channels) in made.items():
        begin = rate // 2
        packed = [
            array.array("h", (int(FULL * max(-1.0, min(1.0, each)))
                              for each in channel[begin : begin + 4 * rate])).tobytes()
            for channel in channels
        ]  # fmt: skip
        texts = [base64.b64encode(each).decode() for each in packed]
        samples[name] = {"rate": rate, "channels": texts}
    script = SCRIPT.read_text("utf-8").replace("export ", "")
    page = folder / "figures.html"
    page.write_text(
        '<!doctype html><meta charset="utf-8"><body><script type="module">'
        f"const SAMPLES = {json.dumps(samples)};{script}{RUN}</script>",
        "utf-8",
    )
    shown = subprocess.run(
        ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--virtual-time-budget=60000", f"--user-data-dir={folder / 'chromium'}", "--dump-dom",
         page.as_uri()),
        capture_output=True, text=True, timeout=100, check=True,
    ).stdout  # fmt: skip
    found = re.search(r'<pre id="told">(.*?)</pre>', shown, re.DOTALL)
    assert found is not None, "the script did not come to an end"
    return msgspec.json.decode(unescape(found[1]), type=dict[str, SoundFigures])


def test_odd_voices_are_cleared_and_faults_of_devices_are_not(tmp_path: Path) -> None:
    made = sounds(tmp_path)
    told = figures_of(made, tmp_path)
    wrong = {}
    for name, (state, rate, channels) in made.items():
        recorded = Recorded(
            instance=INSTANCE,
            sample_rate_hz=rate,
            output_rate_hz=rate,
            channels=len(channels),
            figures=told[name],
        )
        tested = HeadsetEvidence(state=PageState.FINISHED, recorded=recorded)
        judged = AUDIO_MICROPHONE.bind({})(
            Inputs(outcomes={HEADSET.name: Gathered(evidence=tested)})
        )
        if judged.summary != state.verdict.summary:
            wrong[name] = (judged.summary, told[name])
    assert wrong == {}
    # a rate of 8 kHz has no more, whatever stands above
    recorded = Recorded(
        instance=INSTANCE, sample_rate_hz=8000, output_rate_hz=24000, channels=1,
        figures=told["8 kHz, its samples told three times"],
    )  # fmt: skip
    tested = HeadsetEvidence(state=PageState.FINISHED, recorded=recorded)
    judged = AUDIO_MICROPHONE.bind({})(Inputs(outcomes={HEADSET.name: Gathered(evidence=tested)}))
    assert judged.summary == MicrophoneState.TELEPHONE.verdict.summary
