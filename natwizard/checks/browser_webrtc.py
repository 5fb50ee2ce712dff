"""browser.webrtc: can the browser make calls, and does it find a way out for their audio?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.checks.shared.ice_candidates import (
    NO_SERVER,
    ONLY_LOOPBACK,
    CandidateCounts,
    ProgramUdp,
    program_of,
    relay_quantities,
    setting_lines,
    ways_lines,
    ways_of,
    ways_quantities,
    ways_words,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.steps import Devices
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS
from natwizard.probes.stun.binding import STUN

ROW = PageRow(
    check="browser.webrtc",
    asks=N_("Can you make a call in your browser?"),
    how=N_("Make a test call in the browser and allow the microphone when it asks."),
    expected=N_("calls and a public way"),
)


class CallsState(VerdictTable):
    """What a browser offers for calls."""

    READY = passed(N_("Your browser can make calls."))
    MICROPHONE_DENIED = warned(
        N_("Your browser keeps the microphone from this test page."),
        N_("Open the site settings of the webphone and allow the microphone there."),
    )
    ONLY_LOCAL = warned(
        N_("Your browser found only ways inside your own network."),
        N_("Ask to let browsers send UDP, also to {servers}."),
        N_(
            "Please allow outgoing UDP from browsers, and the answers, also to {servers}: none"
            " of them answered the browser, so it knows only addresses inside your network."
        ),
    )
    NO_SERVER = NO_SERVER
    ONLY_LOOPBACK = ONLY_LOOPBACK
    NO_UDP = failed(
        N_("A browser setting keeps calls from going out directly."),
        N_("Ask to lift the rule that limits WebRTC (WebRtcIPHandling, proxy only)."),
        owner=Owner.HELPDESK,
    )
    NO_NETWORK = unknown(
        N_("Your browser found no network for calls."),
        N_("Connect to the internet, then run again."),
    )
    NO_MICROPHONE_API = failed(
        N_("Your browser offers no microphone to web pages."),
        N_("Ask to allow the microphone in this browser."),
        owner=Owner.HELPDESK,
    )
    NO_CALLS = failed(
        N_("Calls are switched off in your browser."),
        N_("Ask to switch WebRTC on in this browser."),
        owner=Owner.HELPDESK,
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Without the interfaces no call is possible: a problem. Only local ways: advice.

    No way over UDP at all is a setting of the browser (local ones need no answer from anyone),
    provided that this program does get out; a computer without a network has none either.
    A microphone that this page may not use is advice: another page may be allowed to.
    """
    return judge_page(inputs, ROW, lambda evidence: _judge(evidence, inputs))


def _judge(evidence: BrowserCheckEvidence, inputs: Inputs) -> Judgement:
    devices = need(evidence.devices)
    ways = None
    if devices.peer_connection and devices.microphone_api:
        ways = ways_of(need(evidence.gathering))
    state = _state(evidence, devices, ways, program_of(inputs, evidence))
    return state.verdict.judgement(
        texts={"servers": ", ".join(evidence.stun_asked)},
        observed=_("not offered") if ways is None else ways_words(ways),
        expected=_(ROW.expected),
        measured=(
            Quantity(name="calls_offered", value=devices.peer_connection, unit=Unit.TEXT),
            Quantity(name="microphone_offered", value=devices.microphone_api, unit=Unit.TEXT),
            Quantity(name="microphones", value=devices.microphones, unit=Unit.COUNT),
            *(() if ways is None else ways_quantities(ways)),
            *relay_quantities(evidence),
        ),
        details=(
            *setting_lines(state.verdict),
            Detail(label=_("Microphone"), text=_permission_words(devices)),
            *ways_lines(evidence),
            *product_lines(evidence.product),
        ),
    )


def _state(
    evidence: BrowserCheckEvidence,
    devices: Devices,
    ways: CandidateCounts | None,
    program: ProgramUdp,
) -> CallsState:
    if ways is None:
        return CallsState.NO_MICROPHONE_API if devices.peer_connection else CallsState.NO_CALLS
    if ways.public:
        denied = devices.permission == "denied"
        return CallsState.MICROPHONE_DENIED if denied else CallsState.READY
    if not ways.any_udp:
        return CallsState.NO_UDP if program.any else CallsState.NO_NETWORK
    if program.only_loopback:
        return CallsState.ONLY_LOOPBACK
    return CallsState.ONLY_LOCAL if evidence.stun_asked else CallsState.NO_SERVER


def _permission_words(devices: Devices) -> str:
    words = {
        "granted": _("allowed for this page"),
        "prompt": _("the browser will ask"),
        "denied": _("not allowed for this page"),
        "": _("the browser does not tell"),
    }
    return words[devices.permission]


BROWSER_WEBRTC = Check(
    name="browser.webrtc",
    meaning=N_(
        "By WebRTC a browser makes calls: it takes your voice from the microphone and finds a "
        "way for it through the network. Without it there is no webphone."
    ),
    title=N_("WebRTC (calls in the browser)"),
    term="WebRTC",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, STUN, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
