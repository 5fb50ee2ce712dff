"""A made-up run, as events and as a report: what pictures and tests of the window show."""

import math
import random

from cases.checks_of_findings import carried
from msgspec import Raw, structs

from natwizard.checks.catalogue import CHECKS
from natwizard.checks.shared.connection_outcome import ConnectionFacts, ConnectionStep
from natwizard.checks.shared.line import LineFacts
from natwizard.model.events import (
    CheckJudged,
    Event,
    PlannedCheck,
    PlannedProbe,
    ProbeFinished,
    ProbeProgressed,
    ProbeStarted,
    RunFinished,
    RunPlanned,
)
from natwizard.model.finding import (
    AttemptLine,
    Chart,
    ChartColumn,
    ConnectionStage,
    Detail,
    Finding,
    Gauge,
    Owner,
    Page,
    PathStop,
    Remedy,
    Source,
    Status,
)
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Answers, Profile, Question, Requirement, Role, Targets
from natwizard.model.quantity import Interval, Unit
from natwizard.model.report import ComputerSummary, ProbeRecord, ProfileUsed, Report
from natwizard.run.conclusion import conclude

SOURCE = Source(
    title="Technical Prerequisites", url="https://docs.example.com", read_on="2026-11-30",
    dated="2024-11-07", section="Firewall",
)  # fmt: skip
CODE = "maple river copper lamp"
NA = Status.NOT_APPLICABLE
STUCK_AT_PORT = ConnectionFacts(
    step=ConnectionStep.CONNECTION, code=FailureCode.TIMED_OUT, port=10062
)


def columns(until_s: float = 30.0) -> tuple[ChartColumn, ...]:
    """A line with a bump and a few losses, 0.1 s a column."""
    dice = random.Random(7)
    made = []
    for number in range(round(until_s * 10)):
        at = number / 10
        bump = 24 * math.exp(-(((at - 9.6) / 0.6) ** 2)) + 16 * math.exp(
            -(((at - 14.5) / 0.7) ** 2)
        )
        median = 30 + 2 * math.sin(at * 1.7) + bump + dice.random()
        spread = dice.expovariate(1 / 16)
        lost = 1 if number in (83, 91, 92, 93, 94, 138, 175) else 0
        made.append(
            ChartColumn(
                start_s=at, low=median - 5, median=median, high=median + 4 + spread, lost=lost
            )
        )
    return tuple(made)


def finding(check: str, page: Page, title: str, summary: str, observed: str, expected: str,
            status: Status = Status.PASS, **more: object) -> Finding:  # fmt: skip
    """A finding with what every row has."""
    made = Finding(
        check=check, requirement=check, title=title, page=page, required=True, source=SOURCE,
        status=status, summary=summary, observed=observed, expected=expected,
    )  # fmt: skip
    return structs.replace(made, **carried(check), **more)


def gauge(title: str, value: float, unit: str, limit: float, low: float, high: float,
          *, digits: int = 1, more_is_better: bool = False) -> Gauge:  # fmt: skip
    """A value with its interval."""
    span = Interval(low=low, high=high, unit=Unit.MILLISECOND)
    return Gauge(title=title, value=value, unit=unit, limit=limit, interval=span, digits=digits,
                 higher_is_better=more_is_better)  # fmt: skip


