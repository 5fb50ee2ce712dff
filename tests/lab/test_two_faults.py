"""Two faults of a microphone at once: the verdict names one of them, and nothing that is well."""

import array
import base64
import itertools
from collections.abc import Callable, Iterator

import msgspec
import pytest
from computers.headset_lab import (
    FULL,
    RATE,
    Samples,
    amplified,
    at_level,
    needs,
    resampled,
    speech,
    with_breaks,
    with_echo,
    with_hum,
    with_noise,
)
from computers.headset_page import ShownPage, shown_page

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE, MicrophoneState
from natwizard.checks.base import Inputs
from natwizard.model.outcome import Gathered
from natwizard.probes.browser_page.steps import Recorded, SoundFigures
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.headset import HEADSET, HeadsetEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("headset"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(needs("espeak-ng", "chromium"), reason="needs espeak-ng and chromium"),
]

Fault = Callable[[Samples], Samples]
CLEAR = MicrophoneState.CLEAR
# In the order in which sound meets them on its way; CLEAR is no fault of the microphone
FAULTS: dict[str, tuple[Fault, MicrophoneState]] = {
    "echo": (with_echo, CLEAR),
    "noise": (lambda samples: with_noise(samples, 5), MicrophoneState.NOISY),
    "hum": (lambda samples: with_hum(samples, -40), MicrophoneState.HUM),
    "hum of 60 Hz": (lambda samples: with_hum(samples, -42, 60), MicrophoneState.HUM),
    "quiet": (lambda samples: amplified(samples, -23), MicrophoneState.TOO_QUIET),
    "too loud": (lambda samples: amplified(samples, 16), MicrophoneState.CLIPPED),
    "breaks": (with_breaks, CLEAR),
    "offset": (lambda samples: [max(-1.0, min(1.0, each + 0.05)) for each in samples], CLEAR),
    "muted": (lambda samples: [0.0] * len(samples), MicrophoneState.SILENT),
}
BANDS = {8000: MicrophoneState.TELEPHONE, 16000: CLEAR}
"""Of a headset's hands-free profile, narrow and wide."""

# One that undoes the other leaves neither
UNDONE = {("quiet", "too loud")}
PAIRS = [pair for pair in itertools.combinations_with_replacement(FAULTS, 2) if pair not in UNDONE]
JUDGES = """import("./headset-figures.js").then(({ soundFigures }) => {
  const bytes = Uint8Array.from(atob("%s"), (each) => each.charCodeAt(0));
  const samples = Float32Array.from(new Int16Array(bytes.buffer), (each) => each / 32768);
  return JSON.stringify(soundFigures([samples], %d));
})"""


def heard(page: ShownPage, samples: Samples) -> MicrophoneState:
    """What the page's own code and our rule make of it."""
    start = RATE // 2
    whole = array.array(
        "h", (int(max(-1.0, min(1.0, each)) * FULL) for each in samples[start : start + 4 * RATE])
    )
    content = base64.b64encode(whole.tobytes()).decode()
    told = str(page.driver.evaluate(JUDGES % (content, RATE)))
    recorded = Recorded(
        instance="0" * 32,
        sample_rate_hz=RATE,
        output_rate_hz=RATE,
        channels=1,
        figures=msgspec.json.decode(told, type=SoundFigures),
    )
    evidence = HeadsetEvidence(state=PageState.FINISHED, recorded=recorded)
    judged = AUDIO_MICROPHONE.bind({})(Inputs(outcomes={HEADSET.name: Gathered(evidence=evidence)}))
    return next(each for each in MicrophoneState if each.verdict.summary == judged.summary)


def explains(found: MicrophoneState, states: set[MicrophoneState]) -> bool:
    """One of the faults there are; where there is none, none."""
    faults = states - {CLEAR}
    return found in faults if faults else found is CLEAR


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShownPage]:
    with shown_page(tmp_path_factory.mktemp("page")) as shown:
        yield shown


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return at_level(speech(tmp_path_factory.mktemp("voice")), -22)


@pytest.fixture(scope="module", params=BANDS)
def band(request: pytest.FixtureRequest, voice: Samples) -> tuple[Samples, MicrophoneState]:
    return resampled(voice, request.param, to=RATE), BANDS[request.param]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_pair_of_faults_accuses_a_third(
    one: str, other: str, page: ShownPage, voice: Samples
) -> None:
    (first, state), (second, after) = FAULTS[one], FAULTS[other]
    spoilt = first(voice) if one == other else second(first(voice))
    found = heard(page, spoilt)
    assert explains(found, {state, after}), found


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_beside_a_narrow_band_accuses_a_third(
    name: str, page: ShownPage, band: tuple[Samples, MicrophoneState]
) -> None:
    (voice, narrow), (spoil, state) = band, FAULTS[name]
    found = heard(page, spoil(voice))
    assert explains(found, {narrow, state}), found
