"""What the checks of the browser's own test page share: who to ask, and what was not seen."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.browser_policies import with_policies
from natwizard.model.finding import Detail, Judgement, Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.visit import PageState

T = TypeVar("T")


class PageRow(Struct, frozen=True, kw_only=True):
    """One check's words, in English; they are translated where they are used.

    Attributes:
        check: its ID, which policies are looked up by.
        asks: the question as a sentence, for runs that open no browser.
        how: what the person can do to answer it.
        expected: what would pass.
    """

    check: str
    asks: str
    how: str
    expected: str


class PartMissing(Exception):
    """The page ended before it brought the part that a rule asked for."""


def need(part: T | None) -> T:
    """A part of the evidence. Raises PartMissing, which settles as UNKNOWN."""
    if part is None:
        raise PartMissing
    return part


def judge_page(
    inputs: Inputs, row: PageRow, judge: Callable[[BrowserCheckEvidence], Judgement]
) -> Judgement:
    """Run a rule on what the page brought, or say why there is nothing to judge.

    A run that may not open a browser asks the person instead, so it keeps its verdict. A page
    in a browser that nobody takes calls in says nothing of the one they do use. Policies of the
    browser are weighed in last, also where no page was opened.
    """
    try:
        evidence = inputs.evidence(BROWSER_CHECK)
    except EvidenceMissing as missing:
        if missing.failure.code is not FailureCode.NOT_RUN:
            raise
        return with_policies(inputs, row.check, _ask(row))
    if evidence.product is not None and not evidence.product.supported:
        return _other_browser(evidence.product, row)
    try:
        judgement = judge(evidence)
    except PartMissing:
        judgement = not_seen(evidence, row)
    return with_policies(inputs, row.check, judgement, evidence.product)


def _ask(row: PageRow) -> Judgement:
    return Judgement(
        status=Status.MANUAL,
        summary=_(row.asks),
        observed=_("no browser was opened"),
        expected=_(row.expected),
        remedy=Remedy(text=_(row.how), owner=Owner.AGENT),
    )


def not_seen(evidence: BrowserCheckEvidence, row: PageRow) -> Judgement:
    """UNKNOWN, by how far the page came."""
    summary, observed, remedy = _state_words(evidence.state)
    return Judgement(
        status=Status.UNKNOWN,
        summary=summary,
        observed=observed,
        expected=_(row.expected),
        measured=(Quantity(name="page", value=evidence.state.value, unit=Unit.TEXT),),
        remedy=remedy,
        details=product_lines(evidence.product),
    )


def _state_words(state: PageState) -> tuple[str, str, Remedy]:
    """Sentence, measurement and remedy of a page that did not bring what was asked."""
    again = _("Run this check again, and leave the page open until it says so.")
    match state:
        case PageState.NOT_OPENED:
            return (
                _("No browser could be opened on this computer."),
                _("no browser opened"),
                _agent(_("Choose a default browser in the system's settings, then run again.")),
            )
        case PageState.NEVER_CAME:
            return (
                _("Your browser did not open the test page."),
                _("the page was never asked for"),
                _agent(_("Start your browser, then run this check again.")),
            )
        case PageState.SILENT:
            return (
                _("The test page opened, but its test did not start."),
                _("page opened, no result"),
                _agent(_("Switch off content blockers for 127.0.0.1, then run this check again.")),
            )
        case PageState.NO_JAVASCRIPT:
            return (
                _("JavaScript is off, so this could not be tested."),
                _("JavaScript is off"),
                _agent(_("Switch JavaScript on, then run this check again.")),
            )
        case PageState.TOO_OLD:
            return (
                _("Your browser is too old for this test."),
                _("a browser of 2018 or older"),
                _agent(_("Update your browser, then run this check again.")),
            )
        case PageState.CLOSED_EARLY:
            return (
                _("The test page was closed before it had finished."),
                _("page closed early"),
                _agent(again),
            )
        case PageState.RUNNING:
            return (
                _("Your browser did not finish the test in time."),
                _("the test did not end"),
                _agent(again),
            )
        case PageState.FINISHED:
            return (
                _("Your browser left out this part of the test."),
                _("no result for this part"),
                _agent(_("Switch off content blockers for 127.0.0.1, then run this check again.")),
            )


def _other_browser(product: BrowserProduct, row: PageRow) -> Judgement:
    name = product.name or _("another browser")
    return Judgement(
        status=Status.UNKNOWN,
        summary=_("The test opened in {browser}, not in Chrome, Edge or Firefox.").format(
            browser=name
        ),
        observed=name,
        expected=_(row.expected),
        measured=(Quantity(name="browser", value=name, unit=Unit.TEXT),),
        remedy=_agent(_("Make Chrome, Edge or Firefox your default browser, then run again.")),
        details=product_lines(product),
    )


def _agent(text: str) -> Remedy:
    return Remedy(text=text, owner=Owner.AGENT)


def product_lines(product: BrowserProduct | None) -> tuple[Detail, ...]:
    """Which browser it was, for behind the fold."""
    if product is None:
        return ()
    name = f"{product.name or _('another browser')} {product.version}".strip()
    return (
        Detail(label=_("Tested in"), text=name),
        Detail(label=_("Calls itself"), text=product.user_agent),
    )
