"""browser.bits: is the browser a 64-bit program?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.browser_texts import copy_lines
from natwizard.checks.verdict import VerdictTable, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browsers.browser_copy import Browser
from natwizard.probes.browsers.installed import BROWSERS
from natwizard.probes.processor import PROCESSOR, ProcessorEvidence

ARM = "arm64"


class BitsState(VerdictTable):
    """How many bits the browser's program has."""

    WIDE = passed(N_("Your browser is a 64-bit program."))
    NARROW = warned(
        N_("Your browser is the 32-bit version."),
        N_("Ask for the 64-bit version of your browser."),
        owner=Owner.HELPDESK,
    )
    NOT_READABLE = unknown(
        N_("We could not look into your browser's program."), N_("Run this check again.")
    )
    NO_BROWSER = unknown(
        N_("There is no browser to look at."),
        N_("Ask for Chrome, Edge or Firefox to be installed."),
        owner=Owner.HELPDESK,
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The default browser counts where it is one of ours, else the best copy."""
    found = inputs.evidence(BROWSERS)
    counted = [browser for browser in found.browsers if browser.is_default] or found.browsers
    bits = max((browser.bits for browser in counted), default=0)
    return _state(bits, any_found=bool(found.browsers)).verdict.judgement(
        observed=_observed(tuple(counted), bits),
        expected=_("64-bit"),
        measured=(Quantity(name="browser_bits", value=bits, unit=Unit.BIT),) if bits else (),
        details=(
            *copy_lines(found.browsers, found.default_told),
            *_emulated_lines(tuple(counted), inputs.evidence_or_none(PROCESSOR)),
        ),
    )


def _state(bits: int, *, any_found: bool) -> BitsState:
    if bits:
        return BitsState.WIDE if bits >= 64 else BitsState.NARROW
    return BitsState.NOT_READABLE if any_found else BitsState.NO_BROWSER


def _emulated_lines(
    counted: tuple[Browser, ...], computer: ProcessorEvidence | None
) -> tuple[Detail, ...]:
    """A browser for Intel on an ARM computer runs, but slower; its maker has one for ARM."""
    if computer is None or computer.processor.architecture != ARM:
        return ()
    text = _("{browser} is built for {machine} and runs emulated: install its ARM64 version.")
    return tuple(
        Detail(label=_("Advice"), text=text.format(browser=browser.name, machine=browser.machine))
        for browser in counted
        if browser.machine and ARM not in browser.machine
    )


def _observed(counted: tuple[Browser, ...], bits: int) -> str:
    if not counted:
        return _("none found")
    if not bits:
        return _("not readable")
    browser = max(counted, key=lambda each: each.bits)
    return _("{browser}, {bits}-bit").format(browser=browser.name, bits=bits)


BROWSER_BITS = Check(
    name="browser.bits",
    meaning=N_(
        "A browser of 64 bits can use all of the computer's memory. One of 32 bits runs short "
        "of it in long calls with many tabs."
    ),
    title=N_("64-bit browser"),
    term="64-bit browser",
    page=Page.BROWSERS,
    needs=(BROWSERS, PROCESSOR),
    limits=NoLimits,
    judge=judge,
)
