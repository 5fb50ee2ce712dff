"""The name servers behind the real systemd-resolved are found, asked and named."""

import re
from collections.abc import Iterator

import pytest
from lab.topology import resolved
from lab.topology.fault import Fault
from lab.topology.faults import EDNS_FAULTS
from lab.topology.lab import built_lab, missing, run_in
from lab.topology.site import Site
from lab.topology.wires import wait_until

from natwizard.model.finding import Finding, Status
from natwizard.model.report import Report

LACKS = missing() or resolved.missing()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("lab"),
    pytest.mark.skipif(bool(LACKS), reason=f"needs {LACKS}"),
]

NAMES = ("--only", "dns.edns,port.dns,port.tcp80,port.tcp443,ip.ranges", "--role", "administrator")
HEALTHY = Fault()


@pytest.fixture(scope="module")
def office() -> Iterator[Site]:
    with built_lab(offices=1) as lab, lab.office() as site:
        yield site


def finding(report: Report, check: str) -> Finding:
    return next(each for each in report.findings if each.check == check)


def asked(report: Report) -> list[str]:
    """Whom the report says it asked; the control comes last, and is left out."""
    return [each.label for each in finding(report, "port.dns").details][:-1]


def looked_up(site: Site) -> int:
    """How many names systemd-resolved has been asked for since it began."""
    found = re.search(r"Total Transactions: +(\d+)", resolved.resolvectl(site, "statistics"))
    assert found
    return int(found[1])


def everything_passes(report: Report) -> None:
    asked_through = finding(report, "dns.edns").details[0]
    assert asked_through.label == "Asked through"
    assert asked_through.text.startswith(resolved.STUB)
    for each in report.findings:
        assert each.status is Status.PASS, each


def test_those_of_its_settings_are_asked(office: Site) -> None:
    with resolved.systemd_resolved(office, f"DNS={office.router_address}"):
        report = run_in(office, HEALTHY, NAMES).report
        assert looked_up(office) > 0
    everything_passes(report)
    assert asked(report) == [office.router_address]


def test_those_of_a_link_are_asked_after_those_of_its_settings(office: Site) -> None:
    """NetworkManager and systemd-networkd hand over what DHCP said for a link."""
    with resolved.systemd_resolved(office, "DNS=198.51.100.54"):
        resolved.resolvectl(office, "dns", "line", office.router_address)
        report = run_in(office, HEALTHY, NAMES).report
    everything_passes(report)
    assert asked(report) == ["198.51.100.54", office.router_address]


def test_one_with_an_address_of_the_link_alone_is_asked(office: Site) -> None:
    """As home routers announce themselves over IPv6; the file has the link's number behind it."""
    shown = office.router.run("ip", "-6", "-o", "address", "show", "dev", "inside", "scope", "link")
    address = shown.split()[3].partition("/")[0]
    office.router.start(
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        "--server=198.51.100.53", "--user=root", f"--listen-address={address}",
        "--bind-interfaces", "--pid-file=", log="dnsmasq-link",
    )  # fmt: skip
    wait_until(
        lambda: any("fe80" in place for place in office.router.listening("udp")), "a name server"
    )
    with resolved.systemd_resolved(office):
        resolved.resolvectl(office, "dns", "line", address)
        report = run_in(office, HEALTHY, NAMES).report
    everything_passes(report)
    link = office.workstation.run("cat", "/sys/class/net/line/ifindex").strip()
    assert asked(report) == [f"{address}%{link}"]


def test_where_edns_gets_lost_behind_it_that_is_why_no_name_comes_back(office: Site) -> None:
    """It asks with EDNS until it has waited in vain for long enough; nothing else tells."""
    with resolved.systemd_resolved(office, f"DNS={office.router_address}"):
        report = run_in(office, EDNS_FAULTS["edns dropped"], NAMES).report
    edns = finding(report, "dns.edns")
    assert edns.status is Status.FAIL
    assert edns.summary == "Your router drops modern name lookups."
    assert edns.observed.startswith(f"{office.router_address}: plain answered in ")
    assert finding(report, "port.dns").status is Status.PASS
    assert report.root_cause is not None
    assert report.root_cause.code == "dns_broken"
    explained = ("dns.edns", "port.tcp80", "port.tcp443", "ip.ranges")
    assert report.root_cause.explains == explained
