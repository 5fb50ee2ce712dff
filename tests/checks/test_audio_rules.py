"""audio.microphone and audio.speaker as tables of cases: devices, recordings, refusals, answers."""

import pytest
from cases.page_cases import CHROME, GOOD_DEVICES, INSTANCE, finished
from msgspec.structs import replace

from natwizard.checks.audio_microphone import (
    AUDIO_MICROPHONE,
    REFUSAL_WORDS,
    REFUSALS,
    MicrophoneState,
    kind_of,
)
from natwizard.checks.audio_speaker import AUDIO_SPEAKER, SpeakerState
from natwizard.checks.base import AnyCheck, EvidenceMissing, Inputs
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import Gathered, Outcome
from natwizard.probes.audio import AUDIO, AudioEvidence
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.load import ComputerLoad
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.steps import (
    MicrophoneRefused,
    MicrophoneTrouble,
    Recorded,
    SoundFigures,
)
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY, BrowserPolicyEvidence
from natwizard.probes.browsers.policy_value import PolicyValue
from natwizard.probes.headset import HEADSET, HeadsetEvidence

CLEAR = SoundFigures(
    length_s=4,
    speech_s=1.9,
    peak_dbfs=-4.8,
    silent=False,
    speech_dbfs=-22,
    noise_dbfs=-60,
    clipped=0,
    hum_dbfs=-120,
    hum_hz=0,
    bandwidth_hz=10500,
)
HEARD = Recorded(
    instance=INSTANCE,
    device="Headset (Hands-Free)",
    sample_rate_hz=48000,
    output_rate_hz=48000,
    channels=1,
    figures=CLEAR,
)
BOTH = AudioEvidence(microphones=("Array",), speakers=("Speakers",))
NOTHING = AudioEvidence(microphones=(), speakers=())


def visit(recorded: Recorded | None = HEARD, **parts: object) -> HeadsetEvidence:
    good: dict[str, object] = {"state": PageState.FINISHED, "product": CHROME}
    return HeadsetEvidence(recorded=recorded, **(good | parts))  # type: ignore[arg-type]


def judge(
    check: AnyCheck,
    headset: HeadsetEvidence | None = None,
    *,
    page: BrowserCheckEvidence | None = None,
    system: AudioEvidence | None = None,
    policy: BrowserPolicyEvidence | None = None,
) -> Judgement:
    brought = {HEADSET: headset, BROWSER_CHECK: page, AUDIO: system, BROWSER_POLICY: policy}
    outcomes: dict[str, Outcome[object]] = {
        probe.name: Gathered(evidence=each) for probe, each in brought.items() if each is not None
    }
    return check.bind({})(Inputs(outcomes=outcomes))


def seen(microphones: int, speakers: int, name: str = "Chrome") -> BrowserCheckEvidence:
    counted = replace(GOOD_DEVICES, microphones=microphones, speakers=speakers)
    product = BrowserProduct(name=name, version="158.0", user_agent=name)
    return finished(devices=counted, product=product)


Microphone, Speaker = MicrophoneState, SpeakerState


