# ruff: noqa: RUF001 - typographic characters, as findings write them
"""Reports to look at: one as bad as in the mocks, one where all is well, one that is too long."""

import math
from collections.abc import Iterable

import msgspec
from cases.checks_of_findings import carried

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
    Remedy,
    Source,
    Status,
)
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.profile import Answers, Targets
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.model.report import ComputerSummary, ProbeRecord, ProfileUsed, Readiness, Report

SOURCE = Source(
    title="Technical Prerequisites",
    url="https://docs.example.com/prerequisites",
    read_on="2026-11-30",
    dated="2024-11-07",
)

P, B, W, F = Status.PASS, Status.BORDERLINE, Status.WARN, Status.FAIL
U, M, N = Status.UNKNOWN, Status.MANUAL, Status.NOT_APPLICABLE

# check, page, title, status, sentence, measured, needed
Row = tuple[str, Page, str, Status, str, str, str]

NOT_READY_ROWS: tuple[Row, ...] = (
    ("browser.version", Page.BROWSERS, "Browser is the newest version", P,
     "Chrome is the newest version.", "Chrome 158.0, 64-bit", "newest stable, 158"),
    ("browser.cookies", Page.BROWSERS, "Cookies, storage, JavaScript", P,
     "Your browser keeps what it must.", "all on", "on"),
    ("audio.microphone", Page.COMPUTER, "Microphone", P,
     "Your microphone is loud and clear.", "-22 dBFS", "-40 dBFS"),
    ("computer.ram", Page.COMPUTER, "Memory", P,
     "There is plenty of memory.", "16 GB", "4 GB; 8 GB recommended"),
    ("screen.resolution", Page.SCREEN, "Screen", P,
     "The screen is large enough.", "1920 × 1080 at 100 %", "1024 × 768"),
    ("link.wired", Page.CONNECTION, "Wired connection", W,
     "You are on Wi-Fi; a cable gives steadier calls.", "Wi-Fi, 62 %, 5 GHz", "Ethernet"),
    ("port.tcp443", Page.FIREWALL_PORTS, "Web ports 80 and 443", P,
     "Web pages are reachable.", "38 ms, 52 ms", "answer"),
    ("port.dns", Page.FIREWALL_PORTS, "Name lookup over UDP and TCP", P,
     "Names can be looked up.", "9 ms, 14 ms", "answer over each"),
    ("udp.range", Page.FIREWALL_PORTS, "Media ports UDP 5000 to 64000", P,
     "Voice can use every port we tried.", "400 of 400 answered", "every sampled port"),
    ("udp.stun", Page.FIREWALL_PORTS, "Public address (STUN)", P,
     "Your browser can find its address.", "answer on 5060 and 3479", "answer"),
    ("port.webphone", Page.WEBPHONE_PORT, "Webphone port TCP 10062", F,
     "Your network blocks the webphone’s port, 10062.", "no answer in 3 × 3 s", "open websocket"),
    ("quality.latency", Page.UDP_MEDIA, "Round trip", P,
     "There is no noticeable delay.", "34 ms (31 to 118)", "under 100 ms"),
    ("quality.jitter", Page.UDP_MEDIA, "Jitter", B,
     "Your connection is at the edge of steady.", "18.6 ms (16.4 to 21.1)", "under 20 ms"),
    ("quality.loss", Page.UDP_MEDIA, "Packet loss", B,
     "You lose almost too much of what is said.", "0.87 % (0.5 to 1.5)", "under 1 %"),
    ("quality.bandwidth", Page.UDP_MEDIA, "Calls at once", P,
     "Your line carries all your calls.", "12", "10"),
    ("quality.mos", Page.UDP_MEDIA, "Estimated call quality (MOS)", P,
     "Calls would sound good.", "4.2", "4.0 or more"),
    ("dns.edns", Page.EDNS, "EDNS at every resolver", P,
     "Modern name lookups work.", "2 of 2", "all answers arrive"),
    ("websocket.open", Page.WEBSOCKETS, "Websocket stays open", U,
     "We could not see whether a quiet connection is cut.", "port 10062 was blocked", "75 s held"),
    ("filter.tls_interception", Page.WEB_FILTERS, "Encryption untouched", F,
     "A web filter opens your encrypted traffic.", "opened by a web filter", "public root"),
    ("nat.load_balancing", Page.CONNECTION, "No load balancing over lines", M,
     "Does the site use one internet provider?", "one address in 12 flows",
     "confirm: one provider"),
    ("ip.ranges", Page.FIREWALL_PORTS, "Address ranges", P,
     "The service is where it should be.", "4 of 4 in range", "vendor ranges"),
    ("browser.bits", Page.BROWSERS, "Browser is 64-bit", P,
     "The browser is 64-bit.", "64-bit", "64-bit"),
    ("browser.tls", Page.BROWSERS, "TLS in the browser", P,
     "Encryption is up to date.", "TLS 1.3", "TLS 1.2 or later"),
    ("computer.cpu", Page.COMPUTER, "Operating system and processor", P,
     "The processor is fast enough.", "64-bit, 8 cores", "64-bit, 2 cores"),
    ("nat.mapping", Page.CONNECTION, "Address translation (NAT)", P,
     "Your router keeps one address.", "one mapping", "one mapping"),
    ("nat.sip_alg", Page.FIREWALL_PORTS, "Desk-phone ports, SIP ALG", N,
     "Not needed for the way you take calls.", "calls in the browser", "–"),
)  # fmt: skip

