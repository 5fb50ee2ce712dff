"""udp.browsers: does UDP get out of the browser where it gets out of this program?"""

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
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS
from natwizard.probes.stun.binding import STUN
from natwizard.probes.web import WEB

ROW = PageRow(
    check="udp.browsers",
    asks=N_("Can both sides hear each other in a test call?"),
    how=N_("Make a test call in the browser and listen whether both sides can hear."),
    expected=N_("a public way over UDP"),
)

LET_UDP_OUT = N_("Ask whether this network lets UDP out, then run again.")


class BrowserUdp(VerdictTable):
    """Where UDP of the browser ends."""

    COMES_BACK = passed(N_("Calls get out of your browser, and answers come back."))
    NOT_TRIED = unknown(
        N_("Your browser does not try to call, so this was not tested."),
        N_("See to 'WebRTC (calls in the browser)' first, then run again."),
        owner=Owner.HELPDESK,
    )
    BLOCKED_HERE = failed(
        N_("A firewall on this computer lets natwizard out, but not your browser."),
        N_("Ask to allow outgoing UDP for {browser} in this computer's firewall."),
        N_(
            "Please allow outgoing UDP for {browser}, and the answers, in this computer's own"
            " firewall. {servers} answered natwizard, but not the browser on the same computer."
        ),
        owner=Owner.HELPDESK,
    )
    NO_SERVER = NO_SERVER
    ONLY_LOOPBACK = ONLY_LOOPBACK
    SERVERS_SILENT = unknown(
        N_("The servers that your browser asked answer nobody."), LET_UDP_OUT, owner=Owner.HELPDESK
    )
    BLOCKED_BY_NETWORK = failed(
        N_("Your network blocks calls, from your browser and from natwizard."),
        N_("Ask to allow outgoing UDP from all computers that take calls."),
        N_(
            "Please allow outgoing UDP, and the answers, from all computers that take"
            " calls: {servers} answered neither the browser nor natwizard, while TCP works."
        ),
    )
    NOTHING_ANSWERS = unknown(
        N_("No server answered your browser, and none answered natwizard."),
        LET_UDP_OUT,
        owner=Owner.HELPDESK,
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The program is the control: the same servers, the same line, another executable.

    Where they answer the program but not the browser, something on this computer tells the
    two apart. Where they answer neither, it is the network, if web pages get through it; else
    nothing can be said. A browser that tries no UDP is `browser.webrtc`'s finding.
    """
    return judge_page(inputs, ROW, lambda evidence: _judge(evidence, inputs))


def _judge(evidence: BrowserCheckEvidence, inputs: Inputs) -> Judgement:
    program = program_of(inputs, evidence)
    ways = None
    if need(evidence.devices).peer_connection:
        ways = ways_of(need(evidence.gathering))
    state = _state(evidence, ways, program)
    product, passes = evidence.product, state is BrowserUdp.COMES_BACK
    why = () if passes else (Detail(label=_("Why we say so"), text=_why(program)),)
    return state.verdict.judgement(
        texts={
            "browser": product.name if product is not None else _("the browser"),
            "servers": ", ".join(evidence.stun_asked),
        },
        observed=_("{ways}; natwizard {answered}").format(
            ways=_("none tried") if ways is None else ways_words(ways),
            answered=_("answered") if program.any else _("not answered"),
        ),
        expected=_(ROW.expected),
        measured=(
            *(() if ways is None else ways_quantities(ways)),
            *relay_quantities(evidence),
            Quantity(name="program_answered", value=program.any, unit=Unit.TEXT),
        ),
        details=(
            *setting_lines(state.verdict),
            *why,
            *ways_lines(evidence),
            *product_lines(product),
        ),
    )


def _state(
    evidence: BrowserCheckEvidence, ways: CandidateCounts | None, program: ProgramUdp
) -> BrowserUdp:
    if ways is not None and ways.public:
        return BrowserUdp.COMES_BACK
    if ways is None or not ways.any_udp:
        return BrowserUdp.NOT_TRIED
    if program.same:
        return BrowserUdp.BLOCKED_HERE
    if not evidence.stun_asked:
        return BrowserUdp.NO_SERVER
    if program.only_loopback:
        return BrowserUdp.ONLY_LOOPBACK
    if program.any:
        return BrowserUdp.SERVERS_SILENT
    return BrowserUdp.BLOCKED_BY_NETWORK if program.tcp else BrowserUdp.NOTHING_ANSWERS


def _why(program: ProgramUdp) -> str:
    if program.same:
        return _("The same servers answered natwizard on this computer.")
    if program.only_loopback:
        return _("The servers answered natwizard on this computer's own loopback address.")
    if program.any:
        return _("Other servers answered natwizard, but none that the page asked.")
    if program.tcp:
        return _("No server answered natwizard over UDP either, while web pages work.")
    return _("Nothing answered natwizard either.")


UDP_BROWSERS = Check(
    name="udp.browsers",
    meaning=N_(
        "A program on this computer may let natwizard out and not your browser. So the "
        "browser itself tries to send voice out."
    ),
    title=N_("UDP from the browser"),
    term="UDP",
    page=Page.FIREWALL_PORTS,
    needs=(BROWSER_CHECK, STUN, WEB, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
