"""How each thing was measured, in one line; only what a run did measure is told."""

from msgspec import Struct

from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.report.plain import plain

MEASURED = {Status.PASS, Status.BORDERLINE, Status.WARN, Status.FAIL}


class Method(Struct, frozen=True, kw_only=True):
    """A measurement by name, and its method or standard."""

    title: str
    text: str


def methods_of(report: Report) -> tuple[Method, ...]:
    """Methods of the measurements in this report, then its targets and sources."""
    sentences = _sentences()
    methods = [
        Method(title=plain(finding.title), text=sentences[finding.requirement])
        for finding in report.findings
        if finding.status in MEASURED and finding.requirement in sentences
    ]
    return (*methods, *_targets(report), *_sources(report.findings))


def _sentences() -> dict[str, str]:
    """By requirement; the sources are named so that a figure can be checked."""
    return {
        "quality.latency": _("Round trip of test packets the size of voice packets; median"),
        "quality.jitter": _("RFC 3550 interarrival jitter of the same packets"),
        "quality.loss": _(
            "Share of packets never answered, with its Wilson 95 % interval, wider for bursts; "
            "borderline when the limit lies inside"
        ),
        "quality.mos": _(
            "ITU-T G.107 from the three above. An estimate: it never decides a result"
        ),
        "quality.bandwidth": _("Calls carried at 100 kbit/s each way; not a speed test"),
        "udp.range": _("A sample of ports, each asked once or more; not every port"),
        "nat.mapping": _("Several servers asked from one socket (RFC 5780, section 4.3)"),
        "dns.edns": _("Questions with and without EDNS (RFC 6891), sent straight to the resolver"),
        "filter.tls_interception": _("The certificate as presented, held against public roots"),
        "salesforce.cti_profiles": _(
            "Profile and permission sets together, as Salesforce's own API tells them"
        ),
        "salesforce.ip_ranges": _(
            "Login ranges of the profiles of the connected account and of people who take calls"
        ),
        "salesforce.storage": _("What is free now, against the planner's rules"),
        "port.webphone": _("Name, connection, encryption and websocket, each timed on its own"),
    }


def _targets(report: Report) -> list[Method]:
    targets = report.profile.targets
    named = (
        targets.webphone,
        targets.media or targets.turn,
        *targets.stun,
        *targets.websocket,
        *targets.tls,
    )
    shown = ", ".join(dict.fromkeys(filter(None, named)))
    return [Method(title=_("Service"), text=plain(shown))] if shown else []


def _sources(findings: tuple[Finding, ...]) -> list[Method]:
    """One label for all of them."""
    sources = dict.fromkeys(
        ", ".join(filter(None, (_(finding.source.title), finding.source.url)))
        for finding in findings
        if finding.source is not None
    )
    return [
        Method(title=_("Required by") if number == 0 else "", text=plain(source))
        for number, source in enumerate(sources)
    ]
