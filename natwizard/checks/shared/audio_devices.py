"""What there is to speak into and to hear with, before anybody has tried it."""

from msgspec import Struct

from natwizard.checks.base import Inputs
from natwizard.checks.browser_page import product_lines
from natwizard.model.finding import Detail
from natwizard.model.language import N_, _, ngettext
from natwizard.probes.audio import AUDIO, AudioEvidence
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence

FIREFOX = "Firefox"
"""It names no speakers to a page that may not use the microphone."""

PLUG_IN = N_("Plug in a headset, then run again.")
TRY_IT = N_("Try your headset: press Test my headset.")


class SeenDevices(Struct, frozen=True, kw_only=True):
    """What there is, as the browser counts where it was asked, else as the system lists.

    Attributes:
        microphones, speakers: None where nobody told.
        seen_by_browser: the microphones are the browser's count.
        listed: what the system lists, or None.
        page: the visit that counted, or None.
    """

    microphones: int | None
    speakers: int | None
    seen_by_browser: bool
    listed: AudioEvidence | None
    page: BrowserCheckEvidence | None

    def lines(
        self, label: str, names: tuple[str, ...], default: str, for_calls: str
    ) -> tuple[Detail, ...]:
        """What the system lists of one kind, and what the browser saw."""
        marked = [_marked(name, default, for_calls) for name in names]
        listed = Detail(label=label, text=", ".join(marked) or _("none"))
        system = (listed,) if self.listed is not None else ()
        if self.page is None or self.page.devices is None:
            return system
        devices = self.page.devices
        seen = _(
            "{microphones} microphones, {speakers} speakers; without permission at most one each"
        )
        words = seen.format(microphones=devices.microphones, speakers=devices.speakers)
        shown = Detail(label=_("The browser sees"), text=words)
        return (*system, shown, *product_lines(self.page.product))


def _marked(name: str, default: str, for_calls: str) -> str:
    """Which one programs use by themselves; Windows has another default for calls, if set so."""
    if name == default and (name == for_calls or not for_calls):
        return _("{name} (default)").format(name=name)
    if name == for_calls:
        return _("{name} (default for calls)").format(name=name)
    return _("{name} (default for other sound)").format(name=name) if name == default else name


def seen_devices(inputs: Inputs) -> SeenDevices:
    """Both counts. Raises EvidenceMissing where neither browser nor system told anything.

    The browser's count comes first: the webphone gets what the browser sees.
    """
    page = _page(inputs)
    system = inputs.evidence(AUDIO) if page is None else inputs.evidence_or_none(AUDIO)
    speakers = None if system is None else len(system.speakers)
    if page is None or page.devices is None:
        microphones = None if system is None else len(system.microphones)
        return SeenDevices(
            microphones=microphones,
            speakers=speakers,
            seen_by_browser=False,
            listed=system,
            page=None,
        )
    hides_speakers = page.product is not None and page.product.name == FIREFOX
    if page.devices.speakers or not hides_speakers:
        speakers = page.devices.speakers
    return SeenDevices(
        microphones=page.devices.microphones,
        speakers=speakers,
        seen_by_browser=True,
        listed=system,
        page=page,
    )


def _page(inputs: Inputs) -> BrowserCheckEvidence | None:
    """The visit, where it was one of a browser that takes calls and told of its devices."""
    page = inputs.evidence_or_none(BROWSER_CHECK)
    if page is None or page.devices is None or page.product is None:
        return None
    offered = page.product.supported and page.devices.microphone_api
    return page if offered else None


def untried_words(count: int | None) -> str:
    """Of devices that are there, as many as somebody told, and that nobody has tried."""
    if count is None:
        return _("not tried")
    text = ngettext("{count} found, not tried", "{count} found, not tried", count)
    return text.format(count=count)
