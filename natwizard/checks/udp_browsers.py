"""udp.browsers: does UDP get out of the browser where it gets out of this program?"""

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
from natwizard.probes.browser_page.product import BrowserProduct
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


def judge(inputs: Inputs, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """The program is the control: the same servers, the same line, another executable.

    Where they answer the program but not the browser, something on this computer tells the
    two apart. Where they answer neither, it is the network, if web pages get through it; else
    nothing can be said. A browser that tries no UDP is `browser.webrtc`'s finding.
    """
    return judge_page(inputs, ROW, lambda evidence: _judge(evidence, inputs))


def _judge(evidence: BrowserCheckEvidence, inputs: Inputs) -> Judgement:
    program = program_of(inputs, evidence)
    if not need(evidence.devices).peer_connection:
        return _judgement(evidence, None, program, _not_tried())
    ways = ways_of(need(evidence.gathering))
    return _judgement(evidence, ways, program, _settle(evidence, ways, program))


def _settle(evidence: BrowserCheckEvidence, ways: CandidateCounts, program: ProgramUdp) -> Settled:
    if ways.public:
        return Status.PASS, _("Calls get out of your browser, and answers come back."), None
    if not ways.any_udp:
        return _not_tried()
    if program.same:
        return (
            Status.FAIL,
            _("A firewall on this computer lets natwizard out, but not your browser."),
            _allow(evidence),
        )
    if not evidence.stun_asked:
        return no_server()
    if program.any:
        return (
            Status.UNKNOWN,
            _("The servers that your browser asked answer nobody."),
            Remedy(text=_("Look at the ports page, then run again."), owner=Owner.HELPDESK),
        )
    if program.tcp:
        return (
            Status.FAIL,
            _("Your network blocks calls, from your browser and from natwizard."),
            Remedy(
                text=_("Ask to allow outgoing UDP from all computers that take calls."),
                owner=Owner.NETWORK_TEAM,
                request=_(
                    "Please allow outgoing UDP, and the answers, from all computers that take"
                    " calls: {servers} answered neither the browser nor natwizard, while TCP works."
                ).format(servers=", ".join(evidence.stun_asked)),
            ),
        )
    return (
        Status.UNKNOWN,
        _("No server answered your browser, and none answered natwizard."),
        Remedy(text=_("Look at the ports page, then run again."), owner=Owner.HELPDESK),
    )


def _not_tried() -> Settled:
    return (
        Status.UNKNOWN,
        _("Your browser does not try to call, so this was not tested."),
        Remedy(
            text=_("See to 'Calls in the browser' first, then run again."), owner=Owner.HELPDESK
        ),
    )


def _allow(evidence: BrowserCheckEvidence) -> Remedy:
    browser = _name(evidence.product)
    return Remedy(
        text=_("Ask to allow outgoing UDP for {browser} in this computer's firewall.").format(
            browser=browser
        ),
        owner=Owner.HELPDESK,
        request=_(
            "Please allow outgoing UDP for {browser}, and the answers, in this computer's own"
            " firewall. {servers} answered natwizard, but not the browser on the same computer."
        ).format(browser=browser, servers=", ".join(evidence.stun_asked)),
    )


def _name(product: BrowserProduct | None) -> str:
    return product.name if product is not None else _("the browser")


def _judgement(
    evidence: BrowserCheckEvidence,
    ways: CandidateCounts | None,
    program: ProgramUdp,
    settled: Settled,
) -> Judgement:
    status, summary, remedy = settled
    answered = _("answered") if program.any else _("not answered")
    return Judgement(
        status=status,
        summary=summary,
        observed=_("{ways}; natwizard {answered}").format(
            ways=_("none tried") if ways is None else ways_words(ways), answered=answered
        ),
        expected=_(ROW.expected),
        measured=(
            *(() if ways is None else ways_quantities(ways)),
            *relay_quantities(evidence),
            Quantity(name="program_answered", value=program.any, unit=Unit.TEXT),
        ),
        remedy=remedy,
        details=(
            *(
                (Detail(label=_("Why we say so"), text=_why(program)),)
                if status is not Status.PASS
                else ()
            ),
            *ways_lines(evidence),
            *product_lines(evidence.product),
        ),
    )


def _why(program: ProgramUdp) -> str:
    if program.same:
        return _("The same servers answered natwizard on this computer.")
    if program.any:
        return _("Other servers answered natwizard, but none that the page asked.")
    if program.tcp:
        return _("No server answered natwizard over UDP either, while web pages work.")
    return _("Nothing answered natwizard either.")


UDP_BROWSERS = Check(
    name="udp.browsers",
    title=N_("Calls leave the browser"),
    page=Page.FIREWALL_PORTS,
    needs=(BROWSER_CHECK, STUN, WEB, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