@pytest.mark.parametrize(
    ("page", "system", "microphone", "speaker"),
    [
        (None, BOTH, Microphone.NOT_TRIED, Speaker.NOT_TRIED),
        (None, NOTHING, Microphone.NO_MICROPHONE, Speaker.NO_SPEAKER),
        (seen(1, 1), None, Microphone.NOT_TRIED, Speaker.NOT_TRIED),
        # a Bluetooth headset that the system's list does not know
        (seen(1, 1), NOTHING, Microphone.NOT_TRIED, Speaker.NOT_TRIED),
        (seen(0, 1), BOTH, Microphone.NOT_SEEN_BY_BROWSER, Speaker.NOT_TRIED),
        (seen(0, 1), NOTHING, Microphone.NO_MICROPHONE, Speaker.NOT_TRIED),
        (seen(1, 0), BOTH, Microphone.NOT_TRIED, Speaker.NO_SPEAKER),
        (seen(1, 0, "Firefox"), BOTH, Microphone.NOT_TRIED, Speaker.NOT_TRIED),
        (seen(1, 0, "Firefox"), None, Microphone.NOT_TRIED, Speaker.NOT_TRIED),
        (seen(1, 0, "Firefox"), NOTHING, Microphone.NOT_TRIED, Speaker.NO_SPEAKER),
        (seen(0, 0, "Safari"), BOTH, Microphone.NOT_TRIED, Speaker.NOT_TRIED),
        (finished(devices=None), BOTH, Microphone.NOT_TRIED, Speaker.NOT_TRIED),
    ],
)
def test_without_a_test_what_is_there_is_a_question_and_what_is_missing_a_problem(
    page: BrowserCheckEvidence | None,
    system: AudioEvidence | None,
    microphone: MicrophoneState,
    speaker: SpeakerState,
) -> None:
    found = judge(AUDIO_MICROPHONE, page=page, system=system)
    assert (found.status, found.summary) == (microphone.verdict.status, microphone.verdict.summary)
    assert found.untried == "your headset was not tried"
    found = judge(AUDIO_SPEAKER, page=page, system=system)
    assert (found.status, found.summary) == (speaker.verdict.status, speaker.verdict.summary)


@pytest.mark.parametrize("check", [AUDIO_MICROPHONE, AUDIO_SPEAKER])
def test_a_page_without_devices_and_a_system_without_a_list_tell_nothing(check: AnyCheck) -> None:
    with pytest.raises(EvidenceMissing):
        judge(check, page=finished(devices=None))


@pytest.mark.parametrize(
    ("place", "owner"),
    [
        (r"HKCU\SOFTWARE\...\microphone\NonPackaged", Owner.AGENT),
        (r"HKLM\SOFTWARE\...\microphone", Owner.HELPDESK),
    ],
)
@pytest.mark.parametrize("page", [None, seen(1, 1), seen(0, 1)])
def test_a_privacy_setting_that_blocks_the_microphone_is_named(
    page: BrowserCheckEvidence | None, place: str, owner: Owner
) -> None:
    judged = judge(AUDIO_MICROPHONE, page=page, system=replace(BOTH, blocked_by=place))
    assert judged.status is Status.FAIL
    assert judged.summary == "A privacy setting keeps programs from your microphone."
    assert judged.remedy is not None
    assert judged.remedy.owner is owner
    assert any(place in detail.text for detail in judged.details)


def test_the_default_device_is_marked() -> None:
    system = AudioEvidence(
        microphones=("Array", "Headset"), speakers=("Speakers",), default_microphone="Headset"
    )
    judged = judge(AUDIO_MICROPHONE, system=system)
    assert judged.details[0].text == "Array, Headset (default)"