REMEDIES = {
    "port.webphone": Remedy(
        text="Allow outgoing TCP port 10062 to webphone.example.com from all computers that take "
        "calls. Two servers are silent there but answer on 443.",
        owner=Owner.NETWORK_TEAM,
        request="Please allow outgoing TCP port 10062 to webphone.example.com (203.0.113.24) from "
        "computers that take calls. On 22 Nov 2026 at 14:06 (UTC+1) that address and a control "
        "server stayed silent on port 10062, three tries of 3 s each, while port 443 of both "
        "answered within 21 ms. Run code: maple river copper lamp.",
    ),
    "filter.tls_interception": Remedy(
        text="Exempt webphone.example.com from TLS inspection. The certificate came from “Example "
        "Secure Gateway CA”, which no public root vouches for.",
        owner=Owner.NETWORK_TEAM,
    ),
    "quality.jitter": Remedy(text="Use a cable, then run again.", owner=Owner.AGENT),
    "quality.loss": Remedy(
        text="Send this report to your internet provider.", owner=Owner.NETWORK_TEAM
    ),
    "link.wired": Remedy(text="Plug in a network cable if you can.", owner=Owner.AGENT),
    "websocket.open": Remedy(
        text="Have port 10062 opened, then run again.", owner=Owner.NETWORK_TEAM
    ),
    "nat.load_balancing": Remedy(
        text="Does this site use one internet line?", owner=Owner.NETWORK_TEAM
    ),
}

STAGES = (
    ConnectionStage(name="Name", status=P, text="found, 8 ms"),
    ConnectionStage(name="Connection", status=F, text="no answer"),
    ConnectionStage(name="Encryption", status=N, text="not reached"),
    ConnectionStage(name="Websocket", status=N, text="not reached"),
)

TRIED = (
    AttemptLine(started_s=6.402, duration_s=0.021, target="203.0.113.24:443 direct",
              result="connected in 21 ms"),
    AttemptLine(started_s=6.405, duration_s=0.018, target="198.51.100.7:443 direct",
              result="connected in 18 ms (control server)"),
    AttemptLine(started_s=6.410, duration_s=3.0, target="203.0.113.24:10062 direct",
              result="no answer in 3.00 s", failed=True),
    AttemptLine(started_s=6.412, duration_s=3.0, target="198.51.100.7:10062 direct",
              result="no answer in 3.00 s (control server)", failed=True),
    AttemptLine(started_s=12.447, duration_s=6.0, target="each twice more", result="no answer",
              failed=True),
)  # fmt: skip


