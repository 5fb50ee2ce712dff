"""The firewall's half of the webphone's port, as a stranger's server shows it."""

from collections.abc import Iterable

from msgspec.structs import replace

from natwizard.checks.base import Inputs
from natwizard.checks.shared.missing_evidence import judge_not_set_up
from natwizard.checks.shared.number_format import tried_lines
from natwizard.checks.verdict import VerdictTable, passed, warned
from natwizard.model.finding import Detail, FarEnd, Judgement
from natwizard.model.language import N_, _
from natwizard.probes.public_port import PUBLIC_PORT, PublicPortEvidence
from natwizard.probes.web import PageTry


class PublicPort(VerdictTable):
    """How the port stands towards strangers."""

    LEAVES = passed(N_("Port {port} leaves this network; the webphone was not tried."))
    CLOSED_TO_STRANGERS = warned(
        N_("Port {port} is closed to strangers."),
        N_("Ask whether your firewall opens it only for Natterbox."),
        N_(
            "Please allow outgoing TCP {port} to Natterbox's address ranges, not inspected;"
            " if that is so already, this result is right. Seen from this computer: {target} does"
            " not answer on TCP {port}, and does on {witness}."
        ),
    )
    SOMETHING_ELSE = warned(
        N_("Something else answers on port {port}."),
        N_("Ask which proxy or filter answers on this port."),
        N_(
            "Please find out which proxy or filter answers for {target}, and let TCP {port} to the"
            " service pass unchanged."
        ),
    )


def judge_public_port(inputs: Inputs, setting: str) -> Judgement:
    """As far as a stranger shows it; one that sleeps shows nothing, so it stays not set up."""
    seen = inputs.evidence_or_none(PUBLIC_PORT)
    unset = judge_not_set_up(_("an open websocket"), setting)
    if seen is None or not seen.pages:
        return unset
    kind = _kind(seen)
    if kind is None:
        asleep = Detail(label=_("Public server"), text=_("it does not answer on any port"))
        return replace(unset, details=(*unset.details, asleep), tried=tried_lines(seen.attempts()))
    target, witness = seen.pages[0].url, seen.witness[0].url
    words = {
        PublicPort.LEAVES: _("{target} answers"),
        PublicPort.CLOSED_TO_STRANGERS: _("{target} is silent, {witness} answers"),
        PublicPort.SOMETHING_ELSE: _("another page than that of {target}"),
    }
    judged = kind.verdict.judgement(
        texts={"port": seen.port, "target": target, "witness": witness},
        observed=words[kind].format(target=target, witness=witness),
        expected=_("an open port"),
        tried=tried_lines(seen.attempts()),
    )
    return replace(judged, far_end=FarEnd.PUBLIC, untried=_("the webphone itself was not tried"))


def _kind(seen: PublicPortEvidence) -> PublicPort | None:
    """None where the server sleeps: nothing of it answers anywhere."""
    if any(_is_its_page(each) for each in seen.pages):
        return PublicPort.LEAVES
    if _connects(seen.pages):
        return PublicPort.SOMETHING_ELSE if _answered(seen.pages) else None
    return PublicPort.CLOSED_TO_STRANGERS if _connects(seen.witness) else None


def _connects(tries: Iterable[PageTry]) -> bool:
    """Whether any of these servers took a connection: a proxy's own is none of theirs."""
    reached = (page.reach for each in tries for page in each.addresses)
    return any(reach.connected and (reach.tunnel is None or reach.tunnel.ok) for reach in reached)


def _is_its_page(each: PageTry) -> bool:
    return any(
        page.page is not None
        and page.page.value is not None
        and page.page.value.status == 200
        and page.page.value.holds_expected
        for page in each.addresses
    )


def _answered(tries: tuple[PageTry, ...]) -> bool:
    """Whether a page came, of whomever: a connection alone may be a proxy's that waits."""
    return any(page.page is not None and page.page.ok for each in tries for page in each.addresses)
