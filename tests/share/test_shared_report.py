"""What leaves the computer: nothing of who sat where, wherever in a report it was planted."""

import gzip
import json
import platform
from pathlib import Path

import msgspec
import pytest
from computers.program import Program
from hypothesis import given
from hypothesis import strategies as st
from report.samples import not_ready, record
from report.typed_report import typed_report

from natwizard.cli.main import main
from natwizard.model.finding import AttemptLine, Detail
from natwizard.model.profile import Share, Site, Targets
from natwizard.model.report import Report
from natwizard.model.shared import Seat
from natwizard.report.as_json import write_json
from natwizard.report.open_report import parse_report
from natwizard.share.otlp import logs_body
from natwizard.share.seat import host_id, name_id, seat_of, site_at
from natwizard.share.shared_report import file_name, shared_json, shared_report

USER, HOST, HOME = "jane.roe", "JR-LAPTOP-77", "C:\\Users\\jane.roe\\AppData"
SSID, MAC, GATEWAY_MAC = "Roe family 5G", "9c:b6:d0:12:34:56", "00-1A-2B-3C-4D-5E"
LOCAL, GATEWAY, VPN = "192.168.178.23", "192.168.178.1", "10.99.3.7"
PUBLIC, PUBLIC6, LINK6 = "198.51.100.77", "2001:db8:77::1f", "fe80::1a2b:3cff:fe4d:5e6f"
ACCOUNT = "jane.roe@corp.example.org"
PERSONAL = (
    USER, HOST, SSID, MAC, GATEWAY_MAC, LOCAL, GATEWAY, VPN, PUBLIC, PUBLIC6, LINK6, ACCOUNT,
    "198-51-100-77", "77.100.51.198", "23.178.168.192", "192-168-178-23",
)  # fmt: skip


def personal_report() -> Report:
    """Personal values in every kind of place: facts, findings, attempts, logs, evidence."""
    report = not_ready()
    prose = (
        f"{USER} on {HOST} ({LOCAL}, {MAC}) behind {GATEWAY}, seen as {PUBLIC} and {PUBLIC6},"
        f" Wi-Fi {SSID}, {HOME}, dsl-198-51-100-77.example.net, 77.100.51.198.in-addr.arpa,"
        f" 23.178.168.192.in-addr.arpa, host-192-168-178-23.lan, {LINK6}%eth0, tunnel {VPN}/24"
    )
    finding = msgspec.structs.replace(
        report.findings[0],
        summary=prose,
        observed=prose,
        details=(Detail(label="Interface", text=prose),),
        tried=(AttemptLine(started_s=1, duration_s=1, target=f"{GATEWAY}:53", result=prose),),
    )
    evidence = {
        "ssid": SSID,
        "user_name": USER,
        "account": ACCOUNT,
        "mac": MAC,
        "gateway": {"address": GATEWAY, "mac": GATEWAY_MAC},
        "flows": [{"public": {"host": PUBLIC, "port": 4711}, "local_address": LOCAL}],
        "nested": [[{"text": prose}]],
        f"about {LOCAL}": prose,
    }
    return msgspec.structs.replace(
        report,
        machine=msgspec.structs.replace(report.machine, host_name=HOST, user_name=f"CORP\\{USER}"),
        profile=msgspec.structs.replace(
            report.profile,
            location=f"{HOME}\\natwizard.toml",
            targets=Targets(
                webphone="webphone.example.com:10062", media="10.0.0.5:862",
                turn="turn.example.com", turn_user=USER, turn_password="hunter2hunter2",
                salesforce_user=ACCOUNT, salesforce_cti_users=(ACCOUNT,),
            ),
        ),
        findings=(finding, *report.findings[1:]),
        outcomes=(
            msgspec.structs.replace(record("link", evidence), log=(prose,)),
            record("stun", evidence),
        ),
    )  # fmt: skip


def sent_bytes(report: Report, seat: Seat) -> bytes:
    """Everything that goes out: the file with its name, and the log records as they are packed."""
    shared = shared_report(report, seat)
    packed = gzip.compress(logs_body(shared), mtime=0)
    return (
        file_name(shared.seat, shared.run_id).encode()
        + shared_json(shared)
        + gzip.decompress(packed)
    )


