"""link.wired: does the way to the service begin with a network cable?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.number_format import with_unit
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.link.kind import Link, LinkKind, Radio
from natwizard.probes.link.route import LINK, LinkEvidence

KIND_WORDS = {
    LinkKind.ETHERNET: N_("Ethernet"),
    LinkKind.WIFI: N_("Wi-Fi"),
    LinkKind.VPN: N_("VPN"),
    LinkKind.VIRTUAL: N_("virtual adapter"),
    LinkKind.SOFTWARE: N_("a program's adapter"),
    LinkKind.CELLULAR: N_("mobile network"),
    LinkKind.LOOPBACK: N_("this computer itself"),
    LinkKind.UNKNOWN: N_("unknown"),
}

NOT_RECOGNISED = (LinkKind.SOFTWARE, LinkKind.UNKNOWN)
"""What is shown with the name that the system gives it: somebody may know that."""

CALL_MB_PER_HOUR = 90
"""100 kbit/s each way ("Technical Prerequisites", bandwidth)."""
SLOW_CABLE_MBPS = 100
"""Every port of this century does that much: a slower one has a bad cable or a wrong setting."""

PLUG_IN = N_("Plug in a network cable if you can.")


class LinkState(VerdictTable):
    """What the way to the service begins with."""

    CABLE = passed(N_("You are connected by cable."))
    SOFTWARE = unknown(
        N_("A program's adapter carries your calls, perhaps a VPN."),
        N_("Ask what this adapter is, and whether calls may bypass it."),
        owner=Owner.HELPDESK,
    )
    HALF_DUPLEX = warned(
        N_("Your cable connection speaks in turns only."),
        N_("Ask to set this network port to full duplex."),
        N_(
            "Please set the switch port of this computer to full duplex, or both ends "
            "to automatic: it runs at half duplex, which loses voice under load."
        ),
    )
    SLOW_CABLE = warned(
        N_("Your cable runs at {speed} only."),
        N_("Try another cable or network port; tell the helpdesk if it stays."),
    )
    WIFI = warned(N_("You are on Wi-Fi; a cable gives steadier calls."), PLUG_IN)
    VPN = warned(
        N_("Your calls go through a VPN."),
        N_("Ask whether calls may bypass the VPN."),
        N_(
            "Please let traffic to the service bypass the VPN (split tunnel): the "
            "tunnel adds delay, and takes room from every packet."
        ),
    )
    CELLULAR = warned(N_("You are on a mobile network; a cable gives steadier calls."), PLUG_IN)
    NOT_TOLD = unknown(
        N_("We could not tell whether you are on a cable."),
        N_("Look whether a network cable is plugged in."),
    )
    NONE = failed(
        N_("This computer has no network connection."),
        N_("Plug in a network cable or join a network, then run again."),
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Name the medium; look through bridges and VPNs to what carries them."""
    evidence = inputs.evidence(LINK)
    link = _carrier(evidence)
    return _state(evidence, link).verdict.judgement(
        texts={"speed": with_unit(link.speed_mbps if link else 0, "Mbit/s")},
        observed=medium_words(evidence),
        expected=_("Ethernet, direct") if _is_vpn(evidence) else _("Ethernet"),
        measured=_measured(evidence),
        details=_details(evidence),
    )


def medium_words(evidence: LinkEvidence) -> str:
    """ "Wi-Fi 5 GHz, signal 62 %", "VPN over Wi-Fi", "Ethernet, 1,000 Mbit/s"."""
    if evidence.link is None:
        return _("no connection") if not evidence.usable else _("not told")
    words = _(KIND_WORDS[evidence.link.kind])
    if evidence.link.kind is LinkKind.WIFI:
        return _radio_words(evidence.radio)
    if evidence.below:
        below = evidence.below[0]
        carrier = (
            _radio_words(evidence.radio)
            if below.kind is LinkKind.WIFI
            else _(KIND_WORDS[below.kind])
        )
        if evidence.link.kind in NOT_RECOGNISED and evidence.link.label:
            words = f"{words} ({evidence.link.label})"
        return _("{upper} over {lower}").format(upper=words, lower=carrier)
    if evidence.link.kind in NOT_RECOGNISED and evidence.link.label:
        return f"{words} ({evidence.link.label})"
    if evidence.link.speed_mbps:
        return f"{words}, {with_unit(evidence.link.speed_mbps, 'Mbit/s')}"
    return words


