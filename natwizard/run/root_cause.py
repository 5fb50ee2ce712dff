"""One cause behind several findings, told once. A pure step after judging."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from natwizard.model.finding import Finding, Status
from natwizard.model.language import N_, _
from natwizard.model.report import RootCause

ACROSS_THE_NETWORK = ("port.", "udp.", "quality.", "dns.", "websocket.", "filter.", "nat.")
ASIDE = {Status.NOT_APPLICABLE, Status.MANUAL}
NOT_MEASURED = {Status.FAIL, Status.UNKNOWN}
PAGES = ("port.tcp80", "port.tcp443")
SECURE = ("filter.tls_interception", "port.tcp443", "port.webphone", "websocket.open")
BY_RESOLVER = ("port.dns", "dns.")
BY_UDP = ("udp.", "nat.", "quality.", "browser.webrtc")


@dataclass(frozen=True, slots=True)
class FindingIndex:
    """The findings of a run, asked by check."""

    findings: tuple[Finding, ...]

    def status(self, check: str) -> Status | None:
        """How a check stands; None where it was not in the plan."""
        finding = self._find(check)
        return finding.status if finding else None

    def value(self, check: str, name: str) -> float | int | str | bool | None:
        """A measured value by its name, or None."""
        finding = self._find(check)
        measured = finding.measured if finding else ()
        return next((quantity.value for quantity in measured if quantity.name == name), None)

    def network(self) -> tuple[Finding, ...]:
        """What was measured across the network for this role."""
        return tuple(
            finding
            for finding in self.findings
            if finding.check.startswith(ACROSS_THE_NETWORK) and finding.status not in ASIDE
        )

    def troubled(self, *prefixes: str) -> tuple[str, ...]:
        """Checks that are not as they should be, by the beginning of their names."""
        fine = {Status.PASS, *ASIDE}
        return tuple(
            finding.check
            for finding in self.findings
            if finding.check.startswith(prefixes) and finding.status not in fine
        )

    def stuck(self, step: str, checks: Iterable[str]) -> tuple[str, ...]:
        """Those of these checks whose connection came to its end at a step."""
        return tuple(check for check in checks if self.value(check, "reached") == step)

    def _find(self, check: str) -> Finding | None:
        return next((finding for finding in self.findings if finding.check == check), None)


BROKEN_SCRIPT = {
    "not_fetched", "no_answer", "syntax", "no_function", "throws", "endless", "greedy", "nonsense",
}  # fmt: skip


def proxy_dead(index: FindingIndex) -> tuple[str, ...]:
    """No connection to the proxy comes about, and the line is not why.

    Some machine turned it away, or pages come without it.
    """
    told = [check for check in (*PAGES, *SECURE) if index.value(check, "proxy_failure")]
    refused = any(index.value(check, "proxy_failure") == "connection_refused" for check in told)
    without = any(index.value(page, "way") == "direct" for page in PAGES)
    if not told or not (refused or without):
        return ()
    behind = index.troubled(*SECURE, "browser.tls")
    return (*told, *(check for check in behind if index.status(check) is Status.UNKNOWN))


def proxy_password(index: FindingIndex) -> tuple[str, ...]:
    asked = [page for page in PAGES if index.value(page, "came") == "password"]
    asked += [check for check in SECURE if index.value(check, "failure") == "proxy_authentication"]
    if not asked:
        return ()
    behind = index.troubled("websocket.", "filter.", "browser.tls")
    return (*index.troubled(*PAGES), *asked, *behind)


def proxy_script(index: FindingIndex) -> tuple[str, ...]:
    """Pages do not come by the direct way, and browsers take another that we cannot."""
    return _without_pages(index, {"other_kind", "not_run"})


def proxy_script_broken(index: FindingIndex) -> tuple[str, ...]:
    """Pages do not come by the direct way, and the script that is to name another is broken.

    Where its server is silent, too, the line may be down.
    """
    return _without_pages(index, BROKEN_SCRIPT - {"no_answer"})


def _without_pages(index: FindingIndex, scripts: set[str]) -> tuple[str, ...]:
    scripted = [page for page in PAGES if index.value(page, "proxy_script") in scripts]
    if not scripted or any(index.value(page, "came") != "nothing" for page in scripted):
        return ()
    if any(index.value(page, "came") == "real" for page in PAGES):
        return ()
    return (*scripted, *index.troubled(*PAGES, *SECURE, "browser.tls"))


def proxy_script_unused(index: FindingIndex) -> tuple[str, ...]:
    """A script is broken, and pages come without it."""
    return tuple(
        page
        for page in PAGES
        if index.value(page, "proxy_script") in BROKEN_SCRIPT
        and index.status(page) is Status.WARN
        and index.value(page, "came") == "real"
    )


def proxy_only(index: FindingIndex) -> tuple[str, ...]:
    if not any(index.value(page, "way") == "proxy" for page in PAGES):
        return ()
    shut = index.troubled(*BY_UDP, "port.webphone", "port.sip", "port.dns", "dns.", "websocket.")
    return tuple(check for check in shut if index.status(check) in NOT_MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCauseRule:
    """One cause that can be known by its findings.

    Attributes:
        recognise: the checks it explains, the one that shows it first; none where it is not it.
        until_then: what those that depend on it say where it leaves them untested.
    """

    code: str
    sentence: str
    recognise: Callable[[FindingIndex], tuple[str, ...]]
    until_then: str = ""


def _no_network(index: FindingIndex) -> tuple[str, ...]:
    network = index.network()
    lost = bool(network) and all(finding.status in NOT_MEASURED for finding in network)
    if lost and index.status("link.wired") in NOT_MEASURED:
        return ("link.wired", *(finding.check for finding in network))
    return ()


def _captive_portal(index: FindingIndex) -> tuple[str, ...]:
    shows = [page for page in PAGES if index.value(page, "came") == "login"]
    return (*shows, *index.troubled(*ACROSS_THE_NETWORK, "ip.", "browser.tls")) if shows else ()


def _no_internet(index: FindingIndex) -> tuple[str, ...]:
    """Both page servers silent as soon as they are asked, and nothing beyond answers either.

    A name server may stand in this building, so its answers prove nothing; one that others
    outlive (it fails) is a fault of its own.
    """
    beyond = [each for each in index.network() if not each.check.startswith(BY_RESOLVER)]
    failing = index.status("port.dns") is Status.FAIL or _drops_edns(index)
    nameless = index.stuck("name", PAGES) == PAGES and not failing
    silent = nameless or index.stuck("connection", PAGES) == PAGES
    if silent and all(finding.status in NOT_MEASURED for finding in beyond):
        return index.troubled(*ACROSS_THE_NETWORK)
    return ()


def _dns_broken(index: FindingIndex) -> tuple[str, ...]:
    """Names cannot be looked up, while the network or a resolver's row shows life.

    A stub on this computer may ask with EDNS alone. systemd-resolved does for its first seconds:
    where EDNS gets lost, no name comes back though plain questions are answered.
    """
    nameless = index.stuck("name", (*PAGES, "port.webphone", "websocket.open"))
    alive = index.status("port.dns") is Status.FAIL or any(
        finding.status is Status.PASS for finding in index.network()
    )
    shows = index.troubled("port.dns")
    if index.stuck("name", PAGES) and _drops_edns(index):
        shows = (*shows, "dns.edns")
    if not (nameless and alive and shows):
        return ()
    unknown = [
        check
        for check in index.troubled(*ACROSS_THE_NETWORK, "ip.", "browser.tls")
        if index.status(check) is Status.UNKNOWN
    ]
    return (*shows, *index.troubled("dns."), *nameless, *unknown)


def _drops_edns(index: FindingIndex) -> bool:
    return index.value("dns.edns", "edns") == "dropped"


def _name_filtered(index: FindingIndex) -> tuple[str, ...]:
    """A name server withholds names of the service that another one knows."""
    told = [check for check in ("port.webphone", "ip.ranges") if index.value(check, "hidden")]
    if not told:
        return ()
    nameless = index.stuck("name", SECURE)
    return (*told, *(check for check in nameless if index.status(check) is Status.UNKNOWN))


def _clock_wrong(index: FindingIndex) -> tuple[str, ...]:
    filtered = "filter.tls_interception"
    controls = index.value(filtered, "controls")
    expired = index.value(filtered, "trust") == "expired"
    if expired and controls and index.value(filtered, "controls_public") == 0:
        return (filtered, *index.troubled("port.tcp443", "port.webphone", "websocket."))
    return ()


def _tls_inspection(index: FindingIndex) -> tuple[str, ...]:
    filtered = "filter.tls_interception"
    if index.value(filtered, "trust") not in {"unknown_authority", "private_store_only"}:
        return ()
    after = {"encryption", "exchange", "done"}
    spoilt = [each for each in SECURE if index.value(each, "reached") in after]
    return (filtered, *index.troubled(*spoilt)) if spoilt else (filtered,)


def _tls_cut(index: FindingIndex) -> tuple[str, ...]:
    filtered = "filter.tls_interception"
    if index.status(filtered) is not Status.FAIL or index.value(filtered, "trust") != "cut":
        return ()
    return (filtered, *index.stuck("encryption", SECURE), *index.troubled("browser.tls"))


def _udp_blocked(index: FindingIndex) -> tuple[str, ...]:
    dead = index.status("udp.stun") is Status.FAIL and index.value("udp.stun", "answered") == 0
    ranged = index.value("udp.range", "ports_answered")
    if not dead or ranged:
        return ()
    return ("udp.stun", *index.troubled(*BY_UDP, "port.sip"))


def _service_down(index: FindingIndex) -> tuple[str, ...]:
    if index.value("port.webphone", "control") != "further":
        return ()
    silent = [c for c in index.troubled("udp.stun") if index.status(c) is Status.UNKNOWN]
    return ("port.webphone", *silent)


def _ipv6_broken(index: FindingIndex) -> tuple[str, ...]:
    told = ("port.webphone", "port.tcp443")
    return tuple(check for check in told if index.value(check, "lost_family") == "IPv6")


# the first that fits is told: whatever makes the others unmeasurable comes before them
CAUSES = (
    RootCauseRule(
        code="no_network",
        sentence=N_("This computer has no connection to the internet."),
        recognise=_no_network,
        until_then=N_("This can be tested once there is a connection."),
    ),
    RootCauseRule(
        code="captive_portal",
        sentence=N_("This network wants you to sign in first."),
        recognise=_captive_portal,
        until_then=N_("This can be tested once you have signed in."),
    ),
    RootCauseRule(
        code="proxy_script",
        sentence=N_("A proxy script decides here, which this program cannot follow."),
        recognise=proxy_script,
        until_then=N_("This can be tested once the proxy is named to this program."),
    ),
    RootCauseRule(
        code="proxy_script_broken",
        sentence=N_("The proxy script does not work, and nothing comes through without it."),
        recognise=proxy_script_broken,
        until_then=N_("This can be tested once the proxy script works."),
    ),
    RootCauseRule(
        code="proxy_dead",
        sentence=N_("The proxy that is set for this computer does not answer."),
        recognise=proxy_dead,
    ),
    RootCauseRule(
        code="no_internet",
        sentence=N_("Your network does not lead to the internet."),
        recognise=_no_internet,
        until_then=N_("This can be tested once the network leads out."),
    ),
    RootCauseRule(
        code="proxy_password",
        sentence=N_("Your proxy asks for a password that we do not have."),
        recognise=proxy_password,
    ),
    RootCauseRule(
        code="dns_broken",
        sentence=N_("Names cannot be looked up on this network."),
        recognise=_dns_broken,
        until_then=N_("This can be tested once names can be looked up."),
    ),
    RootCauseRule(
        code="name_filtered",
        sentence=N_("Something hides the service's servers from this computer."),
        recognise=_name_filtered,
    ),
    RootCauseRule(
        code="clock_wrong",
        sentence=N_("This computer's clock seems to be wrong."),
        recognise=_clock_wrong,
    ),
    RootCauseRule(
        code="proxy_only",
        sentence=N_("This network lets traffic out only through a proxy."),
        recognise=proxy_only,
    ),
    RootCauseRule(
        code="tls_inspection",
        sentence=N_("Something opens your encrypted traffic."),
        recognise=_tls_inspection,
    ),
    RootCauseRule(
        code="tls_cut",
        sentence=N_("Something cuts connections as encryption begins."),
        recognise=_tls_cut,
    ),
    RootCauseRule(
        code="udp_blocked",
        sentence=N_("Your network blocks the way that calls take."),
        recognise=_udp_blocked,
    ),
    RootCauseRule(
        code="service_down",
        sentence=N_("The service does not answer, but your network lets calls out."),
        recognise=_service_down,
    ),
    RootCauseRule(
        code="ipv6_broken",
        sentence=N_("IPv6 leads nowhere here, and programs lose time on it."),
        recognise=_ipv6_broken,
    ),
    RootCauseRule(
        code="proxy_script_unused",
        sentence=N_("The proxy script does not work, so browsers go without it."),
        recognise=proxy_script_unused,
    ),
)


def cause_of(findings: tuple[Finding, ...]) -> tuple[RootCauseRule, RootCause] | None:
    """The first cause that fits, and what it explains here; each check once."""
    index = FindingIndex(findings)
    for cause in CAUSES:
        explains = tuple(dict.fromkeys(cause.recognise(index)))
        if explains:
            told = RootCause(code=cause.code, summary=_(cause.sentence), explains=explains)
            return cause, told
    return None


def root_cause_of(findings: tuple[Finding, ...]) -> RootCause | None:
    """Name the cause where all of it has one; None where each finding stands for itself."""
    found = cause_of(findings)
    return found[1] if found else None
