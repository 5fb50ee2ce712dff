"""What to do about lookups that do not come back whole, and what to ask the network team."""

from natwizard.checks.edns_kinds import ADVICE, Kind, kind_of
from natwizard.checks.resolver_words import address_of
from natwizard.model.finding import Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.probes.dns_servers import ResolverAnswers


def advice(kind: Kind, *, router: bool) -> tuple[str, Remedy]:
    """What works for most lookups, and fails for some."""
    request = _request(kind)
    match kind:
        case Kind.VERSION_LOST:
            summary = _("Name lookups of a later kind get lost on the way.")
            remedy = _("Ask what drops lookups with EDNS version 1, and to let them pass.")
        case Kind.OPTION_LOST:
            summary = _("Unusual name lookups get lost on the way.")
            remedy = _("Ask to let lookups with EDNS options pass unchanged.")
        case Kind.BUFFER_LOST:
            summary = _("Lookups that allow long answers get lost on the way.")
            remedy = _("Ask what stops lookups with an EDNS buffer of 4096 bytes.")
        case Kind.DNSSEC_LOST:
            summary = _("Lookups that ask for signed answers get lost on the way.")
            remedy = _("Ask what stops lookups with the DO bit (DNSSEC).")
        case Kind.FRAGMENTS_LOST:
            summary = _("Long answers to name lookups get lost on the way.")
            remedy = _("Allow UDP fragments and TCP 53.")
        case Kind.LARGE_LOST:
            summary = (
                _("Your router drops long answers to name lookups.")
                if router
                else _("Answers to name lookups over 512 bytes get lost.")
            )
            remedy = _("Allow DNS answers over 512 bytes on UDP 53.")
        case Kind.LARGE_FAILS:
            summary = _("Your name server fails on long answers.")
            remedy = _("Ask whether the name server gets answers over 512 bytes itself.")
        case _:
            summary = _("Long answers come cut short; the rest cannot be fetched.")
            remedy = _("Allow TCP 53 to the name server.")
    return summary, _ask(remedy, request)


def _request(kind: Kind) -> str:
    match kind:
        case Kind.VERSION_LOST:
            return _(
                "Please let lookups with EDNS version 1 pass on UDP 53: whoever knows version "
                "0 only has to say so, not to stay silent (RFC 6891, section 6.1.3)."
            )
        case Kind.OPTION_LOST:
            return _(
                "Please let lookups with unknown EDNS options pass unchanged on UDP 53: name "
                "servers ignore what they do not know (RFC 6891, section 6.1.2)."
            )
        case Kind.BUFFER_LOST:
            return _(
                "Please let lookups pass on UDP 53 that allow answers of 4096 bytes (EDNS "
                "buffer size)."
            )
        case Kind.DNSSEC_LOST:
            return _("Please let lookups with the DO bit (DNSSEC, RFC 3225) pass on UDP 53.")
        case Kind.FRAGMENTS_LOST:
            return _("Please let fragments of UDP answers from port 53 through, and allow TCP 53.")
        case Kind.LARGE_LOST:
            return _(
                "Please allow DNS answers over 512 bytes on UDP 53; older firewalls and "
                "routers have a limit for them."
            )
        case Kind.LARGE_FAILS:
            return _(
                "Please see whether the name server itself gets answers over 512 bytes from "
                "outside, by UDP and by TCP 53."
            )
        case _:
            return _(
                "Please allow TCP 53 to the name server: long answers come cut short by UDP, "
                "and the rest is fetched by TCP (RFC 7766)."
            )


def remedy_for(control: ResolverAnswers | None) -> Remedy:
    if control is not None and kind_of(control) not in {Kind.WHOLE, Kind.SILENT, *ADVICE}:
        return _ask(
            _("Ask what changes lookups on UDP 53: another resolver fares no better."),
            _(
                "Please find out what changes lookups on UDP 53 on their way out: EDNS (RFC 6891) "
                "gets lost with this network's name server and with one outside."
            ),
        )
    return _ask(
        _("Update the router's software, or use another resolver."),
        _(
            "Please update the software of the router or name server, or give out another one: "
            "lookups with EDNS (RFC 6891) do not come back whole."
        ),
    )


def other_resolver(resolver: ResolverAnswers) -> tuple[Status, str, Remedy | None]:
    return (
        Status.WARN,
        _("One of your name servers cannot do modern lookups."),
        _ask(
            _("Replace or update {address}.").format(address=address_of(resolver)),
            _(
                "Please update the name server {address}, or give out another in its place: it "
                "does not know EDNS (RFC 6891), the first one does."
            ).format(address=address_of(resolver)),
        ),
    )


def _ask(text: str, request: str) -> Remedy:
    return Remedy(text=text, owner=Owner.NETWORK_TEAM, request=request)