def _radio_words(radio: Radio | None) -> str:
    words = _(KIND_WORDS[LinkKind.WIFI])
    if radio is None:
        return words
    parts = [f"{words} {with_unit(radio.band_ghz, 'GHz', 1 if radio.band_ghz == 2.4 else 0)}"
             if radio.band_ghz else words]  # fmt: skip
    if radio.signal_percent is not None:
        signal = with_unit(radio.signal_percent, "%")
        parts.append(_("signal {signal}").format(signal=signal))
    elif radio.signal_dbm is not None:
        signal = with_unit(radio.signal_dbm, "dBm")
        parts.append(_("signal {signal}").format(signal=signal))
    return ", ".join(parts)


def _is_vpn(evidence: LinkEvidence) -> bool:
    kinds = (LinkKind.VPN, LinkKind.SOFTWARE)
    return evidence.link is not None and evidence.link.kind in kinds


def _carrier(evidence: LinkEvidence) -> Link | None:
    """The real interface below bridges and bonds; the VPN itself where it is one."""
    if evidence.link is not None and evidence.link.kind is LinkKind.VIRTUAL:
        wired = [link for link in evidence.below if link.kind is LinkKind.ETHERNET]
        return next(iter((*wired, *evidence.below)), None)
    return evidence.link


def _state(evidence: LinkEvidence, link: Link | None) -> LinkState:
    if evidence.link is None and not evidence.routed and not evidence.usable:
        return LinkState.NONE
    match link.kind if link else LinkKind.UNKNOWN:
        case LinkKind.ETHERNET if link and link.duplex == "half":
            return LinkState.HALF_DUPLEX
        case LinkKind.ETHERNET if link and 0 < link.speed_mbps < SLOW_CABLE_MBPS:
            return LinkState.SLOW_CABLE
        case LinkKind.ETHERNET:
            return LinkState.CABLE
        case LinkKind.WIFI:
            return LinkState.WIFI
        case LinkKind.VPN:
            return LinkState.VPN
        case LinkKind.SOFTWARE:
            return LinkState.SOFTWARE
        case LinkKind.CELLULAR:
            return LinkState.CELLULAR
        case _:
            return LinkState.NOT_TOLD


def _measured(evidence: LinkEvidence) -> tuple[Quantity, ...]:
    values = []
    for name, link in (("medium", evidence.link), ("carried_by", next(iter(evidence.below), None))):
        if link is not None:
            values.append(Quantity(name=name, value=link.kind.value, unit=Unit.TEXT))
    if evidence.metered is not None:
        values.append(Quantity(name="metered", value=evidence.metered, unit=Unit.TEXT))
    radio = evidence.radio
    if radio is not None and radio.signal_percent is not None:
        signal = Quantity(name="signal", value=radio.signal_percent, unit=Unit.PERCENT)
        values.append(signal)
    if radio is not None and radio.rate_mbps:
        rate = round(radio.rate_mbps * 1000)
        values.append(Quantity(name="radio_rate", value=rate, unit=Unit.KILOBIT_PER_SECOND))
    return tuple(values)


def _details(evidence: LinkEvidence) -> tuple[Detail, ...]:
    lines = []
    for link in (evidence.link, *evidence.below):
        if link is not None:
            name = f"{link.name} ({link.label})" if link.label else link.name
            text = labelled(name, _(KIND_WORDS[link.kind]))
            lines.append(Detail(label=_("Interface"), text=text))
    if any(link is not None and link.emulated for link in (evidence.link, *evidence.below)):
        text = _("A virtual machine or container: its host may be on another medium.")
        lines.append(Detail(label=_("Please note"), text=text))
    if evidence.radio is not None and evidence.radio.hidden:
        text = _("Windows' location switch hides the signal.")
        lines.append(Detail(label=_("Signal"), text=text))
    if evidence.metered:
        text = _("This connection is metered: an hour of calls takes about {size}.")
        size = with_unit(CALL_MB_PER_HOUR, "MB")
        lines.append(Detail(label=_("Advice"), text=text.format(size=size)))
    towards = evidence.towards or _("the internet in general")
    lines.append(Detail(label=_("Way looked up"), text=towards))
    if not evidence.routed and evidence.link is not None:
        text = _("There is no way out; this is the only connection that is up.")
        lines.append(Detail(label=_("Please note"), text=text))
    return tuple(lines)


LINK_WIRED = Check(
    name="link.wired",
    meaning=N_(
        "A cable carries voice evenly. Over Wi-Fi, neighbours, walls and other devices make "
        "parts of it late or lose them."
    ),
    title=N_("Wired connection (network cable)"),
    term="Wired",
    page=Page.CONNECTION,
    stands_for_page=True,
    needs=(LINK,),
    limits=NoLimits,
    judge=judge,
)
