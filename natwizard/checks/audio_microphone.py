"""audio.microphone: does the microphone carry a voice? The vendor is silent; calls need it."""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, EvidenceMissing, Inputs
from natwizard.checks.browser_page import STATE_WORDS, product_lines
from natwizard.checks.browser_policies import with_policies
from natwizard.checks.shared.audio_devices import (
    PLUG_IN,
    TRY_IT,
    SeenDevices,
    seen_devices,
    untried_words,
)
from natwizard.checks.shared.number_format import with_unit
from natwizard.checks.verdict import Verdict, VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import (
    Chart,
    ChartColumn,
    ChartKind,
    Detail,
    Judgement,
    Owner,
    Page,
    Status,
)
from natwizard.model.language import N_, _, ngettext
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.audio import AUDIO, AudioEvidence
from natwizard.probes.browser_check import BROWSER_CHECK
from natwizard.probes.browser_page.load import ComputerLoad
from natwizard.probes.browser_page.steps import (
    MicrophoneRefused,
    MicrophoneTrouble,
    Recorded,
    SoundFigures,
)
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS
from natwizard.probes.headset import HEADSET, HeadsetEvidence


class MicrophoneLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a voice must be like, as the microphone gives it: without the browser's corrections.

    Attributes:
        silence_dbfs: a peak under this is no sound at all; the least of 16 bits is -90 dBFS.
        least_speech_s: seconds of speech in four.
        least_speech_dbfs: softer speech is lost in what browsers take for background.
        most_clipped: share of the speech at full scale.
        most_gaps_s: seconds of a voice, of four recorded, that were lost in mid-word; one short gap
            may be a swallowed syllable.
        hum_below_speech_db: mains hum that is no further below the speech is heard.
        least_snr_db: speech over the noise of the pauses.
        telephone_hz: a voice that ends below has passed an 8 kHz channel.
        most_busy: the share of all cores, 0 to 1, beyond which a microphone that brought nothing
            may be well; most_late_ms: how long a program may have waited at worst.
    """

    silence_dbfs: float = -80
    least_speech_s: float = 0.3
    least_speech_dbfs: float = -40
    most_clipped: float = 0.002
    most_gaps_s: float = 0.1
    hum_below_speech_db: float = 30
    least_snr_db: float = 12
    telephone_hz: float = 4250
    most_busy: float = 0.9
    most_late_ms: float = 500


PRIVACY = N_("A privacy setting keeps programs from your microphone.")
OPEN_SETTINGS = N_("Open Settings, Privacy, Microphone, and let desktop apps use it.")


def not_tried(summary: str) -> Verdict:
    """Nobody has tried it: a question, which holds no verdict back, and claims nothing."""
    return Verdict(status=Status.MANUAL, summary=summary, remedy=TRY_IT)


class MicrophoneState(VerdictTable):
    """How the microphone stands."""

    CLEAR = passed(N_("Your microphone is loud and clear."))
    NOT_TRIED = not_tried(N_("Do others hear you well through your headset?"))
    BLOCKED_BY_ADMINISTRATOR = failed(PRIVACY, OPEN_SETTINGS, owner=Owner.HELPDESK)
    BLOCKED = failed(PRIVACY, OPEN_SETTINGS)
    NOT_SEEN_BY_BROWSER = failed(
        N_("Your browser does not see your microphone."),
        N_("Let your browser use the microphone in the system's privacy settings."),
    )
    NO_MICROPHONE = failed(N_("We found no microphone."), PLUG_IN)
    SILENT = failed(
        N_("Your microphone is silent."),
        N_("Switch off mute: on the headset, on its cable, and in the sound settings."),
    )
    NO_SPEECH = unknown(
        N_("We heard nobody speak into the microphone."),
        N_("Try again and speak; if you did, choose your headset as the microphone."),
    )
    COMPUTER_TOO_BUSY = unknown(
        N_("Your computer was too busy for the headset test."),
        N_("Close programs you do not need, then try again."),
    )
    CLIPPED = warned(
        N_("Your voice is distorted: the microphone is set too loud."),
        N_("Turn the microphone down in the system's sound settings."),
    )
    BREAKS_OFF = warned(
        N_("Parts of your voice are missing."),
        N_("Use the headset's cable, or stay near its adapter; close programs you do not need."),
    )
    TOO_QUIET = warned(
        N_("Your voice is very quiet."),
        N_("Put the microphone to your mouth, or turn it up in the sound settings."),
    )
    HUM = warned(
        N_("Your microphone hums."),
        N_("Plug the headset into another socket, away from power supplies."),
    )
    NOISY = warned(
        N_("There is much noise behind your voice."),
        N_("Take calls where it is quieter, with the microphone near your mouth."),
    )
    TELEPHONE = warned(
        N_("Your voice sounds like on an old telephone."),
        N_("Connect the headset by its cable or its own USB adapter."),
    )
    OTHER_FOR_CALLS = warned(
        N_("Your computer has another microphone for calls."),
        N_("Set the same device as default and for communication in the sound settings."),
    )


REFUSALS: Final[Mapping[MicrophoneTrouble, Verdict]] = {
    MicrophoneTrouble.NO_API: failed(
        N_("This browser lets no page use a microphone."),
        N_("Take your calls in Chrome, Edge or Firefox."),
    ),
    MicrophoneTrouble.NO_WORKLET: unknown(
        N_("Your browser is too old for the headset test."),
        N_("Update your browser, then try your headset again."),
    ),
    MicrophoneTrouble.BLOCKED: unknown(
        N_("Your browser keeps our test page from the microphone."),
        N_("Allow it by the sign beside the page's address, then try again."),
    ),
    MicrophoneTrouble.DENIED: unknown(
        N_("You did not let the test use the microphone."),
        N_("Try again, and choose Allow when your browser asks."),
    ),
    MicrophoneTrouble.DISMISSED: unknown(
        N_("The browser's question about the microphone was closed."),
        N_("Try again, and choose Allow when your browser asks."),
    ),
    MicrophoneTrouble.SYSTEM: failed(
        N_("Your computer keeps your browser from the microphone."), OPEN_SETTINGS
    ),
    MicrophoneTrouble.NOT_FOUND: failed(N_("Your browser finds no microphone."), PLUG_IN),
    MicrophoneTrouble.BUSY: failed(
        N_("Your browser could not open the microphone."),
        N_("Close other programs that use it, such as meetings, then try again."),
    ),
    MicrophoneTrouble.UNPLUGGED: unknown(
        N_("The microphone went away during the test."),
        N_("Plug the headset in firmly, then try again."),
    ),
    MicrophoneTrouble.STALLED: failed(
        N_("Your microphone is there, and sends nothing."),
        N_("Plug the headset in once more, then try again."),
    ),
    MicrophoneTrouble.OTHER: unknown(
        N_("The microphone could not be used in the test."),
        N_("Close the browser, then try your headset again."),
    ),
}
# Browsers give up after some seconds, whoever kept them waiting
GIVES_UP_S = 2.0
REFUSED_BY_TIME: Final = frozenset({MicrophoneTrouble.STALLED, MicrophoneTrouble.BUSY})
REFUSAL_WORDS: Final[Mapping[MicrophoneTrouble, str]] = {
    MicrophoneTrouble.NO_API: N_("no microphone for pages"),
    MicrophoneTrouble.NO_WORKLET: N_("a browser of 2020 or older"),
    MicrophoneTrouble.BLOCKED: N_("blocked before"),
    MicrophoneTrouble.DENIED: N_("not allowed"),
    MicrophoneTrouble.DISMISSED: N_("question closed"),
    MicrophoneTrouble.SYSTEM: N_("blocked by the system"),
    MicrophoneTrouble.NOT_FOUND: N_("no microphone"),
    MicrophoneTrouble.BUSY: N_("could not be opened"),
    MicrophoneTrouble.UNPLUGGED: N_("unplugged"),
    MicrophoneTrouble.STALLED: N_("no samples"),
    MicrophoneTrouble.OTHER: N_("another reason"),
}
EXPECTED = N_("clear speech")


def judge(inputs: Inputs, limits: MicrophoneLimits) -> Judgement:
    """What was recorded comes first; without a test, whether there is a microphone at all."""
    tested = inputs.evidence_or_none(HEADSET)
    if tested is not None and tested.recorded is not None:
        judged = _recorded(tested.recorded, limits)
        return replace(judged, details=(*judged.details, *product_lines(tested.product)))
    present = _present(inputs, tested)
    if present.status is Status.FAIL:
        return present
    if tested is None:
        return present
    if tested.refused is not None:
        return _refused(inputs, tested, tested.refused, limits)
    # the page came to nothing, for which nobody needs a verdict: it may be opened again
    return replace(present, observed=_(STATE_WORDS[tested.state]))


def _recorded(recorded: Recorded, limits: MicrophoneLimits) -> Judgement:
    figures = recorded.figures
    state = _state(recorded, limits)
    speech = with_unit(figures.speech_dbfs, Unit.DECIBEL_OF_FULL_SCALE, 0)
    above = with_unit(figures.speech_dbfs - figures.noise_dbfs, Unit.DECIBEL, 0)
    silent = state in {MicrophoneState.SILENT, MicrophoneState.NO_SPEECH}
    heard = _("{level}, {above} above the noise").format(level=speech, above=above)
    least = with_unit(limits.least_speech_dbfs, Unit.DECIBEL_OF_FULL_SCALE, 0)
    snr = with_unit(limits.least_snr_db, Unit.DECIBEL, 0)
    return state.verdict.judgement(
        observed=_("no speech") if silent else heard,
        expected=_("at least {level}, {above} above the noise").format(level=least, above=snr),
        measured=_measured(recorded),
        details=_sound_lines(recorded),
        chart=_level_chart(figures, limits),
    )


FLOOR_DBFS = -60.0


def _level_chart(figures: SoundFigures, limits: MicrophoneLimits) -> Chart | None:
    """The recording by tenths of a second; what is under -60 dBFS is nothing to anybody."""
    if not figures.levels_dbfs:
        return None
    each_s = figures.length_s / len(figures.levels_dbfs)
    heights = (min(-FLOOR_DBFS, max(0.0, each - FLOOR_DBFS)) for each in figures.levels_dbfs)
    return Chart(
        title=_("Level of the microphone"),
        kind=ChartKind.VOICE,
        unit=Unit.DECIBEL_OF_FULL_SCALE.value,
        base=FLOOR_DBFS,
        span=-FLOOR_DBFS,
        limit_ms=max(0.0, limits.least_speech_dbfs - FLOOR_DBFS),
        length_s=max(figures.length_s, 1.0),
        columns=tuple(
            ChartColumn(start_s=place * each_s, low=height, median=height, high=height)
            for place, height in enumerate(heights)
        ),
    )


def _state(recorded: Recorded, limits: MicrophoneLimits) -> MicrophoneState:
    """The first fault that explains what is heard: the later ones may follow from it."""
    figures = recorded.figures
    found = (
        (MicrophoneState.SILENT, figures.silent or figures.peak_dbfs < limits.silence_dbfs),
        (MicrophoneState.NO_SPEECH, figures.speech_s < limits.least_speech_s),
        (MicrophoneState.CLIPPED, figures.clipped > limits.most_clipped),
        (MicrophoneState.BREAKS_OFF, figures.gaps_s > limits.most_gaps_s),
        (MicrophoneState.TOO_QUIET, figures.speech_dbfs < limits.least_speech_dbfs),
        (MicrophoneState.HUM, _hums(figures, limits)),
        (MicrophoneState.NOISY, figures.speech_dbfs - figures.noise_dbfs < limits.least_snr_db),
        (MicrophoneState.TELEPHONE, _reaches_hz(recorded) < limits.telephone_hz),
        (MicrophoneState.OTHER_FOR_CALLS, recorded.default_is_communications is False),
    )
    return next((state for state, is_so in found if is_so), MicrophoneState.CLEAR)


def _reaches_hz(recorded: Recorded) -> float:
    """Up to where there can be a voice: a bad converter of rates adds its mirror image above."""
    return min(recorded.figures.bandwidth_hz, recorded.sample_rate_hz / 2)


def _hums(figures: SoundFigures, limits: MicrophoneLimits) -> bool:
    loud = figures.hum_dbfs > figures.speech_dbfs - limits.hum_below_speech_db
    return figures.hum_hz > 0 and loud


def _measured(recorded: Recorded) -> tuple[Quantity, ...]:
    figures = recorded.figures
    dbfs, hertz = Unit.DECIBEL_OF_FULL_SCALE, Unit.HERTZ
    found: tuple[tuple[str, float, Unit], ...] = (
        ("speech_level", figures.speech_dbfs, dbfs),
        ("noise_level", figures.noise_dbfs, dbfs),
        ("peak_level", figures.peak_dbfs, dbfs),
        ("hum_level", figures.hum_dbfs, dbfs),
        ("hum_frequency", figures.hum_hz, hertz),
        ("clipped_share", figures.clipped, Unit.FRACTION),
        ("speech", figures.speech_s, Unit.SECOND),
        ("gaps", figures.gaps_s, Unit.SECOND),
        ("voice_bandwidth", figures.bandwidth_hz, hertz),
        ("sample_rate", recorded.sample_rate_hz, hertz),
        ("output_sample_rate", recorded.output_rate_hz, hertz),
        ("channels", recorded.channels, Unit.COUNT),
    )
    return tuple(
        Quantity(name=name, value=round(value, 5), unit=unit) for name, value, unit in found
    )


KINDS = (
    (r"bluetooth|hands-?free|airpods|\bbuds\b|\bbt\b", N_("a Bluetooth headset")),
    (r"\busb\b|jabra|plantronics|poly\b|epos|sennheiser|logitech", N_("a USB headset")),
    (r"built-?in|internal|array|intern\b|integr", N_("the computer's own microphone")),
    (r"monitor of|virtual|fake|null", N_("a virtual microphone")),
)
"""By the words that systems and makers put into names; the order decides."""
ANY_KIND = N_("a microphone")


def kind_of(device: str) -> str:
    """What kind of microphone a name tells of, in the language of now."""
    found = (kind for words, kind in KINDS if re.search(words, device, re.IGNORECASE))
    return _(next(found, ANY_KIND))


def _sound_lines(recorded: Recorded) -> tuple[Detail, ...]:
    figures = recorded.figures
    full, hertz = Unit.DECIBEL_OF_FULL_SCALE, Unit.HERTZ
    channels = ngettext("{count} channel", "{count} channels", recorded.channels)
    rate = _("{rate}, {channels}; the speaker at {output}").format(
        rate=with_unit(recorded.sample_rate_hz, hertz, 0),
        channels=channels.format(count=recorded.channels),
        output=with_unit(recorded.output_rate_hz, hertz, 0),
    )
    noise = with_unit(figures.noise_dbfs, full, 0)
    if figures.hum_hz:
        hum = with_unit(figures.hum_dbfs, full, 0)
        noise = _("{noise}; hum of {mains} at {hum}").format(
            noise=noise, mains=with_unit(figures.hum_hz, hertz, 0), hum=hum
        )
    lines = [
        Detail(label=_("Kind of device"), text=kind_of(recorded.device)),
        Detail(label=_("Name"), text=recorded.device or _("not told")),
        Detail(label=_("Sample rate"), text=rate),
        Detail(label=_("Loudest sample"), text=with_unit(figures.peak_dbfs, full, 1)),
        Detail(label=_("Noise in the pauses"), text=noise),
        Detail(label=_("At full scale"), text=with_unit(figures.clipped * 100, Unit.PERCENT, 1)),
        Detail(label=_("Voice reaches up to"), text=with_unit(figures.bandwidth_hz, hertz, 0)),
    ]
    if figures.gaps_s:
        lost = with_unit(figures.gaps_s, Unit.SECOND, 2)
        lines.append(Detail(label=_("Missing in mid-word"), text=lost))
    if recorded.default_is_communications is not None:
        same = _("the same") if recorded.default_is_communications else _("another")
        lines.append(Detail(label=_("Microphone for calls"), text=same))
    return tuple(lines)


def _is_busy(load: ComputerLoad | None, limits: MicrophoneLimits) -> bool:
    if load is None or load.length_s < GIVES_UP_S:
        return False
    return load.busy_share > limits.most_busy or load.late_ms > limits.most_late_ms


def _refused(
    inputs: Inputs, tested: HeadsetEvidence, refused: MicrophoneRefused, limits: MicrophoneLimits
) -> Judgement:
    """A policy that keeps pages from the microphone is named, and settles it."""
    said = Detail(label=_("The browser said"), text=refused.error or _("nothing"))
    verdict = REFUSALS[refused.trouble]
    if refused.trouble in REFUSED_BY_TIME and _is_busy(tested.refused_load, limits):
        verdict = MicrophoneState.COMPUTER_TOO_BUSY.verdict
    judged = verdict.judgement(
        observed=_(REFUSAL_WORDS[refused.trouble]),
        expected=_(EXPECTED),
        measured=(Quantity(name="trouble", value=refused.trouble.value, unit=Unit.TEXT),),
        details=(said, *product_lines(tested.product)),
    )
    return with_policies(inputs, AUDIO_MICROPHONE.name, judged, tested.product)


def _present(inputs: Inputs, tested: HeadsetEvidence | None) -> Judgement:
    try:
        seen = seen_devices(inputs)
    except EvidenceMissing:
        if tested is None:
            raise
        return MicrophoneState.NOT_TRIED.verdict.judgement(observed="", expected=_(EXPECTED))
    count = seen.microphones
    names = seen.listed.microphones if seen.listed is not None else ()
    default = seen.listed.default_microphone if seen.listed is not None else ""
    for_calls = seen.listed.call_microphone if seen.listed is not None else ""
    judged = _presence(seen).verdict.judgement(
        observed=untried_words(count),
        expected=_(EXPECTED),
        measured=(Quantity(name="microphones", value=count, unit=Unit.COUNT),)
        if count is not None
        else (),
        details=(*seen.lines(_("Microphones"), names, default, for_calls), *_setting(seen.listed)),
    )
    return replace(judged, untried=_("your headset was not tried"))


def _setting(listed: AudioEvidence | None) -> tuple[Detail, ...]:
    if listed is None or not listed.blocked_by:
        return ()
    return (Detail(label=_("Privacy setting"), text=listed.blocked_by),)


def _presence(seen: SeenDevices) -> MicrophoneState:
    if seen.listed is not None and seen.listed.blocked_by:
        for_all = seen.listed.blocked_by.startswith("HKLM")
        return MicrophoneState.BLOCKED_BY_ADMINISTRATOR if for_all else MicrophoneState.BLOCKED
    if seen.microphones:
        return MicrophoneState.NOT_TRIED
    if seen.seen_by_browser and seen.listed is not None and seen.listed.microphones:
        return MicrophoneState.NOT_SEEN_BY_BROWSER
    return MicrophoneState.NO_MICROPHONE


AUDIO_MICROPHONE = Check(
    name="audio.microphone",
    title=N_("Microphone"),
    page=Page.COMPUTER,
    needs=(AUDIO, BROWSER_CHECK, HEADSET, BROWSER_POLICY, BROWSERS),
    limits=MicrophoneLimits,
    judge=judge,
    meaning=N_(
        "What callers hear you by. Too quiet, too loud, a hum or a noise in it is theirs to bear:"
        " you do not hear it yourself."
    ),
    method=N_(
        "Four seconds of speech in the browser, without its corrections: levels of speech and"
        " pauses by short-time energy, samples at full scale, gaps in mid-word, mains hum, spectrum"
    ),
)