def seat_here(**changes: object) -> Seat:
    share = Share(salt="sixteen letters!", **changes)  # type: ignore[arg-type]
    sites = (Site(name="Leeds", subnets=("192.168.176.0/21",), provider="North"),)
    return seat_of(share, sites, machine="machine-77", host_name=HOST, addresses=(LOCAL, PUBLIC))


@pytest.mark.parametrize("value", [*PERSONAL, "hunter2hunter2", "machine-77"])
def test_no_personal_value_is_among_the_bytes(value: str) -> None:
    sent = sent_bytes(personal_report(), seat_here()).decode().lower()
    planted = msgspec.json.encode(personal_report()).decode().lower()
    assert value.lower() in planted or value == "machine-77"
    assert value.lower() not in sent


@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_any_type_marks_as_personal_is_among_the_bytes(seed: int) -> None:
    """A report made from the types of all evidence: also of a probe that somebody adds."""
    report, maker = typed_report(seed, not_ready())
    planted = msgspec.json.encode(report).decode().lower()
    personal = {*maker.personal, *maker.addresses}
    assert sum(each in planted for each in personal) > 15
    sent = sent_bytes(report, seat_here()).decode().lower()
    assert [each for each in personal if each in sent] == []


def test_what_is_shown_of_a_run_is_what_was_sent_of_it(tmp_path: Path) -> None:
    """By programs of their own, which have loaded other parts: masks depend on types."""
    program = Program(tmp_path)
    folder = tmp_path / "share"
    folder.mkdir()
    (tmp_path / "p.toml").write_text(f"extends = 'natterbox'\n[share]\nfolder = '{folder}'\n")
    options = ("--only", "computer", "--profile", "p.toml", "--no-redact", "--json", "r.json")
    program.run("check", *options)
    (sent,) = folder.iterdir()
    shown = program.run("share", "show", "r.json", "--profile", "p.toml", "--bytes")
    assert shown.stdout.encode() == sent.read_bytes()


@given(
    st.ip_addresses(v=4, network="10.0.0.0/8")
    | st.ip_addresses(v=4, network="192.168.0.0/16")
    | st.ip_addresses(v=4, network="172.16.0.0/12")
)
def test_no_private_address_is_among_the_bytes(address: object) -> None:
    report = not_ready()
    text = f"({address}) x{address}: [{address}], {address}/24, {address}:80, {address}."
    finding = msgspec.structs.replace(report.findings[0], observed=text, details=())
    changed = msgspec.structs.replace(report, findings=(finding,), outcomes=())
    assert str(address) not in sent_bytes(changed, seat_here()).decode()


def test_what_helps_stays() -> None:
    sent = sent_bytes(personal_report(), seat_here()).decode()
    for kept in ("webphone.example.com:10062", "10.0.0.5:862", "Windows 11", "Leeds", "North",
                 "maple river copper lamp", "192.168.176.0/21"):  # fmt: skip
        assert kept in sent


def test_the_shared_file_is_a_report_that_the_program_opens() -> None:
    shared = shared_report(personal_report(), seat_here())
    opened = parse_report(shared_json(shared), Path("shared.json"))
    assert opened.redacted
    assert [f.status for f in opened.findings] == [f.status for f in personal_report().findings]


def test_the_name_is_sent_only_where_the_profile_says_so() -> None:
    report = personal_report()
    assert HOST.encode() not in sent_bytes(report, seat_here())
    assert HOST.encode() in sent_bytes(report, seat_here(names=True))


def test_ids_are_keyed_and_tell_nothing_without_the_salt() -> None:
    one, other = host_id("sixteen letters!", "m"), host_id("sixteen letters?", "m")
    assert one != other
    assert len(one) == 32
    assert host_id("sixteen letters!", "m") == one
    assert name_id("s" * 16, "PC-1.corp.example.com") == name_id("s" * 16, "pc-1")
    assert name_id("s" * 16, "pc-1") != name_id("s" * 16, "pc-2")
    assert name_id("s" * 16, "") == ""


