"""Reports are read back from JSON and PDF; anything else is one line for a person."""

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from growth import assert_time_grows_with_input
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from report.pdf_maker import pdf_of, pdf_with, stream
from report.samples import finding_of, not_ready, report_of, wavy_chart

from natwizard.model.finding import Chart, Finding, Status
from natwizard.model.report import Readiness, Report
from natwizard.report import open_report as module
from natwizard.report.as_json import report_json
from natwizard.report.files import UnreadableReport
from natwizard.report.open_report import open_report, parse_report

JSON = report_json(not_ready())
PDF = pdf_with(stream(JSON, repeats=1))
MEBIBYTE = 2**20


@pytest.mark.parametrize(
    "content",
    [
        JSON,
        JSON.rstrip(),
        b"\n " + JSON,
        PDF,
        pdf_with(stream(JSON)),
        pdf_with(stream(JSON, repeats=2)),
        b"junk before\n" + PDF,
    ],
    ids=[
        "json",
        "no line feed",
        "space before",
        "pdf",
        "stored",
        "twice compressed",
        "junk before",
    ],
)
def test_a_report_is_read_back(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report"
    path.write_bytes(content)
    assert report_json(open_report(path)) == JSON


def with_field(name: str, value: object) -> bytes:
    table = msgspec.json.decode(JSON)
    table[name] = value
    return msgspec.json.encode(table)


def encrypted() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("report.json", JSON)
    writer.encrypt("secret", algorithm="RC4-128")
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"hello", "not a natwizard report"),
        (b"[]", "not a natwizard report"),
        (b'{"schema_version": "1"}', "not a natwizard report"),
        (b"\xff\xfe" + "ä".encode("utf-16-le"), "not a natwizard report"),
        (JSON[:-100], "not a natwizard report"),
        (JSON + b"{}", "not a natwizard report"),
        (with_field("verdict", "splendid"), "not a natwizard report"),
        (with_field("schema_version", 2), "newer natwizard (format 2)"),
        (b'{"schema_version": 99, "all": "else may differ"}', "newer natwizard (format 99)"),
        (b'{"schema_version":1,"x":' + b"[" * 10**6 + b"]" * 10**6 + b"}", "not a natwizard"),
        (PDF[: len(PDF) // 2], "damaged or incomplete"),
        (PDF[:-3], "damaged or incomplete"),
        (b"%PDF-1.4\n%%EOF", "damaged or incomplete"),
        (pdf_of(b"<</Type/Catalog>>"), "holds no natwizard report"),
        (pdf_with(stream(JSON), b"other.json"), "holds no natwizard report"),
        (pdf_with(stream(b"not json")), "not a natwizard report"),
        (pdf_with(b"<</No/Stream>>"), "damaged or incomplete"),
        (pdf_with(stream(bytes(100 * MEBIBYTE), repeats=1)), "damaged or incomplete"),
        (pdf_with(stream(bytes(100 * MEBIBYTE), repeats=2)), "damaged or incomplete"),
        (pdf_with(stream(b"z" * 5_000_001, b"/Filter/ASCII85Decode")), "damaged or incomplete"),
        (pdf_with(stream(JSON, b"/A" + b"[" * 100_000 + b"]" * 100_000)), "damaged or"),
        (pdf_of(b"<</Type/Catalog/Names 1 0 R/EmbeddedFiles 1 0 R/Kids[1 0 R]>>"), "no natwizard"),
        (encrypted(), "protected by a password"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_told_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "report"
    path.write_bytes(content)
    with pytest.raises(UnreadableReport) as told:
        open_report(path)
    assert reason in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < len(str(path)) + 250


def chart(**changes: object) -> Chart:
    return msgspec.structs.replace(wavy_chart(), **changes)


def with_chart(drawn: Chart) -> Finding:
    row = ("quality.latency", "udp_media", "Round trip", Status.PASS, "Fine.", "1", "2")
    return msgspec.structs.replace(finding_of(row), chart=drawn)


@pytest.mark.parametrize(
    "drawn",
    [
        chart(length_s=0.0),
        chart(length_s=1e300),
        chart(limit_ms=-1.0),
        chart(columns=(msgspec.structs.replace(wavy_chart().columns[0], high=1e300),)),
        chart(columns=(msgspec.structs.replace(wavy_chart().columns[0], low=1e5),)),
        chart(columns=(msgspec.structs.replace(wavy_chart().columns[0], start_s=-5.0),)),
    ],
)
def test_a_chart_nobody_can_draw_is_refused(drawn: Chart) -> None:
    report = report_of([with_chart(drawn)], Readiness.READY)
    with pytest.raises(UnreadableReport, match="no run can bring"):
        parse_report(report_json(report), Path("x"))


@pytest.mark.parametrize(("depth", "fits"), [(40, True), (60, False), (900, False)])
def test_evidence_is_not_deeper_than_we_can_walk(depth: int, *, fits: bool) -> None:
    report = not_ready()
    evidence = msgspec.Raw(b"[" * depth + b"]" * depth)
    deep = msgspec.structs.replace(report.outcomes[0], evidence=evidence)
    content = msgspec.json.encode(msgspec.structs.replace(report, outcomes=(deep,)))
    if fits:
        assert isinstance(parse_report(content, Path("x")), Report)
    else:
        with pytest.raises(UnreadableReport, match="report"):
            parse_report(content, Path("x"))


def test_size_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(JSON)
    monkeypatch.setattr(module, "JSON_LIMIT_BYTES", len(JSON) - 1)
    with pytest.raises(UnreadableReport, match="larger than"):
        open_report(path)
    monkeypatch.setattr(module, "FILE_LIMIT_BYTES", len(JSON) - 1)
    with pytest.raises(UnreadableReport, match="larger than"):
        open_report(path)


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableReport, match="no such file"):
        open_report(tmp_path / "missing.pdf")
    with pytest.raises(UnreadableReport, match="folder"):
        open_report(tmp_path)


def outcome(content: bytes, path: Path) -> str:
    """What came of opening it: "opened", or the one line."""
    path.write_bytes(content)
    try:
        return "opened" if isinstance(open_report(path), Report) else "something else"
    except UnreadableReport as told:
        return str(told)


FUZZ = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def cut(whole: bytes) -> st.SearchStrategy[bytes]:
    """The beginning of the content."""
    return st.integers(0, len(whole)).map(lambda end: whole[:end])


@st.composite
def flipped(draw: st.DrawFn, whole: bytes) -> bytes:
    """The content with some bytes changed."""
    changed = bytearray(whole)
    for place, value in draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=40)
    ):
        changed[place] = value
    return bytes(changed)


