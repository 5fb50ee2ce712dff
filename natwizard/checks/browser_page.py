"""What the checks of the browser's own test page share: who to ask, and what was not seen."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from msgspec import Struct

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.browser_policies import with_policies
from natwizard.checks.verdict import Verdict, unknown
from natwizard.model.finding import Detail, Judgement, Status
from natwizard.model.language import N_, _
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
    question = Verdict(status=Status.MANUAL, summary=row.asks, remedy=row.how)
    return question.judgement(observed=_("no browser was opened"), expected=_(row.expected))


AGAIN = N_("Run this check again, and leave the page open until it says so.")
NO_BLOCKERS = N_("Switch off content blockers for 127.0.0.1, then run this check again.")

NOT_SEEN: Final[Mapping[PageState, Verdict]] = {
    PageState.NOT_OPENED: unknown(
        N_("No browser could be opened on this computer."),
        N_("Choose a default browser in the system's settings, then run again."),
    ),
    PageState.NEVER_CAME: unknown(
        N_("Your browser did not open the test page."),
        N_("Start your browser, then run this check again."),
    ),
    PageState.SILENT: unknown(N_("The test page opened, but its test did not start."), NO_BLOCKERS),
    PageState.NO_JAVASCRIPT: unknown(
        N_("JavaScript is off, so this could not be tested."),
        N_("Switch JavaScript on, then run this check again."),
    ),
    PageState.TOO_OLD: unknown(
        N_("Your browser is too old for this test."),
        N_("Update your browser, then run this check again."),
    ),
    PageState.CLOSED_EARLY: unknown(N_("The test page was closed before it had finished."), AGAIN),
    PageState.RUNNING: unknown(N_("Your browser did not finish the test in time."), AGAIN),
    PageState.FINISHED: unknown(N_("Your browser left out this part of the test."), NO_BLOCKERS),
}
STATE_WORDS: Final[Mapping[PageState, str]] = {
    PageState.NOT_OPENED: N_("no browser opened"),
    PageState.NEVER_CAME: N_("the page was never asked for"),
    PageState.SILENT: N_("page opened, no result"),
    PageState.NO_JAVASCRIPT: N_("JavaScript is off"),
    PageState.TOO_OLD: N_("a browser of 2018 or older"),
    PageState.CLOSED_EARLY: N_("page closed early"),
    PageState.RUNNING: N_("the test did not end"),
    PageState.FINISHED: N_("no result for this part"),
}
OTHER_BROWSER = unknown(
    N_("The test opened in {browser}, not in Chrome, Edge or Firefox."),
    N_("Make Chrome, Edge or Firefox your default browser, then run again."),
)


def not_seen(evidence: BrowserCheckEvidence, row: PageRow) -> Judgement:
    """UNKNOWN, by how far the page came."""
    return NOT_SEEN[evidence.state].judgement(
        observed=_(STATE_WORDS[evidence.state]),
        expected=_(row.expected),
        measured=(Quantity(name="page", value=evidence.state.value, unit=Unit.TEXT),),
        details=product_lines(evidence.product),
    )


def _other_browser(product: BrowserProduct, row: PageRow) -> Judgement:
    name = product.name or _("another browser")
    return OTHER_BROWSER.judgement(
        texts={"browser": name},
        observed=name,
        expected=_(row.expected),
        measured=(Quantity(name="browser", value=name, unit=Unit.TEXT),),
        details=product_lines(product),
    )


def product_lines(product: BrowserProduct | None) -> tuple[Detail, ...]:
    """Which browser it was, for behind the fold."""
    if product is None:
        return ()
    name = f"{product.name or _('another browser')} {product.version}".strip()
    return (
        Detail(label=_("Tested in"), text=name),
        Detail(label=_("Calls itself"), text=product.user_agent),
    )