def wavy_chart(length_s: float = 30.0) -> Chart:
    """A line of about 30 ms with two humps and a few losses."""
    columns = []
    for number in range(int(length_s * 4)):
        start_s = number / 4
        hump = 22 * math.exp(-((start_s - 9.6) ** 2)) + 14 * math.exp(-((start_s - 14.4) ** 2))
        median = 30 + 3 * math.sin(start_s * 2.1) + hump
        spike = 45 * abs(math.sin(number * 12.9898) * 43758.5453 % 1)
        columns.append(
            ChartColumn(
                start_s=start_s,
                low=median - 7,
                median=median,
                high=median + 4 + spike + (50 if number in (15, 57) else 0),
                lost=3 if number == 37 else int(number in (33, 55, 70)),
            )
        )
    return Chart(
        title="Round trip over 30 s", limit_ms=100.0, length_s=length_s, columns=tuple(columns)
    )


def finding_of(row: Row) -> Finding:
    """A finding as a check would have made it."""
    check, page, title, status, summary, observed, expected = row
    gauges = {
        "quality.latency": Gauge(title=title, value=34.0, unit="ms", limit=100.0),
        "quality.jitter": Gauge(
            title=title, value=18.6, unit="ms", limit=20.0,
            interval=Interval(low=16.4, high=21.1, unit=Unit.MILLISECOND),
        ),
        "quality.loss": Gauge(
            title=title, value=0.87, unit="%", limit=1.0, digits=2,
            interval=Interval(low=0.5, high=1.5, unit=Unit.PERCENT),
        ),
    }  # fmt: skip
    measured = {
        "quality.latency": (
            Quantity(name="median_rtt", value=34.0, unit=Unit.MILLISECOND),
            Quantity(name="max_rtt", value=118.0, unit=Unit.MILLISECOND),
        ),
        "quality.jitter": (Quantity(name="jitter", value=18.6, unit=Unit.MILLISECOND),),
        "quality.loss": (
            Quantity(name="loss", value=0.0087, unit=Unit.FRACTION),
            Quantity(name="sent", value=1500, unit=Unit.COUNT),
        ),
        "computer.ram": (Quantity(name="installed_memory", value=2**34, unit=Unit.BYTE),),
        "browser.version": (Quantity(name="version", value="158.0.8123.40", unit=Unit.TEXT),),
    }
    gauge = gauges.get(check)
    is_webphone = check == "port.webphone" and status is F
    return Finding(
        check=check,
        requirement=check,
        title=title,
        page=page,
        required=check != "link.wired",
        **carried(check),
        source=SOURCE,
        status=status,
        summary=summary,
        observed=observed,
        expected=expected,
        measured=measured.get(check, ()),
        interval=gauge.interval if gauge else None,
        remedy=REMEDIES.get(check) if status not in {P, N} else None,
        gauge=gauge,
        chart=wavy_chart() if check == "quality.latency" else None,
        stages=STAGES if is_webphone else (),
        tried=TRIED if is_webphone else (),
        details=(
            Detail(
                label="Why we say so",
                text="Both servers answer on port 443, so the network works; only 10062 is silent.",
            ),
        )
        if is_webphone
        else (),
    )


def record(probe: str, evidence: object) -> ProbeRecord:
    """What a probe brought, with its evidence as JSON."""
    return ProbeRecord(
        probe=probe,
        started_s=0.5,
        duration_s=1.25,
        evidence=msgspec.Raw(msgspec.json.encode(evidence)),
    )