@given(content=st.one_of(cut(PDF), cut(JSON), flipped(PDF), flipped(JSON)))
@FUZZ
def test_damaged_reports_open_or_are_refused(tmp_path: Path, content: bytes) -> None:
    assert "\n" not in outcome(content, tmp_path / "report")


@given(content=st.binary(max_size=300))
@FUZZ
def test_junk_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "\n" not in outcome(content, tmp_path / "report")
    as_pdf = b"%PDF-1.4\n" + content + b"\nstartxref\n9\n%%EOF"
    assert "\n" not in outcome(as_pdf, tmp_path / "report")


@pytest.mark.parametrize("tail", [b"", b"\nstartxref\n9\n%%EOF"])
@pytest.mark.parametrize("junk", [b"1 0 obj\n", b"(", b"<<", b"startxref\n9\n", b"%PDF-"])
def test_large_junk_is_refused_soon(tmp_path: Path, junk: bytes, tail: bytes) -> None:
    path = tmp_path / "large.pdf"

    def refused(size: int) -> None:
        path.write_bytes(b"%PDF-1.4\n" + junk * (size // len(junk)) + tail)
        with pytest.raises(UnreadableReport):
            open_report(path)

    assert_time_grows_with_input(refused, 20_000_000)


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_report_that_went_through_notepad_or_powershell_opens(
    encoding: str, line_end: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(JSON.decode().replace("\n", line_end).encode(encoding))
    assert report_json(open_report(path)) == JSON


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_its_owner_may_change_opens(algorithm: str, tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(width=100, height=100)
    writer.add_attachment("report.json", JSON)
    writer.encrypt("", "owner", algorithm=algorithm)
    path = tmp_path / "locked.pdf"
    with path.open("wb") as file:
        writer.write(file)
    assert report_json(open_report(path)) == JSON


def with_evidence(evidence: object) -> bytes:
    table = msgspec.json.decode(JSON)
    table["outcomes"] = [{"probe": "link", "started_s": 0, "duration_s": 0, "evidence": evidence}]
    return msgspec.json.encode(table)


@pytest.mark.parametrize(
    "evidence",
    [
        {"lookups": [{"operation": []}]},
        {"operation": {"a": 1}},
        [[{"deep": [{"operation": 7}]}]],
    ],
    ids=["list", "table", "deep"],
)
def test_evidence_that_no_probe_can_bring_is_refused(evidence: object, tmp_path: Path) -> None:
    with pytest.raises(UnreadableReport, match="no run can bring"):
        parse_report(with_evidence(evidence), tmp_path / "report.json")


@pytest.mark.parametrize(
    ("evidence", "pieces"),
    [
        (lambda pieces: {"ssids": [f"net {number}" for number in range(pieces)]}, 200_000),
        (lambda pieces: {"networks": [{"ssid": f"net {n}"} for n in range(pieces)]}, 100_000),
        (lambda pieces: {f"key {number}": 1 for number in range(pieces)}, 100_000),
    ],
    ids=["many texts", "many tables", "many keys"],
)
def test_evidence_without_end_is_refused_soon(
    evidence: Callable[[int], object], pieces: int, tmp_path: Path
) -> None:
    def read(size: int) -> None:
        parse_report(with_evidence(evidence(size)), tmp_path / "report.json")

    def read_or_refused(size: int) -> None:
        with suppress(UnreadableReport):
            read(size)

    with pytest.raises(UnreadableReport, match="no run can bring"):
        read(pieces)
    assert_time_grows_with_input(read_or_refused, pieces)


@pytest.mark.parametrize("name", ["host_name", "user_name", "system"])
def test_a_name_of_a_megabyte_is_refused(name: str, tmp_path: Path) -> None:
    table = msgspec.json.decode(JSON)
    table["machine"][name] = "x" * 1_000_000
    with pytest.raises(UnreadableReport, match="no run can bring"):
        parse_report(msgspec.json.encode(table), tmp_path / "report.json")
