"""What types mark as personal is in no view of a masked report; what they mark as public is."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from growth import assert_time_grows_with_input
from msgspec import Struct
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication
from report.samples import not_ready, record
from report.typed_report import Maker, all_probes, typed_report, typed_watch
from report.watch_samples import watch
from rich.console import Console

import natwizard
from natwizard.cli.table import print_report
from natwizard.model.finding import Detail
from natwizard.model.privacy import (
    ComputerName,
    HardwareText,
    NetworkName,
    PersonalName,
    PublicText,
    QuotingText,
    register_evidence,
)
from natwizard.model.report import Report
from natwizard.report.as_html import report_html
from natwizard.report.as_json import report_json
from natwizard.report.as_junit import report_junit
from natwizard.report.as_pdf import write_pdf, write_watch_pdf
from natwizard.report.as_text import document_text
from natwizard.report.document import report_document
from natwizard.report.open_report import open_report
from natwizard.report.redact import _naming_nobody, masked_watch, redact
from natwizard.report.watch_files import watch_json

SOURCES = Path(natwizard.__file__).parent


def terminal(report: Report) -> str:
    console = Console(width=400, record=True, quiet=True)
    print_report(report, console, whole=True)
    return console.export_text()


VIEWS: dict[str, Callable[[Report], str]] = {
    "json": lambda report: report_json(report).decode(),
    "html": report_html,
    "text": lambda report: document_text(report_document(report)),
    "terminal": terminal,
    "junit": lambda report: report_junit(report).decode(),
}


def pdf_text(path: Path) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(path).pages)


def leaks(text: str, maker: Maker) -> list[str]:
    low = text.lower()
    return [each for each in {*maker.personal, *maker.addresses} if each in low]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("view", VIEWS)
def test_no_view_shows_what_is_personal(view: str, seed: int) -> None:
    report, maker = typed_report(seed, not_ready())
    assert len(maker.personal) > 15
    assert leaks(VIEWS[view](redact(report)), maker) == []


def test_no_pdf_shows_it(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    report, maker = typed_report(5, not_ready())
    path = tmp_path / "report.pdf"
    write_pdf(report, path)
    assert leaks(pdf_text(path), maker) != []
    write_pdf(redact(report), path)
    assert leaks(pdf_text(path), maker) == []
    # nor does what the PDF carries
    assert leaks(report_json(open_report(path)).decode(), maker) == []


def test_with_names_allowed_all_of_them_are_there() -> None:
    report, maker = typed_report(6, not_ready())
    assert set(leaks(report_json(report).decode(), maker)) == {*maker.personal, *maker.addresses}


def test_what_is_public_survives_and_masking_twice_changes_nothing() -> None:
    report, maker = typed_report(7, not_ready())
    plain, masked = report_json(report).decode(), report_json(redact(report)).decode()
    planted = [each for each in maker.public if each in plain]
    assert len(planted) > 300
    assert [each for each in planted if plain.count(each) != masked.count(each)] == []
    assert report_json(redact(redact(report))).decode() == masked


def test_a_watch_is_masked_in_its_note_too(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp
    record_, maker = typed_watch(8, watch(5))
    assert leaks(watch_json(record_).decode(), maker) != []
    masked = masked_watch(record_)
    assert leaks(watch_json(masked).decode(), maker) == []
    assert (masked.media, masked.websocket) == (record_.media, record_.websocket)
    assert masked_watch(masked) == masked
    path = tmp_path / "watch.pdf"
    write_watch_pdf(masked, path)
    assert leaks(pdf_text(path), maker) == []


class Desk(Struct, frozen=True, kw_only=True):
    """Evidence whose fields are called as nobody foresaw."""

    account: PersonalName
    computer: ComputerName
    wifi_network: NetworkName
    signed_in_as: PersonalName
    badge: HardwareText
    remark: QuotingText
    model: PublicText


DESK = Desk(
    account="CORP\\Kim.Lee",
    computer="Desk-77.corp.example.org",
    wifi_network="Lee's café net",
    signed_in_as="kim@acme.example",
    badge="SN-0042-77",
    remark="kim.lee at DESK-77 via Lee%27s%20caf%C3%A9%20net, badge sn-0042-77",
    model="Kim.Lee 3000",
)


def with_desk(probe: str, said: str) -> Report:
    finding = msgspec.structs.replace(
        not_ready().findings[0], details=(Detail(label="Why we say so", text=said),)
    )
    return msgspec.structs.replace(
        not_ready(), findings=(finding,), outcomes=(record(probe, msgspec.to_builtins(DESK)),)
    )


def test_fields_are_masked_by_their_marks_and_quoted_anywhere() -> None:
    register_evidence("desk", Desk)
    said = "signed in as KIM@ACME.EXAMPLE (Kim) on desk-77, Lee&#x27;s café net"
    masked = redact(with_desk("desk", said))
    assert json.loads(bytes(masked.outcomes[0].evidence)) == {
        "account": "***", "computer": "***", "wifi_network": "***", "signed_in_as": "***",
        "badge": "***", "remark": "*** at *** via ***, badge ***", "model": "Kim.Lee 3000",
    }  # fmt: skip
    assert masked.findings[0].details[0].text == "signed in as *** (***) on ***, ***"


def test_what_no_type_describes_is_masked_whole_and_its_names_anywhere() -> None:
    masked = redact(with_desk("of another version", "signed in as kim.lee on DESK-77"))
    evidence = json.loads(bytes(masked.outcomes[0].evidence))
    assert set(evidence.values()) == {"***"}
    assert masked.findings[0].details[0].text == "signed in as *** on ***"


def test_a_field_that_a_known_probe_does_not_have_is_masked_whole() -> None:
    report = msgspec.structs.replace(
        not_ready(), outcomes=(record("memory", {"total_bytes": 1, "seat": "by the window"}),)
    )
    assert json.loads(bytes(redact(report).outcomes[0].evidence)) == {
        "total_bytes": 1, "seat": "***",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("/var/home/kim/.config/chrome", "/var/home/***/.config/chrome"),
        ("/mnt/c/Users/Kim Lee/x", "/mnt/c/Users/***/x"),
        (r"\\files\Users\kim", r"\\files\Users\***"),
        ("/home/user/x", "/home/user/x"),
        ("/opt/google/chrome/chrome", "/opt/google/chrome/chrome"),
        ("https://example.com/home/page", "https://example.com/home/page"),
    ],
)
def test_a_path_hides_whose_home_it_is_in(path: str, masked: str) -> None:
    report = msgspec.structs.replace(
        not_ready(), outcomes=(record("browsers", {"browsers": [{"path": path}]}),)
    )
    found = redact(report)
    assert json.loads(bytes(found.outcomes[0].evidence))["browsers"][0]["path"] == masked
    assert redact(found) == found


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("desk-77.corp.example", "***"),
        (
            "0a1b2c3d-0000-4000-8000-00000000abcd.local",
            "0a1b2c3d-0000-4000-8000-00000000abcd.local",
        ),
        ("192.168.1.20", "192.168.1.20"),
        ("93.184.216.34", "93.184.*.*"),
        ("", ""),
    ],
)
def test_a_name_in_the_place_of_our_address_is_one_of_ours(address: str, masked: str) -> None:
    candidate = {"kind": "host", "protocol": "udp", "address": address}
    report = msgspec.structs.replace(
        not_ready(),
        outcomes=(record("browser_check", {"gathering": {"candidates": [candidate]}}),),
    )
    found = redact(report)
    evidence = json.loads(bytes(found.outcomes[0].evidence))
    assert evidence["gathering"]["candidates"][0]["address"] == masked
    assert redact(found) == found


@pytest.mark.parametrize(
    ("device", "masked"),
    [
        ("Kim's AirPods", "***'s AirPods"),
        ("Kim Lee\u2019s AirPods Max", "***\u2019s AirPods Max"),
        ("Chris' headset", "***' headset"),
        ("AirPods Pro von Jürgen", "AirPods Pro von ***"),
        ("AirPods de Kim Lee", "AirPods de ***"),
        ("Jabra Evolve2 40", "Jabra Evolve2 40"),
        ("Entrée de ligne", "Entrée de ligne"),
    ],
)
def test_a_device_hides_its_owner_everywhere(device: str, masked: str) -> None:
    finding = msgspec.structs.replace(not_ready().findings[0], observed=f"found {device}")
    report = msgspec.structs.replace(
        not_ready(),
        findings=(finding,),
        outcomes=(record("audio", {"microphones": [device], "speakers": []}),),
    )
    found = redact(report)
    assert json.loads(bytes(found.outcomes[0].evidence))["microphones"] == [masked]
    assert found.findings[0].observed == f"found {masked}"
    assert redact(found) == found


@pytest.mark.parametrize(
    ("login", "masked"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://acme-corp.my.salesforce.com", "https://***.my.salesforce.com"),
        ("https://acme-corp--uat.sandbox.my.salesforce.com/x",
         "https://***.sandbox.my.salesforce.com/x"),
        ("https://eu29.salesforce.com", "https://eu29.salesforce.com"),
        ("https://crm.acme-corp.example", "https://***"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://localhost:8443", "https://localhost:8443"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_host_of_an_org_is_a_name(login: str, masked: str) -> None:
    base = not_ready()
    targets = msgspec.structs.replace(base.profile.targets, salesforce_login=login)
    report = msgspec.structs.replace(
        base,
        profile=msgspec.structs.replace(base.profile, targets=targets),
        outcomes=(record("salesforce", {"host": login.partition("://")[2].partition("/")[0]}),),
        root_cause=None,
    )
    found = redact(report)
    assert found.profile.targets.salesforce_login == masked
    assert ("acme" in report_json(found).decode()) is False
    assert redact(found) == found


def test_the_list_of_checks_makes_all_probes_known() -> None:
    code = (
        "import sys, natwizard.checks.catalogue\n"
        "from natwizard.model.privacy import evidence_shape\n"
        "sys.exit(any(evidence_shape(name) is None for name in sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *sorted(all_probes())],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


REDACTING = sorted(
    path.relative_to(SOURCES)
    for folder in ("cli", "gui")
    for path in (SOURCES / folder).rglob("*.py")
    if "from natwizard.report.redact import redact" in path.read_text("utf-8")
)


@pytest.mark.parametrize("path", REDACTING, ids=str)
def test_whoever_masks_a_report_has_that_list(path: Path) -> None:
    """Else evidence would be masked whole: nothing leaks, and nothing can be judged again."""
    assert "import natwizard.checks.catalogue" in (SOURCES / path).read_text("utf-8")


def test_time_of_masking_grows_with_the_ranges_and_servers_of_a_report() -> None:
    def work(count: int) -> None:
        ends = [f"198.{51 + number // 65_536}.{number // 256 % 256}.{number % 256}"
                for number in range(0, 2 * count, 2)]  # fmt: skip
        named = {end.replace("198", "203", 1) for end in ends}
        list(_naming_nobody([(end, end) for end in ends], named))
        list(_naming_nobody([("10.0.0.0", end) for end in ends], named))

    assert_time_grows_with_input(work, 16_000)


def test_a_range_with_a_server_in_it_stays_and_the_one_beside_it_does_not() -> None:
    ranges = [
        ("192.0.2.16", "192.0.2.31"),
        ("192.0.2.48", "192.0.2.63"),
        ("2001:db8::", "2001:db8::f"),
    ]

    def kept(*known: str) -> list[str]:
        return list(_naming_nobody(ranges, set(known)))

    assert kept("192.0.2.15", "192.0.2.32", "2001:db8::10", "192.0.2.64") == []
    assert kept("192.0.2.16") == kept("192.0.2.1", "192.0.2.31") == ["192.0.2.16", "192.0.2.31"]
    assert kept("2001:db8::f") == ["2001:db8::", "2001:db8::f"]


@pytest.mark.parametrize("count", [3_000, 400])
def test_names_that_would_be_looked_for_in_too_much_text_mask_it_whole(count: int) -> None:
    names = [f"{number:06d}network" if count == 3_000 else "\u00e9" * 250 + f"{number:06d}"
             for number in range(count)]  # fmt: skip
    said = "stun.example.com said nothing of it " * (5_000 if count == 3_000 else 1)
    report = not_ready()
    findings = tuple(msgspec.structs.replace(each, summary=said) for each in report.findings)
    report = msgspec.structs.replace(
        report, outcomes=(record("x", {"ssid": names}),), findings=findings
    )
    masked = redact(report)
    assert {finding.summary for finding in masked.findings} == {"***"}
    assert redact(masked) == masked


def test_more_names_than_any_run_brings_cost_no_more_time() -> None:
    names = [f"net{number:06d}work" for number in range(200_000)]
    brought = {"ssid": names, "by_name": dict.fromkeys(names[:50_000], 1)}
    report = msgspec.structs.replace(not_ready(), outcomes=(record("x", brought),))
    masked = redact(report)
    assert "work" not in bytes(masked.outcomes[0].evidence).decode()
    assert {finding.summary for finding in masked.findings} == {"***"}
    statuses = [finding.status for finding in report.findings]
    assert [finding.status for finding in masked.findings] == statuses
    assert redact(masked) == masked
