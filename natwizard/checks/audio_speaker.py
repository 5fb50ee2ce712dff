"""audio.speaker: does the person hear what is played? The vendor is silent; calls need it."""

from msgspec.structs import replace

from natwizard.checks.audio_microphone import not_tried
from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.browser_page import product_lines
from natwizard.checks.shared.audio_devices import PLUG_IN, seen_devices, untried_words
from natwizard.checks.shared.number_format import with_unit
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.audio import AUDIO
from natwizard.probes.browser_check import BROWSER_CHECK
from natwizard.probes.headset import HEADSET, HeadsetEvidence


class SpeakerState(VerdictTable):
    """How the speaker stands, on the word of the person who listened."""

    HEARD = passed(N_("You heard yourself in your headset."))
    NOT_TRIED = not_tried(N_("Do you hear others well in your headset?"))
    NO_SPEAKER = failed(N_("We found no speaker."), PLUG_IN)
    NOT_HEARD = failed(
        N_("You did not hear your own recording."),
        N_("Choose your headset as the output in the sound settings, and turn it up."),
    )
    NOTHING_TO_HEAR = unknown(
        N_("You heard nothing, for nothing was recorded."),
        N_("Fix the microphone first, then try your headset again."),
    )


EXPECTED = N_("you hear yourself")


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """What the person said comes first; without a test, whether there is a speaker at all."""
    tested = inputs.evidence_or_none(HEADSET)
    if tested is not None and tested.heard is not None:
        return _answered(tested, heard=tested.heard)
    try:
        seen = seen_devices(inputs)
    except EvidenceMissing:
        if tested is None:
            raise
        return SpeakerState.NOT_TRIED.verdict.judgement(
            observed=_("not tried"), expected=_(EXPECTED), details=product_lines(tested.product)
        )
    count = seen.speakers
    state = SpeakerState.NO_SPEAKER if count == 0 else SpeakerState.NOT_TRIED
    names = seen.listed.speakers if seen.listed is not None else ()
    default = seen.listed.default_speaker if seen.listed is not None else ""
    for_calls = seen.listed.call_speaker if seen.listed is not None else ""
    return state.verdict.judgement(
        observed=untried_words(count),
        expected=_(EXPECTED),
        measured=(Quantity(name="speakers", value=count, unit=Unit.COUNT),)
        if count is not None
        else (),
        details=seen.lines(_("Speakers"), names, default, for_calls),
    )


def _answered(tested: HeadsetEvidence, *, heard: bool) -> Judgement:
    recorded = tested.recorded
    was_sound = recorded is not None and recorded.figures.speech_s > 0
    state = SpeakerState.HEARD if heard else SpeakerState.NOT_HEARD
    if not heard and not was_sound:
        state = SpeakerState.NOTHING_TO_HEAR
    judged = state.verdict.judgement(
        observed=_("you said yes") if heard else _("you said no"),
        expected=_(EXPECTED),
        measured=(Quantity(name="heard", value=heard, unit=Unit.TEXT),),
        details=product_lines(tested.product),
    )
    if recorded is None or state.verdict.status is Status.UNKNOWN:
        return judged
    rate = with_unit(recorded.output_rate_hz, Unit.HERTZ, 0)
    return replace(judged, details=(Detail(label=_("Played at"), text=rate), *judged.details))


AUDIO_SPEAKER = Check(
    name="audio.speaker",
    title=N_("Speaker"),
    page=Page.COMPUTER,
    needs=(AUDIO, BROWSER_CHECK, HEADSET),
    limits=NoLimits,
    judge=judge,
    meaning=N_(
        "What you hear callers in. Sound often goes to another device than you think, a screen or"
        " a docking station: then you hear nothing, though the call is fine."
    ),
    method=N_("The recording is played in the browser, and the person says whether they heard it"),
)