@pytest.mark.parametrize(
    ("default", "for_calls", "words"),
    [
        ("Speakers", "Headset", "Speakers (default for other sound), Headset (default for calls)"),
        ("Speakers", "Speakers", "Speakers (default), Headset"),
        ("Speakers", "", "Speakers (default), Headset"),
        ("", "Headset", "Speakers, Headset (default for calls)"),
    ],
)
def test_windows_device_for_calls_is_named(default: str, for_calls: str, words: str) -> None:
    system = AudioEvidence(
        microphones=("Array",),
        speakers=("Speakers", "Headset"),
        default_speaker=default,
        call_speaker=for_calls,
    )
    judged = judge(AUDIO_SPEAKER, system=system)
    assert words in [line.text for line in judged.details]


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, Microphone.CLEAR),
        ({"silent": True, "peak_dbfs": -120, "speech_s": 0}, Microphone.SILENT),
        ({"peak_dbfs": -90.3, "speech_s": 0}, Microphone.SILENT),
        ({"speech_s": 0, "speech_dbfs": -120, "peak_dbfs": -50}, Microphone.NO_SPEECH),
        ({"clipped": 0.003}, Microphone.CLIPPED),
        ({"clipped": 0.001}, Microphone.CLEAR),
        ({"speech_dbfs": -40.1, "noise_dbfs": -80}, Microphone.TOO_QUIET),
        ({"speech_dbfs": -39.9, "noise_dbfs": -80}, Microphone.CLEAR),
        ({"hum_hz": 50, "hum_dbfs": -45, "noise_dbfs": -45}, Microphone.HUM),
        ({"hum_hz": 60, "hum_dbfs": -53}, Microphone.CLEAR),
        # as loud as hum, but at no frequency of the mains
        ({"hum_hz": 0, "hum_dbfs": -45, "noise_dbfs": -45}, Microphone.CLEAR),
        ({"noise_dbfs": -33}, Microphone.NOISY),
        ({"noise_dbfs": -35}, Microphone.CLEAR),
        ({"bandwidth_hz": 4000}, Microphone.TELEPHONE),
        ({"bandwidth_hz": 7000}, Microphone.CLEAR),
        # each at its limit, and just beyond it
        ({"peak_dbfs": -80}, Microphone.CLEAR),
        ({"peak_dbfs": -80.1}, Microphone.SILENT),
        ({"speech_s": 0.3}, Microphone.CLEAR),
        ({"speech_s": 0.29}, Microphone.NO_SPEECH),
        ({"clipped": 0.002}, Microphone.CLEAR),
        ({"clipped": 0.0021}, Microphone.CLIPPED),
        ({"speech_dbfs": -40, "noise_dbfs": -80}, Microphone.CLEAR),
        ({"hum_hz": 50, "hum_dbfs": -52}, Microphone.CLEAR),
        ({"hum_hz": 50, "hum_dbfs": -51.9}, Microphone.HUM),
        ({"hum_hz": 1, "hum_dbfs": -51.9}, Microphone.HUM),
        ({"noise_dbfs": -34}, Microphone.CLEAR),
        ({"noise_dbfs": -33.9}, Microphone.NOISY),
        ({"bandwidth_hz": 4250}, Microphone.CLEAR),
        ({"bandwidth_hz": 4249}, Microphone.TELEPHONE),
        ({"gaps_s": 0.1}, Microphone.CLEAR),
        ({"gaps_s": 0.11}, Microphone.BREAKS_OFF),
        # a microphone that distorts is not blamed for the noise which that makes
        ({"clipped": 0.2, "noise_dbfs": -25, "bandwidth_hz": 4000}, Microphone.CLIPPED),
    ],
)
def test_each_fault_of_a_recording_has_its_own_verdict(
    changed: dict[str, float], state: MicrophoneState
) -> None:
    judged = judge(AUDIO_MICROPHONE, visit(replace(HEARD, figures=replace(CLEAR, **changed))))
    assert (judged.status, judged.summary) == (state.verdict.status, state.verdict.summary)
    assert not judged.untried


@pytest.mark.parametrize(
    ("same", "state"),
    [
        (None, Microphone.CLEAR),
        (True, Microphone.CLEAR),
        (False, Microphone.OTHER_FOR_CALLS),
    ],
)
def test_another_device_for_calls_is_advice(same: bool | None, state: MicrophoneState) -> None:
    judged = judge(AUDIO_MICROPHONE, visit(replace(HEARD, default_is_communications=same)))
    assert (judged.status, judged.summary) == (state.verdict.status, state.verdict.summary)


def test_a_recording_outdoes_every_count_of_devices() -> None:
    for check in (AUDIO_MICROPHONE, AUDIO_SPEAKER):
        judged = judge(check, visit(heard=True), page=seen(0, 0), system=NOTHING)
        assert judged.status is Status.PASS


def refused(trouble: MicrophoneTrouble) -> HeadsetEvidence:
    told = MicrophoneRefused(instance=INSTANCE, trouble=trouble, error="NotAllowedError: no")
    return visit(None, refused=told)


@pytest.mark.parametrize("trouble", MicrophoneTrouble)
def test_each_refusal_has_its_own_verdict(trouble: MicrophoneTrouble) -> None:
    judged = judge(AUDIO_MICROPHONE, refused(trouble), page=seen(1, 1))
    verdict = REFUSALS[trouble]
    assert (judged.status, judged.summary) == (verdict.status, verdict.summary)
    assert judged.observed == REFUSAL_WORDS[trouble]
    assert judged.details[0].text == "NotAllowedError: no"
    # nobody has listened yet
    speaker = judge(AUDIO_SPEAKER, refused(trouble), page=seen(1, 1))
    assert speaker.status is Status.MANUAL


