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
class Sight:
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


def proxy_dead(sight: Sight) -> tuple[str, ...]:
    """No connection to the proxy comes about, and the line is not why.

    Some machine turned it away, or pages come without it.
    """
    told = [check for check in (*PAGES, *SECURE) if sight.value(check, "proxy_failure")]
    refused = any(sight.value(check, "proxy_failure") == "connection_refused" for check in told)
    without = any(sight.value(page, "way") == "direct" for page in PAGES)
    if not told or not (refused or without):
        return ()
    behind = sight.troubled(*SECURE, "browser.tls")
    return (*told, *(check for check in behind if sight.status(check) is Status.UNKNOWN))


def proxy_password(sight: Sight) -> tuple[str, ...]:
    asked = [page for page in PAGES if sight.value(page, "came") == "password"]
    asked += [check for check in SECURE if sight.value(check, "failure") == "proxy_authentication"]
    if not asked:
        return ()
    behind = sight.troubled("websocket.", "filter.", "browser.tls")
    return (*sight.troubled(*PAGES), *asked, *behind)


def proxy_script(sight: Sight) -> tuple[str, ...]:
    """Pages do not come by the direct way, and browsers take another that we cannot."""
    return _without_pages(sight, {"other_kind", "not_run"})


def proxy_script_broken(sight: Sight) -> tuple[str, ...]:
    """Pages do not come by the direct way, and the script that is to name another is broken.

    Where its server is silent, too, the line may be down.
    """
    return _without_pages(sight, BROKEN_SCRIPT - {"no_answer"})


def _without_pages(sight: Sight, scripts: set[str]) -> tuple[str, ...]:
    scripted = [page for page in PAGES if sight.value(page, "proxy_script") in scripts]
    if not scripted or any(sight.value(page, "came") != "nothing" for page in scripted):
        return ()
    if any(sight.value(page, "came") == "real" for page in PAGES):
        return ()
    return (*scripted, *sight.troubled(*PAGES, *SECURE, "browser.tls"))


def proxy_script_unused(sight: Sight) -> tuple[str, ...]:
    """A script is broken, and pages come without it."""
    return tuple(
        page
        for page in PAGES
        if sight.value(page, "proxy_script") in BROKEN_SCRIPT
        and sight.status(page) is Status.WARN
        and sight.value(page, "came") == "real"
    )