def good_findings() -> tuple[Finding, ...]:
    """Everything in order."""
    chart = Chart(title="Round trip", limit_ms=100, length_s=30, columns=columns())
    path = (
        PathStop(name="This computer", at="", figures=""),
        PathStop(name="Router here", at="192.168.1.1", figures="1.2 ms, 30 of 30 answered"),
        PathStop(name="Internet provider", at="provider.example, 203.0.113.1",
                 figures="9.4 ms, 29 of 30 answered"),
        PathStop(name="Far end", at="media.example.com:862", figures="34 ms, 1 of 1,500 lost"),
    )  # fmt: skip
    return (
        finding("browser.version", Page.BROWSERS, "Newest version", "Your browser is up to date.",
                "Chrome 158, newest", "newest stable version"),
        finding("browser.bits", Page.BROWSERS, "64-bit browser", "Your browser is 64-bit.",
                "64-bit", "64-bit"),
        finding("browser.tls", Page.BROWSERS, "Encryption", "Your browser encrypts as it should.",
                "TLS 1.3", "TLS 1.2 or later"),
        finding("browser.webrtc", Page.BROWSERS, "Calls in the browser",
                "Your browser can make calls.", "microphone and UDP found", "a UDP candidate"),
        finding("computer.ram", Page.COMPUTER, "Memory", "There is plenty of memory.",
                "16 GB", "4 GB; 8 GB recommended"),
        finding("computer.os_bits", Page.COMPUTER, "Operating system",
                "The operating system is 64-bit.", "64-bit", "64-bit"),
        finding("screen.resolution", Page.SCREEN, "Screen size", "The webphone fits your screen.",
                "1920 \u00d7 1080 at 100 %", "1024 \u00d7 768"),
        finding("link.wired", Page.CONNECTION, "Wired connection", "You are on a network cable.",
                "Ethernet, 1 Gbit/s", "Ethernet"),
        finding("nat.mapping", Page.CONNECTION, "Address translation",
                "Your router keeps one address for every call partner.", "one mapping",
                "one mapping"),
        finding("port.tcp80", Page.FIREWALL_PORTS, "Web pages", "Web pages load.",
                "TCP 80: page in 38 ms", "an answer"),
        finding("port.tcp443", Page.FIREWALL_PORTS, "Secure web pages", "Secure web pages load.",
                "TCP 443: page in 52 ms", "an answer"),
        finding("port.dns", Page.FIREWALL_PORTS, "Name lookups", "Names are looked up both ways.",
                "UDP 53: 9 ms, TCP 53: 14 ms", "an answer over each"),
        finding("udp.stun", Page.FIREWALL_PORTS, "Public address",
                "This computer knows its public address.", "UDP 5060: 24 ms, 3479: 25 ms",
                "an answer on each"),
        finding("udp.range", Page.FIREWALL_PORTS, "Media ports",
                "Media ports are open.", "400 of 400 sampled ports answered", "every sampled port"),
        finding("ip.ranges", Page.FIREWALL_PORTS, "Address ranges",
                "The service's names lie in its own ranges.", "4 of 4 in range", "vendor ranges"),
        finding("port.sip", Page.FIREWALL_PORTS, "Desk-phone ports",
                "Desk-phone ports are not needed.", "not needed",
                "You take calls in the browser", NA),
        finding("port.webphone", Page.WEBPHONE_PORT, "Webphone port",
                "The webphone reaches the service.", "open, 24 ms", "an open websocket"),
        finding("quality.bandwidth", Page.UDP_MEDIA, "Calls at once",
                "Your line carries 12 calls at once.", "1,200 kbit/s", "1,000 kbit/s each way",
                gauge=gauge("Calls at once", 12, "fit", 10, 12, 12, digits=0, more_is_better=True)),
        finding("quality.latency", Page.UDP_MEDIA, "Round trip", "Voices arrive in good time.",
                "34 ms median", "under 100 ms",
                gauge=gauge("Round trip", 34, "ms", 100, 31, 45, digits=0), chart=chart, path=path),
        finding("quality.jitter", Page.UDP_MEDIA, "Jitter", "Your connection is steady.",
                "2.1 ms", "under 20 ms", gauge=gauge("Jitter", 2.1, "ms", 20, 1.8, 2.6)),
        finding("quality.loss", Page.UDP_MEDIA, "Loss", "Everything you say arrives.",
                "0.07 %", "under 1 %", gauge=gauge("Loss", 0.07, "%", 1, 0, 0.4, digits=2)),
        finding("quality.mos", Page.UDP_MEDIA, "Call quality", "Calls will sound clear.",
                "4.3 of 5, estimated", "4.0 or better"),
        finding("dns.edns", Page.EDNS, "Modern name lookups", "Name lookups work the modern way.",
                "2 of 2 resolvers", "an answer with EDNS"),
        finding("websocket.open", Page.WEBSOCKETS, "Open websocket",
                "A quiet connection stays open.", "held for 75 s", "held for 75 s"),
        finding("filter.tls_interception", Page.WEB_FILTERS, "Encryption untouched",
                "Nobody opens your encrypted traffic.", "not inspected",
                "a certificate by a public authority"),
    )  # fmt: skip


