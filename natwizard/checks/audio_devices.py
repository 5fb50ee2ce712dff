"""audio.devices: are a microphone and a speaker present? Advice of ours; the vendor is silent."""

from natwizard.checks.base import Case, Check, NoLimits
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.audio import AUDIO, AudioEvidence


def judge(case: Case, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """A desk phone can stand in for both, so nothing here is a problem by itself."""
    audio = case.evidence(AUDIO)
    status, summary = _settle(audio)
    remedy = Remedy(text=_("Plug in a headset, then run again."), owner=Owner.AGENT)
    return Judgement(
        status=status,
        summary=summary,
        observed=_("{microphones} microphones, {speakers} speakers").format(
            microphones=len(audio.microphones), speakers=len(audio.speakers)
        ),
        expected=_("one of each"),
        measured=(
            Quantity(name="microphones", value=len(audio.microphones), unit=Unit.COUNT),
            Quantity(name="speakers", value=len(audio.speakers), unit=Unit.COUNT),
        ),
        remedy=None if status is Status.PASS else remedy,
        details=(
            Detail(label=_("Microphones"), text=", ".join(audio.microphones) or _("none")),
            Detail(label=_("Speakers"), text=", ".join(audio.speakers) or _("none")),
            Detail(
                label=_("Not tested"),
                text=_("Whether they work, and whether the browser may use them."),
            ),
        ),
    )


def _settle(audio: AudioEvidence) -> tuple[Status, str]:
    if audio.microphones and audio.speakers:
        return Status.PASS, _("A microphone and a speaker are there.")
    if audio.speakers:
        return Status.WARN, _("We found no microphone.")
    if audio.microphones:
        return Status.WARN, _("We found no speaker.")
    return Status.WARN, _("We found neither microphone nor speaker.")


AUDIO_DEVICES = Check(
    name="audio.devices",
    title="Microphone and speaker",
    page=Page.COMPUTER,
    needs=(AUDIO,),
    limits=NoLimits,
    judge=judge,
)