def proxy_only(sight: Sight) -> tuple[str, ...]:
    if not any(sight.value(page, "way") == "proxy" for page in PAGES):
        return ()
    shut = sight.troubled(*BY_UDP, "port.webphone", "port.sip", "port.dns", "dns.", "websocket.")
    return tuple(check for check in shut if sight.status(check) in NOT_MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause that can be known by its findings.

    Attributes:
        recognise: the checks it explains, the one that shows it first; none where it is not it.
        until_then: what those that depend on it say where it leaves them untested.
    """

    code: str
    sentence: str
    recognise: Callable[[Sight], tuple[str, ...]]
    until_then: str = ""


def _no_network(sight: Sight) -> tuple[str, ...]:
    network = sight.network()
    lost = bool(network) and all(finding.status in NOT_MEASURED for finding in network)
    if lost and sight.status("link.wired") in NOT_MEASURED:
        return ("link.wired", *(finding.check for finding in network))
    return ()


def _captive_portal(sight: Sight) -> tuple[str, ...]:
    shows = [page for page in PAGES if sight.value(page, "came") == "login"]
    return (*shows, *sight.troubled(*ACROSS_THE_NETWORK, "ip.", "browser.tls")) if shows else ()


def _no_internet(sight: Sight) -> tuple[str, ...]:
    """Both page servers silent as soon as they are asked, and nothing beyond answers either.

    A name server may stand in this building, so its answers prove nothing; one that others
    outlive (it fails) is a fault of its own.
    """
    beyond = [each for each in sight.network() if not each.check.startswith(BY_RESOLVER)]
    failing = sight.status("port.dns") is Status.FAIL or _drops_edns(sight)
    nameless = sight.stuck("name", PAGES) == PAGES and not failing
    silent = nameless or sight.stuck("connection", PAGES) == PAGES
    if silent and all(finding.status in NOT_MEASURED for finding in beyond):
        return sight.troubled(*ACROSS_THE_NETWORK)
    return ()


def _dns_broken(sight: Sight) -> tuple[str, ...]:
    """Names cannot be looked up, while the network or a resolver's row shows life.

    A stub on this computer may ask with EDNS alone. systemd-resolved does for its first seconds:
    where EDNS gets lost, no name comes back though plain questions are answered.
    """
    nameless = sight.stuck("name", (*PAGES, "port.webphone", "websocket.open"))
    alive = sight.status("port.dns") is Status.FAIL or any(
        finding.status is Status.PASS for finding in sight.network()
    )
    shows = sight.troubled("port.dns")
    if sight.stuck("name", PAGES) and _drops_edns(sight):
        shows = (*shows, "dns.edns")
    if not (nameless and alive and shows):
        return ()
    unknown = [
        check
        for check in sight.troubled(*ACROSS_THE_NETWORK, "ip.", "browser.tls")
        if sight.status(check) is Status.UNKNOWN
    ]
    return (*shows, *sight.troubled("dns."), *nameless, *unknown)


def _drops_edns(sight: Sight) -> bool:
    return sight.value("dns.edns", "edns") == "dropped"


def _name_filtered(sight: Sight) -> tuple[str, ...]:
    """A name server withholds names of the service that another one knows."""
    told = [check for check in ("port.webphone", "ip.ranges") if sight.value(check, "hidden")]
    if not told:
        return ()
    nameless = sight.stuck("name", SECURE)
    return (*told, *(check for check in nameless if sight.status(check) is Status.UNKNOWN))


def _clock_wrong(sight: Sight) -> tuple[str, ...]:
    filtered = "filter.tls_interception"
    controls = sight.value(filtered, "controls")
    expired = sight.value(filtered, "trust") == "expired"
    if expired and controls and sight.value(filtered, "controls_public") == 0:
        return (filtered, *sight.troubled("port.tcp443", "port.webphone", "websocket."))
    return ()


def _tls_inspection(sight: Sight) -> tuple[str, ...]:
    filtered = "filter.tls_interception"
    if sight.value(filtered, "trust") not in {"unknown_authority", "private_store_only"}:
        return ()
    after = {"encryption", "exchange", "done"}
    spoilt = [each for each in SECURE if sight.value(each, "reached") in after]
    return (filtered, *sight.troubled(*spoilt)) if spoilt else (filtered,)


def _tls_cut(sight: Sight) -> tuple[str, ...]:
    filtered = "filter.tls_interception"
    if sight.status(filtered) is not Status.FAIL or sight.value(filtered, "trust") != "cut":
        return ()
    return (filtered, *sight.stuck("encryption", SECURE), *sight.troubled("browser.tls"))


def _udp_blocked(sight: Sight) -> tuple[str, ...]:
    dead = sight.status("udp.stun") is Status.FAIL and sight.value("udp.stun", "answered") == 0
    ranged = sight.value("udp.range", "ports_answered")
    if not dead or ranged:
        return ()
    return ("udp.stun", *sight.troubled(*BY_UDP, "port.sip"))


def _service_down(sight: Sight) -> tuple[str, ...]:
    if sight.value("port.webphone", "control") != "further":
        return ()
    silent = [c for c in sight.troubled("udp.stun") if sight.status(c) is Status.UNKNOWN]
    return ("port.webphone", *silent)


def _ipv6_broken(sight: Sight) -> tuple[str, ...]:
    told = ("port.webphone", "port.tcp443")
    return tuple(check for check in told if sight.value(check, "lost_family") == "IPv6")


# the first that fits is told: whatever makes the others unmeasurable comes before them
CAUSES = (
    Cause(
        code="no_network",
        sentence=N_("This computer has no connection to the internet."),
        recognise=_no_network,
        until_then=N_("This can be tested once there is a connection."),
    ),
    Cause(
        code="captive_portal",
        sentence=N_("This network wants you to sign in first."),
        recognise=_captive_portal,
        until_then=N_("This can be tested once you have signed in."),
    ),
    Cause(
        code="proxy_script",
        sentence=N_("A proxy script decides here, which this program cannot follow."),
        recognise=proxy_script,
        until_then=N_("This can be tested once the proxy is named to this program."),
    ),
    Cause(
        code="proxy_script_broken",
        sentence=N_("The proxy script does not work, and nothing comes through without it."),
        recognise=proxy_script_broken,
        until_then=N_("This can be tested once the proxy script works."),
    ),
    Cause(
        code="proxy_dead",
        sentence=N_("The proxy that is set for this computer does not answer."),
        recognise=proxy_dead,
    ),
    Cause(
        code="no_internet",
        sentence=N_("Your network does not lead to the internet."),
        recognise=_no_internet,
        until_then=N_("This can be tested once the network leads out."),
    ),
    Cause(
        code="proxy_password",
        sentence=N_("Your proxy asks for a password that we do not have."),
        recognise=proxy_password,
    ),
    Cause(
        code="dns_broken",
        sentence=N_("Names cannot be looked up on this network."),
        recognise=_dns_broken,
        until_then=N_("This can be tested once names can be looked up."),
    ),
    Cause(
        code="name_filtered",
        sentence=N_("Something hides the service's servers from this computer."),
        recognise=_name_filtered,
    ),
    Cause(
        code="clock_wrong",
        sentence=N_("This computer's clock seems to be wrong."),
        recognise=_clock_wrong,
    ),
    Cause(
        code="proxy_only",
        sentence=N_("This network lets traffic out only through a proxy."),
        recognise=proxy_only,
    ),
    Cause(
        code="tls_inspection",
        sentence=N_("Something opens your encrypted traffic."),
        recognise=_tls_inspection,
    ),
    Cause(
        code="tls_cut",
        sentence=N_("Something cuts connections as encryption begins."),
        recognise=_tls_cut,
    ),
    Cause(
        code="udp_blocked",
        sentence=N_("Your network blocks the way that calls take."),
        recognise=_udp_blocked,
    ),
    Cause(
        code="service_down",
        sentence=N_("The service does not answer, but your network lets calls out."),
        recognise=_service_down,
    ),
    Cause(
        code="ipv6_broken",
        sentence=N_("IPv6 leads nowhere here, and programs lose time on it."),
        recognise=_ipv6_broken,
    ),
    Cause(
        code="proxy_script_unused",
        sentence=N_("The proxy script does not work, so browsers go without it."),
        recognise=proxy_script_unused,
    ),
)


def cause_of(findings: tuple[Finding, ...]) -> tuple[Cause, RootCause] | None:
    """The first cause that fits, and what it explains here; each check once."""
    sight = Sight(findings)
    for cause in CAUSES:
        explains = tuple(dict.fromkeys(cause.recognise(sight)))
        if explains:
            told = RootCause(code=cause.code, summary=_(cause.sentence), explains=explains)
            return cause, told
    return None


def root_cause_of(findings: tuple[Finding, ...]) -> RootCause | None:
    """Name the cause where all of it has one; None where each finding stands for itself."""
    found = cause_of(findings)
    return found[1] if found else None