def bad_findings() -> tuple[Finding, ...]:
    """Two problems, two borderlines, one advice, one unknown, one question."""
    changed = {made.check: made for made in good_findings()}
    text = ("Please allow outgoing TCP port 10062 to webphone.example.com (203.0.113.24) from "
            "all computers that take calls.")  # fmt: skip
    port = finding(
        "port.webphone", Page.WEBPHONE_PORT, "Webphone port",
        "Your network blocks the webphone\u2019s port, 10062.", "no answer in 3 tries of 3 s",
        "an open websocket", Status.FAIL,
        remedy=Remedy(
            text="Ask them to allow outgoing TCP port 10062 to webphone.example.com from all "
            "computers that take calls.", owner=Owner.NETWORK_TEAM, request=text),
        details=(
            Detail(label="Why we say so",
                   text="A second server is silent on 10062 too; both answer on port 443."),
            Detail(label="Tried",
                   text="203.0.113.24 and 198.51.100.7, three times each, without a proxy."),
        ),
        stages=(
            ConnectionStage(name="Name", status=Status.PASS, text="found, 8 ms"),
            ConnectionStage(name="Connection", status=Status.FAIL, text="no answer"),
            ConnectionStage(name="Encryption", status=NA, text="not reached"),
            ConnectionStage(name="Websocket", status=NA, text="not reached"),
        ),
        tried=tuple(
            AttemptLine(started_s=1.2 + number, duration_s=3.0,
                      target=f"connection to 203.0.113.{24 + number % 2}:10062",
                      result="no answer in 3.0 s")
            for number in range(6)
        ),
    )  # fmt: skip
    tls = finding(
        "filter.tls_interception", Page.WEB_FILTERS, "Encryption untouched",
        "A web filter opens your encrypted traffic.", "certificate by Example Secure Gateway CA",
        "a certificate by a public authority", Status.FAIL,
        remedy=Remedy(text="Exempt the service from TLS inspection.", owner=Owner.NETWORK_TEAM),
        details=(Detail(label="Why we say so", text="The certificate's issuer is not public."),),
    )  # fmt: skip
    wired = finding(
        "link.wired", Page.CONNECTION, "Wired connection",
        "You are on Wi-Fi; a cable gives steadier calls.", "Wi-Fi 5 GHz, signal 62 %", "Ethernet",
        Status.WARN,
        remedy=Remedy(text="Plug in a network cable if you can.", owner=Owner.AGENT),
    )  # fmt: skip
    jitter = finding(
        "quality.jitter", Page.UDP_MEDIA, "Jitter", "Your connection is at the edge of steady.",
        "18.6 ms, likely 16.4 to 21.1", "under 20 ms", Status.BORDERLINE,
        gauge=gauge("Jitter", 18.6, "ms", 20, 16.4, 21.1),
        remedy=Remedy(text="Use a cable, then run again.", owner=Owner.AGENT),
    )  # fmt: skip
    loss = finding(
        "quality.loss", Page.UDP_MEDIA, "Loss", "Losses are close to what calls can bear.",
        "0.87 %, likely 0.5 to 1.5", "under 1 %", Status.BORDERLINE,
        gauge=gauge("Loss", 0.87, "%", 1, 0.5, 1.5, digits=2),
        remedy=Remedy(text="Use a cable, then run again.", owner=Owner.AGENT),
    )  # fmt: skip
    socket = finding(
        "websocket.open", Page.WEBSOCKETS, "Open websocket",
        "We could not see whether a quiet connection stays open.", "port 10062 was blocked",
        "held for 75 s", Status.UNKNOWN,
        remedy=Remedy(text="Open the port first, then run again.", owner=Owner.NETWORK_TEAM),
    )  # fmt: skip
    asked = finding(
        "nat.load_balancing", Page.CONNECTION, "One internet line",
        "Your site should use one provider for the service.", "no program can measure this",
        "a person's answer", Status.MANUAL,
        remedy=Remedy(text="Confirm that calls leave through one line.", owner=Owner.NETWORK_TEAM),
    )  # fmt: skip
    for made in (port, tls, wired, jitter, loss, socket):
        changed[made.check] = made
    made_list = list(changed.values())
    made_list.insert(9, asked)
    return tuple(made_list)