def report_of(findings: Iterable[Finding], verdict: Readiness, **changes: object) -> Report:
    """A whole report around some findings."""
    report = Report(
        schema_version=1,
        app_version="1.0",
        run_id="5f1d3a52-7c41-4a53-9a6d-0c5a1e2b3c4d",
        run_code="maple river copper lamp",
        started_at="2026-11-22T14:06:06.000+01:00",
        finished_at="2026-11-22T14:06:53.200+01:00",
        profile=ProfileUsed(
            name="Technical prerequisites",
            version="Nov 2024",
            location="natterbox.toml",
            targets=Targets(webphone="webphone.example.com:10062", media="media.example.com:862"),
        ),
        answers=Answers(concurrent_calls=10),
        machine=ComputerSummary(
            host_name="WS-0042.corp.example.org",
            user_name="CORP\\first.last",
            system="Windows 11",
            architecture="AMD64",
        ),
        verdict=verdict,
        root_cause=None,
        findings=tuple(findings),
        outcomes=(
            record("memory", {"total_bytes": 17_000_000_000, "available_bytes": 9_000_000_000}),
            record(
                "webphone",
                {
                    "attempts": [
                        {"operation": "connect_tcp", "target": line.target.removesuffix(" direct"),
                         "started_s": line.started_s, "duration_s": line.duration_s}
                        for line in TRIED[:4]
                    ]
                },
            ),
            record(
                "stun",
                {
                    "attempts": [
                        {
                            "operation": "stun_binding",
                            "target": "203.0.113.24:3479",
                            "started_s": 2.0,
                            "duration_s": 0.031,
                            "value": {"mapped": "198.51.100.77:61234"},
                        }
                    ]
                },
            ),
            ProbeRecord(
                probe="sip_mirror",
                started_s=1.0,
                duration_s=0.0,
                evidence=msgspec.Raw(b"null"),
                failure=Failure(
                    code=FailureCode.NO_TARGET, operation="read_profile",
                    detail="targets.sip_mirror",
                ),
                log=("nothing to do",),
            ),
        ),
    )  # fmt: skip
    return msgspec.structs.replace(report, **changes)


def not_ready() -> Report:
    """The report of the mocks."""
    return report_of(map(finding_of, NOT_READY_ROWS), Readiness.NOT_READY)


def ready() -> Report:
    """Everything passes or is not needed."""
    findings = []
    for row in NOT_READY_ROWS:
        finding = finding_of((*row[:3], N if row[3] is N else P, *row[4:]))
        findings.append(msgspec.structs.replace(finding, summary=f"{row[2]} is fine."))
    return report_of(
        findings,
        Readiness.READY,
        run_id="0b7e9d10-1111-4222-8333-944445555666",
        run_code="amber field quiet stone",
        started_at="2026-11-22T15:31:02.500+01:00",
        finished_at="2026-11-22T15:31:46.500+01:00",
    )


def overlong() -> Report:
    """Sixty findings with texts longer than anyone should write, some of them hostile."""
    endless = "Netzwerküberwachungsrichtlinienkonfiguration " * 45
    hostile = "line\nbreak \x1b[31mred\x1b[0m tab\t nul\x00 \u202eright-to-left <b>&amp;</b>"
    statuses = (F, U, B, W, M, P, N)
    findings = []
    for number in range(60):
        status = statuses[number % len(statuses)]
        finding = Finding(
            check=f"long.check_{number}",
            requirement=f"long.check_{number}",
            title=f"Prüfung {number} der Telefonanlagenanbindungsgeschwindigkeit im Standortnetz",
            page=list(Page)[number % len(Page)],
            required=number % 5 != 0,
            source=SOURCE,
            status=status,
            summary=f"{hostile} Satz {number}, der deutlich länger ausfällt als im Englischen.",
            observed=f"gemessen {number}: {hostile}",
            expected="erforderlich: " + "sehr lange Anforderung " * (number % 4 + 1),
            remedy=Remedy(
                text=f"Bitte Nummer {number} beheben: {hostile}",
                owner=list(Owner)[number % len(Owner)],
            ),
            details=(
                Detail(label="Grund", text=endless[:2000]),
                Detail(label=f"Ein viel zu langer Titel {hostile}", text="kurz"),
            ),
            stages=STAGES if number % 9 == 0 else (),
            tried=tuple(
                AttemptLine(
                    started_s=float(place),
                    duration_s=1.0,
                    target=f"host{place}.sehr-langer-name.example.com:10062 {'x' * (place * 6)}",
                    result="keine Antwort",
                    failed=True,
                )
                for place in range(45 if number == 0 else 2)
            ),
            chart=wavy_chart() if number == 3 else None,
        )
        findings.append(finding)
    return report_of(findings, Readiness.NOT_READY)
