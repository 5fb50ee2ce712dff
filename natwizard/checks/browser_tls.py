"""browser.tls: is TLS 1.2 or later agreed on?"""

from collections.abc import Sequence

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import product_lines
from natwizard.checks.browser_policies import with_policies
from natwizard.checks.shared.connection_outcome import LOSSY_REMEDY, LOSSY_REQUEST
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.number_format import attempt_words, failure_words, tried_by
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS
from natwizard.probes.connection.handshake import TlsSession
from natwizard.probes.tls_floor import TLS_FLOOR, FloorEvidence, FloorTry

# RFC 8996: older versions must not be used
MODERN = ("TLSv1.2", "TLSv1.3")
NEWEST = "1.3"


class TlsOutcome(VerdictTable):
    """Who agreed on TLS 1.2 or later."""

    BROWSER_AGREES = passed(N_("Your browser agrees on modern encryption."))
    PROGRAM_AGREES = passed(N_("Modern encryption is agreed on."))
    REFUSED = failed(
        N_("Modern encryption is not agreed on."),
        N_("Ask which proxy or filter only speaks old TLS, and to update it."),
        N_(
            "Please find out which proxy or filter ends encryption below TLS 1.2, and"
            " update it or exempt the service: {words}."
        ),
    )
    ONE_SERVER_FAILS = unknown(
        N_("The server for this test does not encrypt; others do."),
        N_("Ask whether {target} is well, then run again."),
        owner=Owner.HELPDESK,
    )
    """It is down, or wants what this program has not (a certificate): no filter speaks old TLS."""
    LOSSY = unknown(
        N_("Too many packets get lost here to test encryption."), LOSSY_REMEDY, LOSSY_REQUEST
    )
    NO_SERVER = unknown(
        N_("No server was reached to agree on encryption with."),
        N_("Fix the connection first; this follows from it."),
        owner=Owner.AGENT,
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """A handshake that offers 1.2 and 1.3 only has to come about; whose certificate is no matter.

    The browser's own request counts first, where there is a reference server that refuses older
    versions: an answer proves it. Without one it is this program's own handshake, and the
    finding says so. A browser may differ by policy: one that forbids what the server speaks
    outranks that handshake.
    """
    page = inputs.evidence_or_none(BROWSER_CHECK)
    product = None if page is None else page.product
    if page and page.secure and page.secure.reached and product and product.supported:
        judgement = _reached(page, product)
        return with_policies(inputs, "browser.tls", judgement, product)
    evidence = inputs.evidence(TLS_FLOOR)
    judgement = _judge(evidence, _page_lines(page), inputs.line)
    newest = any(value.value == NEWEST for value in judgement.measured)
    outrank = (Status.FAIL,) if newest else (Status.FAIL, Status.WARN)
    return with_policies(inputs, "browser.tls", judgement, outrank_pass=outrank)


def _reached(page: BrowserCheckEvidence, product: BrowserProduct) -> Judgement:
    return TlsOutcome.BROWSER_AGREES.verdict.judgement(
        observed=_("{browser} reached {target}").format(
            browser=product.name, target=page.secure_target
        ),
        expected=_("TLS 1.2 or 1.3"),
        measured=(Quantity(name="browser_reached", value=True, unit=Unit.TEXT),),
        details=(
            Detail(
                label=_("Why we say so"),
                text=_("That server refuses anything older than TLS 1.2, and it answered."),
            ),
            *product_lines(product),
        ),
    )


def _page_lines(page: BrowserCheckEvidence | None) -> tuple[Detail, ...]:
    """A page that was not answered proves nothing: browsers do not tell a page why."""
    if page is None or page.secure is None or page.secure.reached:
        return ()
    text = _("It did not reach {target}; a page is not told why.").format(target=page.secure_target)
    return (Detail(label=_("The browser"), text=text),)


def _judge(evidence: FloorEvidence, more: tuple[Detail, ...], line: LineFacts) -> Judgement:
    agreed = [
        shake.value.version
        for shake in _handshakes(evidence.tries)
        if shake.value is not None and shake.value.version in MODERN
    ] + _agreed_before_the_end(evidence.tries)
    own = Detail(
        label=_("Why we say so"),
        text=_("It was this program's own handshake with {setting}, not the browser's.").format(
            setting=evidence.setting
        ),
    )
    version = min(agreed).removeprefix("TLSv") if agreed else ""
    refused = _refused(evidence.tries)
    if version:
        outcome = TlsOutcome.PROGRAM_AGREES
        observed = _("TLS {version}, in this program's own handshake").format(version=version)
    elif refused is not None:
        outcome = TlsOutcome.REFUSED
        observed = _("the handshake failed: {words}").format(words=refused)
    else:
        outcome, observed = TlsOutcome.NO_SERVER, _words(evidence.tries)
    if not version and line.secured:  # all of them offer 1.2 and later alone
        lost = outcome is TlsOutcome.NO_SERVER and line.loses_much
        outcome = TlsOutcome.LOSSY if lost else TlsOutcome.ONE_SERVER_FAILS
    agreed_on = Quantity(name="tls_version", value=version, unit=Unit.TEXT)
    return outcome.verdict.judgement(
        texts={"words": refused or "", "target": _target(evidence.tries)},
        observed=observed,
        expected=_("TLS 1.2 or 1.3"),
        measured=(agreed_on,) if version else (),
        details=(own, *more),
        tried=tried_by(evidence.tries),
    )


def _handshakes(tries: Sequence[FloorTry]) -> tuple[Attempt[TlsSession], ...]:
    return tuple(reach.tls for each in tries for reach in each.reached if reach.tls is not None)


def _agreed_before_the_end(tries: Sequence[FloorTry]) -> list[str]:
    """A server that asks for a certificate has agreed on a version before."""
    failures = (shake.failure for shake in _handshakes(tries))
    return [
        f"TLSv{failure.detail.removeprefix('TLSv').replace('_', '.')}"
        for failure in failures
        if failure is not None
        and failure.code is FailureCode.CERTIFICATE_WANTED
        and failure.detail in {"TLSv1_2", "TLSv1_3"}
    ]


def _refused(tries: Sequence[FloorTry]) -> str | None:
    """Why a handshake was refused by someone who spoke TLS, or something; None if nobody did."""
    for shake in _handshakes(tries):
        if shake.failure is not None and shake.failure.code is FailureCode.TLS_FAILED:
            return shake.failure.detail or failure_words(shake.failure.code)
    return None


def _target(tries: Sequence[FloorTry]) -> str:
    return ", ".join(dict.fromkeys(each.target for each in tries))


def _words(tries: Sequence[FloorTry]) -> str:
    last = [max(each.attempts(), key=lambda one: one.started_s) for each in tries]
    return "; ".join(labelled(attempt.target, attempt_words(attempt)) for attempt in last)


BROWSER_TLS = Check(
    name="browser.tls",
    meaning=N_(
        "What is said to the service is encrypted by TLS. Versions before 1.2 are broken, and "
        "the service does not speak them."
    ),
    title=N_("TLS 1.2 or later"),
    term="TLS 1.2",
    page=Page.BROWSERS,
    settings=("tls_floor",),
    needs=(TLS_FLOOR, BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
