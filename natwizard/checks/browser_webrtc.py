"""browser.webrtc: can the browser make calls, and does it find a way out for their audio?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.checks.shared.ice_candidates import (
    CandidateCounts,
    ProgramUdp,
    Settled,
    no_server,
    program_of,
    relay_quantities,
    ways_lines,
    ways_of,
    ways_quantities,
    ways_words,
)
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
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


def judge(inputs: Inputs, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """Without the interfaces no call is possible: a problem. Only local ways: advice.

    No way over UDP at all is a setting of the browser (local ones need no answer from anyone),
    provided that this program does get out; a computer without a network has none either.
    A microphone that this page may not use is advice: another page may be allowed to.
    """
    return judge_page(inputs, ROW, lambda evidence: _judge(evidence, inputs))


def _judge(evidence: BrowserCheckEvidence, inputs: Inputs) -> Judgement:
    devices = need(evidence.devices)
    if not devices.peer_connection or not devices.microphone_api:
        missing = _missing_interface(devices)
        return _judgement(evidence, devices, None, missing)
    ways = ways_of(need(evidence.gathering))
    return _judgement(
        evidence, devices, ways, _settle(evidence, devices, ways, program_of(inputs, evidence))
    )


def _missing_interface(devices: Devices) -> Settled:
    if not devices.peer_connection:
        return (
            Status.FAIL,
            _("Calls are switched off in your browser."),
            Remedy(text=_("Ask to switch WebRTC on in this browser."), owner=Owner.HELPDESK),
        )
    return (
        Status.FAIL,
        _("Your browser offers no microphone to web pages."),
        Remedy(text=_("Ask to allow the microphone in this browser."), owner=Owner.HELPDESK),
    )


def _settle(
    evidence: BrowserCheckEvidence, devices: Devices, ways: CandidateCounts, program: ProgramUdp
) -> Settled:
    if ways.public:
        return _with_way_out(devices)
    if not ways.any_udp:
        return _without_udp(program)
    if not evidence.stun_asked:
        return no_server()
    return (
        Status.WARN,
        _("Your browser found only ways inside your own network."),
        Remedy(
            text=_("Ask to let browsers send UDP, also to {servers}.").format(
                servers=", ".join(evidence.stun_asked)
            ),
            owner=Owner.NETWORK_TEAM,
            request=_(
                "Please allow outgoing UDP from browsers, and the answers, also to {servers}: none"
                " of them answered the browser, so it knows only addresses inside your network."
            ).format(servers=", ".join(evidence.stun_asked)),
        ),
    )


def _with_way_out(devices: Devices) -> Settled:
    if devices.permission == "denied":
        return (
            Status.WARN,
            _("Your browser keeps the microphone from this test page."),
            Remedy(
                text=_("Open the site settings of the webphone and allow the microphone there."),
                owner=Owner.AGENT,
            ),
        )
    return Status.PASS, _("Your browser can make calls."), None


def _without_udp(program: ProgramUdp) -> Settled:
    if program.any:
        return (
            Status.FAIL,
            _("A browser setting keeps calls from going out directly."),
            Remedy(
                text=_("Ask to lift the rule that limits WebRTC (WebRtcIPHandling, proxy only)."),
                owner=Owner.HELPDESK,
            ),
        )
    return (
        Status.UNKNOWN,
        _("Your browser found no network for calls."),
        Remedy(text=_("Connect to the internet, then run again."), owner=Owner.AGENT),
    )


def _judgement(
    evidence: BrowserCheckEvidence, devices: Devices, ways: CandidateCounts | None, settled: Settled
) -> Judgement:
    status, summary, remedy = settled
    return Judgement(
        status=status,
        summary=summary,
        observed=_("not offered") if ways is None else ways_words(ways),
        expected=_(ROW.expected),
        measured=(
            Quantity(name="calls_offered", value=devices.peer_connection, unit=Unit.TEXT),
            Quantity(name="microphone_offered", value=devices.microphone_api, unit=Unit.TEXT),
            Quantity(name="microphones", value=devices.microphones, unit=Unit.COUNT),
            *(() if ways is None else ways_quantities(ways)),
            *relay_quantities(evidence),
        ),
        remedy=remedy,
        details=(
            Detail(label=_("Microphone"), text=_permission_words(devices)),
            *ways_lines(evidence),
            *product_lines(evidence.product),
        ),
    )


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
    title=N_("Calls in the browser"),
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, STUN, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