@pytest.mark.parametrize(
    ("addresses", "name", "subnet"),
    [
        (("10.20.1.7",), "Leeds", "10.20.0.0/22"),
        (("10.20.9.7",), None, ""),
        (("2001:db8:20::7%eth0",), "Leeds", "2001:db8:20::/48"),
        (("192.168.0.9", "203.0.113.40"), "Lyon", "203.0.113.0/24"),
        (("nonsense", ""), None, ""),
        ((), None, ""),
    ],
)
def test_a_site_is_found_by_its_subnets(
    addresses: tuple[str, ...], name: str | None, subnet: str
) -> None:
    sites = (
        Site(name="Leeds", subnets=("10.20.0.0/22", "2001:db8:20::/48")),
        Site(name="Lyon", subnets=("bad", "203.0.113.0/24")),
    )
    site, found = site_at(sites, addresses)
    assert (site.name if site else None, found) == (name, subnet)


@pytest.mark.parametrize(
    ("addresses", "name", "subnet"),
    [
        (("10.20.1.7",), "Leeds", "10.20.0.0/16"),
        (("10.20.9.7",), "Leeds, call centre", "10.20.9.0/24"),
        (("10.99.1.7",), "Company", "10.0.0.0/8"),
        (("2001:db8:20:9::1",), "Leeds, call centre", "2001:db8:20:9::/64"),
        (("2001:db8:20:8::1",), "Leeds", "2001:db8:20::/48"),
        # IPv4 as a server for both families sees it
        (("::ffff:10.20.9.7",), "Leeds, call centre", "10.20.9.0/24"),
        # of those beside each other the first, also where one is smaller: a home behind a VPN
        (("192.168.1.7", "10.20.1.7"), "Leeds", "10.20.0.0/16"),
        (("192.168.1.7", "203.0.113.40"), "Home", "192.168.0.0/16"),
        # the same network twice is the first site's
        (("198.51.100.9",), "Home", "198.51.100.0/24"),
    ],
)
def test_of_subnets_within_each_other_the_smallest_is_the_site(
    addresses: tuple[str, ...], name: str, subnet: str
) -> None:
    """In whatever order somebody wrote them down."""
    sites = (
        Site(name="Company", subnets=("10.0.0.0/8",)),
        Site(name="Leeds", subnets=("10.20.0.0/16", "2001:db8:20::/48")),
        Site(name="Leeds, call centre", subnets=("10.20.9.0/24", "2001:db8:20:9::/64")),
        Site(name="Home", subnets=("192.168.0.0/16", "198.51.100.0/24")),
        Site(name="Lyon", subnets=("203.0.113.0/24", "198.51.100.0/24")),
    )
    site, found = site_at(sites, addresses)
    assert (site.name if site else "", found) == (name, subnet)


@pytest.mark.parametrize(
    ("host", "run"),
    [("../../etc", "..\\..\\x"), ("a/b", "c\0d"), ("", ""), ("A" * 500, "\u202e\n")],
)
def test_no_name_leaves_the_folder(host: str, run: str) -> None:
    seat = msgspec.structs.replace(seat_here(), host_id=host)
    name = file_name(seat, run)
    assert name.isascii()
    assert not set(name) & set("/\\\0\n:")
    assert name.endswith(".json")
    assert len(name) < 200


def test_show_tells_the_very_bytes(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text(
        'extends = "natterbox"\n[share]\nfolder = "/srv/share"\n'
        'otlp = "https://collector.example.com/v1/logs"\ntoken = "secret-token"\n'
        'salt = "sixteen letters!"\n'
    )
    saved = tmp_path / "report.json"
    monkeypatch.setattr(platform, "node", lambda: HOST)
    write_json(personal_report(), saved)
    assert main(["share", "show", str(saved), "--profile", str(profile), "--bytes"]) == 0
    out = capsysbinary.readouterr().out
    first, second = out.splitlines()
    assert json.loads(first)["seat"]["host_id"]
    assert json.loads(second)["resourceLogs"]
    assert not [value for value in PERSONAL if value.encode() in out]
    assert main(["share", "show", str(saved), "--profile", str(profile)]) == 0
    readable = capsysbinary.readouterr().out
    assert b"https://collector.example.com/v1/logs" in readable
    assert b"secret-token" not in readable + out
    assert readable.count(b"\n") > 100
