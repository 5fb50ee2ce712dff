"""audio.devices: are a microphone and a speaker present? The vendor is silent; calls need both."""

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import product_lines
from natwizard.checks.verdict import VerdictTable, failed, passed
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.audio import AUDIO, AudioEvidence
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence

FIREFOX = "Firefox"
"""It names no speakers to a page that may not use the microphone."""


class DeviceCounts(Struct, frozen=True, kw_only=True):
    """What there is, as the browser counts where it was asked, else as the system lists.

    Attributes:
        microphones, speakers: None where nobody told.
        seen_by_browser: the microphones are the browser's count.
    """

    microphones: int | None
    speakers: int | None
    seen_by_browser: bool


PRIVACY = N_("A privacy setting keeps programs from your microphone.")
OPEN_SETTINGS = N_("Open Settings, Privacy, Microphone, and let desktop apps use it.")
PLUG_IN = N_("Plug in a headset, then run again.")


class AudioState(VerdictTable):
    """What there is to speak and to hear with."""

    BOTH = passed(N_("A microphone and a speaker are there."))
    SPEAKERS_NOT_TOLD = passed(N_("A microphone is there; speakers were not told."))
    BLOCKED_BY_ADMINISTRATOR = failed(PRIVACY, OPEN_SETTINGS, owner=Owner.HELPDESK)
    BLOCKED = failed(PRIVACY, OPEN_SETTINGS)
    NOT_SEEN_BY_BROWSER = failed(
        N_("Your browser does not see your microphone."),
        N_("Let your browser use the microphone in the system's privacy settings."),
    )
    NO_MICROPHONE = failed(N_("We found no microphone."), PLUG_IN)
    NO_SPEAKER = failed(N_("We found no speaker."), PLUG_IN)
    NEITHER = failed(N_("We found neither microphone nor speaker."), PLUG_IN)


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The browser's count comes first: the webphone gets what the browser sees.

    Without both the webphone cannot take a call. That they are there says nothing of whether they
    work, so a pass says what was not tried.
    """
    page = _page(inputs)
    system = inputs.evidence(AUDIO) if page is None else inputs.evidence_or_none(AUDIO)
    heard = _heard(page, system)
    judged = _state(heard, system).verdict.judgement(
        observed=_("{microphones} microphones, {speakers} speakers").format(
            microphones=_told(heard.microphones), speakers=_told(heard.speakers)
        ),
        expected=_("one of each"),
        measured=_measured(heard),
        details=_details(page, system),
    )
    return replace(judged, untried=_("your headset was not tried"))


def _page(inputs: Inputs) -> BrowserCheckEvidence | None:
    """The visit, where it was one of a browser that takes calls and told of its devices."""
    page = inputs.evidence_or_none(BROWSER_CHECK)
    if page is None or page.devices is None or page.product is None:
        return None
    offered = page.product.supported and page.devices.microphone_api
    return page if offered else None


def _heard(page: BrowserCheckEvidence | None, system: AudioEvidence | None) -> DeviceCounts:
    listed = None if system is None else len(system.speakers)
    if page is None or page.devices is None:
        microphones = None if system is None else len(system.microphones)
        return DeviceCounts(microphones=microphones, speakers=listed, seen_by_browser=False)
    speakers: int | None = page.devices.speakers
    if not speakers and page.product is not None and page.product.name == FIREFOX:
        speakers = listed
    return DeviceCounts(
        microphones=page.devices.microphones, speakers=speakers, seen_by_browser=True
    )


def _state(heard: DeviceCounts, system: AudioEvidence | None) -> AudioState:
    if system is not None and system.blocked_by:
        for_all = system.blocked_by.startswith("HKLM")
        return AudioState.BLOCKED_BY_ADMINISTRATOR if for_all else AudioState.BLOCKED
    if heard.microphones:
        if heard.speakers is None:
            return AudioState.SPEAKERS_NOT_TOLD
        return AudioState.BOTH if heard.speakers else AudioState.NO_SPEAKER
    if heard.seen_by_browser and system and system.microphones:
        return AudioState.NOT_SEEN_BY_BROWSER
    return AudioState.NO_MICROPHONE if heard.speakers else AudioState.NEITHER


def _told(count: int | None) -> str:
    return _("?") if count is None else str(count)


def _measured(heard: DeviceCounts) -> tuple[Quantity, ...]:
    counts = {"microphones": heard.microphones, "speakers": heard.speakers}
    return tuple(
        Quantity(name=name, value=count, unit=Unit.COUNT)
        for name, count in counts.items()
        if count is not None
    )


def _details(page: BrowserCheckEvidence | None, system: AudioEvidence | None) -> tuple[Detail, ...]:
    lines: list[Detail] = []
    if system is not None:
        for label, names, default, for_calls in (
            (
                _("Microphones"),
                system.microphones,
                system.default_microphone,
                system.call_microphone,
            ),
            (_("Speakers"), system.speakers, system.default_speaker, system.call_speaker),
        ):
            marked = [_marked(name, default, for_calls) for name in names]
            lines.append(Detail(label=label, text=", ".join(marked) or _("none")))
        if system.blocked_by:
            lines.append(Detail(label=_("Privacy setting"), text=system.blocked_by))
    if page is None or page.devices is None:
        text = _("Whether they work, and whether the browser may use them.")
        return (*lines, Detail(label=_("Not tested"), text=text))
    devices = page.devices
    seen = _("{microphones} microphones, {speakers} speakers; without permission at most one each")
    words = seen.format(microphones=devices.microphones, speakers=devices.speakers)
    return (
        *lines,
        Detail(label=_("The browser sees"), text=words),
        Detail(label=_("Not tested"), text=_("Whether they work.")),
        *product_lines(page.product),
    )


def _marked(name: str, default: str, for_calls: str) -> str:
    """Which one programs use by themselves; Windows has another default for calls, if set so."""
    if name == default and (name == for_calls or not for_calls):
        return _("{name} (default)").format(name=name)
    if name == for_calls:
        return _("{name} (default for calls)").format(name=name)
    return _("{name} (default for other sound)").format(name=name) if name == default else name


AUDIO_DEVICES = Check(
    name="audio.devices",
    meaning=N_(
        "A call needs a microphone and a speaker, or a headset that is both. The computer "
        "must see them before the browser can."
    ),
    title=N_("Microphone and speaker"),
    page=Page.COMPUTER,
    needs=(AUDIO, BROWSER_CHECK),
    limits=NoLimits,
    judge=judge,
)