@pytest.mark.parametrize(
    "load",
    [
        ComputerLoad(busy_share=0.97, length_s=5),
        ComputerLoad(busy_share=0.6, late_ms=900, length_s=5),
    ],
)
@pytest.mark.parametrize("trouble", MicrophoneTrouble)
def test_a_busy_computer_may_be_why_a_microphone_brought_nothing(
    trouble: MicrophoneTrouble, load: ComputerLoad
) -> None:
    judged = judge(AUDIO_MICROPHONE, replace(refused(trouble), refused_load=load), page=seen(1, 1))
    excused = trouble in {MicrophoneTrouble.STALLED, MicrophoneTrouble.BUSY}
    verdict = Microphone.COMPUTER_TOO_BUSY.verdict if excused else REFUSALS[trouble]
    assert (judged.status, judged.summary) == (verdict.status, verdict.summary)
    # nobody waited for it: it had another reason
    idle, at_once = ComputerLoad(busy_share=0.7, late_ms=60, length_s=5), replace(load, length_s=1)
    for other in (idle, at_once):
        told = replace(refused(trouble), refused_load=other)
        judged = judge(AUDIO_MICROPHONE, told, page=seen(1, 1))
        assert judged.summary == REFUSALS[trouble].summary


def test_every_refusal_says_something_else() -> None:
    assert len({verdict.summary for verdict in REFUSALS.values()}) == len(MicrophoneTrouble)


def test_no_refusal_by_the_person_is_a_problem_of_the_computer() -> None:
    for trouble in (MicrophoneTrouble.DENIED, MicrophoneTrouble.DISMISSED):
        assert REFUSALS[trouble].status is Status.UNKNOWN


def test_a_policy_that_keeps_pages_from_the_microphone_is_named() -> None:
    policy = PolicyValue(
        family=BrowserFamily.CHROME,
        key="AudioCaptureAllowed",
        values=("false",),
        place=r"HKLM\SOFTWARE\Policies\Google\Chrome",
    )
    judged = judge(
        AUDIO_MICROPHONE,
        refused(MicrophoneTrouble.BLOCKED),
        page=seen(1, 1),
        policy=BrowserPolicyEvidence(settings=(policy,)),
    )
    assert judged.status is Status.FAIL
    assert judged.remedy is not None
    assert "AudioCaptureAllowed" in judged.remedy.text
    assert judged.remedy.owner is Owner.HELPDESK


@pytest.mark.parametrize("state", [s for s in PageState if s is not PageState.FINISHED])
def test_a_test_that_was_not_made_holds_no_verdict_back(state: PageState) -> None:
    for check in (AUDIO_MICROPHONE, AUDIO_SPEAKER):
        assert judge(check, visit(None, state=state), page=seen(1, 1)).status is Status.MANUAL


MUTED = replace(HEARD, figures=replace(CLEAR, silent=True, speech_s=0))