def report_of(findings: tuple[Finding, ...]) -> Report:
    """A report that holds them, concluded as a run concludes."""
    stuck = dict.fromkeys(("port.webphone", "websocket.open"), STUCK_AT_PORT)
    concluded = conclude(findings, stuck, LineFacts())
    return Report(
        schema_version=1, app_version="1.0", run_id="5b3f6b1e-0a51-4a0e-9d53-3a1d6a3ed001",
        run_code=CODE, started_at="2026-11-22T14:06:12.000+01:00",
        finished_at="2026-11-22T14:06:59.000+01:00",
        profile=ProfileUsed(name="Technical prerequisites", version="Nov 2024",
                            location="example", targets=Targets()),
        answers=Answers(concurrent_calls=10),
        machine=ComputerSummary(host_name="DESK-7", user_name="kim", system="Windows 11",
                        architecture="x86_64"),
        verdict=concluded.verdict, root_cause=concluded.root_cause, findings=concluded.findings,
        outcomes=(ProbeRecord(probe="memory", started_s=0, duration_s=0.1, evidence=Raw(b"null")),),
    )  # fmt: skip


TITLES = {
    "media": "Sending voice packets and counting what comes back",
    "udp_stun": "Asking for your public address",
    "udp_range": "Trying media ports",
}


def probe_of(made: Finding) -> str:
    """Each check has a probe of its own here; those on a tile share one."""
    return "media" if made.page is Page.UDP_MEDIA else made.check.replace(".", "_")


def example_profile() -> Profile:
    """One row a page: a real one for the computer, questions elsewhere."""
    asked = (
        Requirement(id=f"ask.{page}", text="Somebody has to look.", roles=tuple(Role),
                    title="A question", page=page,
                    question=Question(text="Look, and say.", owner=Owner.HELPDESK))
        for page in Page if page not in {Page.COMPUTER, Page.ADMINISTRATOR}
    )  # fmt: skip
    memory = Requirement(id="computer.ram", text="4 GB", roles=tuple(Role))
    return Profile(schema_version=1, name="Technical prerequisites", version="Nov 2024",
                   sources={}, requirements=(memory, *asked))  # fmt: skip


def planned(findings: tuple[Finding, ...]) -> RunPlanned:
    """The first event."""
    tiles = {check.name: check.tile_title for check in CHECKS}
    probes = dict.fromkeys(probe_of(made) for made in findings)
    return RunPlanned(
        run_id="5b3f6b1e-0a51-4a0e-9d53-3a1d6a3ed001",
        run_code=CODE,
        checks=tuple(
            PlannedCheck(check=made.check, title=made.title, page=made.page, headline=made.headline,
                         tile_title=tiles.get(made.check, ""),
                         waits_for=() if made.status is NA else (probe_of(made),))
            for made in findings
        ),
        probes=tuple(
            PlannedProbe(probe=name, title=TITLES.get(name, f"Looking at {name.replace('_', ' ')}"),
                         typical_s=30 if name == "media" else 5, deadline_s=60,
                         alone=name == "media")
            for name in probes
        ),
    )  # fmt: skip


def events_until(findings: tuple[Finding, ...], page: Page) -> list[Event]:
    """A run that is at work on a page: everything before it is judged."""
    order = list(Page)
    events: list[Event] = [planned(findings)]
    started: set[str] = set()
    for made in findings:
        before = order.index(made.page) < order.index(page)
        name = probe_of(made)
        if before or made.status is NA:
            events += [ProbeStarted(probe=name), ProbeFinished(probe=name, duration_s=0.1),
                       CheckJudged(finding=made)]  # fmt: skip
        elif (name != "media" or page is Page.UDP_MEDIA) and name not in started:
            events.append(ProbeStarted(probe=name))
            started.add(name)
    if page is Page.UDP_MEDIA:
        events.append(
            ProbeProgressed(probe="media", fraction=0.6, text="900 of 1,500 packets",
                            columns=columns(18.0))
        )  # fmt: skip
    if page is Page.FIREWALL_PORTS:
        for check, text, share in (
            ("port_tcp80", "", None), ("port_tcp443", "", None), ("port_dns", "", None),
            ("udp_stun", "Asking for this computer\u2019s public address...", 0),
            ("udp_range", "Trying 400 of 59,001 media ports...", 0.53),
        ):  # fmt: skip
            if share is None:
                events.append(ProbeFinished(probe=check, duration_s=0.1))
                events += [CheckJudged(finding=made) for made in findings
                           if probe_of(made) == check]  # fmt: skip
            else:
                events.append(ProbeProgressed(probe=check, fraction=share, text=text))
    return events


def finished(findings: tuple[Finding, ...]) -> list[Event]:
    """A whole run."""
    events: list[Event] = [planned(findings)]
    events += [CheckJudged(finding=made) for made in findings]
    return [*events, RunFinished(report=report_of(findings))]