@pytest.mark.parametrize(
    ("recorded", "heard", "state"),
    [
        (HEARD, True, Speaker.HEARD),
        (HEARD, False, Speaker.NOT_HEARD),
        (replace(HEARD, figures=replace(CLEAR, speech_s=0.5)), False, Speaker.NOT_HEARD),
        (MUTED, False, Speaker.NOTHING_TO_HEAR),
        (MUTED, True, Speaker.HEARD),
        (HEARD, None, Speaker.NOT_TRIED),
    ],
)
def test_the_speaker_stands_on_the_word_of_the_person(
    recorded: Recorded, heard: bool | None, state: SpeakerState
) -> None:
    judged = judge(AUDIO_SPEAKER, visit(recorded, heard=heard), page=seen(1, 1))
    assert (judged.status, judged.summary) == (state.verdict.status, state.verdict.summary)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Kim's AirPods", "a Bluetooth headset"),
        ("Headset (Jabra Evolve2 Hands-Free)", "a Bluetooth headset"),
        ("Jabra EVOLVE 20 MS", "a USB headset"),
        ("Microphone Array (Realtek Audio)", "the computer's own microphone"),
        ("MacBook Pro Microphone (Built-in)", "the computer's own microphone"),
        ("Fake Default Audio Input", "a virtual microphone"),
        ("", "a microphone"),
    ],
)
def test_the_kind_of_a_device_is_told_by_its_name(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_the_level_is_drawn_above_a_floor_and_an_old_page_draws_none() -> None:
    """Levels under the floor are on it, however silent; the limit is that of the rule."""
    levels = (-120, -70, -22, 0)
    heard = replace(HEARD, figures=replace(CLEAR, levels_dbfs=levels))
    chart = judge(AUDIO_MICROPHONE, visit(heard)).chart
    assert chart is not None
    assert [column.median + chart.base for column in chart.columns] == [-60, -60, -22, 0]
    assert [column.start_s for column in chart.columns] == [0, 1, 2, 3]
    assert chart.limit_ms + chart.base == -40
    assert judge(AUDIO_MICROPHONE, visit()).chart is None


@pytest.mark.parametrize(
    ("load", "excused"),
    [
        (ComputerLoad(busy_share=0.9, late_ms=500, length_s=2), False),
        (ComputerLoad(busy_share=0.901, late_ms=500, length_s=2), True),
        (ComputerLoad(busy_share=0.9, late_ms=501, length_s=2), True),
        # a browser that gave up sooner had not waited
        (ComputerLoad(busy_share=1.0, late_ms=900, length_s=1.99), False),
    ],
)
def test_what_a_busy_computer_excuses_begins_above_its_limits(
    load: ComputerLoad, *, excused: bool
) -> None:
    told = replace(refused(MicrophoneTrouble.STALLED), refused_load=load)
    verdict = (
        Microphone.COMPUTER_TOO_BUSY.verdict if excused else REFUSALS[MicrophoneTrouble.STALLED]
    )
    judged = judge(AUDIO_MICROPHONE, told, page=seen(1, 1))
    assert (judged.status, judged.summary) == (verdict.status, verdict.summary)


def test_a_short_recording_is_drawn_over_a_second_and_with_the_profiles_limit() -> None:
    heard = replace(HEARD, figures=replace(CLEAR, length_s=0.5, levels_dbfs=(-30.0, -20.0)))
    inputs = Inputs(outcomes={HEADSET.name: Gathered(evidence=visit(heard))})
    chart = AUDIO_MICROPHONE.bind({"least_speech_dbfs": -70.0})(inputs).chart
    assert chart is not None
    assert (chart.base, chart.span, chart.length_s, chart.limit_ms) == (-60, 60, 1, 0)
    columns = [(each.start_s, each.low, each.median, each.high) for each in chart.columns]
    assert columns == [(0, 30, 30, 30), (0.25, 40, 40, 40)]


def test_measured_values_are_rounded_to_what_they_are_good_for() -> None:
    judged = judge(
        AUDIO_MICROPHONE, visit(replace(HEARD, figures=replace(CLEAR, clipped=0.00123456)))
    )
    shares = [each.value for each in judged.measured if each.name == "clipped_share"]
    assert shares == [0.00123]


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_the_number_of_channels_is_told(levels: int) -> None:
    judged = judge(AUDIO_MICROPHONE, visit(replace(HEARD, channels=levels)))
    [rate] = [each.text for each in judged.details if each.label == "Sample rate"]
    assert f"{levels} channel{'' if levels == 1 else 's'};" in rate


@pytest.mark.parametrize(("device", "told"), [("Headset", "Headset"), ("", "not told")])
def test_a_device_is_told_by_its_name_where_it_has_one(device: str, told: str) -> None:
    judged = judge(AUDIO_MICROPHONE, visit(replace(HEARD, device=device)))
    assert [each.text for each in judged.details if each.label == "Name"] == [told]
